//! A project of one client in folders of its own.

use std::path::{Path, PathBuf};

use tokio::process::Command;
use weir_tests::{
    command::{self, Answer, Said},
    environment,
    person::Waiting,
};

use super::{Locked, lock};

/// A package manager.
#[derive(Debug, Clone, Copy)]
pub enum Client {
    Npm,
    /// The release before, and those before that which many machines still run.
    Npm11,
    Npm10,
    Npm6,
    Pnpm,
    /// The release before it, which hands such commands on to the machine's npm.
    Pnpm10,
    Bun,
    YarnClassic,
    YarnBerry,
}

/// What tells a client where it installs from, and what it may do.
const CONFIGURATION: [&str; 3] = [".npmrc", ".yarnrc", ".yarnrc.yml"];

impl Client {
    /// Returns its folder in the cache and its program's name.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Npm => ("npm", "npm"),
            Self::Npm11 => ("npm11", "npm"),
            Self::Npm10 => ("npm10", "npm"),
            Self::Npm6 => ("npm6", "npm"),
            Self::Pnpm => ("pnpm", "pnpm"),
            Self::Pnpm10 => ("pnpm10", "pnpm"),
            Self::Bun => ("bun", "bun"),
            Self::YarnClassic => ("yarn", "yarn"),
            Self::YarnBerry => ("berry", "yarn"),
        }
    }

    fn program(self) -> PathBuf {
        let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join(".cache/clients");
        let (folder, name) = self.names();
        let program = cache.join(folder).join("node_modules/.bin").join(name);
        assert!(
            program.exists(),
            "{} is not installed: run tests/run clients",
            program.display()
        );
        program
    }

    fn lock_file(self) -> &'static str {
        match self {
            Self::Npm | Self::Npm11 | Self::Npm10 | Self::Npm6 => "package-lock.json",
            Self::Pnpm | Self::Pnpm10 => "pnpm-lock.yaml",
            Self::Bun => "bun.lock",
            Self::YarnClassic | Self::YarnBerry => "yarn.lock",
        }
    }

    /// Arguments that add a package, and that install exactly what is locked.
    fn arguments(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Npm | Self::Npm11 | Self::Npm10 | Self::Npm6 => (&["install"], &["ci"]),
            Self::YarnBerry => (&["add"], &["install", "--immutable"]),
            Self::Pnpm | Self::Pnpm10 | Self::Bun | Self::YarnClassic => {
                (&["add"], &["install", "--frozen-lockfile"])
            }
        }
    }
}

/// A folder with a `package.json`, and a home that nobody else uses.
#[derive(Debug)]
pub struct Project {
    client: Client,
    folder: tempfile::TempDir,
}

impl Project {
    /// Makes an empty project that installs from `registry`.
    pub fn new(client: Client, registry: &str) -> Self {
        let folder = tempfile::tempdir().expect("the temporary folder takes another one");
        let project = Self { client, folder };
        project.write(
            "package.json",
            r#"{"name":"project","version":"1.0.0","private":true}"#,
        );
        project.write(".npmrc", &format!("registry={registry}/\n"));
        project.write(".yarnrc", &format!("registry \"{registry}/\"\n"));
        // Yarn 4 wants https of whoever is not named, and sends its telemetry elsewhere.
        let berry = format!(
            "npmRegistryServer: \"{registry}\"\nunsafeHttpWhitelist: [\"127.0.0.1\"]\n\
             nodeLinker: node-modules\nenableTelemetry: false\n"
        );
        project.write(".yarnrc.yml", &berry);
        // pnpm fails when it was not told whether to run a dependency's scripts; npm runs them.
        project.write("pnpm-workspace.yaml", "strictDepBuilds: false\n");
        std::fs::create_dir(project.home()).expect("a fresh folder takes another one");
        project
    }

    /// Makes a project with the manifest and the lock of another one, and nothing installed.
    pub fn like(other: &Self) -> Self {
        let project = Self::new(other.client, "");
        let files = ["package.json", other.client.lock_file()];
        for file in files.into_iter().chain(CONFIGURATION) {
            project.write(file, &other.read(file));
        }
        project
    }

    /// Adds a package with everything it needs.
    pub async fn install(&self, name: &str) {
        let arguments = self.client.arguments().0;
        self.run(&[arguments, &[name]].concat()).await;
    }

    /// Installs what the lock says, no more and no less.
    pub async fn install_locked(&self) {
        self.run(self.client.arguments().1).await;
    }

    /// Says whether the lock holds upstream's own digests.
    pub fn locks_integrity(&self) -> bool {
        !matches!(self.client, Client::YarnBerry)
    }

