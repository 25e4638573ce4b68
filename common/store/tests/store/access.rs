//! Organisations, teams, and who may read what they are bound to.

use weir_domain::{
    OrgId, OrgName, PackageName, RegistryId, TeamId, TeamName, UserId, Version,
    org::{Access, Permission, Role},
    search::Query,
};
use weir_store::{
    Signal, StoreError, Topic,
    access::{self, Grant, Viewer},
    blocks::{self, Source},
    orgs,
    search::{self, Page},
    tasks::{self, ListFilter},
    teams, users,
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, package, spawn, write};

weir_testkit::on_both_engines!(
    names_are_taken_once_and_teams_are_within_their_organisation,
    members_have_roles_and_leave_their_teams_too,
    of_two_owners_who_leave_at_once_one_stays,
    who_is_disabled_owns_nothing_for_others_to_rely_on,
    a_package_is_closed_by_its_first_team_and_opened_by_word_only,
    teams_and_those_who_manage_them_read_what_is_closed,
    a_policy_is_what_is_closed_and_blocked,
    what_is_closed_is_found_and_listed_for_its_readers_only,
    grants_are_by_team_organisation_and_user,
);

struct Acme {
    scene: Scene,
    org: OrgId,
    team: TeamId,
    owner: UserId,
    member: UserId,
    stranger: UserId,
}

impl Acme {
    /// An organisation with an owner, a member in a team, and somebody else.
    async fn of(database: TestDatabase) -> Self {
        let scene = Scene::of(database).await;
        let now = scene.now();
        let made = write!(scene, |tx| {
            let owner = users::insert(tx, "olga", now).await?.id;
            let member = users::insert(tx, "mia", now).await?.id;
            let stranger = users::insert(tx, "sam", now).await?.id;
            let org = orgs::insert(tx, &org("acme"), Some("what"), now).await?;
            orgs::put_member(tx, org, (owner, Role::Owner), now).await?;
            orgs::put_member(tx, org, (member, Role::Developer), now).await?;
            let team = teams::insert(tx, org, (&team("devs"), None), now).await?;
            teams::put_member(tx, team, member, now).await?;
            Ok((org, team, owner, member, stranger))
        });
        let (org, team, owner, member, stranger) = made.unwrap();
        Self {
            scene,
            org,
            team,
            owner,
            member,
            stranger,
        }
    }

    async fn set(&self, user: UserId, role: Role) {
        let (org, now) = (self.org, self.scene.now());
        let set = write!(self.scene, |tx| orgs::put_member(
            tx,
            org,
            (user, role),
            now
        )
        .await);
        set.unwrap();
    }

    async fn bind(&self, name: &'static str, permission: Permission) {
        let (team, now) = (self.team, self.scene.now());
        let bound = write!(self.scene, |tx| {
            teams::bind(tx, team, (&package(name), permission), now).await
        });
        bound.unwrap();
    }

    async fn put(&self, name: &'static str, access: Access) {
        let now = self.scene.now();
        let put = write!(self.scene, |tx| {
            access::put(tx, &package(name), access, now).await
        });
        put.unwrap();
    }

    async fn is_closed(&self, name: &str) -> bool {
        let policy = access::policy(self.scene.db.read(), &package(name), None).await;
        policy.unwrap().is_restricted
    }

    async fn readers(&self, name: &PackageName) -> Vec<bool> {
        let mut may = Vec::new();
        for viewer in self.viewers() {
            let read = access::may_read(self.scene.db.read(), name, viewer).await;
            may.push(read.unwrap());
        }
        may
    }

    /// Returns a stranger, three users, and an administrator.
    fn viewers(&self) -> [Viewer; 5] {
        [
            Viewer::Stranger,
            Viewer::User(self.stranger),
            Viewer::User(self.member),
            Viewer::User(self.owner),
            Viewer::Administrator,
        ]
    }
}

fn org(name: &str) -> OrgName {
    OrgName::parse(name).unwrap()
}

fn team(name: &str) -> TeamName {
    TeamName::parse(name).unwrap()
}

async fn names_are_taken_once_and_teams_are_within_their_organisation(database: TestDatabase) {
    let acme = Acme::of(database).await;
    let (id, now) = (acme.org, acme.scene.now());
    let again = write!(acme.scene, |tx| orgs::insert(tx, &org("acme"), None, now)
        .await);
    assert!(
        matches!(again, Err(StoreError::AlreadyExists(_))),
        "{again:?}"
    );
    let again = write!(acme.scene, |tx| {
        teams::insert(tx, id, (&team("devs"), None), now).await
    });
    assert!(
        matches!(again, Err(StoreError::AlreadyExists(_))),
        "{again:?}"
    );
    let other = write!(acme.scene, |tx| {
        let other = orgs::insert(tx, &org("other"), None, now).await?;
        teams::insert(tx, other, (&team("devs"), None), now).await?;
        Ok(other)
    });
    let (db, other) = (acme.scene.db.read(), other.unwrap());
    let found = orgs::find(db, &org("acme")).await.unwrap().unwrap();
    assert_eq!((found.id, found.description.as_deref()), (id, Some("what")));
    assert_eq!(teams::list(db, id).await.unwrap(), ["devs"]);
    let devs = async |org| teams::find(db, org, &team("devs")).await.unwrap();
    assert_ne!(devs(other).await.unwrap().id, acme.team);
    write!(acme.scene, |tx| orgs::remove(tx, other).await).unwrap();
    assert!(devs(other).await.is_none() && devs(id).await.is_some());
    assert!(orgs::find(db, &org("other")).await.unwrap().is_none());
    let member = acme.member;
    let late = write!(acme.scene, |tx| {
        orgs::put_member(tx, other, (member, Role::Owner), now).await
    });
    assert!(matches!(late, Err(StoreError::NotFound { .. })), "{late:?}");
    assert_eq!(orgs::role_of(db, other, member).await.unwrap(), None);
}

