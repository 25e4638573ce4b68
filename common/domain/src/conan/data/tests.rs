//! What recipes write into `conandata.yml`, and what somebody could to do harm.

use super::*;
use crate::Digest;

const FOO: &str = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The sources of version 1.2.3, as `url digest`, without a warning.
fn read(text: &str) -> Vec<String> {
    let read = read_sources(text.as_bytes(), "1.2.3");
    assert_eq!(read.warnings, [""; 0], "{text}");
    lines(&read)
}

fn lines(read: &Sources) -> Vec<String> {
    let line = |one: &SourceArchive| {
        let digest = one.sha256.map_or_else(String::new, |one| format!(" {one}"));
        format!("{}{digest}", one.url)
    };
    read.archives.iter().map(line).collect()
}

/// The only warning, where no source is taken.
fn warned(bytes: &[u8]) -> String {
    let read = read_sources(bytes, "1.2.3");
    assert_eq!(read.archives, []);
    let [warning] = &read.warnings[..] else {
        panic!("{:?}", read.warnings);
    };
    warning.clone()
}

#[test]
fn the_sources_of_a_version_are_its_own_alone() {
    let text = format!(
        "sources:\n  \"1.2.2\":\n    url: https://registry.example/old.tgz\n  \"1.2.3\":\n    \
         url: \"https://registry.example/new.tgz\"\n    sha256: \"{FOO}\"\n    strip_root: true\n\
         patches:\n  \"1.2.3\":\n    - url: https://registry.example/a.patch\n"
    );
    let wanted = format!("https://registry.example/new.tgz {FOO}");
    assert_eq!(read(&text), [wanted.as_str()]);
    // As an editor of Windows would save it.
    let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(read(&windows), [wanted.as_str()]);
    assert_eq!(
        read_sources(text.as_bytes(), "1.2.4").archives,
        [],
        "another version"
    );
    let digest = read_sources(text.as_bytes(), "1.2.3").archives[0].sha256;
    assert_eq!(digest, Some(Digest::of(b"foo")));
}

#[test]
fn every_form_that_recipes_use_is_read() {
    let several = format!(
        "sources:\n  1.2.3:\n    url: [https://a.example/x, 'ftp://b.example/x']\n    sha256: {FOO}\n"
    );
    let wanted = [
        format!("https://a.example/x {FOO}"),
        format!("ftp://b.example/x {FOO}"),
    ];
    assert_eq!(read(&several), wanted);
    let list = format!(
        "sources:\n  1.2.3:\n  - {{url: http://a.example/x, sha256: {}}}\n  - url:\n    - http://a.example/y\n    sha256: {EMPTY}\n",
        FOO.to_uppercase()
    );
    let wanted = [
        format!("http://a.example/x {FOO}"),
        format!("http://a.example/y {EMPTY}"),
    ];
    assert_eq!(read(&list), wanted);
    let systems = format!(
        "sources:\n  1.2.3:\n    Linux:\n      x86_64:\n        url: https://a.example/l64\n        \
         sha256: {FOO}\n      armv8:\n      - url: https://a.example/l8\n    Windows:\n      url: \
         https://a.example/w\n      filename: w.zip\n"
    );
    let wanted = [
        &format!("https://a.example/l64 {FOO}"),
        "https://a.example/l8",
        "https://a.example/w",
    ];
    assert_eq!(read(&systems), wanted);
}

#[test]
fn what_has_no_sources_says_nothing() {
    for text in [
        "",
        "---\n",
        "# a comment\n",
        "a\n",
        "- sources\n",
        "sources:\n",
        "sources: []\n",
        "sources:\n  1.2.3:\n",
        "sources:\n  1.2.3: 7\n",
        "sources:\n  1.2.3:\n    commit: abc\n",
        "sources:\n  1.2.2:\n    url: https://a.example/x\n",
        "? [a, b]\n: c\n? {a: b}\n: c\n",
        "sources:\n  1.2.2:\n    url: a\n---\nsources:\n  1.2.3:\n    url: https://a.example/x\n",
    ] {
        assert_eq!(read(text), [""; 0], "{text}");
    }
}

#[test]
fn only_urls_that_anybody_may_see_are_kept() {
    for url in [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "git@registry.example:a/b.git",
        "ssh://registry.example/a",
        "../a.tgz",
        "https://",
        "https://user:secret@registry.example/a.tgz",
        "https://token@registry.example/a.tgz",
        "~",
        &format!("https://registry.example/{}", "a".repeat(2000)),
    ] {
        let text = format!("sources:\n  1.2.3:\n    url: \"{url}\"\n");
        let warning = warned(text.as_bytes());
        assert!(warning.contains("URL"), "{url}: {warning}");
        assert!(!warning.contains("secret") && !warning.contains("token"));
    }
    // What is kept is written as everybody writes it.
    let odd = "sources:\n  1.2.3:\n    url: \" HTTPS://Registry.Example/a b/\\u202e\\n\"\n";
    let wanted = "https://registry.example/a%20b/%E2%80%AE";
    assert_eq!(read(odd), [wanted]);
    let read = read_sources(
        b"sources:\n  1.2.3:\n    url: [https://a.example/x, nowhere]\n    sha256: abc\n",
        "1.2.3",
    );
    assert_eq!(lines(&read), ["https://a.example/x"]);
    assert_eq!(read.warnings.len(), 2, "{:?}", read.warnings);
}

