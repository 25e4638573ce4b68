//! A throw-away PostgreSQL server.
//!
//! A small shell script keeps it: it makes the cluster, runs the server, stops and starts it when
//! told to, and waits for the end of its standard input, which the operating system closes when the
//! test process ends in whatever way. Then it stops the server and removes the folder.

use std::{
    fs,
    io::Write,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, anyhow};
use tokio::net::TcpStream;

use crate::until;

/// How long the cluster may take to be made and to answer.
const START_DEADLINE: Duration = Duration::from_secs(60);
/// Where Debian keeps each version's programs.
const DEBIAN_FOLDER: &str = "/usr/lib/postgresql";
/// Who may run the server when the tests run as root, which PostgreSQL refuses.
const SERVER_USERS: [&str; 2] = ["postgres", "nobody"];

/// How a restart treats those who are connected, as `pg_ctl` calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    /// Cuts every session and shuts down in order.
    Fast,
    /// Stops as if killed; the next start recovers from the log.
    Immediate,
}

impl Restart {
    fn signal(self) -> &'static str {
        match self {
            Self::Fast => "INT",
            Self::Immediate => "QUIT",
        }
    }
}

/// A running server; its keeper stops it when this is dropped or the process ends.
#[derive(Debug)]
pub struct PostgresServer {
    url: String,
    folder: PathBuf,
    port: u16,
    /// How often it was started.
    starts: usize,
    /// Holds the pipe that says when to restart, and whose end stops the server.
    keeper: Child,
}

impl PostgresServer {
    /// Makes a cluster in a temporary folder and starts a server on a free port.
    ///
    /// # Errors
    /// If PostgreSQL is not installed or does not start.
    pub async fn start() -> anyhow::Result<Self> {
        let programs = programs()?;
        let folder = tempfile::Builder::new()
            .prefix("weir-postgres-")
            .tempdir()?
            .keep();
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let script = folder.join("keep.sh");
        fs::write(&script, keeper_script(&programs, &folder, port))?;
        let mut command = keeper_command(&script, &folder)?;
        // Its own group: an interrupt of the tests must not stop it from cleaning up.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let keeper = command
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut server = Self {
            url: format!("postgres://weir@127.0.0.1:{port}/postgres"),
            folder,
            port,
            starts: 1,
            keeper,
        };
        if let Err(reason) = server.listening().await {
            fs::remove_dir_all(&server.folder)?;
            return Err(reason);
        }
        Ok(server)
    }

    /// Stops the server and starts it again, on the same port and data; returns when it
    /// accepts connections.
    ///
    /// # Panics
    /// If it does not come back.
    pub async fn restart(&mut self, how: Restart) {
        self.say(how.signal());
        self.begin().await;
    }

    /// Cuts every session and stops the server; nobody listens there until
    /// [`PostgresServer::begin`].
    pub async fn stop(&mut self) {
        self.say(Restart::Fast.signal());
        until(
            "the PostgreSQL server to be away",
            START_DEADLINE,
            async || TcpStream::connect(("127.0.0.1", self.port)).await.is_err(),
        )
        .await;
    }

    /// Starts the server again, on the same port and data; returns when it accepts connections.
    pub async fn begin(&mut self) {
        self.say("begin");
        self.starts += 1;
        self.listening()
            .await
            .expect("a server that ran starts again");
    }

    fn say(&mut self, word: &str) {
        let words = self.keeper.stdin.as_mut().expect("its input is a pipe");
        writeln!(words, "{word}").expect("the keeper listens");
    }

    /// Waits until the server accepts connections; an error if its keeper gives up.
    async fn listening(&mut self) -> anyhow::Result<()> {
        let log = self.folder.join("log");
        let what = "the PostgreSQL server to listen";
        until(what, START_DEADLINE, async || {
            let text = fs::read_to_string(&log).unwrap_or_default();
            if text.matches("ready to accept connections").count() >= self.starts {
                let connected = TcpStream::connect(("127.0.0.1", self.port)).await;
                return connected.map(|_| Ok(())).ok();
            }
            let status = self.keeper.try_wait().ok().flatten()?;
            Some(Err(anyhow!(
                "the PostgreSQL server did not start ({status}): {text}"
            )))
        })
        .await
    }

    /// Returns the URL of its administrative database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the folder of its cluster and log.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

fn programs() -> anyhow::Result<PathBuf> {
    let versions = fs::read_dir(DEBIAN_FOLDER).into_iter().flatten().flatten();
    let folders = versions.map(|version| version.path().join("bin"));
    let newest = folders
        .filter(|folder| folder.join("initdb").is_file())
        .max_by_key(|folder| {
            let version = folder
                .parent()
                .and_then(Path::file_name)
                .and_then(|name| name.to_str());
            version.and_then(|version| version.parse::<u32>().ok())
        });
    if let Some(newest) = newest {
        return Ok(newest);
    }
    let found = output("sh", &["-c", "command -v initdb"]);
    let initdb = found.context("initdb is neither in PATH nor under /usr/lib/postgresql")?;
    let initdb = fs::canonicalize(initdb)?;
    Ok(initdb
        .parent()
        .context("initdb lies in a folder")?
        .to_owned())
}

fn keeper_script(programs: &Path, folder: &Path, port: u16) -> String {
    let (programs, folder) = (programs.display(), folder.display());
    format!(
        r#"trap '' INT TERM HUP
cd "{folder}" || exit 1
"{programs}/initdb" -D data -U weir --auth=trust --no-locale -E UTF8 --no-sync >log 2>&1 || exit 1
begin() {{
  "{programs}/postgres" -D data -p {port} -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories= -c fsync=off -c full_page_writes=off \
    -c max_connections=200 >>log 2>&1 </dev/null &
  server=$!
}}
end() {{
  kill -"$1" $server
  wait $server
  server=
}}
begin
while read -r word; do
  case $word in
    begin) begin ;;
    *) end "$word" ;;
  esac
done
end QUIT
rm -rf "{folder}"
"#
    )
}

/// Returns the command that runs the script as a user whom PostgreSQL accepts.
fn keeper_command(script: &Path, folder: &Path) -> anyhow::Result<Command> {
    if output("id", &["-u"]).as_deref() != Some("0") {
        let mut command = Command::new("sh");
        command.arg(script);
        return Ok(command);
    }
    let user = SERVER_USERS.into_iter().find_map(|user| {
        let id = |flag| output("id", &[flag, user])?.parse().ok();
        Some((user, id("-u")?, id("-g")?))
    });
    let (user, uid, gid) = user.context("as root, PostgreSQL needs a user postgres or nobody")?;
    std::os::unix::fs::chown(folder, Some(uid), Some(gid))?;
    fs::set_permissions(script, std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    let mut command = Command::new("setpriv");
    command.args([
        "--reuid",
        user,
        "--regid",
        &gid.to_string(),
        "--clear-groups",
        "sh",
    ]);
    command.arg(script);
    if output("setpriv", &["--version"]).is_none() {
        command = Command::new("su");
        command.args([
            "-s",
            "/bin/sh",
            user,
            "-c",
            &format!("exec sh '{}'", script.display()),
        ]);
    }
    Ok(command)
}

/// Returns what a program prints, trimmed; `None` if it is missing or fails.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}
