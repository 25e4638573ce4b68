//! The client of one bucket: address, credentials, times, trust.
//!
//! Requests that fail in passing (5xx, 429, a refused or cut connection) are repeated by
//! `object_store` with growing pauses. There is no limit on a whole request: a blob may be
//! large; a connection on which nothing moves is given up.

use std::{fs, str::FromStr, time::Duration};

use object_store::{
    BackoffConfig, Certificate, ClientConfigKey, ClientOptions, HeaderValue, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey},
    path::Path,
    prefix::PrefixStore,
};
use url::Url;
use weir_domain::{Bucket, BucketUrl};

use super::failure::reason;
use crate::{BlobError, Reason};

/// How long the store is waited for.
#[derive(Debug, Clone)]
pub(crate) struct Patience {
    /// For a connection.
    pub(crate) connect: Duration,
    /// For the next byte; also for the answer to an upload, which begins when the upload
    /// does, so it bounds how slow the line may be.
    pub(crate) read: Duration,
    /// From the first try of a request to the last that is begun.
    pub(crate) retries: Duration,
    /// The longest pause between two tries.
    pub(crate) pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            read: Duration::from_secs(60),
            retries: Duration::from_secs(20),
            pause: Duration::from_secs(5),
        }
    }
}

/// The pause after the first failure.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The most tries after the first; the time ends them sooner.
const RETRIES: usize = 10;

/// Makes the client; asks nothing of anybody.
pub(super) fn build(
    bucket: &Bucket,
    patience: &Patience,
) -> Result<PrefixStore<AmazonS3>, BlobError> {
    let unusable = |source| BlobError::Bucket {
        bucket: bucket.url.to_string(),
        source,
    };
    let options = client_options(bucket, patience).map_err(unusable)?;
    let mut builder = AmazonS3Builder::new();
    for (name, value) in &bucket.aws.0 {
        // The AWS tools have many settings that are not about this.
        if let Ok(key) = AmazonS3ConfigKey::from_str(name) {
            builder = builder.with_config(key, value);
        }
    }
    if let Some(endpoint) = endpoint(&bucket.url) {
        builder = builder.with_config(AmazonS3ConfigKey::S3Endpoint, endpoint);
    }
    if let Some(region) = &bucket.url.region {
        builder = builder.with_region(region);
    }
    let client = builder
        .with_bucket_name(&bucket.url.name)
        .with_virtual_hosted_style_request(!bucket.url.is_path_style)
        // One request each, which every store has; not every one has the bulk request.
        .with_disable_bulk_delete(true)
        .with_client_options(options)
        .with_retry(RetryConfig {
            backoff: BackoffConfig {
                init_backoff: FIRST_PAUSE,
                max_backoff: patience.pause,
                base: 2.0,
            },
            max_retries: RETRIES,
            retry_timeout: patience.retries,
        })
        .build()
        .map_err(|error| unusable(reason(&error)))?;
    Ok(PrefixStore::new(
        client,
        Path::from(bucket.url.prefix.as_str()),
    ))
}

/// Returns the server's address as `object_store` wants it: with the bucket in the host, if
/// it is to stand there.
fn endpoint(url: &BucketUrl) -> Option<String> {
    let mut endpoint = url.endpoint.clone()?;
    if !url.is_path_style {
        let host = format!("{}.{}", url.name, endpoint.host_str()?);
        endpoint.set_host(Some(&host)).ok()?;
    }
    Some(endpoint.as_str().trim_end_matches('/').to_owned())
}

fn client_options(bucket: &Bucket, patience: &Patience) -> Result<ClientOptions, Reason> {
    let is_plain = |url: &Url| url.scheme() == "http";
    let is_plain = bucket.url.endpoint.as_ref().is_some_and(is_plain);
    let mut options = ClientOptions::new()
        .with_user_agent(HeaderValue::from_static(concat!(
            "weir/",
            env!("CARGO_PKG_VERSION")
        )))
        .with_timeout_disabled()
        .with_connect_timeout(patience.connect)
        .with_read_timeout(patience.read)
        // A proxy for no host and no address: naming one keeps the environment's from being
        // used.
        .with_proxy_url("http://127.0.0.1:9")
        .with_proxy_excludes("*,0.0.0.0/0,::/0");
    if is_plain {
        // The system's authorities need not even be there.
        options = options
            .with_allow_http(true)
            .with_config(ClientConfigKey::NoSystemCertificates, "true");
    }
    let Some(file) = &bucket.ca_file else {
        return Ok(options);
    };
    let unusable = |error: &dyn std::error::Error| Reason(format!("{}: {error}", file.display()));
    let pem = fs::read(file).map_err(|error| unusable(&error))?;
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| unusable(&error))?;
    Ok(certificates
        .into_iter()
        .fold(options, ClientOptions::with_root_certificate))
}