#[test]
fn no_more_than_twenty_sources_are_kept_and_each_once() {
    let urls = |count| {
        let item =
            |n| format!("    - url: https://a.example/{n}\n    - url: https://a.example/0\n");
        let items: String = (0..count).map(item).collect();
        format!("sources:\n  1.2.3:\n{items}")
    };
    assert_eq!(read(&urls(20)).len(), 20);
    let read = read_sources(urls(40).as_bytes(), "1.2.3");
    assert_eq!((read.archives.len(), read.warnings.len()), (20, 1));
}

#[test]
fn aliases_are_never_followed() {
    let once = "x: &x\n  url: https://a.example/x\nsources:\n";
    for used in [
        "  1.2.3: *x\n",
        "  1.2.3: [*x]\n",
        "  1.2.3:\n    <<: *x\n",
        "  1.2.3:\n    url: *x\n",
        "  1.2.3:\n    url: [*x]\n",
        "  <<: *x\n",
        "  *x\n",
    ] {
        let warning = warned(format!("{once}{used}").as_bytes());
        assert!(warning.contains("write"), "{warning}");
    }
    // A few hundred bytes that mean ten thousand millions of URLs.
    let level = |n| {
        let many = vec![format!("*a{}", n - 1); 10].join(", ");
        format!("a{n}: &a{n} [{many}]\n")
    };
    let levels: String = (1..=10).map(level).collect();
    let bomb = format!(
        "a0: &a0 {{url: https://a.example/x}}\n{levels}\
         sources:\n  1.2.3: [*a10, {{url: https://a.example/y}}]\n"
    );
    let bomb = read_sources(bomb.as_bytes(), "1.2.3");
    assert_eq!(lines(&bomb), ["https://a.example/y"]);
    assert_eq!(bomb.warnings.len(), 1);
    // An anchor at what is written out does not matter.
    let anchored = "sources:\n  1.2.3: &a\n    url: &b https://a.example/x\n  1.2.4: *a\n";
    assert_eq!(read(anchored), ["https://a.example/x"]);
}

#[test]
fn what_is_nested_too_deeply_is_not_read() {
    for deep in [
        "[".repeat(400_000),
        "{a: ".repeat(100_000),
        "- ".repeat(200_000),
        "? ".repeat(200_000),
        format!("{}a{}", "[".repeat(17), "]".repeat(17)),
    ] {
        let warning = warned(deep.as_bytes());
        // By our own limit or, where it looks ahead, by the parser's.
        let is_said = ["deep", "recursion"]
            .iter()
            .any(|word| warning.contains(word));
        assert!(is_said, "{warning}");
    }
    let fits = format!("a: {}b{}\n", "[".repeat(15), "]".repeat(15));
    assert_eq!(read(&fits), [""; 0]);
}

#[test]
fn what_has_too_many_parts_is_not_read() {
    for many in [
        "a: b\n".repeat(100_000),
        format!("[{}]", "a,".repeat(100_000)),
        "- a\n".repeat(100_000),
    ] {
        let warning = warned(many.as_bytes());
        assert!(warning.contains("too many"), "{warning}");
    }
    // Length alone is no harm.
    let long = format!(
        "sources:\n  1.2.3:\n    url: https://a.example/x\nother: |\n{}",
        "  line\n".repeat(70_000)
    );
    assert_eq!(read(&long), ["https://a.example/x"]);
}

#[test]
fn what_is_no_yaml_is_said_to_be_none() {
    for bytes in [
        &b"sources:\n\t1.2.3:\n\t\turl: https://a.example/x\n"[..],
        b"sources: [",
        b"sources: {1.2.3: {url: 'x",
        b"a: b: c\n",
        b"%YAML 9\n",
        b"a: *nobody\n",
        b"@",
        b"\"\\x4",
        b"{---",
        b"...a: b\n...",
    ] {
        let text = String::from_utf8_lossy(bytes);
        let read = read_sources(bytes, "1.2.3");
        assert_eq!(read.archives, [], "{text}");
        for warning in read.warnings {
            assert!(warning.contains("no YAML"), "{text}: {warning}");
            assert!(warning.len() < 400, "{text}: {warning}");
        }
    }
    assert!(warned(b"sources:\n\t1.2.3:\n").contains("no YAML"));
    assert_eq!(warned(b"a: \xff\n"), "conandata.yml is not UTF-8");
    assert_eq!(warned(&[0xff, 0xfe, b'a', 0]), "conandata.yml is not UTF-8");
}

#[test]
fn every_beginning_of_a_file_is_survived() {
    let whole = format!(
        "%YAML 1.2\n--- # x\nsources: !!map\n  ? \"1.2.3\"\n  : - url: &u [\"https://a.example/\\x41\", 'b']\n      sha256: >-\n        {FOO}\n    - *u\n...\n"
    );
    for end in 0..whole.len() {
        for (from, to) in [(0, end), (end, whole.len())] {
            let read = read_sources(&whole.as_bytes()[from..to], "1.2.3");
            assert!(read.archives.len() <= 1);
        }
    }
    let read = read_sources(whole.as_bytes(), "1.2.3");
    assert_eq!(lines(&read), [format!("https://a.example/A {FOO}")]);
}
