//! What each package manager can do with accounts: one table, run cell by cell, which
//! `docs/tokens.md` shows as it stands here.
//!
//! Details are the other tests'. Here each command that a client has works, and one that it is
//! said not to have the client itself refuses. What a cell says in words of its own is not run.

use std::fmt::Write;

use serde_json::Value;
use weir_testkit::client;
use weir_tests::{System, command::Answer, person::Person, system::ADMIN_TOKEN};

use super::{
    accounts::{PASSWORD, disable, enable},
    project::{Client, Project},
};

/// What a client makes of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Works,
    /// It works because the client hands it on to the machine's npm.
    ByNpm,
    /// Something else comes of it.
    Other(&'static str),
    /// There is no such command.
    Absent,
}

use Cell::{Absent, ByNpm, Other, Works};

/// The columns, each with its words.
const COMMANDS: [(&str, &[&str]); 10] = [
    ("login, password", &["login", "--auth-type=legacy"]),
    ("login, browser", &["login", "--auth-type=web"]),
    ("whoami", &["whoami"]),
    ("profile get", &["profile", "get"]),
    ("profile set", &["profile", "set", "fullname", "Ada"]),
    ("second factor", &["profile", "enable-2fa", "auth-only"]),
    ("token create", &["token", "create", "--json"]),
    ("token list", &["token", "list"]),
    ("token revoke", &["token", "revoke"]),
    ("logout", &["logout"]),
];

/// A client, and what it makes of each command.
type Row = (&'static str, Client, [Cell; COMMANDS.len()]);

const BROWSER: Cell = Other("if there is no other");
const TERMINAL: Cell = Other("in a terminal");

#[rustfmt::skip]
const ROWS: [Row; 9] = [
    ("npm 12", Client::Npm, [Works; 10]),
    ("npm 11", Client::Npm11, [Works; 10]),
    ("npm 10", Client::Npm10, [Works; 10]),
    ("npm 6", Client::Npm6,
     [BROWSER, Works, Works, Works, Works, Works, Works, Works, Works, Works]),
    ("pnpm 12", Client::Pnpm,
     [BROWSER, Works, Works, Works, Works, TERMINAL, Works, Works, Works, Works]),
    ("pnpm 10", Client::Pnpm10, [ByNpm; 10]),
    ("Yarn 4", Client::YarnBerry,
     [Works, TERMINAL, Works, Absent, Absent, Absent, Absent, Absent, Absent, Works]),
    ("Yarn 1", Client::YarnClassic,
     [Other("keeps a name only"), Absent, Absent, Absent, Absent, Absent, Absent, Absent, Absent,
      Other("forgets the name")]),
    ("bun 1", Client::Bun,
     [Absent, Absent, Works, Absent, Absent, Absent, Absent, Absent, Absent, Absent]),
];

/// Returns the table as the documentation shows it.
fn table() -> String {
    let mut text = String::from("| |");
    for (name, _) in COMMANDS {
        write!(text, " {name} |").expect("a text takes more");
    }
    write!(text, "\n|---|{}\n", "---|".repeat(COMMANDS.len())).expect("a text takes more");
    for (name, _, cells) in ROWS {
        let words = cells.map(|cell| match cell {
            Works => "yes",
            ByNpm => "by npm",
            Other(words) => words,
            Absent => "–",
        });
        writeln!(text, "| {name} | {} |", words.join(" | ")).expect("a text takes more");
    }
    text
}

#[test]
fn the_documentation_shows_the_table_that_is_run() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/tokens.md");
    let page = std::fs::read_to_string(page).expect("the page is there");
    assert!(page.contains(&table()), "it should hold\n{}", table());
}

/// A project of a client, and the administrator's browser.
struct Desk {
    system: System,
    person: Person,
    project: Project,
    client: Client,
    /// The token that the client made, and its key.
    made: Option<(String, String)>,
}

const NAME: &str = "admin";

impl Desk {
    async fn new(client: Client) -> Self {
        let system = System::start([]).await;
        let person = Person::at(&system).await;
        let project = Project::new(client, &system.url());
        project.write("yarn.lock", "");
        Self {
            system,
            person,
            project,
            client,
            made: None,
        }
    }