async fn members_have_roles_and_leave_their_teams_too(database: TestDatabase) {
    let acme = Acme::of(database).await;
    let (db, id, member, now) = (
        acme.scene.db.read(),
        acme.org,
        acme.member,
        acme.scene.now(),
    );
    let roles = async || -> Vec<(String, Role)> {
        let members = orgs::members(db, id).await.unwrap().into_iter();
        members.map(|member| (member.name, member.role)).collect()
    };
    let named = |name: &str, role| (name.to_owned(), role);
    assert_eq!(
        roles().await,
        [named("mia", Role::Developer), named("olga", Role::Owner)]
    );
    let promoted = write!(acme.scene, |tx| {
        orgs::put_member(tx, id, (member, Role::Admin), now).await
    });
    promoted.unwrap();
    assert_eq!(
        orgs::role_of(db, id, member).await.unwrap(),
        Some(Role::Admin)
    );
    assert_eq!(orgs::role_of(db, id, acme.stranger).await.unwrap(), None);
    assert_eq!(teams::members(db, acme.team).await.unwrap(), ["mia"]);
    let leave = async || {
        let left = write!(acme.scene, |tx| orgs::remove_member(tx, id, member).await);
        left.unwrap()
    };
    assert!(leave().await && !leave().await);
    assert!(teams::members(db, acme.team).await.unwrap().is_empty());
    assert_eq!(roles().await, [named("olga", Role::Owner)]);
}

async fn of_two_owners_who_leave_at_once_one_stays(database: TestDatabase) {
    let acme = Acme::of(database).await;
    for round in 0..20 {
        let both = [acme.owner, acme.member];
        for owner in both {
            acme.set(owner, Role::Owner).await;
        }
        let leave = both.map(|user| {
            let (scene, org) = (acme.scene.clone(), acme.org);
            spawn(async move {
                let left = write!(scene, |tx| {
                    if !orgs::has_other_owner(tx, org, user).await? {
                        return Ok(false);
                    }
                    orgs::remove_member(tx, org, user).await
                });
                left.unwrap()
            })
        });
        let mut left = 0;
        for leaving in leave {
            left += usize::from(leaving.await.unwrap());
        }
        assert_eq!(left, 1, "round {round}");
    }
}

async fn who_is_disabled_owns_nothing_for_others_to_rely_on(database: TestDatabase) {
    let acme = Acme::of(database).await;
    let has_other = async || {
        let (org, owner) = (acme.org, acme.owner);
        let found = write!(acme.scene, |tx| orgs::has_other_owner(tx, org, owner).await);
        found.unwrap()
    };
    assert!(!has_other().await, "members are not owners");
    acme.set(acme.member, Role::Owner).await;
    assert!(has_other().await);
    let (member, now) = (acme.member, acme.scene.now());
    let disabled = write!(acme.scene, |tx| users::set_disabled(tx, member, true, now)
        .await);
    disabled.unwrap();
    assert!(!has_other().await);
}

async fn a_package_is_closed_by_its_first_team_and_opened_by_word_only(database: TestDatabase) {
    let acme = Acme::of(database).await;
    assert!(!acme.is_closed("a").await);
    acme.scene.heard.take();
    acme.bind("a", Permission::Read).await;
    let told = Signal::Invalidated(Topic::Package, "a".to_owned());
    assert!(acme.scene.heard.take().contains(&told), "caches forget it");
    assert!(acme.is_closed("a").await && !acme.is_closed("b").await);
    let team = acme.team;
    let release = async || {
        let released = write!(acme.scene, |tx| {
            teams::release(tx, team, &package("a")).await
        });
        released.unwrap()
    };
    assert!(release().await && !release().await);
    assert!(acme.is_closed("a").await, "nobody said that it is public");
    acme.put("a", Access::Public).await;
    assert!(!acme.is_closed("a").await);
    acme.bind("a", Permission::Write).await;
    assert!(!acme.is_closed("a").await, "that word stands");
    acme.put("a", Access::Restricted).await;
    write!(acme.scene, |tx| teams::remove(tx, team).await).unwrap();
    assert!(acme.is_closed("a").await);
}

