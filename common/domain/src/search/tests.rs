//! Words, entries and queries, as tables.

use serde_json::{Value, json, value::to_raw_value};

use super::{Entry, Person, Query, Term, weight, words};
use crate::{PackageName, Version};

fn entry(name: &str, manifest: &Value) -> Entry {
    let root = [
        (
            "description".to_owned(),
            to_raw_value("of the root").expect("JSON"),
        ),
        (
            "maintainers".to_owned(),
            to_raw_value(&json!(["Ann <ann@example.org>"])).expect("JSON"),
        ),
    ];
    let (name, version) = (
        PackageName::parse(name).expect("valid"),
        Version::parse("1.2.3").expect("valid"),
    );
    Entry::read(
        &name,
        &version,
        Some("2026-01-01T00:00:00.000Z"),
        (&root, &manifest.to_string()),
    )
}

#[test]
fn words_are_folded_and_cut_at_what_is_no_letter() {
    for (text, expected) in [
        ("React-DOM", &["react", "dom"][..]),
        ("@Babel/core", &["babel", "core"]),
        ("Crème brûlée, ÅNGSTRÖM", &["creme", "brulee", "angstrom"]),
        ("ﬁnal ① x2y", &["final", "1", "x2y"]),
        ("İstanbul", &["istanbul"]),
        ("  ", &[]),
    ] {
        assert_eq!(words::indexed(text), expected, "{text}");
        assert_eq!(words::wanted(text), expected, "{text}");
    }
}

#[test]
fn scripts_without_spaces_are_cut_into_pairs() {
    assert_eq!(words::indexed("日本語"), ["日本", "本語", "語"]);
    assert_eq!(words::wanted("日本語"), ["日本", "本語"]);
    assert_eq!(words::wanted("語"), ["語"]);
    assert_eq!(
        words::indexed("React用の部品"),
        ["react", "用の", "の部", "部品", "品"]
    );
    assert_eq!(words::indexed("한국어"), ["한국", "국어", "어"]);
    // A voicing mark makes another syllable, whether it stands apart or not.
    assert_eq!(words::indexed("か\u{3099}"), ["が"]);
    assert_ne!(words::indexed("が"), words::indexed("か"));
}

#[test]
fn any_part_of_two_characters_is_found_in_a_run() {
    let (run, indexed) = ("依存関係の管理", words::indexed("依存関係の管理"));
    let chars: Vec<char> = run.chars().collect();
    for from in 0..chars.len() {
        for to in from + 1..=chars.len() {
            let part: String = chars[from..to].iter().collect();
            let is_found = words::wanted(&part)
                .iter()
                .all(|word| indexed.iter().any(|token| token.starts_with(word)));
            assert!(is_found, "{part}");
        }
    }
}

#[test]
fn the_manifest_says_more_than_the_root() {
    let read = entry(
        "@s/left-pad",
        &json!({
            "description": " Pads \u{1b}[31m strings ",
            "keywords": ["pad", " left ", 7, ""],
            "repository": {"type": "git", "url": "git+https://host.example/left-pad.git"},
            "homepage": "javascript:alert(1)",
            "bugs": {"url": "https://host.example/bugs"},
            "author": "Bob Builder <bob@example.org> (https://bob.example)",
            "_npmUser": {"name": "bob", "email": "bob@example.org"},
        }),
    );
    assert_eq!((read.scope.as_str(), read.version.as_str()), ("s", "1.2.3"));
    assert!(!read.description.contains('\u{1b}') && read.description.starts_with("Pads"));
    assert_eq!(read.keywords, ["pad", "left"]);
    assert_eq!(
        read.links.repository.as_deref(),
        Some("https://host.example/left-pad")
    );
    assert_eq!(
        (read.links.homepage.as_deref(), read.links.bugs.as_deref()),
        (None, Some("https://host.example/bugs"))
    );
    assert_eq!(
        read.author.map(|author| author.username).as_deref(),
        Some("Bob Builder")
    );
    assert_eq!(
        read.publisher.map(|one| one.username).as_deref(),
        Some("bob")
    );
    let ann = Person {
        username: "Ann".to_owned(),
        email: Some("ann@example.org".to_owned()),
    };
    assert_eq!(
        read.maintainers,
        [ann],
        "the root's, where the manifest has none"
    );
}

