//! The listening socket, bound before anything else is touched.

use std::{io, net::SocketAddr};

use tokio::net::TcpListener;
use weir_config::{Loaded, Origin};

/// The configured address cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("listen = {address} ({origin}): {reason}; choose another with --listen")]
pub struct ListenError {
    address: SocketAddr,
    origin: Origin,
    reason: String,
}

/// Binds the configured address.
///
/// # Errors
/// [`ListenError`], one line that names the setting.
pub async fn bind(loaded: &Loaded) -> Result<TcpListener, ListenError> {
    let address = loaded.config.listen;
    TcpListener::bind(address).await.map_err(|error| {
        let reason = match error.kind() {
            io::ErrorKind::AddrInUse => "the port is in use".to_owned(),
            io::ErrorKind::AddrNotAvailable => "this machine has no such address".to_owned(),
            io::ErrorKind::PermissionDenied => "the system does not permit this port".to_owned(),
            _ => error.to_string(),
        };
        ListenError {
            address,
            origin: loaded.origin("listen"),
            reason,
        }
    })
}
