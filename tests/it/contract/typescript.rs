//! The TypeScript client: compiled as strictly as it goes, then run against a server.

use std::path::Path;

use tokio::process::Command;
use weir_testkit::presets;
use weir_tests::{System, command, environment, system::ADMIN_TOKEN};

use super::installed;

#[tokio::test]
async fn the_typescript_client_compiles_and_does_what_it_says() {
    let folder = tempfile::tempdir().expect("the temporary folder takes another one");
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/clients/typescript");
    let mut compiler = Command::new("node");
    compiler
        .arg(installed("node_modules/typescript/bin/tsc"))
        .arg("--project")
        .arg(&project)
        .arg("--outDir")
        .arg(folder.path());
    command::run(&mut compiler).await.assert_success("tsc");
    // What node takes for modules, it knows by the nearest package.
    let package = folder.path().join("package.json");
    std::fs::copy(project.join("package.json"), package).expect("a fresh folder takes a file");

    let system = System::start([presets::history("@scope/name", 2, 500)]).await;
    let mut node = Command::new("node");
    node.env_clear()
        .env("PATH", environment::variable("PATH").unwrap_or_default())
        .arg(folder.path().join("test/exercise.js"))
        .args([&system.url(), ADMIN_TOKEN]);
    let said = command::run(&mut node).await;
    said.assert_success("the client");
    system.end().await;
}