#[test]
fn odd_shapes_count_as_absent() {
    let odd = json!({
        "description": 5, "keywords": {"a": 1}, "repository": [], "bugs": 1,
        "author": [], "_npmUser": "", "maintainers": "nobody",
    });
    let read = entry("left-pad", &odd);
    assert_eq!(read.scope, "unscoped");
    assert_eq!(
        (
            read.description.as_str(),
            read.keywords.len(),
            read.maintainers.len()
        ),
        ("", 0, 0)
    );
    assert_eq!(
        (read.author, read.publisher, read.links.repository),
        (None, None, None)
    );
    let text = json!({"keywords": "a, b c,d"});
    assert_eq!(entry("x", &text).keywords, ["a", "b c", "d"]);
    assert_eq!(entry("x", &json!(null)).description, "of the root");
}

#[test]
fn tokens_weigh_what_their_best_place_is_worth_and_are_bounded() {
    let tokens = entry(
        "react-dom",
        &json!({
            "description": "React for the DOM, with hydration",
            "keywords": ["react", "Server Side"],
        }),
    )
    .tokens();
    for (token, expected) in [
        ("react", weight::NAME),
        ("server", weight::KEYWORD),
        ("hydration", weight::DESCRIPTION),
        ("name:react-dom", weight::QUALIFIER),
        ("keyword:server side", weight::QUALIFIER),
        ("maintainer:ann", weight::QUALIFIER),
    ] {
        assert_eq!(tokens.get(token), Some(&expected), "{token}");
    }
    assert!(!tokens.keys().any(|token| token.starts_with("scope:")));
    let many: Vec<String> = (0..50)
        .map(|n| {
            (0..10)
                .map(|m| format!("w{n}x{m}"))
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    assert_eq!(entry("x", &json!({"keywords": many})).tokens().len(), 200);
}

/// A text, its name, its terms, and what it excludes.
type Row = (
    &'static str,
    Option<&'static str>,
    Vec<Term>,
    &'static [&'static str],
);

#[test]
fn queries_are_taken_apart() {
    let begins = |text: &str| Term::Beginning(text.to_owned());
    let any_of = |tokens: &[&str]| Term::AnyOf(tokens.iter().map(ToString::to_string).collect());
    let table: [Row; 10] = [
        ("reac", Some("name:reac"), vec![begins("reac")], &[]),
        (
            "@babel/co",
            Some("name:@babel/co"),
            vec![begins("babel"), begins("co")],
            &[],
        ),
        ("dom react", None, vec![begins("react"), begins("dom")], &[]),
        ("react react", None, vec![begins("react")], &[]),
        (
            "keywords:a,B",
            None,
            vec![any_of(&["keyword:a", "keyword:b"])],
            &[],
        ),
        (
            "keywords:aa+b,-c",
            None,
            vec![any_of(&["keyword:aa"]), any_of(&["keyword:b"])],
            &["keyword:c"],
        ),
        (
            "scope:@babel author:Ann",
            None,
            vec![any_of(&["scope:babel"]), any_of(&["author:ann"])],
            &[],
        ),
        (
            "=ann x",
            Some("name:x"),
            vec![any_of(&["maintainer:ann"]), begins("x")],
            &[],
        ),
        (
            "not:unstable is:insecure boost-exact:false",
            None,
            vec![],
            &[],
        ),
        ("!!!", Some("name:!!!"), vec![any_of(&[])], &[]),
    ];
    for (text, name, terms, excluded) in table {
        let query = Query::read(text);
        assert_eq!(query.name.as_deref(), name, "{text}");
        assert_eq!(query.terms, terms, "{text}");
        assert_eq!(query.excluded, excluded, "{text}");
    }
    assert!(Query::read("  ").is_open() && !Query::read("!!!").is_open());
    assert!(Query::read(&"a b c d e f g ".repeat(20)).terms.len() <= 12);
}
