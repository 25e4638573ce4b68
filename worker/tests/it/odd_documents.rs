//! Documents as registries let them in over the years: each syncs, loses nothing, and keeps
//! its oddity to itself. One table a class.

use serde_json::Value;
use weir_domain::{TarballPolicy, json::escape_lone_surrogates, task::TaskState};
use weir_render::{Form, inflate};
use weir_testkit::{StandIn, TestDatabase};

use crate::setup::{BASE, Mirror, alone};

weir_testkit::on_both_engines!(
    a_manifest_of_odd_fields_is_served_as_it_was_written,
    a_packument_of_odd_fields_is_served_as_it_was_written,
    one_bad_version_is_left_out_and_the_others_are_served,
    what_is_said_of_signatures_and_attestations_is_served,
);

/// Members of a manifest, in front of all others.
const ODD_MEMBERS: [&str; 38] = [
    r#""bundleDependencies":true"#,
    r#""bundleDependencies":false,"bundledDependencies":["x"]"#,
    r#""license":{"type":"MIT","url":"https://licence.example"}"#,
    r#""licenses":[{"type":"MIT"},"BSD"],"license":null"#,
    r#""engines":["node >= 0.4","npm"]"#,
    r#""engines":"node""#,
    r#""bin":"./cli.js""#,
    r#""bin":["a.js",{"b":1}]"#,
    r#""os":"linux","cpu":"!x64","libc":{}"#,
    r#""deprecated":false"#,
    r#""deprecated":true"#,
    r#""deprecated":{"why":"because"}"#,
    r#""dependencies":["a","b"]"#,
    r#""dependencies":"none""#,
    r#""dependencies":{"b":1,"c":null,"d":{"e":"f"},"":"*"}"#,
    r#""peerDependenciesMeta":[],"peerDependencies":7"#,
    r#""maintainers":"one <one@registry.example>""#,
    r#""maintainers":null,"_npmUser":[]"#,
    r#""maintainers":[null,"a <b>",{"name":7,"email":[]},[]]"#,
    r#""author":["a"],"contributors":{"0":"b"}"#,
    r#""description":"a\u0000b","a\u0000c":"\u0000""#,
    r#""keywords":"a, b\u0000","homepage":[1]"#,
    r#""description":"half a \ud83d","x":"\ude00 pair""#,
    r#""__proto__":{"polluted":true},"constructor":{"prototype":1}"#,
    r#""toString":1,"hasOwnProperty":null"#,
    r#""name":"another","version":"9.9.9","dist":{"tarball":"x"}"#,
    r#""x":1,"x":2,"x":{"y":1,"y":2}"#,
    r#""size":"17","count":12345678901234567890123,"small":1e-400"#,
    r#""large":1e400"#,
    r#""scripts":[],"hasInstallScript":"yes","_hasShrinkwrap":null"#,
    r#""scripts":{"install":{"not":"a text"},"preinstall":""}"#,
    r#""funding":"https://pay.example","directories":"lib""#,
    r#""readme":null,"readmeFilename":7"#,
    r#""_id":"else@1","_rev":{},"_attachments":[]"#,
    r#""repository":"npm/security-holder","bugs":"""#,
    r#""\u0062in":{"a":"x\/y"}"#,
    r#""time":{"1.0.0":1},"dist-tags":[],"versions":{}"#,
    r#""main":["a"],"files":"*","private":"no","type":9"#,
];

