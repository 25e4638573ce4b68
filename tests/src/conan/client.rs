//! The client, with a home of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};
use weir_testkit::Recipe;

use super::{program, script};
use crate::{
    command::{self, Said},
    environment,
};

/// What every client calls its remote.
const REMOTE: &str = "remote";

/// A client that nobody else uses.
#[derive(Debug)]
pub struct Client {
    folder: tempfile::TempDir,
}

impl Client {
    /// Makes a client that knows one remote.
    pub async fn new(url: &str) -> Self {
        let folder = tempfile::tempdir().expect("the temporary folder takes another one");
        let client = Self { folder };
        // Recipes without settings of their own need no compiler, and are for every machine.
        let profiles = client.home().join("profiles");
        fs::create_dir_all(&profiles).expect("a fresh folder takes a folder");
        fs::write(profiles.join("default"), "[settings]\nos=Linux\n").expect("and a file");
        client.run(&["remote", "add", REMOTE, url]).await;
        // The one it knows by itself is somewhere else.
        client.run(&["remote", "remove", "conancenter"]).await;
        client
    }

    /// Shows credentials to the remote.
    pub async fn login(&self, user: &str, password: &str) {
        self.run(&["remote", "login", REMOTE, user, "-p", password])
            .await;
    }

    /// Writes what a recipe is made of into a folder, and returns that.
    pub fn write(&self, recipe: &Recipe) -> PathBuf {
        let name = recipe.reference().to_string().replace(['/', '@'], "-");
        let folder = self.folder.path().join("recipes").join(name);
        fs::create_dir_all(&folder).expect("a fresh folder takes a folder");
        for (path, content) in recipe.exported() {
            let file = folder.join(path);
            let parent = file.parent().expect("it is in the folder");
            fs::create_dir_all(parent).expect("a fresh folder takes a folder");
            fs::write(file, content).expect("a fresh folder takes a file");
        }
        folder
    }

    /// Exports recipes and uploads them, with whatever else the client has.
    pub async fn upload(&self, recipes: &[Recipe]) {
        self.send("export", recipes).await;
    }

    /// Exports recipes, builds a package of each, and uploads all of it.
    pub async fn build(&self, recipes: &[Recipe]) {
        self.send("create", recipes).await;
    }

    async fn send(&self, how: &str, recipes: &[Recipe]) {
        let folders = recipes.iter().map(|recipe| self.write(recipe));
        let mut commands: Vec<Vec<String>> = Vec::new();
        for folder in folders {
            commands.push(vec![how.to_owned(), folder.display().to_string()]);
        }
        commands.push(
            ["upload", "*", "-r", REMOTE, "-c"]
                .map(str::to_owned)
                .to_vec(),
        );
        self.run_all(&commands).await;
    }

    /// Removes from the remote what a pattern means.
    pub async fn remove(&self, pattern: &str) {
        self.run(&["remove", pattern, "-r", REMOTE, "-c"]).await;
    }

    /// Runs a command, and returns what it says.
    pub async fn run(&self, arguments: &[&str]) -> Said {
        let said = self.try_run(arguments).await;
        said.assert_success(&format!("conan {arguments:?}"));
        said
    }

    /// Runs a command, which must fail, and returns what it says.
    pub async fn fail(&self, arguments: &[&str]) -> String {
        let said = self.try_run(arguments).await;
        assert_ne!(said.code, 0, "conan {arguments:?}: {said:?}");
        format!("{}{}", said.out, said.err)
    }

    async fn try_run(&self, arguments: &[&str]) -> Said {
        command::run(self.command(&program("conan")).args(arguments)).await
    }

    /// Runs many commands in one process: starting one takes longer than most of them.
    pub async fn run_all(&self, commands: &[Vec<String>]) {
        let mut call = self.command(&program("python"));
        call.arg(script("client.py")).stdin(Stdio::piped());
        call.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = call.kill_on_drop(true).spawn().expect("python starts");
        let line = |arguments| serde_json::json!(arguments).to_string() + "\n";
        let lines: String = commands.iter().map(line).collect();
        tell(&mut child, &lines).await;
        let output = child.wait_with_output().await.expect("it ran");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).env_clear();
        let search_path = environment::variable("PATH").unwrap_or_default();
        command.env("PATH", search_path).env("HOME", self.home());
        command.env("CONAN_HOME", self.home());
        // Nothing is asked: there is nobody.
        command.env("CONAN_NON_INTERACTIVE", "1");
        command
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }
}

async fn tell(child: &mut Child, text: &str) {
    let mut stdin = child.stdin.take().expect("it is piped");
    // It may have ended early; its exit code says so.
    stdin.write_all(text.as_bytes()).await.ok();
}
