//! Users: signing in and out, what they say of themselves, second factors, and who is kept out.

mod admin;
mod attacks;
mod codes;
mod logins;
mod profiles;

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};
use weir_api::Settings;
use weir_config::{Allowance, Shares};
use weir_runtime::Sealer;
use weir_testkit::client::{Call, Reply};

use crate::server::{ADMIN, Server, plain};

/// The password of every user of these tests.
const PASSWORD: &str = "correct horse battery";

/// A server that seals with a key of the tests.
async fn start() -> Server {
    with(|settings| settings).await
}

async fn with(describe: impl FnOnce(Settings) -> Settings) -> Server {
    let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let sealer = Sealer::from_text(key, "test").expect("a key");
    let settings = Settings {
        sealer: Arc::new(sealer),
        ..plain()
    };
    Server::with(describe(settings)).await
}

async fn with_shares(shares: Shares) -> Server {
    with(|settings| Settings { shares, ..settings }).await
}

/// So many at once, and one more in a minute.
const fn few(burst: u32) -> Allowance {
    Allowance {
        per_minute: 1,
        burst,
    }
}

fn call(server: &Server, method: Method, path: &str) -> Call {
    Call::new(method, server.url(path))
}

async fn sent(call: Call) -> Reply {
    call.send().await.expect("answered")
}

/// Makes a user with the password, as the administrator does.
async fn user(server: &Server, name: &str) {
    let body = json!({"name": name, "password": PASSWORD, "email": format!("{name}@example.com")});
    let made = call(server, Method::POST, "/-/admin/users").bearer(ADMIN);
    let made = sent(made.json(&body)).await;
    assert_eq!(made.status, 201, "{}", made.text());
}

async fn change(server: &Server, name: &str, body: &Value) -> Reply {
    let path = format!("/-/admin/users/{name}");
    let call = call(server, Method::PATCH, &path).bearer(ADMIN);
    sent(call.json(body)).await
}

/// Begins a login, as npm sends it.
fn login(server: &Server, name: &str, password: &str) -> Call {
    let path = format!("/-/user/org.couchdb.user:{name}");
    server.put(&path).json(&document(name, password))
}

fn document(name: &str, password: &str) -> Value {
    json!({
        "_id": format!("org.couchdb.user:{name}"),
        "name": name,
        "password": password,
        "type": "user",
        "roles": [],
        "date": "2026-01-01T00:00:00.000Z",
    })
}

/// Signs in and returns the token.
async fn token(server: &Server, name: &str) -> String {
    let reply = sent(login(server, name, PASSWORD)).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let token = reply.json()["token"].as_str().map(str::to_owned);
    token.expect("a token")
}

async fn whoami(server: &Server, token: &str) -> Reply {
    sent(server.get("/-/whoami").bearer(token)).await
}

/// Checks a refusal: its status, its code, and how it wants to be asked again.
#[track_caller]
fn assert_refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!(reply.status, status, "{}", reply.text());
    let body = reply.json();
    let reason = body["reason"].as_str().expect("a sentence");
    assert_eq!(body["error"], format!("[{code}] {reason}"));
    let challenges: Vec<_> = reply.headers.get_all("www-authenticate").iter().collect();
    assert_eq!(challenges.len(), usize::from(status == 401), "one or none");
}

/// Checks that somebody is asked for a one-time password.
#[track_caller]
fn assert_asked_for_code(reply: &Reply) {
    assert_refused(reply, 401, "UNAUTHORIZED");
    assert_eq!(reply.header("www-authenticate"), "OTP");
}

/// Checks that a name or a password was wrong, and nothing more is said.
#[track_caller]
fn assert_wrong(reply: &Reply) {
    assert_refused(reply, 401, "UNAUTHORIZED");
    assert_eq!(reply.header("www-authenticate"), "Bearer");
    assert_eq!(reply.json()["reason"], "The name or the password is wrong");
}

/// Returns how many passwords were hashed so far.
async fn hashes(server: &Server) -> u64 {
    let page = sent(server.get("/-/metrics").bearer(ADMIN)).await;
    let mut lines = page.text().lines();
    let line = lines.find_map(|line| line.strip_prefix("weir_password_hashes_total "));
    line.expect("a figure").parse().expect("a number")
}

/// Makes one-time passwords as an app does, from the address that it was given.
struct App {
    secret: Vec<u8>,
}

impl App {
    fn new(address: &str) -> Self {
        let rest = address.split("secret=").nth(1).expect("a secret");
        let text = rest.split('&').next().expect("some");
        let (mut secret, mut held, mut bits) = (Vec::new(), 0, 0);
        for letter in text.chars() {
            let place = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter);
            held = (held << 5 | place.expect("base32")) & 0xfff;
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                secret.push(u8::try_from(held >> bits & 0xff).expect("eight bits"));
            }
        }
        Self { secret }
    }

    /// Returns the code of the present period, or of one so many before or after.
    fn code(&self, offset: i64) -> String {
        let clock = weir_domain::SystemClock;
        let period = weir_domain::Clock::now(&clock).0 / 30_000 + offset;
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.secret);
        let tag = ring::hmac::sign(&key, &period.to_be_bytes());
        let tag = tag.as_ref();
        let at = usize::from(tag[19] & 15);
        let number = u32::from_be_bytes([tag[at] & 127, tag[at + 1], tag[at + 2], tag[at + 3]]);
        format!("{:06}", number % 1_000_000)
    }

    /// Waits until there is time before the next period.
    async fn settle() {
        let deadline = std::time::Duration::from_secs(15);
        weir_testkit::until("a period with time left", deadline, async || {
            weir_domain::Clock::now(&weir_domain::SystemClock).0 % 30_000 < 20_000
        })
        .await;
    }
}
