//! What the first start tells a person at a terminal: where it is, and what to try next.

use std::{io::Write, net::SocketAddr};

use weir_config::{Loaded, Origin};

use super::address::local_url;
use crate::client::ADMIN_TOKEN_FILE;

/// Writes the greeting.
pub(super) fn write(
    out: &mut impl Write,
    loaded: &Loaded,
    bound: SocketAddr,
    program: &str,
) -> std::io::Result<()> {
    let config = &loaded.config;
    let url = local_url(bound);
    writeln!(out, "weir listens on {url}")?;
    match &config.upstream {
        Some(upstream) => writeln!(out, "It mirrors {upstream}")?,
        None => writeln!(
            out,
            "It mirrors nothing yet: name an upstream with --upstream URL"
        )?,
    }
    if config.admin_token.is_none() {
        let path = config.data.join(ADMIN_TOKEN_FILE);
        writeln!(out, "The admin token lies in {}", path.display())?;
    }
    let data = match loaded.origin("data") {
        Origin::Default => String::new(),
        _ => format!(" --data {}", config.data.display()),
    };
    writeln!(out, "\nNow try, in another terminal:")?;
    writeln!(out, "  {program} sync express --follow{data}")?;
    writeln!(out, "  npm install express --registry {url}")
}

#[cfg(test)]
mod tests {
    use weir_config::{Config, Sources};

    use super::*;

    #[test]
    fn the_greeting_names_address_token_and_two_commands() {
        let sources = Sources {
            folder: "/nowhere".into(),
            environment: vec![("WEIR_UPSTREAM".into(), "https://registry.example".into())],
            ..Sources::default()
        };
        let loaded = Config::load(&sources).expect("valid");
        let mut text = Vec::new();
        let bound = "127.0.0.1:7373".parse().expect("address");
        write(&mut text, &loaded, bound, "target/release/weir").expect("written");
        let text = String::from_utf8(text).expect("text");
        let token = loaded.config.data.join(ADMIN_TOKEN_FILE);
        for part in [
            "weir listens on http://127.0.0.1:7373\n",
            "It mirrors https://registry.example/\n",
            &format!("The admin token lies in {}\n", token.display()),
            "  target/release/weir sync express --follow\n",
            "  npm install express --registry http://127.0.0.1:7373\n",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
