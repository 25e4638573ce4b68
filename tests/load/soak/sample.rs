//! What is counted again and again, and what it means that it is flat.
//!
//! The first half of the time is the warm-up: caches fill, what is removed later than it was
//! made piles up. Then the last quarter may not lie above the third one by more than the figure's
//! slack in its median and in its highest value: what is emptied now and then moves but one of them.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use weir_tests::{sample::median, stored};

use crate::mirror::Mirror;

/// Samples in the whole time.
const SAMPLES: u32 = 60;
/// Rows that stay for ten minutes, whatever the settings: they cannot be flat any sooner.
const KEPT_LONG: &str = "rows of invalidations";
/// What new versions add, and chance.
const SLACK: f64 = 1.1;

/// The values of each figure, in the order of time.
pub(super) type Samples = BTreeMap<String, Vec<f64>>;

/// Counts until the time is over.
pub(super) async fn take_all(mirror: &Mirror, lasts: Duration) -> anyhow::Result<Samples> {
    let options = SqliteConnectOptions::new().filename(mirror.data().join("weir.sqlite"));
    let mut database = options.read_only(true).connect().await?;
    let mut samples = Samples::new();
    let mut clock = tokio::time::interval(lasts / SAMPLES);
    for _ in 0..=SAMPLES {
        clock.tick().await;
        for (figure, value) in take(mirror, &mut database).await? {
            samples.entry(figure).or_default().push(value);
        }
    }
    Ok(samples)
}

async fn take(
    mirror: &Mirror,
    database: &mut SqliteConnection,
) -> anyhow::Result<Vec<(String, f64)>> {
    let (gauge, data) = (mirror.gauge(), mirror.data());
    let mut figures = vec![
        ("memory, MB".to_owned(), gauge.memory()?),
        ("open files".to_owned(), count(gauge.open_files()?)),
        (
            "temporary files".to_owned(),
            count(entries(data, &["tmp", "spool"])),
        ),
        ("blobs".to_owned(), count(entries(data, &["blobs"]))),
        (
            "database, MB".to_owned(),
            megabytes(&data.join("weir.sqlite"))?,
        ),
    ];
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut *database).await?;
    for table in tables {
        let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM \"{table}\""));
        let rows: i64 = sqlx::query_scalar(sql).fetch_one(&mut *database).await?;
        figures.push((format!("rows of {table}"), count(usize::try_from(rows)?)));
    }
    Ok(figures)
}

/// Counts the files below some folders; some go while they are counted.
fn entries(data: &Path, folders: &[&str]) -> usize {
    let files = folders
        .iter()
        .map(|folder| stored::files(&data.join(folder)).len());
    files.sum()
}

fn megabytes(file: &Path) -> anyhow::Result<f64> {
    Ok(count(usize::try_from(fs::metadata(file)?.len() / 1000)?) / 1e3)
}

fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::NAN, f64::from)
}

/// Prints all figures; returns the names of those that have grown.
#[expect(clippy::print_stdout, reason = "a program that prints a table")]
pub(super) fn print(samples: &Samples) -> Vec<String> {
    println!("| what | third quarter | last quarter | highest | |");
    println!("|---|---:|---:|---:|---|");
    let mut grown = Vec::new();
    for (figure, values) in samples {
        let highest = highest_of(values);
        if highest == 0.0 {
            continue;
        }
        let quarter = values.len() / 4;
        let [third, last] = [2, 3].map(|n| &values[n * quarter..(n + 1) * quarter]);
        let has_grown = |of: fn(&[f64]) -> f64| of(last) > of(third) * SLACK + room(figure);
        let verdict = if figure == KEPT_LONG {
            "kept for ten minutes"
        } else if has_grown(median) && has_grown(highest_of) {
            grown.push(figure.clone());
            "GROWN"
        } else {
            "flat"
        };
        let [third, last] = [third, last].map(median);
        println!("| {figure} | {third:.0} | {last:.0} | {highest:.0} | {verdict} |");
    }
    grown
}

fn highest_of(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

/// Returns what a small figure may grow by, by chance.
fn room(figure: &str) -> f64 {
    match figure {
        "memory, MB" => 6.0,
        "database, MB" => 2.0,
        "open files" | "temporary files" => 12.0,
        _ => 50.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl Iterator<Item = u32>) -> Samples {
        let values = values.map(f64::from).collect();
        [("rows of tasks".to_owned(), values)].into()
    }

    #[test]
    fn what_fills_in_the_first_half_is_flat_and_what_goes_on_is_not() {
        assert_eq!(print(&of((0..60).map(|n| 100 * n.min(25)))), [""; 0]);
        assert_eq!(print(&of((0..60).map(|n| 1000 + n % 7))), [""; 0]);
        let emptied_now_and_then = (0..60).map(|n| 100 * (n % 11 + n % 13));
        assert_eq!(print(&of(emptied_now_and_then)), [""; 0]);
        assert_eq!(print(&of((0..60).map(|n| 100 * n))), ["rows of tasks"]);
    }
}
