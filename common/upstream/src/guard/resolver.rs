//! The resolver inside the HTTP client: look up, then judge, in one step.
//!
//! The connection is made to exactly the addresses returned here, so a name that answers
//! publicly once and privately the next time (rebinding) is judged at each connection.

use std::{fmt, io, net::SocketAddr, sync::Arc};

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{Pool, address::RULE, reach};

/// Turns a host name into addresses.
#[async_trait]
pub trait Lookup: Send + Sync + fmt::Debug {
    /// Returns every address of `host`; ports are ignored.
    ///
    /// # Errors
    /// As the system's resolver says.
    async fn lookup(&self, host: &str) -> io::Result<Vec<SocketAddr>>;
}

/// The operating system's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, host: &str) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.collect())
    }
}

/// A name all of whose addresses are refused.
#[derive(Debug, thiserror::Error)]
#[error("its name leads to {address}, which {RULE}")]
pub(crate) struct RefusedName {
    address: std::net::IpAddr,
}

/// Answers with the addresses that the pool admits; with none, refuses.
#[derive(Debug)]
pub(crate) struct GuardedResolver {
    pool: Pool,
    lookup: Arc<dyn Lookup>,
    /// The configured proxy's host: named by the operator, hence not judged.
    proxy_host: Option<String>,
}

impl GuardedResolver {
    pub(crate) fn new(pool: Pool, lookup: Arc<dyn Lookup>, proxy_host: Option<String>) -> Self {
        Self {
            pool,
            lookup,
            proxy_host,
        }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let is_proxy = self.proxy_host.as_deref() == Some(name.as_str());
        let (pool, lookup) = (self.pool, Arc::clone(&self.lookup));
        Box::pin(async move {
            let found = lookup.lookup(name.as_str()).await?;
            if is_proxy {
                return Ok(Box::new(found.into_iter()) as Addrs);
            }
            let first = found.first().copied();
            let admitted: Vec<_> = found
                .into_iter()
                .filter(|address| pool.admits(reach(address.ip())))
                .collect();
            match first {
                Some(first) if admitted.is_empty() => Err(RefusedName {
                    address: first.ip(),
                }
                .into()),
                _ => Ok(Box::new(admitted.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Answers publicly first, privately ever after.
    #[derive(Debug, Default)]
    struct Rebinding(AtomicUsize);

    #[async_trait]
    impl Lookup for Rebinding {
        async fn lookup(&self, _: &str) -> io::Result<Vec<SocketAddr>> {
            let address = match self.0.fetch_add(1, Ordering::SeqCst) {
                0 => [93, 184, 216, 34],
                _ => [127, 0, 0, 1],
            };
            Ok(vec![(address, 0).into()])
        }
    }

    #[derive(Debug)]
    struct Mixed;

    #[async_trait]
    impl Lookup for Mixed {
        async fn lookup(&self, _: &str) -> io::Result<Vec<SocketAddr>> {
            Ok(vec![
                ([10, 0, 0, 1], 0).into(),
                ([8, 8, 8, 8], 0).into(),
                ([169, 254, 169, 254], 0).into(),
            ])
        }
    }

    async fn resolve(resolver: &GuardedResolver) -> Result<Vec<String>, String> {
        let name = "up.example".parse().expect("a name");
        let found = resolver.resolve(name).await.map_err(|e| e.to_string())?;
        Ok(found.map(|address| address.ip().to_string()).collect())
    }

    #[tokio::test]
    async fn a_rebinding_name_is_judged_at_every_connection() {
        let resolver = GuardedResolver::new(Pool::Public, Arc::new(Rebinding::default()), None);
        assert_eq!(
            resolve(&resolver).await,
            Ok(vec!["93.184.216.34".to_owned()])
        );
        let refusal = resolve(&resolver).await.expect_err("now private");
        assert!(refusal.contains("127.0.0.1"), "{refusal}");
    }

    #[tokio::test]
    async fn only_admitted_addresses_are_connected_to() {
        let of = |pool| GuardedResolver::new(pool, Arc::new(Mixed), None);
        assert_eq!(
            resolve(&of(Pool::Public)).await,
            Ok(vec!["8.8.8.8".to_owned()])
        );
        assert_eq!(
            resolve(&of(Pool::Internal)).await,
            Ok(vec!["10.0.0.1".to_owned(), "8.8.8.8".to_owned()])
        );
    }
}
