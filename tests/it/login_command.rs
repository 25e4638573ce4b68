//! `weir login` and `weir logout`: the token that the other commands use.

use std::{os::unix::fs::PermissionsExt, path::Path};

use tokio::process::Command;
use weir_testkit::{Github, github};
use weir_tests::{
    System, command,
    person::{Person, Waiting},
};

/// Begins a call of `weir` of a person whose home this is.
fn weir(home: &Path, arguments: &[&str]) -> Command {
    let mut command = command::weir(arguments);
    command.env("HOME", home);
    command
}

/// Returns the one file of the folder where tokens are kept.
fn kept(home: &Path) -> Option<std::path::PathBuf> {
    let files = std::fs::read_dir(home.join(".config/weir/logins"));
    let files: Vec<_> = files.into_iter().flatten().flatten().collect();
    assert!(files.len() <= 1, "{files:?}");
    files.first().map(std::fs::DirEntry::path)
}

#[tokio::test]
async fn a_token_is_got_kept_used_and_given_back() {
    let system = System::start([]).await;
    let person = Person::at(&system).await;
    let folder = tempfile::tempdir().expect("a folder");
    let (home, url) = (folder.path(), system.url());
    let server = ["--server", url.as_str()];
    let sync = [&["sync", "x"][..], &server].concat();
    let stranger = command::run(&mut weir(home, &sync)).await;
    assert_eq!(stranger.code, 2, "{stranger:?}");
    assert!(stranger.err.contains("401"), "{stranger:?}");

    let mut login = Waiting::start(&mut weir(home, &[&["login"][..], &server].concat()));
    let page = login.word(&format!("{url}/-/login/web?")).await;
    let page = person.confirm(&page).await;
    assert!(page.text().contains("weir/"), "{}", page.text());
    let said = login.end().await;
    said.assert_success("weir login");
    assert!(said.out.contains("as admin"), "{said:?}");
    let file = kept(home).expect("the token is kept");
    let mode = file.metadata().expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(!said.out.contains("npm_"), "it is not shown");

    let tasks = [&["tasks"][..], &server].concat();
    command::run(&mut weir(home, &tasks))
        .await
        .assert_success("weir tasks");
    let sync = [&["sync", "absent", "--follow"][..], &server].concat();
    let asked = command::run(&mut weir(home, &sync)).await;
    assert_eq!(asked.code, 1, "asked for, and not found: {asked:?}");

    let logout = [&["logout"][..], &server].concat();
    let out = command::run(&mut weir(home, &logout)).await;
    out.assert_success("weir logout");
    assert_eq!(kept(home), None);
    let again = command::run(&mut weir(home, &logout)).await;
    assert_eq!(again.code, 1, "{again:?}");
    let stranger = command::run(&mut weir(home, &sync)).await;
    assert_eq!(stranger.code, 2, "{stranger:?}");
    system.abandon().await;
}

#[tokio::test]
async fn a_code_typed_at_github_signs_a_program_in() {
    let hub = Github::start().await;
    let builder = System::builder()
        .setting("WEIR_GITHUB_CLIENT_ID", github::CLIENT_ID)
        .setting("WEIR_GITHUB_CLIENT_SECRET", github::CLIENT_SECRET)
        .setting("WEIR_GITHUB_URL", &hub.url())
        .setting("WEIR_GITHUB_ORGS", "weir");
    let system = builder.start().await;
    hub.member("octocat", "weir", "active");
    let folder = tempfile::tempdir().expect("a folder");
    let url = system.url();
    let arguments = ["login", "--github", "--server", &url];
    let mut login = Waiting::start(&mut weir(folder.path(), &arguments));
    let code = login.word("USER-").await;
    hub.type_code(&code, (583_231, "octocat"));
    let said = login.end().await;
    said.assert_success("weir login --github");
    assert!(said.out.contains("as octocat"), "{said:?}");
    assert!(kept(folder.path()).is_some());

    let arguments = ["login", "--github", "--server", &url];
    let mut login = Waiting::start(&mut weir(folder.path(), &arguments));
    let code = login.word("USER-").await;
    hub.answer_device(&code, "access_denied");
    let said = login.end().await;
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("GitHub did not sign you in"), "{said:?}");
    system.end().await;
}
