//! npm and pnpm sign in by their user's word in a browser, as they do by default; npm 6 whenever a
//! registry has such logins. (Yarn 4 wants a terminal for it, bun has no login.)

use weir_store::ConnectionTrait;
use weir_tests::{System, person::Person};

use super::project::{Client, Project};

async fn signs_in_with_a_browser(client: Client) {
    let system = System::start([]).await;
    let person = Person::at(&system).await;
    let project = Project::new(client, &system.url());
    project.fail(&["whoami"]).await;
    let (arguments, program, says) = match client {
        Client::Pnpm => (&["login"][..], "pnpm/", "Logged in"),
        Client::Npm6 => (&["login"][..], "npm/", "Logged in on"),
        _ => (&["login", "--auth-type=web"][..], "npm/", "Logged in on"),
    };
    // The second time it shows a token that holds no more.
    for _ in 0..2 {
        let mut login = project.start(arguments);
        let url = login.word(&format!("{}/-/login/web?", system.url())).await;
        let page = person.confirm(&url).await;
        assert!(page.text().contains(program), "{}", page.text());
        let said = login.end().await;
        said.assert_success("login");
        assert!(said.out.contains(says), "{said:?}");
        assert_eq!(project.run(&["whoami"]).await.trim(), "admin");
        let database = system.database().await;
        let forgotten = database.write(|tx| {
            Box::pin(async move {
                tx.execute_unprepared("DELETE FROM tokens WHERE NOT from_config")
                    .await?;
                Ok(())
            })
        });
        forgotten.await.expect("the token is no more");
    }
    system.end().await;
}

#[tokio::test]
async fn npm_signs_in_with_a_browser() {
    signs_in_with_a_browser(Client::Npm).await;
}

#[tokio::test]
async fn an_older_npm_signs_in_with_a_browser() {
    signs_in_with_a_browser(Client::Npm10).await;
}

#[tokio::test]
async fn npm_6_signs_in_with_a_browser() {
    signs_in_with_a_browser(Client::Npm6).await;
}

#[tokio::test]
async fn pnpm_signs_in_with_a_browser() {
    signs_in_with_a_browser(Client::Pnpm).await;
}
