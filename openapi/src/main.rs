//! Writes the published document, or checks that it is fresh.
//!
//! `weir-openapi` writes `openapi/weir.v1.json`; `weir-openapi --check` compares it with
//! what the routes of this build say, shows the difference, and ends with 1 if there is one.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, bail};

/// Lines shown around each difference.
const CONTEXT: usize = 2;

fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let is_check = match arguments.next().as_deref() {
        None => false,
        Some("--check") => true,
        Some(other) => bail!("unknown argument {other}; usage: weir-openapi [--check]"),
    };
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("weir.v1.json");
    let fresh = weir_api::openapi();
    if !is_check {
        std::fs::write(&path, fresh).with_context(|| format!("writing {}", path.display()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let difference = difference(&committed, &fresh);
    if difference.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    show(&difference);
    Ok(ExitCode::FAILURE)
}

#[expect(clippy::print_stderr, reason = "this is a command line")]
fn show(difference: &str) {
    eprintln!("openapi/weir.v1.json is not what the routes say; run `cargo run -p weir-openapi`");
    eprint!("{difference}");
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
            "run `cargo run -p weir-openapi`\n{difference}"
        );
    }
}
