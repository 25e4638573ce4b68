//! One look at a packument, through one API.

use std::panic::{AssertUnwindSafe, catch_unwind};

use weir_testkit::{StandIn, client};
use weir_tests::packument::assert_mirrors;

use crate::stage::PUBLIC_URL;

/// What was seen.
#[derive(Debug)]
pub enum Seen {
    /// A packument that is whole and upstream's.
    Whole,
    /// Something else instead, and what is wrong with it.
    Wrong(String),
    /// Neither a packument nor a 404.
    Error(u16),
    /// There is none yet, or nobody answers.
    Nothing,
}

/// Reads a packument and compares it with upstream's.
pub async fn look(api: &str, name: &str, upstream: &StandIn) -> Seen {
    let host = PUBLIC_URL.trim_start_matches("http://");
    let call = client::get(format!("{api}/{name}")).header("host", host);
    match call.send().await {
        Err(_) => Seen::Nothing,
        Ok(reply) if reply.status == 404 => Seen::Nothing,
        Ok(reply) if reply.status != 200 => Seen::Error(reply.status),
        Ok(reply) => {
            let theirs = upstream.packument_of(name);
            let compared = caught(|| assert_mirrors(&reply.json(), &theirs, PUBLIC_URL));
            compared.map_or_else(Seen::Wrong, |()| Seen::Whole)
        }
    }
}

/// Runs a check that panics when it fails; says what it said.
pub fn caught(check: impl FnOnce()) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(check)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_default()
    })
}