/// Root members of a packument; `$` is the one version's manifest.
const ODD_ROOTS: [&str; 20] = [
    r#""versions":{"1.0.0":$}"#,
    r#""dist-tags":null,"versions":{"1.0.0":$},"time":null"#,
    r#""dist-tags":"1.0.0","versions":{"1.0.0":$},"time":"today""#,
    r#""dist-tags":["1.0.0"],"versions":{"1.0.0":$},"time":[]"#,
    r#""dist-tags":{"latest":7,"next":null,"x":"nonsense"},"versions":{"1.0.0":$}"#,
    r#""dist-tags":{"latest":"1.0.0","a\u0000b":"1.0.0"},"versions":{"1.0.0":$}"#,
    r#""time":{"1.0.0":3,"modified":{},"created":null},"versions":{"1.0.0":$}"#,
    r#""time":{"1.0.0":"now","0.0\u00000":"x"},"versions":{"1.0.0":$}"#,
    r#""maintainers":"one","versions":{"1.0.0":$}"#,
    r#""maintainers":{"name":"one"},"author":[],"versions":{"1.0.0":$}"#,
    r#""maintainers":[null,7,"a","b <c>"],"users":[],"versions":{"1.0.0":$}"#,
    r#""readme":"cut at 64 KiB \ud83d","versions":{"1.0.0":$}"#,
    r#""readme":false,"readmeFilename":[],"versions":{"1.0.0":$}"#,
    r#""description":"a\u0000b","keywords":{"a":1},"versions":{"1.0.0":$}"#,
    r#""__proto__":{"polluted":true},"constructor":7,"versions":{"1.0.0":$}"#,
    r#""_rev":7,"_id":null,"versions":{"1.0.0":$}"#,
    r#""_rev":"8-a\u0000b","versions":{"1.0.0":$}"#,
    r#""license":{"type":"MIT"},"repository":"x","bugs":[],"versions":{"1.0.0":$}"#,
    r#""error":null,"unknown":1.50e+1,"versions":{"1.0.0":$}"#,
    r#""versions":{"1.0.0":$},"licenses":[1e400,{"deep":[[[]]]}]"#,
];

/// Entries of `versions` that cannot be mirrored.
const BAD_VERSIONS: [&str; 15] = [
    r#""1.0":{"name":"NAME","version":"1.0"}"#,
    r#""v2.0.0":{}"#,
    r#""latest":null"#,
    r#""__proto__":{"polluted":true}"#,
    r#""2.0.0":null"#,
    r#""2.0.0":[]"#,
    r#""2.0.0":"text""#,
    r#""2.0.0":{"name":"NAME","version":2}"#,
    r#""2.0.0":{"name":"NAME","version":"2.0.1","dist":{"tarball":"x"}}"#,
    r#""2.0.0":{"name":7,"version":"2.0.0","dist":{"tarball":"x"}}"#,
    r#""2.0.0":{"name":"NAME","version":"2.0.0"}"#,
    r#""2.0.0":{"name":"NAME","version":"2.0.0","dist":"x"}"#,
    r#""2.0.0":{"name":"NAME","version":"2.0.0","dist":{}}"#,
    r#""2.0.0":{"name":"NAME","version":"2.0.0","dist":{"tarball":7}}"#,
    r#""2.0.0":{"name":"NAME","version":"2.0.0\u0000","dist":{"tarball":"x"}}"#,
];

async fn mirror(database: TestDatabase) -> Mirror {
    Mirror::beside(StandIn::start([]).await, |options| {
        options.database = Some(database);
        options.tarballs = TarballPolicy::Requested;
    })
    .await
}

/// Returns a manifest with these members in front, its tarball at `tarball`.
fn manifest(members: &str, name: &str, tarball: &str) -> String {
    format!(
        r#"{{{members},"name":"{name}","version":"1.0.0","dist":{{"shasum":"da39a3ee5e6b4b0d3255bfef95601890afd80709","tarball":"{tarball}/{name}/-/{name}-1.0.0.tgz"}}}}"#
    )
}

