//! Upstream away, hanging, failing, flapping and lying: what nine kinds of request answer
//! before, during and after. The table is printed, and is the one in the documentation.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use futures::future::join_all;
use weir_testkit::{Fault, PackageSpec, presets, stand_in, stand_in::Endpoint, until};
use weir_tests::{
    System,
    system::{ABBREVIATED, SOON},
};

use super::{IS_STALE, end};

/// For how long what upstream said is not asked again.
const RECENT: Duration = Duration::from_secs(6);
/// What is asked, by what it is called.
const KINDS: [&str; 9] = [
    "packument, mirrored",
    "abbreviated, mirrored",
    "version, mirrored",
    "tarball, held",
    "tarball, not held",
    "version, unknown",
    "packument, cold",
    "tarball, cold",
    "packument, upstream has none",
];

/// Where the nine are asked for; what an earlier phase found out must not help a later one.
#[derive(Debug, Clone, Copy)]
enum Phase {
    Before,
    During,
    After,
}

impl Phase {
    fn paths(self) -> [String; 9] {
        let (tag, lazy) = match self {
            Self::Before => ("before", "1.0.0"),
            Self::During => ("during", "1.0.1"),
            Self::After => ("after", "1.0.2"),
        };
        [
            "/a".to_owned(),
            "/a".to_owned(),
            "/a/1.0.0".to_owned(),
            "/a/-/a-1.0.3.tgz".to_owned(),
            format!("/a/-/a-{lazy}.tgz"),
            format!("/a/9.9.9-{tag}"),
            format!("/cold-{tag}"),
            format!("/tarball-{tag}/-/tarball-{tag}-1.0.0.tgz"),
            format!("/none-{tag}"),
        ]
    }
}

