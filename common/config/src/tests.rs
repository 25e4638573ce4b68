//! The layers together: who wins, what is refused, and in which words.

use std::{ffi::OsString, os::unix::ffi::OsStringExt, time::Duration};

use tempfile::TempDir;
use weir_domain::{BlobStore, Bucket};

use crate::{Config, ConfigError, Flags, Loaded, Origin, Sources, setting::Setting};

/// A folder with an optional `weir.toml`, an environment and flags.
struct Bench {
    folder: TempDir,
    sources: Sources,
}

impl Bench {
    fn new(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().expect("temporary folder");
        if !file.is_empty() {
            std::fs::write(folder.path().join("weir.toml"), file).expect("written");
        }
        let setting = |key: &str| Setting::find(key).expect("a setting");
        let sources = Sources {
            folder: folder.path().to_owned(),
            environment: environment
                .iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            flags: Flags {
                file: None,
                given: flags
                    .iter()
                    .map(|(key, value)| (setting(key), (*value).to_owned()))
                    .collect(),
            },
        };
        Self { folder, sources }
    }

    fn load(&self) -> Result<Loaded, ConfigError> {
        Config::load(&self.sources)
    }

    /// Returns the error line, with the folder's path cut out.
    fn refusal(&self) -> String {
        let line = self.load().expect_err("refused").to_string();
        assert!(!line.contains('\n'), "one line: {line}");
        line.replace(&format!("{}/", self.folder.path().display()), "")
    }
}

