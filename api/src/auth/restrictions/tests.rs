//! Every restriction at every kind of route.

use weir_domain::token::Permission;

use super::*;

const SUBJECTS: [Subject; 7] = [
    Subject::Open,
    Subject::Many,
    Subject::Package,
    Subject::Tasks,
    Subject::Account,
    Subject::Org,
    Subject::Administration,
];

/// `y` goes on, `n` goes on as nobody, `-` is refused.
fn letter(verdict: Verdict) -> char {
    match verdict {
        Verdict::Allowed => 'y',
        Verdict::AsNobody => 'n',
        Verdict::Refused(_) => '-',
    }
}

/// Returns what comes of reading, then of writing, at each subject.
fn row(restrictions: &Restrictions, package: &str, org: &str) -> String {
    let of = |is_write| {
        let verdicts = SUBJECTS.map(|subject| {
            let name = match subject {
                Subject::Package => Some(package),
                Subject::Org => Some(org),
                _ => None,
            };
            letter(restrictions.judge(Kind { subject, is_write }, name))
        });
        verdicts.into_iter().collect::<String>()
    };
    format!("{} {}", of(false), of(true))
}

fn grant(permission: Permission) -> Restrictions {
    Restrictions {
        grant: Some(Grant {
            packages: vec![PackageName::parse("own").expect("a name")],
            scopes: vec!["team".to_owned()],
            packages_permission: permission,
            orgs: vec!["firm".to_owned()],
            orgs_permission: permission,
            ..Grant::default()
        }),
        ..Restrictions::default()
    }
}

#[test]
fn every_restriction_at_every_kind_of_route() {
    let whole = Restrictions::default();
    let readonly = Restrictions {
        is_readonly: true,
        ..whole.clone()
    };
    let automation = Restrictions {
        is_automation: true,
        ..whole.clone()
    };
    let (rw, ro) = (grant(Permission::ReadWrite), grant(Permission::ReadOnly));
    let (none, stage) = (
        grant(Permission::NoAccess),
        grant(Permission::ReadWriteStageOnly),
    );
    let both = Restrictions {
        is_readonly: true,
        ..rw.clone()
    };
    for (restrictions, package, org, expected) in [
        // Open, Many, Package, Tasks, Account, Org, Administration; reading, then writing.
        (&whole, "own", "firm", "yyyyyyy yyyyyyy"),
        (&readonly, "own", "firm", "yyyyyyy -------"),
        (&automation, "own", "firm", "yyyyyyy yyyy---"),
        (&rw, "own", "firm", "ynyn-y- y-y--y-"),
        (&rw, "@team/new", "firm", "ynyn-y- y-y--y-"),
        (&rw, "other", "else", "ynnn--- y------"),
        (&rw, "own@1.0.0", "firm", "ynyn-y- y-y--y-"),
        (&rw, "@team/own@1.0.0", "Firm", "ynyn--- y-y----"),
        (&rw, "..", "", "ynnn--- y------"),
        (&ro, "own", "firm", "ynyn-y- y------"),
        (&ro, "other", "else", "ynnn--- y------"),
        (&none, "own", "firm", "ynnn--- y------"),
        (&stage, "own", "firm", "ynyn-y- y------"),
        (&both, "own", "firm", "ynyn-y- -------"),
    ] {
        let found = row(restrictions, package, org);
        assert_eq!(found, expected, "{package} {org} {restrictions:?}");
    }
}

#[test]
fn when_and_where_hold_everywhere() {
    let here: IpAddr = "192.0.2.1".parse().expect("an address");
    let (now, later) = (Timestamp(1_000), Timestamp(1_001));
    let until = |end| Restrictions {
        expires_at: Some(end),
        ..Restrictions::default()
    };
    assert!(until(later).hold(now, here).is_ok());
    assert!(until(now).hold(now, here).is_err(), "the end is not within");
    let from = |cidrs: &[&str]| Restrictions {
        cidrs: cidrs
            .iter()
            .map(|text| text.parse().expect("one"))
            .collect(),
        ..Restrictions::default()
    };
    for (cidrs, address, does) in [
        (&[][..], "198.51.100.1", true),
        (&["192.0.2.0/24"], "192.0.2.9", true),
        (&["192.0.2.0/24"], "::ffff:192.0.2.9", true),
        (&["192.0.2.0/24"], "198.51.100.1", false),
        (&["192.0.2.0/24", "198.51.100.1"], "198.51.100.1", true),
    ] {
        let address = address.parse().expect("an address");
        assert_eq!(from(cidrs).hold(now, address).is_ok(), does, "{cidrs:?}");
    }
}
