//! Building the HTTP clients: the only place in weir that does.
//!
//! TLS is rustls with ring, given as a finished configuration, so that no process-wide
//! provider is needed. Roots are the system's; where there are none (an empty container)
//! Mozilla's as compiled in; and always those of the CA file beside them.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::{
    InvalidConfig, UpstreamConfig,
    guard::{GuardedResolver, Lookup, Pool},
};

/// Connections kept for reuse; below the idle limit of common servers.
const POOL_IDLE: std::time::Duration = std::time::Duration::from_secs(30);

pub(crate) fn tls(ca_file: Option<&Path>) -> Result<ClientConfig, InvalidConfig> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    if let Some(path) = ca_file {
        add_file(&mut roots, path).map_err(|why| InvalidConfig::CaFile {
            path: path.to_owned(),
            why,
        })?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| InvalidConfig::Client(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), String> {
    let file = std::fs::read(path).map_err(|error| error.to_string())?;
    let mut count = 0;
    for certificate in CertificateDer::pem_slice_iter(&file) {
        let certificate = certificate.map_err(|error| error.to_string())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
        count += 1;
    }
    match count {
        0 => Err("it holds no certificate in PEM form".to_owned()),
        _ => Ok(()),
    }
}

pub(super) fn client(
    config: &UpstreamConfig,
    tls: ClientConfig,
    pool: Pool,
    lookup: &Arc<dyn Lookup>,
) -> Result<reqwest::Client, InvalidConfig> {
    let proxy = config
        .outgoing_proxy
        .as_ref()
        .filter(|_| pool == Pool::Public);
    let proxy_host = proxy.and_then(|url| Some(url.host_str()?.to_owned()));
    let resolver = GuardedResolver::new(pool, Arc::clone(lookup), proxy_host);
    let mut builder = bare(tls)
        .user_agent(config.user_agent.as_str())
        .connect_timeout(config.timeouts.connect)
        .pool_idle_timeout(POOL_IDLE)
        .http2_keep_alive_interval(config.timeouts.silence)
        .dns_resolver(resolver);
    if let Some(url) = proxy {
        let proxy = reqwest::Proxy::all(url.as_str())
            .map_err(|error| InvalidConfig::Proxy(error.to_string()))?;
        builder = builder.proxy(proxy);
    }
    builder
        .build()
        .map_err(|error| InvalidConfig::Client(error.to_string()))
}

/// Returns a builder that follows, decodes and picks up from the environment nothing.
pub(crate) fn bare(tls: ClientConfig) -> reqwest::ClientBuilder {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where clients are built; all limits are set here and in `client`"
    )]
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .no_gzip()
}
