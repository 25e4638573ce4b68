//! Asking for packages, waiting for their tasks, reading their logs.

use serde_json::{Value, json};
use tokio::process::Command;
use weir_testkit::{
    client::{self, Reply},
    until,
};

use super::{ADMIN_TOKEN, SOON, System};
use crate::{
    Status, Task, command,
    journal::{self, Line},
};

impl System {
    /// Asks for a package, as the administrator, with default options.
    pub async fn ask(&self, name: &str) -> Task {
        self.ask_with(name, &json!({})).await
    }

    /// Asks for a package with options.
    pub async fn ask_with(&self, name: &str, options: &Value) -> Task {
        let reply = self.try_ask(name, options).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        let id = reply.json()["id"]
            .as_str()
            .expect("an accepted wish has an id")
            .to_owned();
        Task {
            name: name.to_owned(),
            id,
        }
    }

    /// Asks for a package and returns whatever is answered.
    pub async fn try_ask(&self, name: &str, options: &Value) -> Reply {
        let call = self.put(&format!("/-/package/{}/syncs", path(name)));
        call.json(options).send().await.expect("the server answers")
    }

    /// Begins a PUT as the administrator.
    pub fn put(&self, path: &str) -> client::Call {
        client::put(format!("{}{path}", self.url())).bearer(ADMIN_TOKEN)
    }

    /// Sends a GET as the administrator.
    pub async fn get_as_admin(&self, path: &str) -> Reply {
        let call = self.call(path).bearer(ADMIN_TOKEN);
        call.send().await.expect("the server answers")
    }

    /// Returns a task's status.
    pub async fn status(&self, task: &Task) -> Status {
        let path = format!("/-/package/{}/syncs/{}", path(&task.name), task.id);
        let reply = self.get_as_admin(&path).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        Status(reply.json())
    }

    /// Waits until a task and everything below it is over.
    pub async fn finished(&self, task: &Task) -> Status {
        until(format!("the end of {}", task.name), SOON, async || {
            let status = self.status(task).await;
            if status.is_tree_final() {
                Ok(status)
            } else {
                Err(format!("{status:?}"))
            }
        })
        .await
    }

    /// Waits until a task and everything below it has succeeded.
    pub async fn succeeded(&self, task: &Task) -> Status {
        let status = self.finished(task).await;
        let log = if status.state() == "success" {
            String::new()
        } else {
            self.log_text(task).await
        };
        assert_eq!(status.state(), "success", "{status:?}\n{log}");
        assert_eq!(status.children("error"), 0, "{status:?}");
        status
    }

    /// Waits until a task has failed with this code.
    pub async fn failed(&self, task: &Task, code: &str) -> Status {
        let status = self.finished(task).await;
        let told = (status.state(), status.error_code());
        assert_eq!(
            told,
            ("error", code),
            "{status:?}\n{}",
            self.log_text(task).await
        );
        assert!(!status.error().is_empty(), "{status:?}");
        status
    }

    /// Asks for a package and waits until it is there with all it needs.
    pub async fn bring(&self, name: &str) -> Status {
        let task = self.ask(name).await;
        self.succeeded(&task).await
    }

    /// Asks for a package again, so that it is really compared, and waits for success.
    pub async fn bring_with(&self, name: &str, options: &Value) -> Status {
        let task = self.ask_with(name, options).await;
        self.succeeded(&task).await
    }

    /// Returns every task there is, newest first.
    pub async fn all_tasks(&self) -> Vec<(Task, Status)> {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self
                .get_as_admin(&format!("/syncs?limit=100{cursor}"))
                .await;
            assert_eq!(page.status, 200, "{}", page.text());
            let page = page.json();
            for item in page["data"].as_array().into_iter().flatten() {
                let text = |field: &str| item[field].as_str().unwrap_or_default().to_owned();
                let task = Task {
                    name: text("target"),
                    id: text("id"),
                };
                all.push((task, Status(item.clone())));
            }
            match page["pagination"]["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    }

    /// Counts the tasks in a state.
    pub async fn count(&self, state: &str) -> u64 {
        let list = self.get_as_admin("/syncs?limit=1").await.json();
        list["counts"][state]
            .as_u64()
            .expect("a list counts every state")
    }

    /// Returns a task's log as text.
    pub async fn log_text(&self, task: &Task) -> String {
        let path = format!("/-/package/{}/syncs/{}/log", path(&task.name), task.id);
        let reply = self.get_as_admin(&path).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
        reply.text().to_owned()
    }

    /// Returns a task's log, line by line; its times never go back.
    pub async fn log(&self, task: &Task) -> Vec<Line> {
        let lines = journal::read(&self.log_text(task).await);
        journal::assert_in_order(&lines);
        lines
    }

    /// Begins a call of the command line on the server's own folder and database.
    pub fn weir(&self, arguments: &[&str]) -> Command {
        let mut command = command::weir(arguments);
        command
            .env("WEIR_DATA", self.data())
            .env("WEIR_DATABASE_URL", self.launch.database_url())
            .env("WEIR_ADMIN_TOKEN", ADMIN_TOKEN);
        command
    }
}

/// Returns a name as one segment of a path.
fn path(name: &str) -> String {
    name.replace('/', "%2f")
}
