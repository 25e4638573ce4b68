//! A throw-away certificate authority, made anew for every stand-in that speaks TLS.

use std::{io, path::Path, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tokio_rustls::TlsAcceptor;

/// The names that the server's certificate is good for.
const SERVER_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// An authority that exists for one test, and a server certificate it signed.
#[derive(Clone, Debug)]
pub struct TestCa {
    pem: String,
    der: CertificateDer<'static>,
    chain: Vec<CertificateDer<'static>>,
    key: Arc<KeyPair>,
}

impl TestCa {
    /// Makes an authority and its server certificate.
    pub fn new() -> Self {
        let names: Vec<String> = SERVER_NAMES.iter().map(ToString::to_string).collect();
        let made = (|| {
            let mut authority = CertificateParams::new(Vec::new())?;
            authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            authority
                .distinguished_name
                .push(DnType::CommonName, "weir test authority");
            let authority_key = KeyPair::generate()?;
            let certificate = authority.self_signed(&authority_key)?;
            let issuer = Issuer::new(authority, authority_key);

            let key = KeyPair::generate()?;
            let server = CertificateParams::new(names)?.signed_by(&key, &issuer)?;
            Ok::<_, rcgen::Error>(Self {
                pem: certificate.pem(),
                der: certificate.der().clone(),
                chain: vec![server.der().clone()],
                key: Arc::new(key),
            })
        })();
        made.expect("ring makes keys and signs")
    }

    /// Returns the authority's certificate as PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Returns the authority's certificate as DER.
    pub fn der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// Writes the authority's certificate as PEM to a file.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        std::fs::write(file, &self.pem)
    }

    pub(crate) fn acceptor(&self, offers_http2: bool) -> TlsAcceptor {
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).expect("a key is PKCS #8");
        let mut config = ServerConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .and_then(|builder| {
                builder
                    .with_no_client_auth()
                    .with_single_cert(self.chain.clone(), key)
            })
            .expect("ring knows the certificate's algorithm");
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        if offers_http2 {
            config.alpn_protocols.insert(0, b"h2".to_vec());
        }
        Arc::new(config).into()
    }
}

impl Default for TestCa {
    fn default() -> Self {
        Self::new()
    }
}
