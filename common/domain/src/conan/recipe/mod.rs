//! `conanfile.py`, read and never run: what its class assigns as literals.
//!
//! A recipe is code, and code of strangers. What is written down (a description, a tuple of
//! topics, `self.requires("zlib/1.3")`) is taken; what only a run could tell is left out, with a
//! warning. Name, version and user are not looked at: the reference knows them.

mod attribute;
mod tokens;
mod value;

use self::{
    attribute::Attribute,
    tokens::{Line, Token, lines},
    value::Value,
};
use super::parse_requirement;
use crate::catalogue::{Dependency, DependencyKind, Facts};

/// Most requirements that are kept.
const MAX_REQUIREMENTS: usize = 500;

/// What a recipe says of its package.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recipe {
    /// As far as it is written down.
    pub facts: Facts,
    /// What is not, and what is a template's placeholder.
    pub warnings: Vec<String>,
}

/// Reads a recipe, whatever it is.
pub fn read_recipe(source: &[u8]) -> Recipe {
    let source = String::from_utf8_lossy(source);
    let lines = lines(source.trim_start_matches('\u{feff}'));
    let mut recipe = Recipe::default();
    let Some(body) = class_body(&lines) else {
        recipe.warn("there is no class in the recipe");
        return recipe;
    };
    let attributes = body.first().map_or(0, |first| first.indent);
    for line in body {
        if line.indent == attributes {
            recipe.assign(&line.tokens);
        }
        recipe.call(&line.tokens);
    }
    let facts = &mut recipe.facts;
    facts
        .package_type
        .get_or_insert_with(|| "library".to_owned());
    recipe
}

impl Recipe {
    /// Takes an assignment, if it is one of an attribute that says something.
    fn assign(&mut self, tokens: &[Token<'_>]) {
        let [Token::Name(name), Token::Sign('=' | ':'), ..] = tokens else {
            return;
        };
        // There may be a type between the name and the sign.
        let sign = tokens.iter().position(|token| *token == Token::Sign('='));
        let Some(value) = sign
            .map(|at| &tokens[at + 1..])
            .filter(|v| v.first() != Some(&Token::Sign('=')))
        else {
            return;
        };
        if let Some(kind) = kind_of(name) {
            self.facts.dependencies.retain(|known| known.kind != kind);
            self.require(kind, Value::of(value));
        } else if let Some(attribute) = Attribute::of(name) {
            if let Some(problem) = attribute.put(Value::of(value), &mut self.facts) {
                self.warn(&format!("`{name}` {problem}"));
            }
        }
    }

    /// Takes calls of `self.requires` and its like.
    fn call(&mut self, tokens: &[Token<'_>]) {
        for (at, part) in tokens.windows(4).enumerate() {
            let [
                Token::Name("self"),
                Token::Sign('.'),
                Token::Name(name),
                Token::Sign('('),
            ] = part
            else {
                continue;
            };
            if let Some(kind) = kind_of(name) {
                self.require(kind, Value::of_argument(&tokens[at + 4..]));
            }
        }
    }

    fn require(&mut self, kind: DependencyKind, value: Value) {
        let (texts, mut is_unknown) = value.texts();
        for text in texts {
            match parse_requirement(&text, kind) {
                Some(found) => self.depend(found),
                // Old recipes put `private` and the like beside it.
                None => is_unknown |= text.contains('/'),
            }
        }
        if is_unknown {
            self.warn("a requirement is computed");
        }
    }

    fn depend(&mut self, found: Dependency) {
        let known = &mut self.facts.dependencies;
        if known.len() < MAX_REQUIREMENTS && !known.contains(&found) {
            known.push(found);
        }
    }

    fn warn(&mut self, text: &str) {
        if !self.warnings.iter().any(|known| known == text) {
            self.warnings.push(text.to_owned());
        }
    }
}

/// Returns the lines of the recipe's class: the one that says it is, or else the last.
fn class_body<'l, 'a>(lines: &'l [Line<'a>]) -> Option<&'l [Line<'a>]> {
    let is_class = |line: &Line<'_>| line.tokens.first() == Some(&Token::Name("class"));
    let is_recipe = |line: &Line<'_>| line.tokens.contains(&Token::Name("ConanFile"));
    let first = lines
        .iter()
        .position(|line| is_class(line) && is_recipe(line));
    let at = first.or_else(|| lines.iter().rposition(is_class))?;
    let body = &lines[at + 1..];
    let end = body.iter().position(|line| line.indent <= lines[at].indent);
    Some(&body[..end.unwrap_or(body.len())])
}

fn kind_of(name: &str) -> Option<DependencyKind> {
    match name {
        "requires" => Some(DependencyKind::Requires),
        "tool_requires" | "build_requires" => Some(DependencyKind::ToolRequires),
        "test_requires" => Some(DependencyKind::TestRequires),
        "python_requires" => Some(DependencyKind::PythonRequires),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
