//! Where blobs are kept, put together from several settings.
//!
//! Credentials come from settings of ours, else from where the AWS tools look for them. A
//! store that is not AWS's cannot know roles of AWS's machines, so there they must be given.

use weir_domain::{AwsSettings, BlobStore, Bucket};

use crate::{ConfigError, Secret, Sources, config::absolute, effective::Effective, urls::BlobUrl};

/// Below the data folder: what is read from a bucket, and what is being written to it.
const CACHE: &str = "blob-cache";

const KEY_ID: &str = "aws_access_key_id";
const SECRET: &str = "aws_secret_access_key";

/// What may stand for a pair of keys.
const INSTEAD: [&str; 4] = [
    KEY_ID,
    "aws_web_identity_token_file",
    "aws_container_credentials_full_uri",
    "aws_skip_signature",
];

const MIB: u64 = 1024 * 1024;

/// Reads all settings of blobs.
pub(crate) fn read(from: &Effective, sources: &Sources) -> Result<BlobStore, ConfigError> {
    let key_id = from.find("blob_access_key_id", secret)?;
    let secret = from.find("blob_secret_access_key", secret)?;
    let cache_bytes = from.number("blob_cache_mib")?.saturating_mul(MIB);
    let url = match from.get("blob_url", BlobUrl::parse)? {
        BlobUrl::Folder(path) => return folder(path, from),
        BlobUrl::Bucket(url) => url,
    };
    let mut aws = sources.aws();
    match (key_id, secret) {
        (Some(key_id), Some(secret)) => {
            // A token of the environment belongs to its keys, not to these.
            aws.retain(|(name, _)| name != "aws_session_token");
            aws.push((KEY_ID.to_owned(), key_id.reveal().to_owned()));
            aws.push((SECRET.to_owned(), secret.reveal().to_owned()));
        }
        (None, None) => {}
        (Some(_), None) => return Err(alone(from, "blob_access_key_id", "blob_secret_access_key")),
        (None, Some(_)) => return Err(alone(from, "blob_secret_access_key", "blob_access_key_id")),
    }
    let aws = AwsSettings(aws);
    if url.endpoint.is_some() && !aws.has_any(&INSTEAD) {
        return Err(ConfigError::Contradiction {
            key: "blob_url",
            origin: from.origin("blob_url"),
            reason: "needs blob_access_key_id and blob_secret_access_key, or AWS_ACCESS_KEY_ID \
                     and AWS_SECRET_ACCESS_KEY"
                .to_owned(),
        });
    }
    Ok(BlobStore::Bucket(Box::new(Bucket {
        url,
        aws,
        ca_file: from.find("ca_file", absolute)?,
        cache: from.get("data", absolute)?.join(CACHE),
        cache_bytes,
    })))
}

fn folder(path: std::path::PathBuf, from: &Effective) -> Result<BlobStore, ConfigError> {
    if from.word("redirect_tarballs")? {
        return Err(ConfigError::Contradiction {
            key: "redirect_tarballs",
            origin: from.origin("redirect_tarballs"),
            reason: "blobs are in a folder, to which nobody can be sent; see blob_url".to_owned(),
        });
    }
    Ok(BlobStore::Folder(path))
}

fn alone(from: &Effective, key: &'static str, other: &str) -> ConfigError {
    ConfigError::Contradiction {
        key,
        origin: from.origin(key),
        reason: format!("needs {other} beside it"),
    }
}

fn secret(text: &str) -> Option<Secret> {
    let is_word = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    is_word.then(|| Secret::new(text))
}