fn refusal(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> String {
    Bench::new(file, environment, flags).refusal()
}

#[test]
fn later_layers_win_and_the_origin_is_kept() {
    let file = "tarballs = \"all\"\nlog = \"debug\"\nmax_attempts = 7\n";
    let bench = Bench::new(
        file,
        &[
            ("WEIR_LOG", "warn"),
            ("WEIR_MAX_ATTEMPTS", "8"),
            ("HOME", "/x"),
        ],
        &[("max_attempts", "9")],
    );
    let loaded = bench.load().expect("valid");
    let config = &loaded.config;
    assert_eq!(config.listen.to_string(), "127.0.0.1:7373");
    assert_eq!(config.tarballs, weir_domain::TarballPolicy::All);
    assert_eq!(config.log, "warn");
    assert_eq!(config.engine.max_attempts, 9);
    let origins = ["listen", "tarballs", "log", "max_attempts"].map(|key| loaded.origin(key));
    assert_eq!(origins[0], Origin::Default);
    assert!(origins[1].to_string().ends_with("weir.toml:tarballs"));
    assert_eq!(origins[2].to_string(), "environment WEIR_LOG");
    assert_eq!(origins[3].to_string(), "flag --max-attempts");
}

#[test]
fn every_row_of_the_table_reaches_the_configuration() {
    let loaded = Bench::new("", &[], &[]).load().expect("defaults are valid");
    let read = loaded.effective.keys_read();
    let listed = Setting::all().map(|setting| setting.key).collect();
    assert_eq!(read, listed);
}

#[test]
fn computed_defaults_follow_what_they_depend_on() {
    let bench = Bench::new("", &[], &[("data", "/d"), ("listen", "0.0.0.0:0")]);
    let config = bench.load().expect("valid").config;
    assert_eq!(config.database.as_str(), "sqlite:///d/weir.sqlite");
    assert_eq!(config.blobs, BlobStore::Folder("/d/".into()));
    assert!((4..=16).contains(&config.worker_concurrency));
    let bound = "0.0.0.0:4567".parse().expect("address");
    assert_eq!(
        config.public_bases(bound)[0].as_str(),
        "http://127.0.0.1:4567"
    );
    assert_eq!(config.engine.renewal(), Duration::from_secs(10));
}

#[test]
fn public_urls_are_a_list_in_either_spelling() {
    let expected = ["https://a.example/npm", "http://b.example:81"];
    for bench in [
        Bench::new(
            "public_url = [\"https://a.example/npm/\", \"http://b.example:81\"]",
            &[],
            &[],
        ),
        Bench::new(
            "",
            &[(
                "WEIR_PUBLIC_URL",
                "https://a.example/npm, http://b.example:81",
            )],
            &[],
        ),
    ] {
        let config = bench.load().expect("valid").config;
        let bases = config.public_bases(config.listen);
        assert_eq!(
            bases
                .iter()
                .map(weir_domain::PublicBase::as_str)
                .collect::<Vec<_>>(),
            expected
        );
    }
}

#[test]
fn a_named_file_must_be_there_and_replaces_the_usual_one() {
    let mut bench = Bench::new("log = \"debug\"", &[], &[]);
    let other = bench.folder.path().join("other.toml");
    bench.sources.flags.file = Some(other.clone());
    assert!(bench.refusal().starts_with("other.toml: cannot be read: "));
    std::fs::write(&other, "log = \"error\"").expect("written");
    assert_eq!(bench.load().expect("valid").config.log, "error");
    bench.sources.flags.file = None;
    assert_eq!(bench.load().expect("valid").config.log, "debug");
    bench.sources.environment = vec![("WEIR_CONFIG".into(), other.into())];
    assert_eq!(bench.load().expect("valid").config.log, "error");
}

#[test]
fn unknown_names_are_refused_with_the_likely_one() {
    for (line, file, environment) in [
        (
            "weir.toml line 2: unknown setting `lisen`; did you mean `listen`?",
            "log = \"info\"\nlisen = \"127.0.0.1:1\"",
            None,
        ),
        (
            "environment: unknown setting `WEIR_UPSTRAEM`; did you mean `WEIR_UPSTREAM`?",
            "",
            Some("WEIR_UPSTRAEM"),
        ),
        (
            "environment: unknown setting `WEIR_log`; did you mean `WEIR_LOG`?",
            "",
            Some("WEIR_log"),
        ),
        (
            "environment: unknown setting `WEIR_ZEBRA_CROSSING`",
            "",
            Some("WEIR_ZEBRA_CROSSING"),
        ),
        (
            "weir.toml line 1: keys are flat, without [headings]",
            "[serving]\nlisten = \"x\"",
            None,
        ),
    ] {
        let environment: Vec<_> = environment.iter().map(|name| (*name, "x")).collect();
        assert_eq!(refusal(file, &environment, &[]), line);
    }
}

#[test]
fn known_other_variables_and_empty_ones_are_let_pass() {
    let environment = [
        ("WEIR_TEST_POSTGRES_URL", "x"),
        ("WEIR_CONFIG", ""),
        ("WEIR_UPSTREAM", ""),
    ];
    let loaded = Bench::new("", &environment, &[]).load().expect("valid");
    assert_eq!(loaded.config.upstream, None);
}

#[test]
fn refused_values_name_key_origin_and_what_is_accepted() {
    for (key, value, line) in [
        (
            "listen",
            "7373",
            "listen = 7373 (flag --listen): expected an IP address and port, such as 127.0.0.1:7373",
        ),
        (
            "tarballs",
            "some",
            "tarballs = some (flag --tarballs): expected all or tagged or requested",
        ),
        (
            "lease_secs",
            "1",
            "lease_secs = 1 (flag --lease-secs): expected a whole number of seconds from 2 to 3600",
        ),
        (
            "max_attempts",
            "-1",
            "max_attempts = -1 (flag --max-attempts): expected a whole number from 1 to 100",
        ),
        (
            "allow_anonymous_sync",
            "yes",
            "allow_anonymous_sync = yes (flag --allow-anonymous-sync): expected true or false",
        ),
        (
            "durable",
            "",
            "durable = \"\" (flag --durable): expected off or full",
        ),
        (
            "redis_url",
            "rediss://u:p@h",
            "redis_url = rediss://***@h (flag --redis-url): expected a URL that begins with redis:// or unix:// (a socket)",
        ),
        (
            "trusted_proxies",
            "10.0.0.0/8,10.0.0.1/33",
            "trusted_proxies = 10.0.0.0/8,10.0.0.1/33 (flag --trusted-proxies): expected one or more IP addresses or networks such as 10.0.0.0/8, separated by commas",
        ),
        (
            "log_format",
            "xml\n",
            "log_format = xml  (flag --log-format): expected auto or text or json",
        ),
    ] {
        assert_eq!(refusal("", &[], &[(key, value)]), line);
    }
    for (key, value) in [
        ("public_url", "https://a.example,nonsense"),
        ("upstream", "ftp://registry.example"),
        ("database_url", "mysql://h/db"),
        ("redis_prefix", "a b"),
        ("blob_url", "s3://key:secret@bucket"),
        ("blob_url", "gs://bucket"),
        ("blob_secret_access_key", "two words"),
        ("blob_cache_mib", "1"),
        ("outgoing_proxy", "proxy:3128"),
        ("admin_name", "a:b"),
        ("admin_token", "has a space in it but is long enough"),
        ("token_prefix", "npm"),
        ("token_prefix", "a-b_"),
        ("worker_concurrency", "0"),
        ("log", "inof"),
        ("log", "weir_api=verbose"),
        ("data", ""),
        ("ca_file", ""),
        ("limit_tasks", "20/h burst 3"),
        ("max_followers", "0"),
    ] {
        let line = refusal("", &[], &[(key, value)]);
        assert!(line.contains("expected"), "{key}: {line}");
    }
}

#[test]
fn a_file_that_is_not_ours_is_refused_with_its_line() {
    assert!(refusal("log = \"info\"\nlog =", &[], &[]).starts_with("weir.toml line 2: "));
    assert!(
        refusal("\nlog = \"info\"\nlog = \"warn\"", &[], &[]).starts_with("weir.toml line 3: ")
    );
    assert_eq!(
        refusal("lease_secs = 1.5", &[], &[]),
        "weir.toml line 1: lease_secs: expected a whole number of seconds from 2 to 3600"
    );
}

#[test]
fn a_variable_that_is_not_text_is_refused() {
    let mut bench = Bench::new("", &[], &[]);
    let odd = OsString::from_vec(vec![0xff]);
    bench.sources.environment = vec![("WEIR_LOG".into(), odd)];
    assert_eq!(
        bench.refusal(),
        "environment WEIR_LOG: the value is not valid UTF-8"
    );
}

#[test]
fn values_that_do_not_go_together_are_refused_in_words() {
    assert_eq!(
        refusal("lease_secs = 10", &[("WEIR_SWEEP_SECS", "11")], &[]),
        "sweep_secs (environment WEIR_SWEEP_SECS): 11 s is more than lease_secs (10 s, \
         weir.toml:lease_secs): lapsed leases would be found late"
    );
    for flags in [
        [("run_limit_secs", "20"), ("silence_secs", "10")],
        [("run_limit_secs", "60"), ("silence_secs", "61")],
        [("queue_age_secs", "60"), ("lease_secs", "61")],
    ] {
        assert!(
            refusal("", &[], &flags).contains(" is more than "),
            "{flags:?}"
        );
    }
}

/// Returns the bucket that these settings describe.
fn bucket(environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Bucket {
    let config = Bench::new("", environment, flags)
        .load()
        .expect("valid")
        .config;
    match config.blobs {
        BlobStore::Bucket(bucket) => *bucket,
        BlobStore::Folder(path) => panic!("a folder: {}", path.display()),
    }
}

/// Returns the value that counts.
fn aws<'b>(bucket: &'b Bucket, name: &str) -> Option<&'b str> {
    let found = bucket.aws.0.iter().rfind(|(named, _)| named == name);
    found.map(|(_, value)| value.as_str())
}

