//! One version's manifest in either form.

use weir_domain::{PackageName, PublicBase, Version, manifest::StoredManifest};

use crate::{Form, abbreviated};

/// The stored text is not a manifest.
#[derive(Debug, thiserror::Error)]
#[error("the manifest does not parse")]
pub struct BadManifest(#[from] serde_json::Error);

/// Renders the manifest of one version. The full form is sliced, not parsed.
///
/// # Errors
/// [`BadManifest`], in the abbreviated form only.
pub fn render_manifest(
    form: Form,
    package: &PackageName,
    version: &Version,
    manifest: &StoredManifest,
    base: &PublicBase,
) -> Result<Vec<u8>, BadManifest> {
    let mut full = Vec::with_capacity(manifest.raw.len() + base.as_str().len());
    manifest.write_to(&mut full, package, version, base);
    match form {
        Form::Full => Ok(full),
        Form::Abbreviated => {
            let mut short = Vec::with_capacity(full.len() / 2);
            abbreviated::write(&full, &mut short)?;
            Ok(short)
        }
    }
}
