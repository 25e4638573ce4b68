//! The TLS provider: ring, chosen once for the whole process.

/// Makes ring the provider of every TLS connection; to be called first in `main`.
///
/// The libraries are built without a provider of their own, so a connection made before
/// this call would panic. Calling it twice does nothing.
pub fn install_crypto() {
    // The only error is that a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