#[test]
fn a_bucket_is_used_with_the_keys_of_its_settings_or_those_of_the_environment() {
    let theirs = [
        ("AWS_ACCESS_KEY_ID", "theirs"),
        ("AWS_SECRET_ACCESS_KEY", "their secret"),
        ("AWS_SESSION_TOKEN", "their token"),
        ("AWS_REGION", "eu-1"),
    ];
    let flags = [
        ("data", "/d"),
        ("blob_url", "s3://b/p?endpoint=http://s3.example"),
    ];
    let found = bucket(&theirs, &flags);
    assert_eq!(found.url.to_string(), "s3://b/p");
    assert_eq!(found.cache, std::path::Path::new("/d/blob-cache"));
    assert_eq!(found.cache_bytes, 10 << 30);
    assert_eq!(aws(&found, "aws_access_key_id"), Some("theirs"));
    assert_eq!(aws(&found, "aws_session_token"), Some("their token"));

    let mut ours = flags.to_vec();
    ours.extend([
        ("blob_access_key_id", "ours"),
        ("blob_secret_access_key", "our-secret"),
    ]);
    let found = bucket(&theirs, &ours);
    assert_eq!(aws(&found, "aws_access_key_id"), Some("ours"));
    assert_eq!(aws(&found, "aws_secret_access_key"), Some("our-secret"));
    assert_eq!(aws(&found, "aws_session_token"), None);
    assert_eq!(aws(&found, "aws_region"), Some("eu-1"));
}

