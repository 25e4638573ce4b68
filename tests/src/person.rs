//! A person at a browser, and programs that wait for one.

use std::process::Stdio;

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, ChildStdout, Command},
};
use weir_testkit::{Browser, browser::Page};

use crate::{System, command::Said, system::SOON};

/// The administrator's password.
const PASSWORD: &str = "correct horse battery";

/// The administrator, signed in.
#[derive(Debug)]
pub struct Person {
    browser: Browser,
}

impl Person {
    /// Signs the administrator in.
    pub async fn at(system: &System) -> Self {
        system.password("admin", PASSWORD).await;
        let browser = Browser::default();
        let page = browser.open(&format!("{}/-/login", system.url())).await;
        let fields = [("name", "admin"), ("password", PASSWORD)];
        let page = browser.submit(&page, "/-/login", &fields).await;
        assert_eq!(page.url.path(), "/-/account", "{}", page.text());
        Self { browser }
    }

    /// Opens the page of a login, and says yes.
    pub async fn confirm(&self, url: &str) -> Page {
        let page = self.browser.open(url).await;
        assert_eq!(page.reply.status, 200, "{}", page.text());
        let done = self
            .browser
            .submit(&page, "/-/login/web", &[("answer", "yes")])
            .await;
        assert_eq!(done.reply.status, 200, "{}", done.text());
        page
    }
}

/// A program that shows an address and waits.
#[derive(Debug)]
pub struct Waiting {
    child: Child,
    out: BufReader<ChildStdout>,
    said: String,
}

impl Waiting {
    /// Starts a program.
    pub fn start(command: &mut Command) -> Self {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let out = child.stdout.take().expect("it is piped");
        Self {
            child,
            out: BufReader::new(out),
            said: String::new(),
        }
    }

    /// Returns the first word it says that begins so.
    pub async fn word(&mut self, start: &str) -> String {
        let reading = async {
            loop {
                let mut line = String::new();
                let count = self.out.read_line(&mut line).await.expect("text");
                self.said.push_str(&line);
                let mut words = line.split_whitespace();
                if let Some(word) = words.find(|word| word.starts_with(start)) {
                    return Some(word.to_owned());
                }
                if count == 0 {
                    return None;
                }
            }
        };
        let word = tokio::time::timeout(SOON, reading).await.ok().flatten();
        match word {
            Some(word) => word,
            None => panic!("it did not say {start}: {:?}", self.end().await),
        }
    }

    /// Waits until it ends by itself, or for long enough.
    pub async fn end(&mut self) -> Said {
        let mut err = String::new();
        let ending = async {
            self.out.read_to_string(&mut self.said).await.expect("text");
            if let Some(mut errors) = self.child.stderr.take() {
                errors.read_to_string(&mut err).await.expect("text");
            }
            self.child.wait().await.expect("it was started")
        };
        let status = tokio::time::timeout(SOON, ending).await;
        let code = status.ok().and_then(|status| status.code());
        Said {
            code: code.unwrap_or(-1),
            out: self.said.clone(),
            err,
        }
    }
}
