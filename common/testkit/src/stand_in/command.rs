//! The stand-in as a program, for scripts and load tests: flags, and serving for ever.

use std::{io::Write, net::SocketAddr, path::PathBuf};

use anyhow::Context;
use tokio::net::TcpListener;

use super::StandIn;
use crate::presets;

/// What the program `weir-stand-in` takes.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Speak TLS, and write the throw-away authority's certificate here as PEM
    #[arg(long, value_name = "FILE")]
    pub tls_ca_out: Option<PathBuf>,
    /// A tree of packages under this root instead of a flat crowd
    #[arg(long, value_name = "NAME")]
    pub root: Option<String>,
    /// How many packages (of a tree, at least)
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub packages: usize,
    /// How many versions each package of a flat crowd has
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub versions: usize,
    /// About how large each tarball of a flat crowd is
    #[arg(long, value_name = "BYTES", default_value_t = 2000)]
    pub tarball_bytes: usize,
    /// Also one package `many-versions` with so many versions
    #[arg(long, value_name = "N")]
    pub many_versions: Option<usize>,
    /// Also the real packuments of this folder
    #[arg(long, value_name = "FOLDER")]
    pub fixtures: Option<PathBuf>,
}

/// Starts a stand-in as the options say, writes its URL as one line, and serves until the
/// process ends.
///
/// What was asked can be read at `/-/stand-in/report`.
pub async fn serve_forever(options: Options, mut out: impl Write) -> anyhow::Result<()> {
    let stand_in = start(options).await?;
    writeln!(out, "{}", stand_in.url())?;
    out.flush()?;
    std::future::pending::<()>().await;
    Ok(())
}

async fn start(options: Options) -> anyhow::Result<StandIn> {
    let listener = TcpListener::bind(options.listen).await;
    let listener = listener.with_context(|| format!("listening on {}", options.listen))?;
    let mut builder = StandIn::builder().listener(listener);
    builder = builder.packages(match &options.root {
        Some(root) => presets::tree(root, options.packages),
        None => presets::flat(options.packages, options.versions, options.tarball_bytes),
    });
    if let Some(count) = options.many_versions {
        builder = builder.package(presets::versions(count));
    }
    if let Some(folder) = options.fixtures {
        builder = builder.fixtures(folder);
    }
    if options.tls_ca_out.is_some() {
        builder = builder.https().http2();
    }
    let stand_in = builder.start().await;
    if let (Some(file), Some(ca)) = (&options.tls_ca_out, stand_in.ca()) {
        ca.write(file)
            .with_context(|| format!("writing {}", file.display()))?;
    }
    Ok(stand_in)
}