/// An upstream that goes wrong, and the nine answers while it does: statuses, and `old` for
/// those that say so.
struct Case {
    name: &'static str,
    fault: Option<fn() -> Fault>,
    expected: [&'static str; 9],
}

const WELL: [&str; 9] = [
    "200", "200", "200", "200", "200", "404", "200", "200", "404",
];
const FLAPS: &str = "answers every second time";
const CASES: [Case; 6] = [
    Case {
        name: "away",
        fault: None,
        expected: [
            "200 old", "200 old", "200 old", "200", "503", "503", "503", "503", "503",
        ],
    },
    Case {
        name: "hangs",
        fault: Some(|| Fault::Hang),
        expected: [
            "200 old", "200 old", "200 old", "200", "503", "503", "503", "503", "503",
        ],
    },
    Case {
        name: "answers 500",
        fault: Some(|| Fault::status(500)),
        expected: [
            "200 old", "200 old", "200 old", "200", "503", "503", "503", "503", "503",
        ],
    },
    Case {
        name: "answers a web page",
        fault: Some(Fault::html),
        expected: [
            "200 old", "200 old", "200 old", "200", "502", "503", "503", "503", "503",
        ],
    },
    Case {
        name: "breaks off",
        fault: Some(|| Fault::Truncated),
        expected: [
            "200 old", "200 old", "200 old", "200", "503", "503", "503", "503", "404",
        ],
    },
    Case {
        name: FLAPS,
        fault: Some(|| Fault::status(503)),
        expected: [
            "200 old", "200 old", "200 old", "200", "200", "404", "200", "200", "404",
        ],
    },
];

fn packages() -> Vec<PackageSpec> {
    let mut packages = vec![presets::history("a", 4, 100_000)];
    for tag in ["before", "during", "after"] {
        packages.push(presets::history(&format!("cold-{tag}"), 1, 2_000));
        packages.push(presets::history(&format!("tarball-{tag}"), 1, 2_000));
        packages.push(PackageSpec::absent(&format!("none-{tag}")));
    }
    packages
}

async fn start() -> System {
    let builder = System::builder().packages(packages());
    let builder = builder
        .setting("WEIR_PACKUMENT_MAX_AGE_SECS", "1")
        .setting("WEIR_MAX_ATTEMPTS", "3");
    let system = builder.start().await;
    system.packument("a").await;
    system.assert_tarball("a", "1.0.3").await;
    system
}

/// Asks the nine, all at once, and says what came.
async fn answers(system: &System, phase: Phase) -> Vec<String> {
    let paths = phase.paths();
    let each = paths.iter().enumerate().map(async |(kind, path)| {
        let accept = if kind == 1 { ABBREVIATED } else { "*/*" };
        let Ok(reply) = system.call(path).header("accept", accept).send().await else {
            return "cut".to_owned();
        };
        let says = match reply.header("warning") {
            IS_STALE => " old",
            _ => "",
        };
        format!("{}{says}", reply.status)
    });
    join_all(each).await
}

/// Returns answers without what they say of their age, which depends on the moment.
fn of_any_age(answers: &[String]) -> Vec<&str> {
    let bare = |answer: &'_ String| answer.len().min(3);
    answers
        .iter()
        .map(|answer| &answer[..bare(answer)])
        .collect()
}

/// Lets every second request meet the fault, the first one first.
fn flap(endpoint: &Endpoint<'_>, fault: fn() -> Fault) {
    for _ in 0..20 {
        endpoint.once(fault()).once(Fault::Pass);
    }
}

/// Lets the upstream go wrong; returns where it was, if it is gone.
async fn begin(system: &mut System, case: &Case) -> Option<std::net::SocketAddr> {
    let Some(fault) = case.fault else {
        let address = system.upstream().address();
        system.stop_upstream().await;
        return Some(address);
    };
    let upstream = system.upstream();
    if case.name == FLAPS {
        for name in ["a", "cold-during", "tarball-during", "none-during"] {
            flap(&upstream.packument(name), fault);
        }
        flap(&upstream.tarball("a", "1.0.1"), fault);
        flap(&upstream.tarball("tarball-during", "1.0.0"), fault);
    } else {
        upstream.any_packument().always(fault());
        upstream.any_tarball().always(fault());
    }
    None
}

async fn mend(system: &mut System, address: Option<std::net::SocketAddr>) {
    if let Some(address) = address {
        let upstream = stand_in::Builder::default().packages(packages());
        system.upstream_is(upstream.start_at(address).await);
    }
    system.upstream().any_packument().clear();
    system.upstream().any_tarball().clear();
}

async fn goes_through(case: &Case) -> [Vec<String>; 3] {
    let mut system = start().await;
    let before = answers(&system, Phase::Before).await;
    assert_eq!(of_any_age(&before), WELL, "{} before", case.name);
    let checked = Instant::now();
    let address = begin(&mut system, case).await;
    until("the packument to be old", SOON, async || {
        system.get("/a").await.header("warning") == IS_STALE
    })
    .await;
    until("upstream's last word to be long ago", SOON, async || {
        checked.elapsed() > RECENT
    })
    .await;
    let during = answers(&system, Phase::During).await;
    mend(&mut system, address).await;
    // Its host is left alone for a while after so many failures.
    let after = until(format!("{} to be over", case.name), SOON * 2, async || {
        let after = answers(&system, Phase::After).await;
        if of_any_age(&after) == WELL {
            Ok(after)
        } else {
            Err(format!("{after:?}"))
        }
    })
    .await;
    end(system).await;
    [before, during, after]
}

#[tokio::test]
async fn nine_kinds_of_request_before_during_and_after_what_upstreams_do() {
    let through = join_all(CASES.iter().map(goes_through)).await;
    let mut table = String::from("| upstream |");
    for kind in KINDS {
        write!(table, " {kind} |").expect("a text grows");
    }
    table.push_str("\n|---|---|---|---|---|---|---|---|---|---|\n");
    for (case, [_, during, _]) in CASES.iter().zip(&through) {
        writeln!(table, "| {} | {} |", case.name, during.join(" | ")).expect("a text grows");
    }
    #[expect(clippy::print_stdout, reason = "the table is for people, too")]
    {
        println!("{table}");
    }
    for (case, [_, during, _]) in CASES.iter().zip(&through) {
        assert_eq!(during, &case.expected, "{}\n{table}", case.name);
    }
}
