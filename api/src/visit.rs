//! What a handler gets to know of a request beside its parameters.

use std::net::IpAddr;

use http::HeaderMap;
use poem::{FromRequest, Request, RequestBody};
use weir_domain::{PublicBase, Timestamp};
use weir_store::{audit::Actor, tasks::NewRequest};

use crate::{
    app::Running,
    auth::{Caller, User},
    base::BaseIndex,
    middleware::request_id::RequestId,
    serve::Ends,
};

/// What the front found out about a request.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The process.
    pub(crate) running: Running,
    /// The request's name.
    pub(crate) request_id: RequestId,
    /// The public base it came by.
    pub(crate) base: BaseIndex,
    /// When it arrived.
    pub(crate) arrived_at: Timestamp,
    /// Whether only the head of the answer is wanted.
    pub(crate) is_head: bool,
    /// Both ends of its connection.
    pub(crate) ends: Ends,
    /// Where it comes from: the far end, or what a trusted proxy says.
    pub(crate) client: IpAddr,
}

/// One request, as handlers see it.
#[derive(Debug)]
pub(crate) struct Visit {
    /// What the front found out.
    pub(crate) found: Found,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// Who asks.
    pub(crate) caller: Caller,
}

impl Visit {
    /// Returns the process.
    pub(crate) fn running(&self) -> &Running {
        &self.found.running
    }

    /// Returns what tells the caller from others who ask: the user, else the address.
    pub(crate) fn name_of(&self, caller: &Caller) -> String {
        match caller.user() {
            Some(user) => user.id.to_string(),
            None => self.found.client.to_string(),
        }
    }

    /// Returns who asks, as the audit trail keeps it.
    pub(crate) fn actor(&self) -> Actor {
        let user = self.caller.user();
        Actor {
            user: user.map(|user| user.id),
            token: user.and_then(User::token),
            address: Some(self.found.client),
            request_id: Some(self.found.request_id.as_str().to_owned()),
        }
    }

    /// Returns a wish of the caller's that says nothing yet of how.
    pub(crate) fn wish(&self, caller: &Caller) -> NewRequest {
        NewRequest {
            requester: caller.user().map(|user| (user.id, user.name.clone())),
            request_id: Some(self.found.request_id.as_str().to_owned()),
            ..NewRequest::default()
        }
    }

    /// Returns the one-time password that it brings.
    pub(crate) fn one_time_password(&self) -> Option<&str> {
        crate::auth::otp(&self.headers)
    }

    /// Returns the public base the request came by.
    pub(crate) fn base(&self) -> &PublicBase {
        self.found.running.bases.get(self.found.base)
    }
}

impl<'a> FromRequest<'a> for Visit {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self {
            found: request.data::<Found>().cloned().ok_or(NotPrepared)?,
            headers: request.headers().clone(),
            caller: request.data::<Caller>().cloned().ok_or(NotPrepared)?,
        })
    }
}

/// A request reached a handler without passing the front: a fault of ours.
#[derive(Debug, thiserror::Error)]
#[error("the request did not pass the front")]
pub(crate) struct NotPrepared;

impl poem::error::ResponseError for NotPrepared {
    fn status(&self) -> http::StatusCode {
        http::StatusCode::INTERNAL_SERVER_ERROR
    }
}
