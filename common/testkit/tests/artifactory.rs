//! The Artifactory of the test kit, seen from outside: what its documents say of each interface,
//! and each of its faults.

use http::Method;
use serde_json::{Value, json};
use weir_testkit::{
    Artifactory, ArtifactoryFault as Fault, Recipe,
    artifactory::{REPOSITORY, TOKEN, USER},
    client::{self, Call, Reply},
};

const REFERENCE: &str = "sht30/0.0.5@caisong123";

async fn started() -> Artifactory {
    let recipe = Recipe::new(REFERENCE).readme("# SHT30\n");
    Artifactory::start([recipe, Recipe::new("plain/1.0")]).await
}

async fn get(server: &Artifactory, path: &str) -> Reply {
    let call = client::get(format!("{}{path}", server.url()));
    call.send().await.expect("an answer")
}

async fn get_as(server: &Artifactory, path: &str, token: &str) -> Reply {
    let call = client::get(format!("{}{path}", server.url())).bearer(token);
    call.send().await.expect("an answer")
}

async fn query(server: &Artifactory, text: &str) -> Reply {
    let url = format!("{}/api/search/aql", server.url());
    let call = Call::new(Method::POST, url).bearer(TOKEN);
    let call = call
        .header("content-type", "text/plain")
        .body(text.to_owned());
    call.send().await.expect("an answer")
}

fn rows(reply: &Reply) -> Vec<Value> {
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["results"].as_array().expect("rows").clone()
}

#[tokio::test]
async fn every_answer_is_recognised_as_artifactorys() {
    let server = started().await;
    for path in ["/api/system/ping", "/api/repositories", "/nothing/here"] {
        let reply = get(&server, path).await;
        assert!(
            reply.header("x-jfrog-version").starts_with("Artifactory/7"),
            "{path}"
        );
    }
    assert_eq!(get(&server, "/api/system/ping").await.text(), "OK");
    let reply = get(&server, "/api/repositories?packageType=conan").await;
    assert_eq!(reply.json()[0]["key"], REPOSITORY);
    let outside = format!("http://{}/api/system/ping", server.address());
    assert_eq!(
        client::get(outside).send().await.expect("an answer").status,
        404
    );
    assert_eq!(
        server
            .asked()
            .iter()
            .filter(|asked| asked.is_unexpected)
            .count(),
        2
    );
}

#[tokio::test]
async fn wrong_credentials_are_refused_where_none_would_do() {
    let server = started().await;
    let path = "/api/conan/conan-local/v2/conans/search?q=*";
    assert_eq!(get(&server, path).await.status, 200);
    assert_eq!(get_as(&server, path, "wrong").await.status, 401);
    assert_eq!(get_as(&server, path, TOKEN).await.status, 200);
    server.revoke(TOKEN);
    assert_eq!(get_as(&server, path, TOKEN).await.status, 401);
    let check = "/api/conan/conan-local/v2/users/check_credentials";
    assert_eq!(get(&server, check).await.text(), "anonymous");
    server.set_anonymous(false);
    assert_eq!(get(&server, path).await.status, 401);
}

#[tokio::test]
async fn storage_describes_files_and_folders() {
    let server = started().await;
    let revision = server.revision(REFERENCE).expect("it is there");
    let folder = format!("/api/storage/conan-local/caisong123/sht30/0.0.5/_/{revision}/export");
    let children = get(&server, &folder).await.json()["children"].clone();
    assert_eq!(
        children[0],
        json!({ "uri": "/conan_sources.tgz", "folder": false })
    );
    let file = get(&server, &format!("{folder}/conanfile.py")).await.json();
    assert!(
        file["size"].is_string() && file["checksums"]["sha256"].is_string(),
        "{file}"
    );
    let stats = get(&server, &format!("{folder}/conanfile.py?stats"))
        .await
        .json();
    assert_eq!(stats["downloadCount"], 0);
    let found = get(&server, &format!("{folder}/conanfile.py?properties"))
        .await
        .json();
    assert_eq!(found["properties"]["conan.package.name"], json!(["sht30"]));
    let none = get(&server, &format!("{folder}/conanmanifest.txt?properties")).await;
    assert_eq!(
        (none.status, none.text().contains("No properties")),
        (404, true)
    );
    let list = "/api/storage/conan-local?list&deep=1&listFolders=1";
    assert_eq!(get(&server, list).await.status, 403);
    let list = get_as(&server, list, TOKEN).await.json();
    let files = list["files"].as_array().expect("a list");
    let folders = files.iter().filter(|row| row["folder"] == true);
    assert!(
        folders.clone().all(|row| row["size"] == -1) && folders.count() == 12,
        "{list}"
    );
}

