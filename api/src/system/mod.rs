//! The service itself: what it is, whether it lives, who is asking.

mod model;
mod ready;

use poem_openapi::OpenApi;

use self::model::{Health, Home, Pong, Readiness, WhoAmI};
pub(crate) use self::ready::Looks;
use crate::{
    auth::{Caller, SignedIn},
    error::ApiResult,
    payload::{Instant, NoStore, Wire},
    tags::Tag,
    visit::Visit,
};

/// `/`, `/-/ping`, `/-/health`, `/-/ready`, `/-/whoami`.
#[derive(Debug)]
pub(crate) struct SystemApi;

#[OpenApi(tag = "Tag::System")]
#[expect(clippy::unused_async, reason = "operations are async by contract")]
impl SystemApi {
    /// Says what this is
    ///
    /// And in which version, and where its routes are described.
    #[oai(path = "/", method = "get", operation_id = "show_home")]
    async fn home(&self, visit: Visit, _caller: Caller) -> ApiResult<Wire<Home>> {
        Ok(Wire(Home {
            name: "weir".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            docs: "/-/docs".to_owned(),
            instance_start_time: Instant(visit.running().started_at),
        }))
    }

    /// Says that it lives
    ///
    /// What package managers ask (`npm ping`); looks at nothing.
    #[oai(path = "/-/ping", method = "get", operation_id = "ping")]
    async fn ping(&self, _caller: Caller) -> ApiResult<NoStore<Wire<Pong>>> {
        Ok(NoStore(Wire(Pong { pong: true })))
    }

    /// Says that the process lives, whatever state the rest is in
    ///
    /// For whoever restarts processes; whether it can serve, `/-/ready` says.
    #[oai(path = "/-/health", method = "get", operation_id = "show_health")]
    async fn health(&self, _caller: Caller) -> ApiResult<NoStore<Wire<Health>>> {
        Ok(NoStore(Wire(Health {
            ok: true,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })))
    }

    /// Says whether it should be sent requests
    ///
    /// 503 with the reasons while the database does not answer, its schema is not for this
    /// build, the blob store takes no bytes, or the process is stopping.
    #[oai(path = "/-/ready", method = "get", operation_id = "show_readiness")]
    async fn ready(&self, visit: Visit, _caller: Caller) -> ApiResult<NoStore<Wire<Readiness>>> {
        ready::ready(visit.running()).await.map(Wire).map(NoStore)
    }

    /// Says who is asking
    ///
    /// The user whose token was shown (`npm whoami`).
    #[oai(path = "/-/whoami", method = "get", operation_id = "whoami")]
    async fn whoami(&self, user: SignedIn) -> ApiResult<NoStore<Wire<WhoAmI>>> {
        Ok(NoStore(Wire(WhoAmI {
            username: user.name.clone(),
        })))
    }
}
