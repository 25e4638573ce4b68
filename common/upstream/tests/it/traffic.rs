//! What is counted of each host: a registry's own apart, all others as one.

use weir_upstream::{HostReport, OTHER_HOSTS, Upstreams};

use crate::{
    setup::{config, fetch, registry_of, upstreams},
    wire::{Act, Wire, reply},
};

fn count(report: &HostReport, outcome: &str) -> u64 {
    let found = report.requests.iter().find(|(word, _)| *word == outcome);
    found.expect("an outcome").1
}

/// Returns what is told of this registry, and of all other hosts.
fn told(upstreams: &Upstreams, wire: &Wire) -> (HostReport, HostReport) {
    let all = upstreams.traffic();
    let of = |host: &str| all.iter().find(|report| report.host == host).cloned();
    let own = wire.url("up.example");
    let own = of(own.trim_end_matches('/')).expect("the registry's host");
    (own, of(OTHER_HOSTS).expect("always there"))
}

#[tokio::test]
async fn requests_are_counted_by_host_and_by_how_they_ended() {
    let wire = Wire::start(|seen| match seen.path() {
        "/a" => vec![Act::Send(reply("200 OK", &[], b"{\"name\":\"a\"}"))],
        "/b" => vec![Act::Send(reply("404 Not Found", &[], b""))],
        _ => vec![Act::Send(reply(
            "302 Found",
            &[("location", "http://elsewhere.example:1/")],
            b"",
        ))],
    });
    let upstreams = upstreams(config());
    let npm = upstreams.registry(&registry_of(&wire));
    fetch(&npm, "a").await.expect("arrived");
    fetch(&npm, "a").await.expect("arrived");
    fetch(&npm, "b").await.expect_err("not there");
    fetch(&npm, "c").await.expect_err("leads nowhere");
    let (own, others) = told(&upstreams, &wire);
    let counts = ["answered", "not_found", "redirected", "failed"].map(|word| count(&own, word));
    assert_eq!(counts, [2, 1, 1, 0]);
    assert_eq!((own.received_bytes, own.is_closed), (24, false));
    let ended: u64 = others.requests.iter().map(|(_, n)| n).sum();
    assert_eq!(
        (ended, upstreams.traffic().len()),
        (1, 2),
        "one host more, however many there are"
    );
}

#[tokio::test]
async fn a_host_that_is_left_alone_is_told_so() {
    let wire = Wire::saying(reply("503 Busy", &[], b""));
    let settings = config();
    let opens_after = u64::from(settings.hosts.failures_to_open);
    let upstreams = upstreams(settings);
    let npm = upstreams.registry(&registry_of(&wire));
    for _ in 0..=opens_after {
        fetch(&npm, "a").await.expect_err("it fails");
    }
    let (own, _) = told(&upstreams, &wire);
    assert_eq!(
        (count(&own, "failed"), count(&own, "held_back")),
        (opens_after, 1)
    );
    assert!(own.is_closed);
}
