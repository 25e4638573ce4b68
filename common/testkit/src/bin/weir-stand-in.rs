//! An npm registry of made packages on loopback, for scripts and load tests.
//!
//! Prints its URL as its first line and serves until it is killed.

use clap::Parser;
use weir_testkit::stand_in::command::{Options, serve_forever};

#[derive(Parser)]
#[command(about = "An npm registry of made packages, for tests")]
struct Arguments {
    #[command(flatten)]
    options: Options,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    serve_forever(Arguments::parse().options, std::io::stdout()).await
}
