//! Recipes as they are published, as they might be, and as nobody should write them.

use super::*;

const SHT30: &str = r#"# -*- coding: utf-8 -*-
from conan import ConanFile
from conan.tools.files import copy

VERSION = "9.9.9"

def topics():
    return ("no",)

class Helper:
    description = "not this one"

class Sht30Recipe(ConanFile):
    """class text, no attribute"""
    name = "sht30"
    version = "0.0.5"
    user = "caisong123"

    license = ("Apache-2.0", "MIT")
    author = '张三 <a@b.example>'
    url: str = "https://registry.example/sht30"  # where it is
    homepage = None
    description = (
        "Temperature and "  # halves
        'humidity\n   sensor' + """ of
        a kind"""
    )
    topics = "Sensor", "i2c", "<Put some tag here>", "sensor", f"{VERSION}"
    support_sdk_version = "^2.4"
    package_type = "static-library"
    exports_sources = "*"
    settings = "os", "arch"
    options = {"shared": [True, False]}
    python_requires = "sf-pkg-base/[^1.0]@sifli"
    python_requires_extend = "sf-pkg-base.Base"
    if description == "": description = "none"

    def requirements(self):
        self.requires("i2c-core/[>=1.0 <2]@sifli", transitive_headers=True)
        if self.options.shared:
            self.requires("zlib/1.3")
            self.requires(f"bad/{self.version}")
        description = "not this one either"

    def build_requirements(self):
        self.tool_requires("cmake/3.27"); self.test_requires('gtest/1.14')

class After(Other):
    license = "GPL-3.0"
"#;

fn read(source: &str) -> Recipe {
    read_recipe(source.as_bytes())
}

fn needs(recipe: &Recipe) -> Vec<String> {
    let all = recipe.facts.dependencies.iter();
    all.map(|one| format!("{:?} {} {}", one.kind, one.name, one.requirement))
        .collect()
}

#[test]
fn what_is_written_down_is_read() {
    let recipe = read(SHT30);
    let facts = &recipe.facts;
    assert_eq!(facts.licenses, ["Apache-2.0", "MIT"]);
    assert_eq!(facts.author.as_deref(), Some("张三 <a@b.example>"));
    assert_eq!(
        facts.repository.as_deref(),
        Some("https://registry.example/sht30")
    );
    assert_eq!(facts.homepage, None);
    let description = "Temperature and humidity sensor of a kind";
    assert_eq!(facts.description.as_deref(), Some(description));
    assert_eq!(facts.topics, ["sensor", "i2c"]);
    assert_eq!(facts.support_sdk_version.as_deref(), Some("^2.4"));
    assert_eq!(facts.package_type.as_deref(), Some("static-library"));
    let wanted = [
        "PythonRequires sf-pkg-base [^1.0]",
        "Requires i2c-core [>=1.0 <2]",
        "Requires zlib 1.3",
        "ToolRequires cmake 3.27",
        "TestRequires gtest 1.14",
    ];
    assert_eq!(needs(&recipe), wanted);
    assert_eq!(
        recipe.warnings,
        ["`topics` is computed", "a requirement is computed"]
    );
}

#[test]
fn line_ends_and_marks_of_other_systems_change_nothing() {
    for text in [SHT30.replace('\n', "\r\n"), format!("\u{feff}{SHT30}")] {
        assert_eq!(read(&text), read(SHT30));
    }
}

#[test]
fn a_templates_placeholders_are_no_facts() {
    let recipe = read(
        r#"class Hello(ConanFile):
    license = "<Put the package license here>"
    author = "<Put your name here> <And your email here>"
    description = "<Description of hello package here>"
    topics = ("<Put some tag here>", "<here>", "<and here>")
    url = "<x"
    homepage = "see <x>"
"#,
    );
    let facts = &recipe.facts;
    assert_eq!((&facts.author, &facts.description), (&None, &None));
    assert!(facts.licenses.is_empty() && facts.topics.is_empty());
    assert_eq!(facts.repository.as_deref(), Some("<x"));
    assert_eq!(facts.homepage.as_deref(), Some("see <x>"));
    assert_eq!(recipe.warnings.len(), 4, "{:?}", recipe.warnings);
    assert_eq!(facts.package_type.as_deref(), Some("library"));
}

#[test]
fn what_only_a_run_could_tell_is_left_out_with_a_warning() {
    let recipe = read(
        r#"class A(ConanFile):
    description = load("README.md")
    license = LICENSE
    author = "a" if x else "b"
    topics = ["one", two()]
    requires = REQUIRES
"#,
    );
    assert_eq!(recipe.facts.description, None);
    assert!(recipe.facts.licenses.is_empty());
    assert_eq!(recipe.facts.topics, ["one"]);
    assert_eq!(recipe.warnings.len(), 5, "{:?}", recipe.warnings);
}

#[test]
fn topics_may_be_one_text() {
    let recipe = read("class A(ConanFile):\n  topics = 'Camera, DVP ,camera'\n");
    assert_eq!(recipe.facts.topics, ["camera", "dvp"]);
}

#[test]
fn requirements_may_be_attributes_of_old() {
    let recipe = read(
        "class A(ConanFile):\n  requires = (('a/1', 'private'), 'b/[^2]@u')\n  tool_requires = 'c/3'\n",
    );
    let wanted = ["Requires a 1", "Requires b [^2]", "ToolRequires c 3"];
    assert_eq!(needs(&recipe), wanted);
    assert!(recipe.warnings.is_empty());
}

#[test]
fn too_much_is_cut() {
    let long = "x".repeat(10_000);
    let many: Vec<_> = (0..1000).map(|n| format!("'t{n}'")).collect();
    let many = many.join(",");
    let source = format!("class A(ConanFile):\n  description = '{long}'\n  topics = {many}\n");
    let facts = read(&source).facts;
    assert!(facts.description.is_some_and(|text| text.len() < 5000));
    assert_eq!(facts.topics.len(), 50);
}

#[test]
fn whatever_it_is_it_is_read_to_its_end() {
    for end in 0..SHT30.len() {
        read_recipe(&SHT30.as_bytes()[..end]);
        read_recipe(&SHT30.as_bytes()[end..]);
    }
    let pieces = [
        "class A(ConanFile):\n",
        "class",
        "  topics",
        " = ",
        "'",
        "\"",
        "\"\"\"",
        "'''",
        "\\",
        "\n",
        "\r\n",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        "+",
        "f'",
        "\u{feff}",
        "é",
        "\u{1f600}",
        "#",
        "self.requires(",
        "self",
        ".",
        "\\x",
        "\\u12",
        "\\N{",
        "\\777",
        "None",
        "\t",
        " ",
        ";",
        ":",
        "requires = ",
        "a/[",
        "<",
        ">",
        "\0",
        "rb\"",
        "x/1@",
    ];
    // A generator of the simplest kind: the same pieces at every run.
    let mut state = 1_u64;
    let mut next = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(state >> 33).expect("31 bits") % below
    };
    for _ in 0..5_000 {
        let count = next(40);
        let source: String = (0..count).map(|_| pieces[next(pieces.len())]).collect();
        let recipe = read(&source);
        assert!(recipe.warnings.len() <= 20, "{source:?}");
        let mut bytes = source.into_bytes();
        if !bytes.is_empty() {
            let at = next(bytes.len());
            bytes[at] = 0xff;
        }
        read_recipe(&bytes);
    }
}
