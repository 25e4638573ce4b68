//! A task as its status document shows it.

use std::fmt;

use serde_json::Value;

/// A task that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Task {
    /// The package.
    pub name: String,
    /// The task's id.
    pub id: String,
}

/// The body of a task's status.
#[derive(Clone, PartialEq)]
pub struct Status(pub Value);

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

impl Status {
    /// Returns one of the four words.
    pub fn state(&self) -> &str {
        self.text("state")
    }

    /// Returns why it failed, as one word; empty if it did not.
    pub fn error_code(&self) -> &str {
        self.text("errorCode")
    }

    /// Returns why it failed, as a sentence; empty if it did not.
    pub fn error(&self) -> &str {
        self.text("error")
    }

    /// Returns what it had to leave out.
    pub fn warnings(&self) -> Vec<&str> {
        let list = self.0["warnings"].as_array();
        list.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    /// Returns how many attempts were counted.
    pub fn attempts(&self) -> u64 {
        self.0["attempts"]
            .as_u64()
            .expect("a status counts attempts")
    }

    /// Counts the tasks below it in one state.
    pub fn children(&self, state: &str) -> u64 {
        self.0["children"][state].as_u64().unwrap_or(0)
    }

    /// Counts the tasks below it.
    pub fn all_children(&self) -> u64 {
        let states = ["waiting", "processing", "success", "error"];
        states.into_iter().map(|state| self.children(state)).sum()
    }

    /// Says whether it has ended.
    pub fn is_final(&self) -> bool {
        matches!(self.state(), "success" | "error")
    }

    /// Says whether it and everything below it has ended.
    pub fn is_tree_final(&self) -> bool {
        self.is_final() && self.children("waiting") + self.children("processing") == 0
    }

    fn text(&self, field: &str) -> &str {
        self.0[field].as_str().unwrap_or_default()
    }
}
