//! schemathesis over the whole document: what it allows, what it forbids, and what follows
//! from what was answered.
//!
//! Every answer must be one that the document describes (status, content type, headers,
//! body), and none may say that something of ours broke. Seed and bounds are fixed; what it
//! asks is in `tests/contract/schemathesis.toml`.

use std::path::Path;

use tokio::process::Command;
use weir_tests::{command, environment, system::ADMIN_TOKEN};

use super::{Ready, installed};

/// Requests made up for each operation, and the seed they come from.
const EXAMPLES: &str = "30";
const SEED: &str = "20261122";

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance";

async fn fuzz(ready: &Ready, token: Option<&str>) {
    let folder = tempfile::tempdir().expect("the temporary folder takes another one");
    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("contract/schemathesis.toml");
    let mut fuzzer = Command::new(installed("python/bin/st"));
    fuzzer.current_dir(folder.path()).env_clear();
    let search_path = environment::variable("PATH").unwrap_or_default();
    fuzzer
        .env("PATH", search_path)
        .env("HOME", folder.path())
        .env("CONTRACT_TASK", &ready.task.id)
        .env("CONTRACT_FAILED_TASK", &ready.failed.id)
        .arg("--config-file")
        .arg(settings)
        .arg("run")
        .arg(format!("{}/-/openapi.json", ready.system.url()))
        .args(["--checks", CHECKS, "--seed", SEED])
        .args(["--max-examples", EXAMPLES, "--workers", "2"])
        .args(["--continue-on-failure", "--generation-database", "none"])
        .args(["--request-timeout", "30", "--no-color", "--warnings", "off"]);
    if let Some(token) = token {
        let header = format!("authorization: Bearer {token}");
        fuzzer.args(["--header", &header]);
    }
    command::run(&mut fuzzer).await.assert_success("st run");
}

#[tokio::test]
async fn no_stranger_gets_an_answer_that_is_not_documented() {
    let ready = Ready::new().await;
    fuzz(&ready, None).await;
    ready.system.abandon().await;
}

#[tokio::test]
async fn no_administrator_gets_an_answer_that_is_not_documented() {
    let ready = Ready::new().await;
    fuzz(&ready, Some(ADMIN_TOKEN)).await;
    ready.system.abandon().await;
}
