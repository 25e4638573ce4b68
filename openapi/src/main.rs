//! Writes the published document, or checks it.
//!
//! `weir-openapi` writes `openapi/weir.v1.json`; `weir-openapi --check` compares it with
//! what the routes of this build say, shows the difference, and ends with 1 if there is one;
//! it also looks whether the clients were made from it.
//! `weir-openapi --check-breaking OLD` compares it with an older one, and ends with 1 if its
//! version is the same and a client of the older would miss something.

mod breaking;
mod clients;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use serde_json::Value;

/// Lines shown around each difference.
const CONTEXT: usize = 2;

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("weir.v1.json");
    match arguments[..] {
        [] => {
            std::fs::write(&path, weir_api::openapi())
                .with_context(|| format!("writing {}", path.display()))?;
            Ok(ExitCode::SUCCESS)
        }
        ["--check"] => check(&path),
        ["--check-breaking", old] => check_breaking(Path::new(old)),
        _ => bail!("usage: weir-openapi [--check | --check-breaking OLD]"),
    }
}

/// Compares the committed document with what the routes say.
fn check(path: &Path) -> anyhow::Result<ExitCode> {
    let committed =
        std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let difference = difference(&committed, &weir_api::openapi());
    let stale = clients::stale(&committed);
    if difference.is_empty() && stale.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    show(&difference, &stale);
    Ok(ExitCode::FAILURE)
}

/// Compares what the routes say with an older document.
#[expect(clippy::print_stderr, reason = "this is a command line")]
fn check_breaking(old: &Path) -> anyhow::Result<ExitCode> {
    let old = std::fs::read(old).with_context(|| format!("reading {}", old.display()))?;
    let old: Value = serde_json::from_slice(&old).context("reading the older document")?;
    let new: Value = serde_json::from_str(&weir_api::openapi())?;
    let breaches = breaking::breaches(&old, &new);
    if breaches.is_empty() || breaking::is_admitted(&old, &new) {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("clients of the older document would miss something, and the version is the same:");
    for breach in breaches {
        eprintln!("  {breach}");
    }
    Ok(ExitCode::FAILURE)
}

#[expect(clippy::print_stderr, reason = "this is a command line")]
fn show(difference: &str, stale: &[&str]) {
    eprintln!("run `openapi/clients/generate`:");
    for client in stale {
        eprintln!("{client} was made from another document");
    }
    if !difference.is_empty() {
        eprintln!("openapi/weir.v1.json is not what the routes say");
        eprint!("{difference}");
    }
}

/// Returns what changes between two texts, line by line: everything between their common
/// beginning and their common end. Empty if they are equal.
fn difference(old: &str, new: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let alike = |pairs: &mut dyn Iterator<Item = (&&str, &&str)>| {
        pairs.take_while(|(left, right)| left == right).count()
    };
    let head = alike(&mut old.iter().zip(&new));
    if head == old.len() && head == new.len() {
        return String::new();
    }
    let tail = alike(&mut old[head..].iter().rev().zip(new[head..].iter().rev()));
    let mut text = format!("@@ line {} @@\n", head + 1);
    let mut add = |mark: char, lines: &[&str]| {
        for line in lines {
            text.extend([mark, ' ']);
            text.push_str(line);
            text.push('\n');
        }
    };
    add(' ', &old[head.saturating_sub(CONTEXT)..head]);
    add('-', &old[head..old.len() - tail]);
    add('+', &new[head..new.len() - tail]);
    let after = &new[new.len() - tail..];
    add(' ', &after[..after.len().min(CONTEXT)]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_no_difference() {
        assert_eq!(difference("a\nb\n", "a\nb\n"), "");
    }

    #[test]
    fn a_difference_is_shown_between_what_is_alike() {
        let shown = difference("a\nb\nc\nd\n", "a\nb\nx\nd\n");
        assert_eq!(shown, "@@ line 3 @@\n  a\n  b\n- c\n+ x\n  d\n");
        let shown = difference("", "a\n");
        assert_eq!(shown, "@@ line 1 @@\n+ a\n");
    }

    #[test]
    fn the_committed_document_is_fresh() {
        let committed = include_str!("../weir.v1.json");
        let difference = difference(committed, &weir_api::openapi());
        assert!(
            difference.is_empty(),
            "run `openapi/clients/generate`\n{difference}"
        );
        assert_eq!(clients::stale(committed), [""; 0]);
    }
}
