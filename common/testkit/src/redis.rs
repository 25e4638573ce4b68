//! A throw-away Redis server, and what can happen to one.
//!
//! A small shell script keeps it, as one keeps PostgreSQL: it starts and kills the server when
//! told to, and when its standard input ends, which the operating system sees to in whatever
//! way the test process ends. Each test has a server of its own, so that it may be flushed,
//! stopped and starved; and a prefix of its own, as if it had not.

use std::{io, net::TcpListener, path::Path, process::Stdio, time::Duration};

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    net::TcpStream,
    process::{Child, ChildStdin, ChildStdout, Command},
};
use weir_domain::WorkerId;

use crate::until;

/// How long the server may take until it answers.
const START_DEADLINE: Duration = Duration::from_secs(30);
/// How long one answer may take.
const ANSWER_DEADLINE: Duration = Duration::from_secs(10);

/// A running server; killed when this is dropped or the process ends.
#[derive(Debug)]
pub struct RedisServer {
    port: u16,
    prefix: String,
    pid: String,
    words: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
    /// Lives as long as its standard input.
    _keeper: Child,
}

impl RedisServer {
    /// Starts a server that keeps nothing on disk.
    ///
    /// # Panics
    /// If `redis-server` is not installed or does not start.
    pub async fn start() -> Self {
        Self::start_with(&["--appendonly", "no"]).await
    }

    /// Starts a server with options of `redis-server`.
    ///
    /// # Panics
    /// If `redis-server` is not installed or does not start.
    pub async fn start_with(options: &[&str]) -> Self {
        let started = Self::keep(options);
        let mut server = started.unwrap_or_else(|error| {
            panic!("no Redis for this test, is redis-server (Debian: redis-server) installed? {error:#}")
        });
        server.pid = server.next_word().await;
        server.answering().await;
        server
    }

    fn keep(options: &[&str]) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("weir-redis-")
            .tempdir()?
            .keep();
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let mut command = Command::new("sh");
        command
            .args(["-c", &keeper_script(&folder, port, options)])
            // Its own group: an interrupt of the tests must not stop it from cleaning up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut keeper = command.spawn().context("a shell")?;
        let words = keeper.stdin.take().context("its input is a pipe")?;
        let said = keeper.stdout.take().context("its output is a pipe")?;
        Ok(Self {
            port,
            prefix: format!("weir-{}:", WorkerId::new().0.simple()),
            pid: String::new(),
            words,
            said: BufReader::new(said).lines(),
            _keeper: keeper,
        })
    }

    /// Returns what `WEIR_REDIS_URL` would say.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Returns a prefix that no other test uses.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Kills the server (SIGKILL); nobody listens there until [`RedisServer::begin`].
    pub async fn kill(&mut self) {
        self.say("kill").await;
        assert_eq!(self.next_word().await, "killed");
    }

    /// Starts the server again, on the same port and folder.
    pub async fn begin(&mut self) {
        self.say("begin").await;
        self.pid = self.next_word().await;
        self.answering().await;
    }

    /// Kills the server and starts it again.
    pub async fn restart(&mut self) {
        self.kill().await;
        self.begin().await;
    }

    /// Makes the server a black hole: it takes connections and requests and never answers.
    pub async fn black_hole(&self) {
        self.signal("STOP").await;
    }

    /// Ends a black hole; what was asked meanwhile is answered now.
    pub async fn answer_again(&self) {
        self.signal("CONT").await;
    }

    /// Throws everything away.
    pub async fn flush_all(&self) {
        assert_eq!(self.ask("FLUSHALL").await, "OK");
    }

    /// Bounds the memory; `1` refuses every write that needs some, `0` none.
    pub async fn limit_memory(&self, bytes: u64) {
        assert_eq!(
            self.ask("CONFIG SET maxmemory-policy noeviction").await,
            "OK"
        );
        assert_eq!(
            self.ask(&format!("CONFIG SET maxmemory {bytes}")).await,
            "OK"
        );
    }

    /// Sends a command as one line and returns its answer: a status, a number, or a text.
    pub async fn ask(&self, line: &str) -> String {
        let answer = tokio::time::timeout(ANSWER_DEADLINE, self.exchange(line)).await;
        let answer = answer.unwrap_or_else(|_| panic!("no answer to {line}"));
        answer.unwrap_or_else(|error| panic!("{line}: {error:#}"))
    }

    /// Sends a command whose answer is a number.
    pub async fn count(&self, line: &str) -> usize {
        let answer = self.ask(line).await;
        answer
            .parse()
            .unwrap_or_else(|_| panic!("{line}: {answer} is no number"))
    }

    async fn exchange(&self, line: &str) -> anyhow::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        let mut stream = BufReader::new(stream);
        let mut first = String::new();
        stream.read_line(&mut first).await?;
        let Some((kind, text)) = first.trim_end().split_at_checked(1) else {
            bail!("the connection was closed");
        };
        match kind {
            "+" | ":" => Ok(text.to_owned()),
            "$" if text == "-1" => Ok(String::new()),
            "$" => {
                let mut body = vec![0; text.parse()?];
                stream.read_exact(&mut body).await?;
                Ok(String::from_utf8(body)?)
            }
            _ => bail!("{first}"),
        }
    }

    async fn answering(&self) {
        until(
            "the Redis server to answer",
            START_DEADLINE,
            async || match self.exchange("PING").await {
                Ok(answer) if answer == "PONG" => Ok(()),
                other => Err(format!("{other:?}")),
            },
        )
        .await;
    }

    async fn say(&mut self, word: &str) {
        let said = self.words.write_all(format!("{word}\n").as_bytes()).await;
        said.expect("the keeper listens");
    }

    async fn next_word(&mut self) -> String {
        let line: io::Result<Option<String>> = self.said.next_line().await;
        line.ok()
            .flatten()
            .expect("the keeper answers; is redis-server installed?")
    }

    async fn signal(&self, name: &str) {
        let mut command = Command::new("sh");
        command.args(["-c", "kill -s \"$1\" \"$2\"", "sh", name, &self.pid]);
        let status = command.status().await.expect("there is a shell");
        assert!(status.success(), "no Redis server {} to signal", self.pid);
    }
}

fn keeper_script(folder: &Path, port: u16, options: &[&str]) -> String {
    let (folder, options) = (folder.display(), options.join(" "));
    format!(
        r#"trap '' INT TERM HUP
cd "{folder}" || exit 1
command -v redis-server >/dev/null || exit 1
begin() {{
  redis-server --bind 127.0.0.1 --port {port} --dir "{folder}" --save '' {options} >>log 2>&1 </dev/null &
  server=$!
  echo $server
}}
end() {{
  kill -KILL $server
  wait $server
}}
begin
while read -r word; do
  case $word in
    kill) end 2>/dev/null; echo killed ;;
    begin) begin ;;
  esac
done
end
rm -rf "{folder}"
"#
    )
}
