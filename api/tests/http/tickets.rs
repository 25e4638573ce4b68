//! Tickets: reading one log once without other credentials.

use futures::future::join_all;
use http::Method;
use weir_domain::TaskId;
use weir_store::{ConnectionTrait, task_logs::Chunk, tasks::Outcome, tokens::NewToken};
use weir_testkit::client::{Call, Reply};

use crate::server::{ADMIN, ALICE, Server};

async fn sent(call: Call) -> Reply {
    call.send().await.expect("answered")
}

fn ask(server: &Server, task: TaskId) -> Call {
    Call::new(Method::POST, server.url(&format!("/syncs/{task}/ticket")))
}

/// Makes a ticket as the holder of a token.
async fn ticket(server: &Server, task: TaskId, token: &str) -> String {
    let reply = sent(ask(server, task).bearer(token)).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()["ticket"].as_str().expect("a text").to_owned()
}

/// A finished task of a kind that is not for everybody, whose log has one line.
async fn drill(server: &Server) -> TaskId {
    let call = Call::new(Method::POST, server.url("/-/admin/drills"));
    let reply = sent(call.bearer(ADMIN).json(&serde_json::json!({ "lines": 0 }))).await;
    let id = reply.json()["ids"][0].as_str().expect("an id").to_owned();
    finished(server).await;
    id.parse().expect("a task")
}

async fn finished(server: &Server) {
    let fence = server.claim().await;
    server.log(fence, &Chunk::default(), &["one"]).await;
    server.finish(fence, Outcome::default()).await;
}

fn assert_refused(reply: &Reply) {
    assert_eq!(reply.status, 401, "{}", reply.text());
    assert_eq!(reply.header("www-authenticate"), "Bearer");
    let body = reply.json();
    let error = body["error"].as_str().expect("a text");
    assert!(error.starts_with("[UNAUTHORIZED] The ticket is"), "{error}");
}

#[tokio::test]
async fn a_ticket_reads_its_log_once_as_whoever_made_it() {
    let server = Server::start().await;
    let task = drill(&server).await;
    let path = format!("/syncs/{task}/log");
    assert_eq!(server.fetch(&path).await.status, 404, "not for everybody");
    assert_eq!(sent(ask(&server, task)).await.status, 404);

    let reply = sent(ask(&server, task).bearer(ALICE)).await;
    assert_eq!(reply.header("cache-control"), "no-store");
    let body = reply.json();
    let ticket = body["ticket"].as_str().expect("a text");
    let url = format!("http://{}{path}?ticket={ticket}", server.address);
    assert_eq!(
        (body["ok"].as_bool(), body["logUrl"].as_str()),
        (Some(true), Some(url.as_str()))
    );
    let log = sent(weir_testkit::client::get(&url)).await;
    assert_eq!(
        (log.status, log.text()),
        (200, "1970-01-01T00:00:00.000Z INFO one\n")
    );
    assert_refused(&sent(weir_testkit::client::get(&url)).await);

    for (query, accept) in [
        ("&follow=true", "*/*"),
        ("", "text/event-stream"),
        ("&tail=1", "*/*"),
    ] {
        let ticket = self::ticket(&server, task, ALICE).await;
        let call = || server.get(&format!("{path}?ticket={ticket}{query}"));
        let log = sent(call().header("accept", accept)).await;
        assert_eq!(log.status, 200, "{query}");
        assert!(log.text().contains("INFO one"), "{}", log.text());
        assert_refused(&sent(call().header("accept", accept)).await);
    }
}

#[tokio::test]
async fn a_ticket_is_good_at_its_own_task_and_at_logs_only() {
    let server = Server::start().await;
    let package = server.submit("a").await;
    finished(&server).await;
    let other = drill(&server).await;
    let mine = ticket(&server, package, ALICE).await;
    for path in [
        format!("/syncs/{other}/log?ticket={mine}"),
        format!("/syncs/{package}/log?ticket=nonsense"),
        format!("/syncs/{package}/log?ticket="),
        format!("/syncs/{package}/log?ticket={}", "x".repeat(65)),
        format!("/syncs/{package}/log?ticket={}", &ALICE),
        format!("/-/package/a/syncs/{package}/log?ticket=nonsense"),
    ] {
        assert_refused(&server.fetch(&path).await);
    }
    let whoami = server
        .fetch(&format!("/-/whoami?ticket={mine}&token={ALICE}"))
        .await;
    assert_eq!(whoami.status, 401, "no other address takes credentials");
    let by_name = format!("/-/package/a/syncs/{package}/log?ticket={mine}");
    assert_eq!(
        server.fetch(&by_name).await.status,
        200,
        "it was not used up"
    );
    assert_refused(&server.fetch(&by_name).await);
    // Somebody unknown may make one for what everybody may read.
    let reply = sent(ask(&server, package)).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let url = reply.json()["logUrl"].as_str().expect("a URL").to_owned();
    assert_eq!(sent(weir_testkit::client::get(url)).await.status, 200);
}

#[tokio::test]
async fn a_ticket_ends_with_its_time_and_with_its_makers_token() {
    let server = Server::start().await;
    let task = drill(&server).await;
    let readonly = NewToken {
        is_readonly: true,
        ..NewToken::default()
    };
    let carol = "npm_of-carol-who-only-reads";
    server.token("carol", carol, readonly).await;
    let fetch = async |ticket: String| {
        server
            .fetch(&format!("/syncs/{task}/log?ticket={ticket}"))
            .await
    };
    let fine = ticket(&server, task, carol).await;
    assert_eq!(fetch(fine).await.status, 200, "making one is reading");
    let old = ticket(&server, task, carol).await;
    meddle(
        &server,
        "UPDATE log_tickets SET expires_at = expires_at - 60000",
    )
    .await;
    assert_refused(&fetch(old).await);
    let revoked = ticket(&server, task, carol).await;
    meddle(&server, "DELETE FROM tokens WHERE is_readonly").await;
    assert_refused(&fetch(revoked).await);
}

async fn meddle(server: &Server, statement: &'static str) {
    let done = server.content.db.write(move |tx| {
        Box::pin(async move {
            tx.execute_unprepared(statement).await?;
            Ok(())
        })
    });
    done.await.expect("the statement runs");
}

#[tokio::test]
async fn of_all_processes_one_accepts_a_ticket() {
    let server = Server::start().await;
    let another = server.another().await;
    let task = drill(&server).await;
    for _ in 0..5 {
        let ticket = ticket(&server, task, ALICE).await;
        let path = format!("/syncs/{task}/log?ticket={ticket}");
        let readers = (0..8).map(|n| {
            let one = if n % 2 == 0 { &server } else { &another };
            one.fetch(&path)
        });
        let replies = join_all(readers).await;
        let served = replies.iter().filter(|reply| reply.status == 200).count();
        assert_eq!(served, 1);
        for reply in replies.iter().filter(|reply| reply.status != 200) {
            assert_refused(reply);
        }
    }
}