    /// Returns a command as this client spells it.
    fn words<'w>(&self, words: &[&'w str]) -> Vec<&'w str> {
        match self.client {
            Client::YarnBerry => [&["npm"], words].concat(),
            Client::Bun if words == ["whoami"] => vec!["pm", "whoami"],
            _ => words.to_vec(),
        }
    }

    async fn status(&self, token: &str) -> u16 {
        let call = client::get(format!("{}/-/whoami", self.system.url())).bearer(token);
        call.send().await.expect("answered").status
    }

    async fn works(&mut self, column: usize) {
        let words = self.words(COMMANDS[column].1);
        match column {
            0 => self.login_by_password(&words).await,
            1 => self.login_by_browser(words).await,
            2 => assert!(self.project.run(&words).await.contains(NAME)),
            3 => assert!(self.project.run(&words).await.contains("two-factor")),
            4 => assert!(self.project.run(&words).await.contains("Ada")),
            5 => {
                let (_, codes) = enable(&self.project).await;
                disable(&self.project, &codes[0]).await;
            }
            6 => self.make_token(words).await,
            7 => {
                let (_, key) = self.made.as_ref().expect("one was made");
                let said = self.project.run(&words).await;
                assert!(said.contains(&key[..6]), "{said}");
            }
            8 => {
                let (token, key) = self.made.take().expect("one was made");
                self.project.run(&[&words, &[&key[..6]][..]].concat()).await;
                assert_eq!(self.status(&token).await, 401);
            }
            _ => {
                self.project.run(&words).await;
                self.project.fail(&self.words(&["whoami"])).await;
            }
        }
    }

    async fn login_by_password(&self, words: &[&str]) {
        let typed: [Answer<'_>; 3] = [
            ("sername:", &|_| NAME.to_owned()),
            ("assword:", &|_| PASSWORD.to_owned()),
            ("mail:", &|_| "admin@example.com".to_owned()),
        ];
        if matches!(self.client, Client::YarnBerry) {
            let variables = [
                ("YARN_IS_TEST_ENV", "1"),
                ("YARN_INJECT_NPM_USER", NAME),
                ("YARN_INJECT_NPM_PASSWORD", PASSWORD),
            ];
            let words = ["npm", "login", "--no-web-login"];
            self.project.run_with(&variables, &words).await;
        } else {
            self.project.answer(words, &typed).await;
        }
        let said = self.project.run(&self.words(&["whoami"])).await;
        assert!(said.contains(NAME), "{said}");
    }

    async fn login_by_browser(&self, words: Vec<&str>) {
        let words = match self.client {
            Client::Pnpm | Client::Npm6 => vec!["login"],
            _ => words,
        };
        let (mut login, url) = (self.project.start(&words), self.system.url());
        let page = login.word(&format!("{url}/-/login/web?")).await;
        self.person.confirm(&page).await;
        login.end().await.assert_success("login");
    }

    async fn make_token(&mut self, mut words: Vec<&str>) {
        let password = format!("--password={PASSWORD}");
        let said = match self.client {
            Client::Npm | Client::Npm11 => {
                words.extend(["--name=ci", &password]);
                self.project.run(&words).await
            }
            _ => self.project.run_told(PASSWORD, &words).await,
        };
        let json = &said[said.find('{').unwrap_or_else(|| panic!("{said}"))..];
        let made: Value = serde_json::from_str(json).unwrap_or_else(|_| panic!("{said}"));
        let token = made["token"].as_str().expect("a token").to_owned();
        assert_eq!(self.status(&token).await, 200);
        let path = "/-/npm/v1/tokens";
        let listed = self.system.call(path).bearer(ADMIN_TOKEN).send().await;
        let listed = listed.expect("answered").json();
        let key = listed["objects"][0]["key"].as_str().expect("a key");
        self.made = Some((token, key.to_owned()));
    }
}

/// Does with a client what its row says.
async fn does_as_its_row_says(row: usize) {
    let (name, client, cells) = ROWS[row];
    let mut desk = Desk::new(client).await;
    let version = desk.project.run(&["--version"]).await;
    let (_, major) = name.split_once(' ').expect("a name and a number");
    let is_it = version.trim().starts_with(&format!("{major}."));
    assert!(is_it, "{name} is {version}: give its row the right name");
    if !cells[..2].iter().any(|cell| matches!(cell, Works | ByNpm)) {
        let address = desk.system.address().to_string();
        desk.project.authorize(&address, ADMIN_TOKEN);
    }
    for (column, cell) in cells.into_iter().enumerate() {
        match cell {
            Works | ByNpm => desk.works(column).await,
            Absent => drop(desk.project.fail(&desk.words(COMMANDS[column].1)).await),
            Other(_) => {}
        }
    }
    desk.system.end().await;
}

#[tokio::test]
async fn npm_12_does_as_its_row_says() {
    does_as_its_row_says(0).await;
}

#[tokio::test]
async fn npm_11_does_as_its_row_says() {
    does_as_its_row_says(1).await;
}

#[tokio::test]
async fn npm_10_does_as_its_row_says() {
    does_as_its_row_says(2).await;
}

#[tokio::test]
async fn npm_6_does_as_its_row_says() {
    does_as_its_row_says(3).await;
}

#[tokio::test]
async fn pnpm_12_does_as_its_row_says() {
    does_as_its_row_says(4).await;
}

#[tokio::test]
async fn pnpm_10_does_as_its_row_says() {
    does_as_its_row_says(5).await;
}

#[tokio::test]
async fn yarn_4_does_as_its_row_says() {
    does_as_its_row_says(6).await;
}

#[tokio::test]
async fn yarn_1_does_as_its_row_says() {
    does_as_its_row_says(7).await;
}

#[tokio::test]
async fn bun_does_as_its_row_says() {
    does_as_its_row_says(8).await;
}
