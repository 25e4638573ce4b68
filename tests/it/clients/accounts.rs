//! Package managers sign in with name and password, say who they are, read and change what is said
//! of them, get a second factor and lose it, and sign out, each as far as it has the command.

use serde_json::{Value, json};
use weir_domain::{Clock, SystemClock};
use weir_testkit::until;
use weir_tests::{System, command::Answer};

use super::project::{Client, Project};

/// Everybody's password here.
pub const PASSWORD: &str = "correct horse battery";
const NAME: &str = "john";
const LOGIN: [&str; 2] = ["login", "--auth-type=legacy"];

async fn start() -> System {
    let system = System::builder().start().await;
    let body = json!({"name": NAME, "password": PASSWORD, "email": "john@example.com"});
    let url = format!("{}/-/admin/users", system.url());
    let call = weir_testkit::client::Call::new(http::Method::POST, url);
    let call = call.bearer(weir_tests::system::ADMIN_TOKEN).json(&body);
    assert_eq!(call.send().await.expect("an answer").status, 201);
    system
}

const ENTER: [Answer<'static>; 3] = [
    ("sername:", &|_| NAME.to_owned()),
    ("assword:", &|_| PASSWORD.to_owned()),
    ("mail:", &|_| "john@example.com".to_owned()),
];

async fn profile(project: &Project) -> Value {
    let said = project.run(&["profile", "get", "--json"]).await;
    serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}"))
}

async fn signs_in_and_out(client: Client) {
    let system = start().await;
    let project = Project::new(client, &system.url());
    let stranger = project.fail(&["whoami"]).await;
    assert!(stranger.contains("ENEEDAUTH"), "{stranger}");
    let wrong: Answer<'_> = ("assword:", &|_| "wrong password".to_owned());
    let refused = project
        .fail_answering(&LOGIN, &[ENTER[0], wrong, ENTER[2]])
        .await;
    assert!(refused.contains("E401"), "{refused}");
    project.answer(&LOGIN, &ENTER).await;
    assert_eq!(project.run(&["whoami"]).await.trim(), NAME);

    let shown = profile(&project).await;
    assert_eq!(
        (&shown["name"], &shown["email"], &shown["tfa"]),
        (&json!(NAME), &json!("john@example.com"), &json!(false))
    );
    let said = project
        .run(&["profile", "set", "fullname", "John Doe"])
        .await;
    assert!(said.contains("John Doe"), "{said}");
    assert_eq!(profile(&project).await["fullname"], "John Doe");
    let said = project.run(&["profile", "get", "fullname"]).await;
    assert_eq!(said.trim(), "John Doe");
    let long = "x".repeat(201);
    let bad = project.fail(&["profile", "set", "fullname", &long]).await;
    assert!(bad.contains("422"), "{bad}");

    // With a token that holds no more, it can sign in again.
    let kept = project.kept();
    let token = kept.split("_authToken=").nth(1).expect("a token");
    let token = token.lines().next().unwrap_or_default().trim_matches('"');
    project.run(&["logout"]).await;
    project.fail(&["whoami"]).await;
    let call = system.call("/-/whoami").bearer(token).send().await;
    let status = call.expect("an answer").status;
    assert_eq!(status, 401, "signed out there, too");
    project.keep(&kept);
    project.answer(&LOGIN, &ENTER).await;
    assert_eq!(project.run(&["whoami"]).await.trim(), NAME);
    system.end().await;
}

/// Returns the code that an app makes of the secret in what npm said, so many periods from now.
fn code(said: &str, offset: i64) -> String {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let is_secret = |word: &&str| word.len() == 32 && word.chars().all(|c| LETTERS.contains(c));
    let secret = said.split([' ', '\n', '=', '&', '\u{1b}']).find(is_secret);
    let secret = secret.unwrap_or_else(|| panic!("no secret: {said}"));
    let (mut key, mut held, mut bits) = (Vec::new(), 0, 0);
    for place in secret.chars().filter_map(|letter| LETTERS.find(letter)) {
        (held, bits) = ((held << 5 | place) & 0xfff, bits + 5);
        if bits >= 8 {
            bits -= 8;
            key.push(u8::try_from(held >> bits & 0xff).expect("eight bits"));
        }
    }
    let period = SystemClock.now().0 / 30_000 + offset;
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key);
    let tag = ring::hmac::sign(&key, &period.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[19] & 15);
    let number = u32::from_be_bytes([tag[at] & 127, tag[at + 1], tag[at + 2], tag[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

/// Has the client get a second factor; returns what it said, and its recovery codes.
pub async fn enable(project: &Project) -> (String, Vec<String>) {
    let deadline = std::time::Duration::from_secs(25);
    until("a period with time left", deadline, async || {
        SystemClock.now().0 % 30_000 < 8_000
    })
    .await;
    let enable: [Answer<'_>; 2] = [
        ("assword:", &|_| PASSWORD.to_owned()),
        ("authenticator:", &|said| code(said, -1)),
    ];
    let said = project
        .answer(&["profile", "enable-2fa", "auth-only"], &enable)
        .await;
    assert!(said.contains("successfully enabled"), "{said}");
    let is_code = |word: &&str| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let recovery = said.split_whitespace().filter(is_code).map(str::to_owned);
    let recovery: Vec<_> = recovery.collect();
    assert_eq!(recovery.len(), 10, "{said}");
    (said, recovery)
}

/// Has the client lose its second factor, by a recovery code.
pub async fn disable(project: &Project, code: &str) {
    let otp = format!("--otp={code}");
    let password: [Answer<'_>; 1] = [("assword:", &|_| PASSWORD.to_owned())];
    project
        .answer(&["profile", "disable-2fa", &otp], &password)
        .await;
}

async fn gets_a_second_factor_and_loses_it(client: Client) {
    let system = start().await;
    let project = Project::new(client, &system.url());
    project.answer(&LOGIN, &ENTER).await;
    let (said, recovery) = enable(&project).await;
    assert_eq!(profile(&project).await["tfa"]["mode"], "auth-only");

    let asked = project.fail_answering(&LOGIN, &ENTER).await;
    assert!(asked.contains("one-time password"), "{asked}");
    let with = |code: &str| format!("--otp={code}");
    let once = with(&code(&said, 0));
    let login = [LOGIN[0], LOGIN[1], &once];
    project.answer(&login, &ENTER).await;
    project.fail_answering(&login, &ENTER).await;
    let asked = project.fail(&["profile", "set", "fullname", "J"]).await;
    assert!(asked.contains("EOTP"), "{asked}");
    disable(&project, &recovery[3]).await;
    assert_eq!(profile(&project).await["tfa"], false);
    project.answer(&LOGIN, &ENTER).await;
    system.end().await;
}

#[tokio::test]
async fn npm_signs_in_and_out() {
    signs_in_and_out(Client::Npm).await;
}

#[tokio::test]
async fn npm_11_signs_in_and_out() {
    signs_in_and_out(Client::Npm11).await;
}

#[tokio::test]
async fn npm_10_signs_in_and_out() {
    signs_in_and_out(Client::Npm10).await;
}

#[tokio::test]
async fn npm_gets_a_second_factor_and_loses_it() {
    gets_a_second_factor_and_loses_it(Client::Npm).await;
}

#[tokio::test]
async fn npm_10_gets_a_second_factor_and_loses_it() {
    gets_a_second_factor_and_loses_it(Client::Npm10).await;
}