#[tokio::test]
async fn a_query_pages_and_says_how_many_rows_it_shows() {
    let server = Artifactory::start(Recipe::crowd(25)).await;
    let page = |offset: usize| {
        format!(
            r#"items.find({{"repo":"conan-local","name":"conanmanifest.txt","path":{{"$match":"*/export"}}}})
            .include("repo","path","name","created","modified").sort({{"$asc":["path","name"]}})
            .offset({offset}).limit(10)"#
        )
    };
    let first = query(&server, &page(0)).await;
    assert_eq!(
        (rows(&first).len(), &first.json()["range"]["total"]),
        (10, &json!(10))
    );
    assert_eq!(rows(&query(&server, &page(20)).await).len(), 5);
    // What was created was being created before.
    let row = &rows(&first)[0];
    assert!(row["created"].as_str() > row["modified"].as_str(), "{row}");
    let since = rows(&first)[9]["created"]
        .as_str()
        .expect("a moment")
        .to_owned();
    let later = format!(
        r#"items.find({{"name":"conanmanifest.txt","$or":[{{"created":{{"$gt":"{since}"}}}},
        {{"modified":{{"$gt":"{since}"}}}}]}}).include("repo","path","name")"#
    );
    assert_eq!(rows(&query(&server, &later).await).len(), 15);

    server.overlap_pages(3);
    let again = rows(&query(&server, &page(10)).await);
    assert_eq!(again[..3], rows(&first)[7..]);
    server.trim_at(4);
    let trimmed = query(&server, &page(0)).await;
    assert_eq!(rows(&trimmed).len(), 4);
    assert!(trimmed.json()["range"]["notification"].is_string());
}

