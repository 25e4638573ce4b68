//! Where blobs are kept: a folder of this machine, or a bucket of an S3-compatible store.
//!
//! `s3://bucket/prefix?endpoint=…&region=…&path_style=…`. The URL never carries secrets:
//! credentials come beside it and are not shown.

use std::{fmt, path::PathBuf};

use url::Url;

/// Longest name of a bucket, in characters; real ones have at most 63.
const MAX_NAME_CHARS: usize = 255;

/// Where blobs are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlobStore {
    /// A folder.
    Folder(PathBuf),
    /// A bucket, read through a folder.
    Bucket(Box<Bucket>),
}

/// A bucket and all it takes to use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Where it is.
    pub url: BucketUrl,
    /// Credentials, and whatever else the AWS tools would read from their environment.
    pub aws: AwsSettings,
    /// Further certificate authorities, as PEM.
    pub ca_file: Option<PathBuf>,
    /// The folder of the local cache and of what is being written.
    pub cache: PathBuf,
    /// Most bytes kept there.
    pub cache_bytes: u64,
}

/// Where a bucket is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketUrl {
    /// Its name.
    pub name: String,
    /// What every key begins with, without slashes at its ends; may be empty.
    pub prefix: String,
    /// The server, unless it is AWS's own.
    pub endpoint: Option<Url>,
    /// The region that requests are signed for.
    pub region: Option<String>,
    /// Whether the bucket stands in the path; otherwise it is the first label of the host.
    pub is_path_style: bool,
}

/// Settings by the names the AWS tools give them, as `aws_access_key_id`; later ones win.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AwsSettings(pub Vec<(String, String)>);

impl AwsSettings {
    /// Says whether one of these names has a value.
    pub fn has_any(&self, names: &[&str]) -> bool {
        self.0
            .iter()
            .any(|(name, _)| names.contains(&name.as_str()))
    }
}

/// Shows names only.
impl fmt::Debug for AwsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

impl BucketUrl {
    /// Reads a URL; `None` if it is not one, or says something unknown or secret.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok().filter(|url| url.scheme() == "s3")?;
        let is_bare = url.username().is_empty()
            && url.password().is_none()
            && url.port().is_none()
            && url.fragment().is_none();
        let mut bucket = Self {
            name: url
                .host_str()
                .filter(|name| is_bare && is_name(name))?
                .to_owned(),
            prefix: prefix(url.path())?,
            endpoint: None,
            region: None,
            is_path_style: false,
        };
        let mut is_path_style = None;
        for (name, value) in url.query_pairs() {
            match &*name {
                "endpoint" if bucket.endpoint.is_none() => {
                    bucket.endpoint = Some(endpoint(&value)?);
                }
                "region" if bucket.region.is_none() && is_word(&value) => {
                    bucket.region = Some(value.into_owned());
                }
                "path_style" if is_path_style.is_none() => {
                    is_path_style = Some(value.parse().ok()?);
                }
                _ => return None,
            }
        }
        // AWS wants the bucket in the host, most other servers want it in the path.
        bucket.is_path_style = is_path_style.unwrap_or(bucket.endpoint.is_some());
        Some(bucket)
    }
}

/// As people write it, without what stands after the question mark.
impl fmt::Display for BucketUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slash = if self.prefix.is_empty() { "" } else { "/" };
        write!(f, "s3://{}{slash}{}", self.name, self.prefix)
    }
}

fn is_name(text: &str) -> bool {
    (1..=MAX_NAME_CHARS).contains(&text.len()) && is_word(text)
}

fn is_word(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !text.is_empty() && text.chars().all(is_plain)
}

fn prefix(path: &str) -> Option<String> {
    let path = path.trim_matches('/');
    let is_step = |part: &str| is_word(part) && part != "." && part != "..";
    (path.is_empty() || path.split('/').all(is_step)).then(|| path.to_owned())
}

fn endpoint(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    is_plain.then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_read_with_all_that_is_said_of_it() {
        let text =
            "s3://packages/weir/eu/?endpoint=http://127.0.0.1:9000&region=eu-1&path_style=false";
        let bucket = BucketUrl::parse(text).expect("valid");
        assert_eq!(bucket.to_string(), "s3://packages/weir/eu");
        assert_eq!(
            bucket.endpoint.as_ref().map(Url::as_str),
            Some("http://127.0.0.1:9000/")
        );
        assert_eq!(bucket.region.as_deref(), Some("eu-1"));
        assert!(!bucket.is_path_style);
    }

    #[test]
    fn the_bucket_stands_in_the_path_of_servers_that_are_not_aws() {
        let is_path_style = |text| BucketUrl::parse(text).expect("valid").is_path_style;
        assert!(!is_path_style("s3://b"));
        assert!(is_path_style("s3://b?endpoint=https://s3.example"));
        assert!(is_path_style("s3://b?path_style=true"));
    }

    #[test]
    fn what_is_unknown_doubtful_or_secret_is_refused() {
        for text in [
            "",
            "s3://",
            "s3:bucket",
            "http://bucket/x",
            "s3://key:secret@bucket",
            "s3://bucket:9000/x",
            "s3://bucket/a//b",
            "s3://bucket/a%20b",
            "s3://bucket/x#y",
            "s3://bucket?endpoint=s3.example",
            "s3://bucket?endpoint=ftp://s3.example",
            "s3://bucket?endpoint=http://u:p@s3.example",
            "s3://bucket?region=",
            "s3://bucket?path_style=yes",
            "s3://bucket?path_style=true&path_style=true",
            "s3://bucket?secret_access_key=x",
        ] {
            assert_eq!(BucketUrl::parse(text), None, "{text}");
        }
    }

    #[test]
    fn aws_settings_show_their_names_only() {
        let aws = AwsSettings(vec![(
            "aws_secret_access_key".to_owned(),
            "sesame".to_owned(),
        )]);
        assert_eq!(format!("{aws:?}"), "[\"aws_secret_access_key\"]");
        assert!(aws.has_any(&["aws_secret_access_key"]));
        assert!(!aws.has_any(&["aws_role_arn"]));
    }
}
