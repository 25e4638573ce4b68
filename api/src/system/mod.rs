//! The service itself: what it is, whether it lives, who is asking.

mod model;

use poem_openapi::OpenApi;

use self::model::{Home, Pong, WhoAmI};
use crate::{
    auth::{Caller, SignedIn},
    error::ApiResult,
    payload::{Instant, NoStore, Wire},
    tags::Tag,
    visit::Visit,
};

/// `/`, `/-/ping`, `/-/whoami`.
#[derive(Debug)]
pub(crate) struct SystemApi;

#[OpenApi(tag = "Tag::System")]
#[expect(clippy::unused_async, reason = "operations are async by contract")]
impl SystemApi {
    /// Says what this is
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
    #[oai(path = "/-/ping", method = "get", operation_id = "ping")]
    async fn ping(&self, _caller: Caller) -> ApiResult<NoStore<Wire<Pong>>> {
        Ok(NoStore(Wire(Pong { pong: true })))
    }

    /// Says who is asking
    #[oai(path = "/-/whoami", method = "get", operation_id = "whoami")]
    async fn whoami(&self, user: SignedIn) -> ApiResult<NoStore<Wire<WhoAmI>>> {
        Ok(NoStore(Wire(WhoAmI {
            username: user.name.clone(),
        })))
    }
}
