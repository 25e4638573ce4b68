//! Prints how small files become in each encoding, and what that takes: for choosing how hard
//! to try.
//!
//! `cargo run --release --workspace --example encoding_speed -- FILE…`

use std::{
    env,
    error::Error,
    io::{self, Write},
    time::Instant,
};

use brotli::enc::BrotliEncoderParams;
use weir_render::gzip_writer;

/// How often each is tried; the best is printed.
const ROUNDS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    for file in env::args().skip(1) {
        let text = std::fs::read(&file)?;
        report(&file, text.len(), 0.0);
        measure("gzip 6", || {
            let mut writer = gzip_writer(Vec::new());
            writer.write_all(&text)?;
            writer.finish()
        })?;
        for quality in [4, 5, 6, 7, 9, 11] {
            measure(&format!("br {quality}"), || {
                let bits = i32::try_from(text.len().max(2).ilog2() + 1);
                let parameters = BrotliEncoderParams {
                    quality,
                    lgwin: bits.map_or(22, |bits| bits.clamp(18, 22)),
                    size_hint: text.len(),
                    ..BrotliEncoderParams::default()
                };
                let mut out = Vec::new();
                brotli::BrotliCompress(&mut &text[..], &mut out, &parameters)?;
                Ok(out)
            })?;
        }
        for level in [3, 6, 9, 12, 15, 19] {
            measure(&format!("zstd {level}"), || {
                let mut writer = zstd::Encoder::new(Vec::new(), level)?;
                writer.set_pledged_src_size(Some(text.len() as u64))?;
                writer.write_all(&text)?;
                writer.finish()
            })?;
        }
    }
    Ok(())
}

fn measure(what: &str, run: impl Fn() -> io::Result<Vec<u8>>) -> io::Result<()> {
    let mut best = (0, f64::INFINITY);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let bytes = run()?.len();
        let took = began.elapsed().as_secs_f64() * 1e3;
        best = (bytes, took.min(best.1));
    }
    report(what, best.0, best.1);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the output of a program")]
fn report(what: &str, bytes: usize, milliseconds: f64) {
    println!("{what:<12} {bytes:>9} bytes {milliseconds:>9.2} ms");
}