async fn teams_and_those_who_manage_them_read_what_is_closed(database: TestDatabase) {
    let acme = Acme::of(database).await;
    acme.put("alone", Access::Restricted).await;
    acme.bind("a", Permission::Read).await;
    assert_eq!(
        acme.readers(&package("a")).await,
        [false, false, true, true, true]
    );
    assert_eq!(
        acme.readers(&package("alone")).await,
        [false, false, false, false, true]
    );
    let (team, member) = (acme.team, acme.member);
    write!(acme.scene, |tx| teams::remove_member(tx, team, member)
        .await)
    .unwrap();
    assert_eq!(
        acme.readers(&package("a")).await,
        [false, false, false, true, true]
    );
}

async fn a_policy_is_what_is_closed_and_blocked(database: TestDatabase) {
    let acme = Acme::of(database).await;
    let one = Version::parse("1.0.0").unwrap();
    let policy = async |version: Option<&Version>| {
        let found = access::policy(acme.scene.db.read(), &package("a"), version).await;
        let found = found.unwrap();
        (found.is_restricted, found.block.map(|block| block.version))
    };
    assert_eq!(policy(Some(&one)).await, (false, None));
    let (now, first) = (acme.scene.now(), one.clone());
    let put = write!(acme.scene, |tx| {
        let what = (Some(&first), "why");
        blocks::put(tx, &package("a"), what, Source::Operator, now).await
    });
    put.unwrap();
    assert_eq!(policy(None).await, (false, None));
    assert_eq!(policy(Some(&one)).await, (false, Some(Some(one.clone()))));
    acme.put("a", Access::Restricted).await;
    assert_eq!(policy(None).await, (true, None));
    let put = write!(acme.scene, |tx| {
        blocks::put(tx, &package("a"), (None, "why"), Source::Operator, now).await
    });
    put.unwrap();
    assert_eq!(
        policy(Some(&one)).await,
        (true, Some(None)),
        "the larger one"
    );
}

async fn what_is_closed_is_found_and_listed_for_its_readers_only(database: TestDatabase) {
    let acme = Acme::of(database).await;
    let now = acme.scene.now();
    for name in ["a-open", "a-bound", "a-alone"] {
        let made = write!(acme.scene, |tx| {
            weir_store::packages::ensure(tx, &package(name), RegistryId::new(), now).await
        });
        let id = made.unwrap().id.0.simple();
        // As a sync leaves it.
        let entry = format!(
            r#"{{"name":"{name}","scope":"unscoped","version":"1.0.0","description":"","keywords":[],"links":{{}},"maintainers":[]}}"#
        );
        let bytes = match acme.scene.engine {
            weir_testkit::database::Engine::Sqlite => format!("x'{id}'"),
            weir_testkit::database::Engine::Postgres => format!("'{id}'"),
        };
        for statement in [
            format!("INSERT INTO search_entries VALUES ('{name}', {bytes}, 1, 1, '{entry}')"),
            format!("INSERT INTO search_tokens VALUES ('{name}', 'word', 5)"),
        ] {
            acme.scene.meddle(statement).await;
        }
        acme.scene.submit(name).await;
    }
    acme.bind("a-bound", Permission::Read).await;
    acme.put("a-alone", Access::Restricted).await;
    let db = acme.scene.db.read();
    for (viewer, count) in acme.viewers().into_iter().zip([1, 1, 2, 2, 3]) {
        for text in ["", "word"] {
            let page = Page { from: 0, size: 9 };
            let found = search::find(db, &Query::read(text), viewer, page)
                .await
                .unwrap();
            assert_eq!(found.total, count, "{viewer:?} {text:?}");
            assert_eq!(found.hits.len() as u64, count, "{viewer:?} {text:?}");
        }
        let filter = ListFilter {
            viewer: Some(viewer),
            limit: 10,
            ..ListFilter::default()
        };
        let listed = tasks::list(db, &filter).await.unwrap();
        assert_eq!(listed.len() as u64, count, "{viewer:?}");
    }
}

async fn grants_are_by_team_organisation_and_user(database: TestDatabase) {
    let acme = Acme::of(database).await;
    let (id, member, now) = (acme.org, acme.member, acme.scene.now());
    acme.bind("a", Permission::Read).await;
    acme.bind("b", Permission::Write).await;
    let bound = write!(acme.scene, |tx| {
        let ops = teams::insert(tx, id, (&team("ops"), None), now).await?;
        teams::put_member(tx, ops, member, now).await?;
        teams::bind(tx, ops, (&package("a"), Permission::Write), now).await
    });
    bound.unwrap();
    let grant = |name: &str, may_write| Grant {
        name: name.to_owned(),
        may_write,
    };
    let db = acme.scene.db.read();
    assert_eq!(
        access::of_team(db, acme.team).await.unwrap(),
        [grant("a", false), grant("b", true)]
    );
    let most = [grant("a", true), grant("b", true)];
    assert_eq!(access::of_org(db, id).await.unwrap(), most);
    assert_eq!(access::of_user(db, member).await.unwrap(), most);
    assert!(access::of_user(db, acme.owner).await.unwrap().is_empty());
    let who = access::collaborators(db, &package("a")).await.unwrap();
    assert_eq!(who, [grant("mia", true)]);
}