#[test]
fn settings_of_blobs_that_do_not_go_together_are_refused_in_words() {
    let url = ("blob_url", "s3://b?endpoint=http://s3.example");
    for (flags, line) in [
        (
            vec![url],
            "blob_url (flag --blob-url): needs blob_access_key_id and blob_secret_access_key, \
             or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        ),
        (
            vec![url, ("blob_access_key_id", "k")],
            "blob_access_key_id (flag --blob-access-key-id): needs blob_secret_access_key beside it",
        ),
        (
            vec![url, ("blob_secret_access_key", "k")],
            "blob_secret_access_key (flag --blob-secret-access-key): needs blob_access_key_id beside it",
        ),
        (
            vec![("redirect_tarballs", "true")],
            "redirect_tarballs (flag --redirect-tarballs): blobs are in a folder, to which nobody \
             can be sent; see blob_url",
        ),
    ] {
        assert_eq!(refusal("", &[], &flags), line);
    }
    // AWS's own machines have roles, so there nothing needs to be said.
    bucket(&[], &[("blob_url", "s3://b")]);
}

#[test]
fn a_lease_outlasts_two_renewals_whatever_it_is() {
    for lease in ["2", "30", "3600"] {
        let flags = [
            ("lease_secs", lease),
            ("sweep_secs", "1"),
            ("run_limit_secs", "7200"),
        ];
        let engine = Bench::new("", &[], &flags)
            .load()
            .expect("valid")
            .config
            .engine;
        assert!(engine.renewal() * 2 < engine.lease, "{lease}");
    }
}

#[test]
fn timings_that_work_against_each_other_are_said_in_words() {
    let cautions = |flags: &[(&str, &str)]| {
        let loaded = Bench::new("", &[], flags).load().expect("valid");
        loaded.config.cautions()
    };
    assert_eq!(cautions(&[]), [""; 0], "the defaults go together");
    for (flags, begins) in [
        (
            &[("grace_secs", "29")][..],
            "grace_secs is 29, and stopping",
        ),
        (
            &[("lease_secs", "56")],
            "lease_secs and sweep_secs are 61 together",
        ),
        (
            &[("lease_secs", "7"), ("sweep_secs", "1")],
            "lease_secs is 7, renewed every 2.3 s",
        ),
        (
            &[
                ("database_url", "postgres://db.example/weir"),
                ("statement_timeout_secs", "31"),
            ],
            "statement_timeout_secs is 31, longer than lease_secs (30)",
        ),
        (&[("silence_secs", "30")], "silence_secs is 30: an upstream"),
        (
            &[("queue_age_secs", "3000")],
            "run_limit_secs is 3600, longer than queue_age_secs (3000)",
        ),
    ] {
        let said = cautions(flags);
        assert!(
            said.len() == 1 && said[0].starts_with(begins),
            "{flags:?}: {said:?}"
        );
    }
    for flags in [
        [("grace_secs", "28"), ("lease_secs", "55")],
        [("lease_secs", "8"), ("silence_secs", "31")],
    ] {
        assert_eq!(cautions(&flags), [""; 0], "{flags:?}");
    }
    let many = cautions(&[
        ("grace_secs", "60"),
        ("silence_secs", "5"),
        ("lease_secs", "60"),
    ]);
    assert_eq!(many.len(), 3, "each is said");
}

#[test]
fn secrets_are_neither_printed_nor_quoted() {
    const MARK: &str = "open-sesame-open-sesame-open-sesame";
    let environment = [
        ("WEIR_ADMIN_TOKEN", MARK),
        (
            "WEIR_DATABASE_URL",
            "postgres://weir:open-sesame@db.example/weir",
        ),
        (
            "WEIR_OUTGOING_PROXY",
            "http://weir:open-sesame@proxy.example",
        ),
        ("WEIR_REDIS_URL", "redis://weir:open-sesame@redis.example"),
        ("WEIR_BLOB_URL", "s3://bucket"),
        ("WEIR_BLOB_ACCESS_KEY_ID", MARK),
        ("WEIR_BLOB_SECRET_ACCESS_KEY", MARK),
        ("AWS_SESSION_TOKEN", MARK),
    ];
    let bench = Bench::new("", &environment, &[("admin_token", MARK)]);
    let loaded = bench.load().expect("valid");
    assert_eq!(
        loaded
            .config
            .admin_token
            .as_ref()
            .map(crate::Secret::reveal),
        Some(MARK)
    );
    let printed = format!("{}{loaded:?}{:?}", loaded.print(), bench.sources);
    assert!(!printed.contains("sesame"), "{printed}");
    for (key, value) in [
        ("admin_token", "sesame"),
        ("upstream", "https://u:sesame@r.example"),
        ("blob_secret_access_key", "open sesame"),
        ("blob_url", "s3://key:sesame@bucket"),
    ] {
        let line = refusal("", &[], &[(key, value)]);
        assert!(!line.contains("sesame"), "{line}");
    }
}

#[test]
fn the_printed_configuration_is_a_file_that_says_the_same() {
    let environment = [
        ("WEIR_UPSTREAM", "https://registry.example"),
        ("WEIR_DURABLE", "full"),
    ];
    let first = Bench::new("", &environment, &[("data", "/d")])
        .load()
        .expect("valid");
    let printed = first.print();
    assert!(printed.contains("# environment WEIR_DURABLE"), "{printed}");
    let second = Bench::new(&printed, &[], &[]).load().expect("valid");
    let values = |loaded: &Loaded| {
        let shown = loaded.shown().into_iter();
        shown.map(|one| (one.key, one.value)).collect::<Vec<_>>()
    };
    assert_eq!(values(&first), values(&second));
}

#[test]
fn a_persons_folder_is_absolute_or_there_is_none() {
    for (environment, expected) in [
        (&[("HOME", "/people/a")][..], Some("/people/a/.config/weir")),
        (
            &[("HOME", "/people/a"), ("XDG_CONFIG_HOME", "/x")],
            Some("/x/weir"),
        ),
        (
            &[("HOME", "/people/a"), ("XDG_CONFIG_HOME", "x")],
            Some("/people/a/.config/weir"),
        ),
        (&[("HOME", "")], None),
        (&[], None),
    ] {
        let folder = Bench::new("", environment, &[]).sources.user_folder();
        assert_eq!(folder, expected.map(Into::into), "{environment:?}");
    }
}