    /// Returns what is locked.
    pub fn locked(&self) -> Locked {
        let text = self.read(self.client.lock_file());
        let locked = match self.client {
            Client::Npm | Client::Npm11 | Client::Npm10 | Client::Npm6 => lock::npm(&text),
            Client::Pnpm | Client::Pnpm10 => lock::pnpm(&text),
            Client::Bun => lock::bun(&text),
            Client::YarnClassic => lock::yarn_classic(&text),
            Client::YarnBerry => lock::yarn_berry(&text),
        };
        assert!(!locked.is_empty(), "nothing is locked: {text}");
        locked
    }

    /// Fails the test unless Node.js can load the installed package.
    pub async fn assert_usable(&self, name: &str) {
        let mut node = self.command(Path::new("node"));
        let script = format!("console.log(require('{name}').name)");
        let said = command::run(node.args(["-e", &script])).await;
        said.assert_success("node");
        assert_eq!(said.out.trim(), name);
    }

    /// Runs the client, and returns what it says.
    pub async fn run(&self, arguments: &[&str]) -> String {
        let said = self.try_run(arguments).await;
        said.assert_success(&format!("{:?} {arguments:?}", self.client));
        said.out
    }

    /// The same, with these variables in its environment.
    pub async fn run_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> String {
        let mut call = self.command(&self.client.program());
        call.envs(variables.iter().copied());
        let said = command::run(call.args(arguments)).await;
        said.assert_success(&format!("{:?} {arguments:?}", self.client));
        said.out
    }

    /// Runs the client, and returns what it says however it ends.
    async fn try_run(&self, arguments: &[&str]) -> Said {
        let mut call = self.command(&self.client.program());
        command::run(call.args(arguments)).await
    }

    /// Has the client show this token to a registry.
    pub fn authorize(&self, authority: &str, token: &str) {
        let former = self.read(".npmrc");
        self.write(
            ".npmrc",
            &format!("{former}//{authority}/:_authToken={token}\n"),
        );
    }

    /// Runs the client and types one line, and returns what it says.
    pub async fn run_told(&self, line: &str, arguments: &[&str]) -> String {
        let mut call = self.command(Path::new("bash"));
        let script = "line=$1; shift; printf '%s\\n' \"$line\" | \"$@\"";
        call.args(["-c", script, "bash", line]);
        call.arg(self.client.program()).args(arguments);
        let said = command::run(&mut call).await;
        said.assert_success(&format!("{:?} {arguments:?}", self.client));
        said.out
    }

    /// Starts the client, which will wait for somebody.
    pub fn start(&self, arguments: &[&str]) -> Waiting {
        let mut call = self.command(&self.client.program());
        Waiting::start(call.args(arguments))
    }

    /// Runs the client, which must fail, and returns what it says.
    pub async fn fail(&self, arguments: &[&str]) -> String {
        let said = self.try_run(arguments).await;
        assert_ne!(said.code, 0, "{:?} {arguments:?}: {said:?}", self.client);
        format!("{}{}", said.out, said.err)
    }

    /// Runs the client and types what it asks for, each as prompt and answer; returns what it says.
    pub async fn answer(&self, arguments: &[&str], answers: &[Answer<'_>]) -> String {
        let said = self.converse(arguments, answers).await;
        said.assert_success(&format!("{:?} {arguments:?}", self.client));
        said.out
    }

    /// The same, of what must fail.
    pub async fn fail_answering(&self, arguments: &[&str], answers: &[Answer<'_>]) -> String {
        let said = self.converse(arguments, answers).await;
        assert_ne!(said.code, 0, "{:?} {arguments:?}: {said:?}", self.client);
        said.out
    }

    async fn converse(&self, arguments: &[&str], answers: &[Answer<'_>]) -> Said {
        let mut call = self.command(&self.client.program());
        command::converse(call.args(arguments), answers).await
    }

    /// Returns what the client keeps in its home.
    pub fn kept(&self) -> String {
        std::fs::read_to_string(self.home().join(".npmrc")).unwrap_or_default()
    }

    /// Replaces what the client keeps in its home.
    pub fn keep(&self, text: &str) {
        std::fs::write(self.home().join(".npmrc"), text).expect("a home takes a file");
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).env_clear();
        let search_path = environment::variable("PATH").unwrap_or_default();
        command.env("PATH", search_path).env("HOME", self.home());
        // What looks for a newer release of itself asks for a package nobody mirrored.
        command.env("NO_UPDATE_NOTIFIER", "1").env("CI", "true");
        command
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join(".home")
    }

    /// Writes a file of the project.
    pub fn write(&self, file: &str, text: &str) {
        std::fs::write(self.folder.path().join(file), text).expect("a fresh folder takes a file");
    }

    fn read(&self, file: &str) -> String {
        let path = self.folder.path().join(file);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}