impl Mirror {
    /// Syncs a packument with these root members and returns its task's warnings.
    async fn take(&self, name: &str, root: &str) -> Vec<String> {
        let packument = format!(r#"{{"name":"{name}",{root}}}"#);
        self.upstream.put_packument(name, &packument);
        for _ in 0..2 {
            // The second time there is nothing new to it.
            let task = self.sync_with(name, alone()).await;
            assert_eq!(task.state, TaskState::Success, "{root}: {task:?}");
        }
        let task = self.sync_with(name, alone()).await;
        let report = task.report.expect("a report");
        assert_eq!((report.versions_added, report.versions_changed), (0, 0));
        task.warnings
    }

    async fn text(&self, name: &str, form: Form) -> String {
        let bytes = self.document(name, form).await.expect("it is shown");
        String::from_utf8(inflate(&bytes).expect("gzip")).expect("UTF-8")
    }

    /// Checks that both documents are JSON with this one version.
    async fn assert_whole(&self, name: &str) {
        for form in Form::ALL {
            let text = self.text(name, form).await;
            let text = text.replace("1e400", "1");
            let json: Value = serde_json::from_str(&escape_lone_surrogates(&text)).expect("JSON");
            let versions = json["versions"].as_object().expect("versions");
            assert_eq!(versions.keys().collect::<Vec<_>>(), ["1.0.0"], "{text}");
            assert_eq!(json["dist-tags"]["latest"], "1.0.0", "{text}");
        }
    }
}

async fn a_manifest_of_odd_fields_is_served_as_it_was_written(database: TestDatabase) {
    let mirror = mirror(database).await;
    for (n, members) in ODD_MEMBERS.iter().enumerate() {
        let name = &format!("Odd-{n}");
        let theirs = manifest(members, name, mirror.upstream.url());
        let root = format!(r#""dist-tags":{{"latest":"1.0.0"}},"versions":{{"1.0.0":{theirs}}}"#);
        let warnings = mirror.take(name, &root).await;
        assert!(warnings.is_empty(), "{members}: {warnings:?}");
        let ours = manifest(members, name, BASE);
        let full = mirror.text(name, Form::Full).await;
        assert!(full.contains(&ours), "{members}: {full}");
        mirror.assert_whole(name).await;
    }
    mirror.close().await;
}

async fn a_packument_of_odd_fields_is_served_as_it_was_written(database: TestDatabase) {
    let mirror = mirror(database).await;
    for (n, root) in ODD_ROOTS.iter().enumerate() {
        let name = &format!("root-{n}");
        let theirs = manifest(r#""a":1"#, name, mirror.upstream.url());
        mirror.take(name, &root.replace('$', &theirs)).await;
        mirror.assert_whole(name).await;
        let full = mirror.text(name, Form::Full).await;
        for (field, value) in [
            ("maintainers", r#""one""#),
            ("readme", r#""cut at 64 KiB \ud83d""#),
            ("__proto__", r#"{"polluted":true}"#),
            ("unknown", "1.50e+1"),
            ("licenses", r#"[1e400,{"deep":[[[]]]}]"#),
        ] {
            let member = format!(r#""{field}":{value}"#);
            assert_eq!(full.contains(&member), root.contains(&member), "{full}");
        }
    }
    mirror.close().await;
}

async fn one_bad_version_is_left_out_and_the_others_are_served(database: TestDatabase) {
    let mirror = mirror(database).await;
    for (n, bad) in BAD_VERSIONS.iter().enumerate() {
        let name = &format!("bad-{n}");
        let good = manifest(r#""a":1"#, name, mirror.upstream.url());
        let root = format!(
            r#""dist-tags":{{"latest":"1.0.0"}},"versions":{{{},"1.0.0":{good}}}"#,
            bad.replace("NAME", name)
        );
        let warnings = mirror.take(name, &root).await;
        assert_eq!(warnings.len(), 1, "{bad}: {warnings:?}");
        assert!(warnings[0].contains("is skipped: "), "{warnings:?}");
        mirror.assert_whole(name).await;
    }
    mirror.close().await;
}

async fn what_is_said_of_signatures_and_attestations_is_served(database: TestDatabase) {
    let mirror = mirror(database).await;
    let dist = |origin: &str| {
        format!(
            r#""dist":{{"shasum":"da39a3ee5e6b4b0d3255bfef95601890afd80709","tarball":"{origin}/a/-/a-1.0.0.tgz","signatures":[{{"keyid":"SHA256:x","sig":"MEU\/="}}],"attestations":{{"url":"{origin}/-/npm/v1/attestations/a@1.0.0","provenance":{{"predicateType":"https://slsa.example/v1"}}}}}}"#
        )
    };
    let theirs = dist(mirror.upstream.url());
    let root = format!(r#""versions":{{"1.0.0":{{"name":"a","version":"1.0.0",{theirs}}}}}"#);
    mirror.take("a", &root).await;
    for form in Form::ALL {
        let text = mirror.text("a", form).await;
        assert!(text.contains(&dist(BASE)), "{text}");
    }
    mirror.close().await;
}
