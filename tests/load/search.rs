//! Searches over many packages: how long one takes, by what it asks for, on both engines.
//!
//! Packages are made visible by the very function that a sync calls. Their words are drawn
//! so that a few are in very many and most in few, as in languages.

use std::{sync::Arc, time::Instant};

use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;
use weir_domain::{
    PackageName, RegistryId, Timestamp, Version, manifest::ManifestFacts, search::Query,
};
use weir_store::{
    ConnectionTrait, DatabaseConfig, Db, NoListener, StoreError, Tx,
    access::Viewer,
    packages::{self, Flip, Head, UpstreamMark},
    search::{self, Page},
    versions::{self, NewVersion},
};
use weir_testkit::TestDatabase;

use crate::sample::percentile;

/// Words there are.
const WORDS: usize = 20_000;
/// Packages in one transaction.
const BATCH: usize = 200;

/// What to measure on.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Packages
    #[arg(long, default_value_t = 100_000)]
    packages: usize,
    /// Searches of each kind
    #[arg(long, default_value_t = 200)]
    searches: usize,
    /// What the words are drawn with
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

/// Measures and prints.
pub async fn run(options: &Options) -> anyhow::Result<()> {
    for database in [TestDatabase::sqlite().await, TestDatabase::postgres().await] {
        measure(options, &database).await?;
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a program that prints a table")]
async fn measure(options: &Options, database: &TestDatabase) -> anyhow::Result<()> {
    let config = DatabaseConfig::new(database.url());
    let db = Db::open(&config, Arc::new(NoListener)).await?;
    let mut words = Words(StdRng::seed_from_u64(options.seed));
    let began = Instant::now();
    for first in (0..options.packages).step_by(BATCH) {
        let last = (first + BATCH).min(options.packages);
        let batch: Vec<_> = (first..last).map(|n| words.package(n)).collect();
        db.write(move |tx| Box::pin(async move { show(tx, batch).await }))
            .await?;
    }
    let took = began.elapsed().as_secs_f64();
    db.write(|tx| {
        Box::pin(async move {
            // As either engine does by itself, sooner or later.
            tx.execute_unprepared("ANALYZE").await?;
            Ok(())
        })
    })
    .await?;
    println!(
        "{:?}, {} packages, made in {took:.0} s\n",
        database.engine(),
        options.packages
    );
    println!("| what is asked for | found, median | p50 | p99 | longest |");
    println!("|---|---:|---:|---:|---:|");
    for (what, ask) in KINDS {
        let (mut times, mut found) = (Vec::new(), Vec::new());
        for _ in 0..options.searches {
            let query = Query::read(&ask(&mut words));
            let began = Instant::now();
            let hits = search::find(
                db.read(),
                &query,
                Viewer::Stranger,
                Page { from: 0, size: 20 },
            )
            .await?;
            times.push(began.elapsed().as_secs_f64() * 1e3);
            found.push(f64::from(u32::try_from(hits.total)?));
        }
        let [p50, p99, longest] = [50.0, 99.0, 100.0].map(|p| percentile(&times, p));
        let found = percentile(&found, 50.0);
        println!("| {what} | {found:.0} | {p50:.1} ms | {p99:.1} ms | {longest:.1} ms |");
    }
    println!();
    db.close().await;
    Ok(())
}

/// Makes a text to search for.
type Ask = fn(&mut Words) -> String;

const KINDS: [(&str, Ask); 8] = [
    ("the commonest word", |_| word(0)),
    ("the beginning of the commonest word, two letters", |_| {
        word(0)[..2].to_owned()
    }),
    ("a word as it comes", Words::common),
    ("the beginning of a word as it comes, three letters", |w| {
        w.common()[..3].to_owned()
    }),
    ("a rare word", Words::rare),
    ("two words as they come", |w| {
        format!("{} {}", w.common(), w.common())
    }),
    ("four words, the commonest among them", |w| {
        format!("{} {} {} {}", word(0), word(1), w.common(), w.common())
    }),
    ("a keyword", |w| format!("keywords:{}", w.common())),
];

/// Draws words, and packages made of them.
struct Words(StdRng);

impl Words {
    /// Returns a word: the n-th is drawn in proportion to 1/n.
    fn common(&mut self) -> String {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place in the list of words"
        )]
        let place = ((WORDS as f64).ln() * self.0.random::<f64>()).exp() as usize - 1;
        word(place)
    }

    fn rare(&mut self) -> String {
        let place = self.0.random_range(WORDS / 2..WORDS);
        word(place)
    }

    fn some(&mut self, least: usize, most: usize) -> Vec<String> {
        let count = self.0.random_range(least..=most);
        (0..count).map(|_| self.common()).collect()
    }

    fn package(&mut self, number: usize) -> (PackageName, NewVersion) {
        let words = self.some(1, 2).join("-");
        let scope = if self.0.random_bool(0.2) {
            format!("@{}/", self.common())
        } else {
            String::new()
        };
        let name = format!("{scope}{words}-{number:x}");
        let manifest = json!({
            "name": name, "version": "1.0.0",
            "description": self.some(4, 12).join(" "),
            "keywords": self.some(0, 6),
            "maintainers": [{"name": self.common(), "email": "somebody@example.org"}],
            "dist": {"tarball": "https://up.example/a.tgz"},
        });
        let name = PackageName::parse(&name).expect("words make a name");
        let raw = manifest.to_string();
        let new = NewVersion {
            facts: ManifestFacts::read(&name, "1.0.0", &raw).expect("a manifest"),
            raw,
            published_at: None,
            keeps_tarball: false,
        };
        (name, new)
    }
}

/// Returns the n-th word, of two syllables or more.
fn word(place: usize) -> String {
    const SYLLABLES: [&str; 32] = [
        "re", "act", "no", "de", "ser", "ver", "pack", "age", "lo", "ad", "er", "type", "script",
        "web", "css", "html", "ui", "api", "plug", "in", "test", "run", "ner", "data", "base",
        "graph", "ql", "mon", "go", "time", "zone", "ed",
    ];
    let mut text = String::new();
    let mut rest = place + SYLLABLES.len();
    while rest > 0 {
        text.push_str(SYLLABLES[rest % SYLLABLES.len()]);
        rest /= SYLLABLES.len();
    }
    text
}

/// Makes new packages visible.
async fn show(tx: &Tx, batch: Vec<(PackageName, NewVersion)>) -> Result<(), StoreError> {
    let registry = RegistryId::new();
    for (name, new) in batch {
        let package = packages::ensure(tx, &name, registry, Timestamp(0)).await?;
        let head = Head {
            dist_tags: [(
                "latest".to_owned(),
                Version::parse("1.0.0").expect("a version"),
            )]
            .into(),
            ..Head::default()
        };
        versions::stage(tx, package.id, 1, &[new]).await?;
        let flip = Flip {
            package: package.id,
            name,
            from_revision: 0,
            policy_generation: 0,
            head,
            upstream: UpstreamMark::default(),
        };
        packages::flip(tx, &flip, &[], Timestamp(0)).await?;
    }
    Ok(())
}
