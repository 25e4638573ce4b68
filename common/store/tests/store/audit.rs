//! The trail: what is written of who did something, and how it is read again.

use std::time::Duration;

use weir_domain::{AuditId, Timestamp, TokenId, UserId};
use weir_store::{
    audit::{self, Actor, Filter, Record},
    users,
};
use weir_testkit::TestDatabase;

use crate::support::{Scene, write};

weir_testkit::on_both_engines!(
    an_event_keeps_who_it_was_by_and_how_they_came,
    the_trail_is_read_by_who_what_and_when,
    pages_follow_each_other_also_within_one_moment,
);

async fn add(scene: &Scene, by: &Actor, action: &'static str, target: &'static str) {
    let (by, now) = (by.clone(), scene.now());
    let added = write!(scene, |tx| {
        audit::insert(tx, &by.did(action, target, "how", now)).await
    });
    added.unwrap();
}

async fn find(scene: &Scene, filter: Filter) -> Vec<Record> {
    let limit = if filter.limit == 0 { 100 } else { filter.limit };
    let filter = Filter { limit, ..filter };
    audit::find(scene.db.read(), &filter).await.unwrap()
}

async fn an_event_keeps_who_it_was_by_and_how_they_came(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let now = scene.now();
    let alice = write!(scene, |tx| users::insert(tx, "Alice", now).await).unwrap();
    let by = Actor {
        user: Some(alice.id),
        token: Some(TokenId::new()),
        address: Some("2001:db8::1".parse().unwrap()),
        request_id: Some("r-1".to_owned()),
    };
    add(&scene, &by, "block.set", "a").await;
    let gone = Actor {
        user: Some(UserId::new()),
        ..Actor::ITSELF
    };
    add(&scene, &gone, "block.lift", "a").await;
    add(&scene, &Actor::ITSELF, "registry.move", "default").await;
    let found = find(&scene, Filter::default()).await;
    let names: Vec<_> = found.iter().map(|one| one.user_name.as_deref()).collect();
    assert_eq!(names, [None, None, Some("Alice")]);
    assert_eq!(found[2].event, by.did("block.set", "a", "how", now));
    assert_eq!(found[0].event.by, Actor::ITSELF);
    let listed = audit::list(scene.db.read(), 1).await.unwrap();
    assert_eq!(listed, [found[0].event.clone()]);
}

async fn the_trail_is_read_by_who_what_and_when(database: TestDatabase) {
    let scene = Scene::of(database).await;
    let alice = Actor {
        user: Some(UserId::new()),
        ..Actor::ITSELF
    };
    add(&scene, &alice, "block.set", "a").await;
    let later = scene.later(Duration::from_secs(60));
    add(&scene, &alice, "blocker.set", "a").await;
    add(&scene, &Actor::ITSELF, "block.lift", "b").await;
    let actions = async |filter: Filter| -> Vec<String> {
        let found = find(&scene, filter).await.into_iter();
        let mut actions: Vec<_> = found.map(|one| one.event.action).collect();
        actions.sort();
        actions
    };
    let action = |word: &str| Filter {
        action: Some(word.to_owned()),
        ..Filter::default()
    };
    assert_eq!(actions(action("block")).await, ["block.lift", "block.set"]);
    assert_eq!(actions(action("block.set")).await, ["block.set"]);
    assert!(actions(action("b")).await.is_empty());
    let user = Filter {
        user: alice.user,
        ..Filter::default()
    };
    assert_eq!(actions(user.clone()).await, ["block.set", "blocker.set"]);
    let target = Filter {
        target: Some("a".to_owned()),
        until: Some(later),
        ..Filter::default()
    };
    assert_eq!(actions(target).await, ["block.set"]);
    let since = Filter {
        since: Some(later),
        ..user
    };
    assert_eq!(actions(since).await, ["blocker.set"]);
    let future = Filter {
        since: Some(Timestamp(later.0 + 1)),
        ..Filter::default()
    };
    assert!(actions(future).await.is_empty());
}

async fn pages_follow_each_other_also_within_one_moment(database: TestDatabase) {
    let scene = Scene::of(database).await;
    for target in ["1", "2", "3", "4", "5"] {
        add(&scene, &Actor::ITSELF, "drill.create", target).await;
    }
    scene.later(Duration::from_secs(1));
    add(&scene, &Actor::ITSELF, "drill.create", "6").await;
    let (mut before, mut seen) = (None, Vec::new());
    loop {
        let page = Filter {
            before,
            limit: 2,
            ..Filter::default()
        };
        let page = find(&scene, page).await;
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        seen.extend(page.into_iter().map(|one| one.event.target));
    }
    assert_eq!(seen[0], "6");
    let mut rest = seen[1..].to_vec();
    rest.sort();
    assert_eq!(rest, ["1", "2", "3", "4", "5"], "each once");
    let unknown = Filter {
        before: Some(AuditId::new()),
        ..Filter::default()
    };
    assert!(find(&scene, unknown).await.is_empty());
}