#[tokio::test]
async fn a_query_is_refused_without_a_name_its_fields_or_its_grammar() {
    let server = started().await;
    let url = format!("{}/api/search/aql", server.url());
    let anonymous = Call::new(Method::POST, url).header("content-type", "text/plain");
    let anonymous = anonymous
        .body("items.find({})")
        .send()
        .await
        .expect("an answer");
    assert_eq!(anonymous.status, 401);
    let fields = query(&server, r#"items.find({}).include("name")"#).await;
    assert!(fields.status == 400 && fields.text().contains("demands the following fields"));
    let grammar = query(&server, "items.find({}).transitive()").await;
    assert!(grammar.status == 400 && grammar.text().contains("Failed to parse query"));
    let open = Artifactory::builder().open_source().start().await;
    let sorted = r#"items.find({}).include("repo","path","name").sort({"$asc":["name"]})"#;
    assert_eq!(query(&open, sorted).await.status, 400);
}

#[tokio::test]
async fn a_file_comes_whole_in_part_or_not_at_all() {
    let server = started().await;
    let revision = server.revision(REFERENCE).expect("it is there");
    let path = format!("/conan-local/caisong123/sht30/0.0.5/_/{revision}/export/conanfile.py");
    let whole = get(&server, &path).await;
    let call = || client::get(format!("{}{path}", server.url()));
    let part = call()
        .header("range", "bytes=4-9")
        .send()
        .await
        .expect("an answer");
    assert_eq!((part.status, &part.body[..]), (206, &whole.body[4..10]));
    let same = call().header("if-none-match", whole.header("etag"));
    assert_eq!(same.send().await.expect("an answer").status, 304);
    let conan = format!(
        "/api/conan/conan-local/v2/conans/sht30/0.0.5/caisong123/_/revisions/{revision}/files/conanfile.py"
    );
    let other = get(&server, &conan).await;
    assert_eq!(other.body, whole.body);
    assert_eq!(other.header("x-checksum-sha256").len(), 64);
    let head = Call::new(Method::HEAD, format!("{}{path}", server.url()));
    let head = head.send().await.expect("an answer");
    assert_eq!(head.header("content-length"), whole.body.len().to_string());
    assert!(head.body.is_empty());
}

#[tokio::test]
async fn whoever_lost_the_permission_is_told_nothing() {
    let server = started().await;
    server.show_nothing(true);
    let search = "/api/conan/conan-local/v2/conans/search?q=*";
    let reply = get_as(&server, search, TOKEN).await;
    assert_eq!(
        (reply.status, reply.json()),
        (200, json!({ "results": [] }))
    );
    let latest = "/api/conan/conan-local/v2/conans/plain/1.0/_/_/latest";
    assert_eq!(get_as(&server, latest, TOKEN).await.status, 404);
    assert_eq!(
        get_as(&server, "/api/repositories", TOKEN).await.json(),
        json!([])
    );
    let found = query(&server, r#"items.find({"repo":"conan-local"})"#).await;
    assert_eq!(rows(&found).len(), 0);
    let check = "/api/conan/conan-local/v2/users/check_credentials";
    assert_eq!(get_as(&server, check, TOKEN).await.text(), USER);
    server.show_nothing(false);
    assert_eq!(get(&server, latest).await.status, 200);
}

#[tokio::test]
async fn the_index_can_lag_behind() {
    let server = started().await;
    server.list_stale("gone/1.0@_/_");
    server.delay_index("plain/1.0@_/_");
    let search = "/api/conan/conan-local/v2/conans/search?q=*";
    let expected = json!(["gone/1.0@_/_", "sht30/0.0.5@caisong123/_"]);
    assert_eq!(get(&server, search).await.json()["results"], expected);
    server.catch_up();
    let expected = json!(["plain/1.0@_/_", "sht30/0.0.5@caisong123/_"]);
    assert_eq!(get(&server, search).await.json()["results"], expected);
}

#[tokio::test]
async fn a_fault_is_met_by_the_requests_it_was_made_for() {
    let server = started().await;
    let latest = "/api/conan/conan-local/v2/conans/plain/1.0/_/_/latest";
    let others = "/api/conan/conan-local/v2/conans/sht30/0.0.5/caisong123/_/latest";
    server.on("GET */latest").always(Fault::status(503));
    server
        .on("GET */plain/*/latest")
        .once(Fault::too_many_requests("1"));
    let reply = get(&server, latest).await;
    assert_eq!((reply.status, reply.header("retry-after")), (429, "1"));
    assert_eq!(get(&server, latest).await.status, 503);
    assert_eq!(get(&server, others).await.status, 503);
    assert_eq!(server.on("GET */latest").count(), 3);
    server.heal();
    server.on("*").after(1, Fault::Html(502));
    assert_eq!(get(&server, latest).await.status, 200);
    assert!(get(&server, latest).await.text().starts_with("<!DOCTYPE"));
    server.heal();

    let right = get(&server, latest).await.body;
    server.on("GET */latest").once(Fault::Half);
    assert_eq!(get(&server, latest).await.body, right[..right.len() / 2]);
    for fault in [Fault::Truncated, Fault::TruncatedChunked, Fault::Dropped] {
        server.on("GET */latest").once(fault.clone());
        let call = client::get(format!("{}{latest}", server.url()));
        assert!(call.send().await.is_err(), "{fault:?}");
    }
    let gate = server.on("GET */latest").hold();
    let call = client::get(format!("{}{latest}", server.url())).send();
    let change = async {
        gate.wait_for_arrivals(1).await;
        server.remove("plain/1.0");
        gate.release();
    };
    let (reply, ()) = tokio::join!(call, change);
    assert_eq!(reply.expect("an answer").status, 404);
}
