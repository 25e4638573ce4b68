//! A statement with its values, in the dialect both engines share.
//!
//! Placeholders are `$1`, `$2`, …: `PostgreSQL`'s own, and understood by `SQLite`'s driver.
//! Lists are expanded by [`Sql::bind_all`] where the text says `$*`. Texts lose their NUL
//! characters, which `PostgreSQL` refuses: nobody's odd name or message may fail a write.

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;

use crate::StoreError;

/// A statement under construction.
pub(crate) struct Sql {
    text: String,
    values: Vec<Value>,
}

/// Starts a statement.
pub(crate) fn sql(text: impl Into<String>) -> Sql {
    Sql {
        text: text.into(),
        values: Vec::new(),
    }
}

fn without_nul(value: Value) -> Value {
    match value {
        Value::String(Some(text)) if text.contains('\0') => text.replace('\0', "\u{fffd}").into(),
        other => other,
    }
}

impl Sql {
    /// Binds the next placeholder.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(without_nul(value.into()));
        self
    }

    /// Replaces `$*` by one placeholder a value.
    pub(crate) fn bind_all<V: Into<Value>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        let mut places = Vec::new();
        for value in values {
            self.values.push(without_nul(value.into()));
            places.push(format!("${}", self.values.len()));
        }
        self.text = self.text.replacen("$*", &places.join(", "), 1);
        self
    }

    /// Replaces `$*` by rows of `width` placeholders each, for a multi-row insert.
    pub(crate) fn bind_rows(mut self, width: usize, values: Vec<Value>) -> Self {
        let first = self.values.len();
        let rows: Vec<String> = (0..values.len() / width)
            .map(|row| {
                let places: Vec<_> = (0..width)
                    .map(|column| format!("${}", first + row * width + column + 1))
                    .collect();
                format!("({})", places.join(", "))
            })
            .collect();
        self.values.extend(values.into_iter().map(without_nul));
        self.text = self.text.replacen("$*", &rows.join(", "), 1);
        self
    }

    /// Returns the text and its values, to see how they would be run.
    #[cfg(test)]
    pub(crate) fn parts(self) -> (String, Vec<Value>) {
        (self.text, self.values)
    }

    fn statement(self, connection: &impl ConnectionTrait) -> Statement {
        Statement::from_sql_and_values(connection.get_database_backend(), self.text, self.values)
    }

    /// Runs it and returns how many rows it touched.
    pub(crate) async fn execute(
        self,
        connection: &impl ConnectionTrait,
    ) -> Result<u64, StoreError> {
        let statement = self.statement(connection);
        Ok(connection.execute_raw(statement).await?.rows_affected())
    }

    /// Runs it and reads the first row, if any.
    pub(crate) async fn one<T: FromQueryResult>(
        self,
        connection: &impl ConnectionTrait,
    ) -> Result<Option<T>, StoreError> {
        let statement = self.statement(connection);
        let row = connection.query_one_raw(statement).await?;
        Ok(row.map(|row| T::from_query_result(&row, "")).transpose()?)
    }

    /// Runs it and reads every row.
    pub(crate) async fn all<T: FromQueryResult>(
        self,
        connection: &impl ConnectionTrait,
    ) -> Result<Vec<T>, StoreError> {
        let statement = self.statement(connection);
        let rows = connection.query_all_raw(statement).await?;
        Ok(rows
            .iter()
            .map(|row| T::from_query_result(row, ""))
            .collect::<Result<_, _>>()?)
    }
}

/// Names the index to use, after a table's name.
///
/// `PostgreSQL` knows how rows are distributed; `SQLite` guesses, and guesses that few rows
/// have one state. Told so, it refuses the statement rather than read the whole table.
pub(crate) fn by_index(connection: &impl ConnectionTrait, index: &str) -> String {
    match connection.get_database_backend() {
        DbBackend::Sqlite => format!("INDEXED BY {index}"),
        _ => String::new(),
    }
}

/// A row of one number called `n`.
#[derive(FromQueryResult)]
pub(crate) struct Count {
    pub(crate) n: i64,
}

/// A row of one identifier called `id`.
#[derive(FromQueryResult)]
pub(crate) struct Id {
    pub(crate) id: Uuid,
}

/// A row of one text called `value`.
#[derive(FromQueryResult)]
pub(crate) struct Text {
    pub(crate) value: String,
}
