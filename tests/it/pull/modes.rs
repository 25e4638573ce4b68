//! The five modes: who or what makes a mirror ask its upstream.

use weir_domain::token::TokenSecret;
use weir_store::{
    clock,
    tokens::{self, NewToken},
    users,
};
use weir_testkit::{client, presets};
use weir_tests::{System, system::ADMIN_TOKEN};

use super::end;

const USER_TOKEN: &str = "npm_of-somebody-who-is-no-administrator-1";

/// What is asked: a GET, or a wish with somebody's token.
const ASKED: [(&str, Option<&str>); 7] = [
    ("/a", None),
    ("/a/-/a-1.0.2.tgz", None),
    // In the packument, and not held.
    ("/a/-/a-1.0.0.tgz", None),
    ("/b", None),
    ("/c/-/c-1.0.0.tgz", None),
    ("/-/package/a/syncs", Some(ADMIN_TOKEN)),
    ("/-/package/a/syncs", Some(USER_TOKEN)),
];

/// Returns a mirror in this mode that holds `a`, and somebody who may ask for syncs.
async fn start(mode: &str) -> System {
    let packages = ["a", "b", "c"].map(|name| presets::history(name, 3, 2_000));
    let mut system = System::builder()
        .packages(packages)
        .setting("WEIR_SYNC_MODE", "admin")
        .start()
        .await;
    system.bring("a").await;
    let db = system.database().await;
    let made = db.write(|tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let user = users::insert(tx, "bob", now).await?;
            let secret = TokenSecret::from_text(USER_TOKEN);
            tokens::insert(tx, user.id, &secret, NewToken::default(), now).await
        })
    });
    made.await.expect("a token");
    system.stop_server().await;
    system.set("WEIR_SYNC_MODE", mode);
    system.start_server().await;
    system.upstream().ledger().clear();
    system
}

async fn statuses(system: &System) -> [u16; 7] {
    let mut statuses = [0; 7];
    for (status, (path, token)) in statuses.iter_mut().zip(ASKED) {
        let call = match token {
            None => system.call(path),
            Some(token) => client::put(format!("{}{path}", system.url())).bearer(token),
        };
        *status = call.send().await.expect("an answer").status;
    }
    statuses
}

#[tokio::test]
async fn each_mode_asks_upstream_for_what_it_says_and_nothing_else() {
    // Packuments and tarballs read from upstream, wishes apart.
    let table = [
        ("none", [200, 200, 404, 404, 404, 403, 403], (0, 0)),
        ("admin", [200, 200, 200, 404, 404, 201, 403], (0, 1)),
        ("exist", [200, 200, 200, 404, 404, 201, 201], (0, 1)),
        ("all", [200, 200, 200, 404, 404, 201, 201], (0, 1)),
        ("proxy", [200, 200, 200, 200, 200, 201, 201], (2, 2)),
    ];
    let each = table.map(async |(mode, expected, asked)| {
        let system = start(mode).await;
        assert_eq!(statuses(&system).await, expected, "{mode}");
        let ledger = system.upstream().ledger();
        let wished = ledger.counts().get("packument a").copied().unwrap_or(0);
        let read = (ledger.packuments() - wished, ledger.tarballs());
        assert_eq!(read, asked, "{mode}: {:?}", ledger.counts());
        if mode == "none" {
            assert_eq!(ledger.entries().len(), 0);
        }
        end(system).await;
    });
    futures::future::join_all(each).await;
}
