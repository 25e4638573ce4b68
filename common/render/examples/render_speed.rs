//! Prints how fast a large packument is rendered: 2,900 versions of 3 KB, both forms, plain
//! and compressed.
//!
//! `cargo run --release -p weir-render --example render_speed -- [versions] [bytes]`

use std::{
    collections::BTreeMap,
    convert::Infallible,
    env,
    error::Error,
    fmt::Write as _,
    io::{self, Write},
    time::Instant,
};

use weir_domain::{
    PackageName, PublicBase, Timestamp, Version,
    manifest::{ManifestFacts, StoredManifest},
};
use weir_render::{Form, Head, Rendered, gzip_writer, render};

/// How often each way is tried; the best is printed.
const ROUNDS: usize = 5;

type Versions = Vec<(Version, StoredManifest)>;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let count: usize = args.next().map_or(Ok(2_900), |text| text.parse())?;
    let bytes: usize = args.next().map_or(Ok(3_000), |text| text.parse())?;
    let name = PackageName::parse("@scope/package")?;
    let versions = make(&name, count, bytes)?;
    let head = Head {
        name: &name,
        revision: "1-speed",
        dist_tags: &BTreeMap::new(),
        time: &versions
            .iter()
            .map(|(version, _)| (version.to_string(), "2020-01-01T00:00:00.000Z".to_owned()))
            .collect(),
        modified: Timestamp(0),
        root: &[],
    };
    let input: usize = versions.iter().map(|(_, stored)| stored.raw.len()).sum();
    for form in Form::ALL {
        let plain = best(|| run(form, &head, &versions, io::sink()))?;
        report(form, "plain", input, &plain);
        let zipped = best(|| run(form, &head, &versions, gzip_writer(io::sink())))?;
        report(form, "gzip 6", input, &zipped);
    }
    Ok(())
}

fn run<W: Write>(
    form: Form,
    head: &Head<'_>,
    versions: &Versions,
    mut out: W,
) -> Result<Rendered, Box<dyn Error>> {
    let base = PublicBase::parse("https://mirror.example/npm")?;
    let listed = versions.iter().cloned().map(Ok::<_, Infallible>);
    Ok(render(form, head, listed, &base, &mut out)?)
}

/// Returns the shortest time in seconds, and what was rendered.
fn best(
    run: impl Fn() -> Result<Rendered, Box<dyn Error>>,
) -> Result<(f64, Rendered), Box<dyn Error>> {
    let mut shortest = f64::INFINITY;
    let mut rendered = None;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        rendered = Some(run()?);
        shortest = shortest.min(start.elapsed().as_secs_f64());
    }
    Ok((shortest, rendered.ok_or("no round")?))
}

fn make(name: &PackageName, count: usize, bytes: usize) -> Result<Versions, Box<dyn Error>> {
    let mut versions = Vec::with_capacity(count);
    for number in 0..count {
        let mut raw = format!(
            r#"{{"name":"{name}","version":"1.{number}.0","description":"A package","bin":{{"cli":"bin/cli.js"}},"scripts":{{"test":"node test","postinstall":"node build"}},"dist":{{"integrity":"sha512-{number:086}==","shasum":"{number:040x}","tarball":"https://upstream.example/{name}/-/package-1.{number}.0.tgz","fileCount":12,"unpackedSize":34567}},"dependencies":{{"#
        );
        for dependency in 0..20 {
            write!(
                raw,
                r#""dependency-{dependency}":"^{dependency}.{number}.0","#
            )?;
        }
        raw.push_str(r#""last":"*"},"notes":["#);
        while raw.len() < bytes {
            let at = raw.len();
            write!(raw, r#"{{"file":"lib/{at}.js","size":{number}}},"#)?;
        }
        raw.push_str("0]}");
        let facts = ManifestFacts::read(name, &format!("1.{number}.0"), &raw)?;
        let spans = facts.spans;
        versions.push((facts.version, StoredManifest { raw, spans }));
    }
    Ok(versions)
}

#[expect(clippy::print_stdout, reason = "the output of a program")]
#[expect(clippy::cast_precision_loss, reason = "megabytes a second")]
fn report(form: Form, encoding: &str, input: usize, (seconds, rendered): &(f64, Rendered)) {
    println!(
        "{} {encoding}: {:.0} ms, {:.0} MB/s of {:.1} MB in, {:.1} MB out",
        form.as_str(),
        seconds * 1e3,
        input as f64 / 1e6 / seconds,
        input as f64 / 1e6,
        rendered.identity_len as f64 / 1e6,
    );
}
