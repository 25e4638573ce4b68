//! Prints how long a group of small blobs takes to become durable, together and one by one.
//!
//! `cargo run --release -p weir-blob --example group_speed -- [folder] [files] [bytes]`;
//! the folder is on the disk to be measured and is left empty.

use std::{env, error::Error, path::PathBuf, time::Instant};

use weir_blob::{Blobs, StagedBlob};

/// How often each way is tried; the best and the median are printed.
const ROUNDS: usize = 9;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let folder = PathBuf::from(args.next().unwrap_or_else(|| "group-speed".to_owned()));
    let files: usize = args.next().map_or(Ok(64), |text| text.parse())?;
    let bytes: usize = args.next().map_or(Ok(20 * 1024), |text| text.parse())?;
    let blobs = Blobs::open(&folder)?;
    let (mut together, mut single) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let group = stage(&blobs, files, bytes, 2 * round).await?;
        let start = Instant::now();
        blobs.publish(group).await?;
        together.push(start.elapsed());

        let group = stage(&blobs, files, bytes, 2 * round + 1).await?;
        let start = Instant::now();
        for staged in group {
            blobs.publish(vec![staged]).await?;
        }
        single.push(start.elapsed());
    }
    for (name, mut times) in [("as a group", together), ("one by one", single)] {
        times.sort();
        report(&format!(
            "{files} files of {bytes} bytes {name}: best {:?}, median {:?}",
            times[0],
            times[ROUNDS / 2]
        ));
    }
    drop(blobs);
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

/// Stages files that no other round has.
async fn stage(
    blobs: &Blobs,
    files: usize,
    bytes: usize,
    round: usize,
) -> Result<Vec<StagedBlob>, Box<dyn Error>> {
    let mut group = Vec::with_capacity(files);
    for file in 0..files {
        let mut text = format!("{round} {file} ").into_bytes();
        text.resize(bytes, b'.');
        group.push(blobs.stage(text.into()).await?);
    }
    Ok(group)
}

#[expect(clippy::print_stdout, reason = "the output of a program")]
fn report(line: &str) {
    println!("{line}");
}
