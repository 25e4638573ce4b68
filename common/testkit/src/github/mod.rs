//! A GitHub that people sign in to, on loopback: its OAuth flows, the little of its API that
//! they lead to, and the ways in which both go wrong.
//!
//! Whoever opens the authorize page has consented, as the person that [`Github::at_browser`]
//! put there. It never met the real one: each answer is what GitHub's documents say ("Authorizing
//! OAuth apps", "Troubleshooting OAuth app access token request errors", "Rate limits for the
//! REST API"), and where those are silent, what a careful client has to expect.

mod answer;
mod flow;
mod serve;

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard},
};

use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Who our app is there.
pub const CLIENT_ID: &str = "Iv1.testkit";
/// The proof of it.
pub const CLIENT_SECRET: &str = "the-secret-of-the-app-of-the-tests";

/// A way to answer other than rightly.
#[derive(Debug, Clone)]
pub enum GithubFault {
    /// Status 200 with this error.
    Error(&'static str),
    /// Another status with these headers.
    Status(u16, Vec<(String, String)>),
    /// Status 200 with this text as JSON.
    Json(&'static str),
    /// The right answer as a form, whatever the client accepts.
    Form,
    /// The connection is cut before any answer.
    Dropped,
    /// No answer comes.
    Hang,
}

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Method and path, without the prefix.
    pub what: String,
    /// Query and form together.
    pub fields: BTreeMap<String, String>,
    /// The client's headers.
    pub headers: http::HeaderMap,
}

/// What it knows.
#[derive(Debug, Default)]
struct State {
    /// Who sits at the browser: number and login.
    at_browser: Option<(i64, String)>,
    /// Refused consent's word.
    denial: Option<&'static str>,
    /// Memberships: login, organisation, state.
    members: Vec<(String, String, &'static str)>,
    codes: BTreeMap<String, flow::Code>,
    devices: BTreeMap<String, flow::Device>,
    tokens: BTreeMap<String, (i64, String)>,
    faults: BTreeMap<String, VecDeque<GithubFault>>,
    asked: Vec<Asked>,
    count: u64,
}

struct Shared {
    prefix: String,
    state: Mutex<State>,
    closing: CancellationToken,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics while holding it")
    }
}

/// A running one; dropping it cuts every connection.
pub struct Github {
    shared: Arc<Shared>,
    origin: String,
}

impl fmt::Debug for Github {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Github({})", self.url())
    }
}

impl Github {
    /// Starts one on a free port of loopback.
    pub async fn start() -> Self {
        Self::below("").await
    }

    /// Starts one whose every path begins so, as some Enterprise Servers do behind a proxy.
    pub async fn below(prefix: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = listener.expect("loopback has a free port");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared {
            prefix: prefix.to_owned(),
            state: Mutex::default(),
            closing: CancellationToken::new(),
        });
        let tasks = TaskTracker::new();
        tasks.spawn(serve::serve(listener, shared.clone(), tasks.clone()));
        Self {
            shared,
            origin: format!("http://{address}"),
        }
    }

    /// Returns where people sign in.
    pub fn url(&self) -> String {
        format!("{}{}", self.origin, self.shared.prefix)
    }

    /// Returns where its API answers.
    pub fn api_url(&self) -> String {
        format!("{}/api/v3", self.url())
    }

    /// Puts somebody at the browser; they consent to whatever they are asked.
    pub fn at_browser(&self, id: i64, login: &str) {
        let mut state = self.shared.state();
        state.at_browser = Some((id, login.to_owned()));
        state.denial = None;
    }

    /// Lets whoever is at the browser refuse, in this word.
    pub fn deny(&self, word: &'static str) {
        self.shared.state().denial = Some(word);
    }

    /// Says how somebody stands to an organisation: `active`, `pending`.
    pub fn member(&self, login: &str, org: &str, standing: &'static str) {
        let row = (login.to_owned(), org.to_owned(), standing);
        self.shared.state().members.push(row);
    }

    /// Answers the next request (method and path, without the prefix) so.
    pub fn next(&self, what: &str, fault: GithubFault) {
        let mut state = self.shared.state();
        let faults = state.faults.entry(what.to_owned()).or_default();
        faults.push_back(fault);
    }

    /// Makes every code that was given out too old.
    pub fn expire_codes(&self) {
        let mut state = self.shared.state();
        state.codes.clear();
        for device in state.devices.values_mut() {
            device.word = Some("expired_token");
        }
    }

    /// Lets somebody type a user code, as themselves.
    pub fn type_code(&self, user_code: &str, (id, login): (i64, &str)) {
        self.with_device(user_code, |device| {
            device.person = Some((id, login.to_owned()));
        });
    }

    /// Lets the next question about a user code be answered with this word.
    pub fn answer_device(&self, user_code: &str, word: &'static str) {
        self.with_device(user_code, |device| device.word = Some(word));
    }

    /// Gives out a device code of the test's choice whose user has said yes.
    pub fn grant_device(&self, device_code: &str, (id, login): (i64, &str)) {
        let device = flow::Device {
            user_code: String::new(),
            person: Some((id, login.to_owned())),
            word: None,
        };
        let mut state = self.shared.state();
        state.devices.insert(device_code.to_owned(), device);
    }

    fn with_device(&self, user_code: &str, change: impl FnOnce(&mut flow::Device)) {
        let mut state = self.shared.state();
        let mut devices = state.devices.values_mut();
        let device = devices.find(|device| device.user_code == user_code);
        change(device.expect("the user code was given out"));
    }

    /// Returns what was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.state().asked.clone()
    }
}

impl Drop for Github {
    fn drop(&mut self) {
        self.shared.closing.cancel();
    }
}
