//! What old packages carry: shapes that no client writes any more and every client reads.

use serde_json::{Value, json};
use weir_domain::PackageName;

use super::{base, stored};
use crate::{Form, MANIFEST_FIELDS, render_manifest};

/// Returns the manifest that has `fields` besides name, version and `dist`, in one form.
fn rendered(form: Form, fields: &str) -> Value {
    let raw = format!(
        r#"{{"name":"a","version":"1.0.0",{fields}"dist":{{"tarball":"https://up.example/a.tgz"}}}}"#
    );
    let name = PackageName::parse("a").expect("a name");
    let (version, manifest) = stored(&name, "1.0.0", &raw);
    let text = render_manifest(form, &name, &version, &manifest, &base()).expect("a manifest");
    let mut json: Value = serde_json::from_slice(&text).expect("JSON");
    let fields = json.as_object_mut().expect("an object");
    assert_eq!(
        fields.remove("dist").expect("dist"),
        json!({"tarball": "https://mirror.example/npm/a/-/a-1.0.0.tgz"})
    );
    assert_eq!(fields.remove("name").expect("name"), "a");
    assert_eq!(fields.remove("version").expect("version"), "1.0.0");
    json
}

#[test]
fn odd_values_of_listed_fields_are_copied_as_they_are() {
    for fields in [
        r#""bin":["a","b"],"#,
        r#""bin":"./cli.js","#,
        r#""engines":["node >=0.4"],"#,
        r#""engines":"node >=0.4","#,
        r#""deprecated":true,"#,
        r#""deprecated":false,"#,
        r#""deprecated":"","#,
        r#""deprecated":null,"#,
        r#""os":"linux","cpu":["!arm"],"libc":"musl","#,
        r#""bundleDependencies":["x"],"bundledDependencies":["y"],"#,
        r#""bundledDependencies":["y"],"#,
        r#""bundleDependencies":true,"#,
        r#""dependencies":["x"],"devDependencies":{"y":1,"z":{"version":"1"}},"#,
        r#""dependencies":"","optionalDependencies":null,"#,
        r#""directories":[],"funding":["https://a.example",{"url":"b"}],"#,
        r#""_hasShrinkwrap":false,"_npmUser":{"name":"x","trustedPublisher":{"id":"ci"}},"#,
        r#""peerDependenciesMeta":{"x":{"optional":true}},"acceptDependencies":{},"#,
        r#""hasInstallScript":"yes","#,
    ] {
        let short = rendered(Form::Abbreviated, fields);
        assert_eq!(short, rendered(Form::Full, fields), "{fields}");
        let listed = |name: &String| MANIFEST_FIELDS.contains(&name.as_str());
        assert!(short.as_object().expect("an object").keys().all(listed));
    }
}

#[test]
fn what_an_installer_does_not_need_is_left_out() {
    for fields in [
        r#""scripts":{"test":"x"},"#,
        r#""readme":"long","description":"short","license":{"type":"MIT"},"licenses":[],"#,
        r#""_id":"a@1.0.0","_from":".","maintainers":[],"repository":"x","main":"i.js","#,
        r#""exports":{"bin":1,"os":2},"gitHead":"0","#,
        r#""":1,"Dist":{},"NAME":"b","#,
    ] {
        assert_eq!(rendered(Form::Abbreviated, fields), json!({}), "{fields}");
        assert_ne!(rendered(Form::Full, fields), json!({}), "{fields}");
    }
}

#[test]
fn an_install_script_is_told_of_even_where_upstream_does_not() {
    let table = [
        (r#""scripts":{"preinstall":"x"},"#, Some(json!(true))),
        (
            r#""scripts":{"install":"node-gyp rebuild"},"#,
            Some(json!(true)),
        ),
        (r#""scripts":{"post\u0069nstall":"x"},"#, Some(json!(true))),
        (r#""scripts":{"postinstall":""},"#, None),
        (r#""scripts":{"postinstall":null,"install":false},"#, None),
        (r#""scripts":{"prepare":"x","uninstall":"y"},"#, None),
        (r#""scripts":["install"],"#, None),
        (r#""scripts":"install","#, None),
        (r#""scripts":null,"#, None),
        ("", None),
        (
            r#""scripts":{"install":"x"},"hasInstallScript":false,"#,
            Some(json!(false)),
        ),
        (
            r#""hasInstallScript":true,"scripts":{},"#,
            Some(json!(true)),
        ),
    ];
    for (fields, expected) in table {
        let short = rendered(Form::Abbreviated, fields);
        assert_eq!(short.get("hasInstallScript"), expected.as_ref(), "{fields}");
    }
}

#[test]
fn spaces_escapes_and_doubled_keys_are_read_as_javascript_reads_them() {
    let short = rendered(
        Form::Abbreviated,
        "\n \"b\\u0069n\" :\t{ \"a\" : \"x\\/y\" } , \"os\":[\"a\"], \"os\" : [ \"b\" ],\r\n",
    );
    assert_eq!(short, json!({"bin": {"a": "x/y"}, "os": ["b"]}));
}
