//! Whether the committed clients were made from the committed document.
//!
//! Each says in its head of which document it was made, by digest; `openapi/clients/generate`
//! makes them.

use sha2::{Digest, Sha256};

/// The files that are made, each with its text.
const CLIENTS: [(&str, &str); 2] = [
    (
        "openapi/clients/rust/src/generated.rs",
        include_str!("../clients/rust/src/generated.rs"),
    ),
    (
        "openapi/clients/typescript/src/document.ts",
        include_str!("../clients/typescript/src/document.ts"),
    ),
];

/// Returns the clients that were made from another document than this.
pub fn stale(document: &str) -> Vec<&'static str> {
    let digest = hex::encode(Sha256::digest(document));
    let mark = format!(" document: sha256:{digest}");
    let is_fresh = |text: &str| text.lines().take(5).any(|line| line.ends_with(&mark));
    let stale = CLIENTS.iter().filter(|(_, text)| !is_fresh(text));
    stale.map(|(name, _)| *name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_document_needs_other_clients() {
        assert_eq!(stale("{}").len(), CLIENTS.len());
    }
}
