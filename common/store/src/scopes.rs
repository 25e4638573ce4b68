//! Scopes that are private to this mirror: their names are never told to an upstream.
//!
//! A list in one setting until scopes have a table of their own.

use sea_orm::ConnectionTrait;
use weir_domain::PackageName;

use crate::{StoreError, settings};

/// The setting that holds the private scopes, as a JSON list of `@scope`.
pub const PRIVATE_SETTING: &str = "private_scopes";

/// Returns the private scopes, each with its `@`.
///
/// # Errors
/// If the database cannot be asked, or the setting is not readable: then nobody may guess.
pub async fn private(connection: &impl ConnectionTrait) -> Result<Vec<String>, StoreError> {
    let Some(text) = settings::find(connection, PRIVATE_SETTING).await? else {
        return Ok(Vec::new());
    };
    serde_json::from_str(&text).map_err(|_| StoreError::Corrupt {
        table: "settings",
        column: "value",
        id: PRIVATE_SETTING.to_owned(),
    })
}

/// Says whether the name lies in one of `scopes`.
pub fn covers(scopes: &[String], name: &PackageName) -> bool {
    let Some(scope) = name.scope() else {
        return false;
    };
    let mut listed = scopes.iter().filter_map(|listed| listed.strip_prefix('@'));
    listed.any(|listed| listed.eq_ignore_ascii_case(scope))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_covers_its_own_names_only() {
        let scopes = ["@acme".to_owned()];
        let is_private = |name: &str| covers(&scopes, &PackageName::parse(name).expect("valid"));
        assert!(is_private("@acme/a") && is_private("@Acme/a"));
        assert!(!is_private("@acme2/a") && !is_private("acme") && !is_private("@ac/me"));
    }
}
