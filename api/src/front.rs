//! The way of every request, in order.
//!
//! name it → answer a browser's preflight → choose the public base → authenticate → a
//! cached document, if it is one → normalise the name → the caller's share → route → what the
//! credentials may there → shape what was refused → throw away what was not read → add what
//! every answer has → write the log line.

use std::{net::IpAddr, panic::AssertUnwindSafe, time::Instant};

use bytes::Bytes;
use futures::FutureExt;
use http::{HeaderValue, Method, StatusCode, Uri, header, request::Parts, uri::Scheme};
use http_body::Body as _;
use hyper::{Request, Response, body::Incoming};
use poem::{
    Endpoint, RequestParts,
    endpoint::BoxEndpoint,
    web::{LocalAddr, RemoteAddr},
};
use poem_openapi::OperationId;
use tracing::Instrument;

use crate::{
    app::Running,
    auth::{self, Caller},
    error::{ApiError, ApiResult, Code, Shape, from_framework},
    limits::{self, Class, Who},
    metrics::{Routed, Traffic},
    middleware::{
        access_log,
        body_limit::{self, Shared},
        cors,
        request_id::{self, RequestId},
    },
    normalise::normalise,
    packages,
    serve::{Answer, Ends, Outgoing},
    visit::Found,
};

/// Answers requests: the routes, and what surrounds them.
pub(crate) struct Front {
    running: Running,
    routes: BoxEndpoint<'static, poem::Response>,
}

impl Front {
    pub(crate) fn new(running: Running, routes: BoxEndpoint<'static, poem::Response>) -> Self {
        Self { running, routes }
    }

    /// Answers, and says as what that counts; whatever goes wrong becomes an error of ours,
    /// and a body that nobody read is thrown away before.
    async fn respond(
        &self,
        parts: Parts,
        body: Incoming,
        (ends, client): (Ends, IpAddr),
        id: &RequestId,
    ) -> (Routed, Response<Outgoing>) {
        let mut routed = Traffic::OTHER;
        let (base, path) = self.running.bases.of_request(&parts.uri, &parts.headers);
        let (shape, path) = (Shape::of_path(path), path.to_owned());
        let awaits_leave = parts.headers.contains_key(header::EXPECT);
        let found = Found {
            running: self.running.clone(),
            request_id: id.clone(),
            base,
            arrived_at: self.running.now(),
            is_head: parts.method == Method::HEAD,
            ends,
            client,
        };
        let limit = body_limit::limit_of(&path);
        let mut body = (!body.is_end_stream()).then(|| Shared::new(body, limit));
        let deciding = self.decide(parts, body.as_ref(), (found, &path), &mut routed);
        let outcome = AssertUnwindSafe(deciding).catch_unwind().await;
        if let Some(unread) = &mut body {
            unread.drain(awaits_leave).await;
        }
        let answer = outcome
            .unwrap_or_else(|panic| Err(panicked(&*panic)))
            .unwrap_or_else(|refused| shaped(refused, shape, id));
        (routed, answer)
    }

    async fn decide(
        &self,
        mut parts: Parts,
        body: Option<&Shared>,
        (found, path): (Found, &str),
        routed: &mut Routed,
    ) -> ApiResult<Response<Outgoing>> {
        let caller = auth::authenticate(&self.running, &parts, path, found.client).await?;
        if parts.method != Method::GET {
            // Only GET has parts. RFC 9110, section 14.2.
            parts.headers.remove(header::RANGE);
        }
        if let Some((what, ready)) = packages::at_once(&self.running, path, &parts, found.base) {
            *routed = self.running.traffic.shelved(what);
            return Ok(ready);
        }
        let path = normalise(path);
        if let Some(class) = Class::of(&parts.method, &path) {
            limits::admit(
                &self.running,
                class,
                &caller,
                &Who::of(&caller, found.client),
            )?;
        }
        if found.is_head {
            parts.method = Method::GET;
        }
        parts.uri = rewritten(&parts.uri, &path)?;
        // Whatever is logged on the way names the request; what lay ready logs nothing.
        let span = tracing::info_span!("request", request_id = found.request_id.as_str());
        let answer = self.route(parts, body, (caller, found), routed);
        let answer = Response::from(answer.instrument(span).await?);
        Ok(answer.map(Outgoing::Streamed))
    }

    async fn route(
        &self,
        parts: Parts,
        body: Option<&Shared>,
        (caller, found): (Caller, Found),
        routed: &mut Routed,
    ) -> ApiResult<poem::Response> {
        let declared = body.map_or(0, |body| body.size_hint().lower());
        if declared > body_limit::limit_of(parts.uri.path()) {
            return Err(ApiError::new(
                Code::PayloadTooLarge,
                "The body is larger than this route accepts",
            ));
        }
        let (method, path) = (parts.method.clone(), parts.uri.path().to_owned());
        let ends = found.ends;
        let parts = RequestParts::from((
            parts,
            LocalAddr(ends.local.into()),
            RemoteAddr(ends.peer.into()),
            Scheme::HTTP,
        ));
        let body = body.map_or_else(poem::Body::empty, Shared::for_handler);
        let mut request = poem::Request::from_parts(parts, body);
        request.set_data(caller);
        request.set_data(found);
        let outcome = self.routes.call(request).await;
        let operation = match &outcome {
            Ok(answer) => answer.data::<OperationId>(),
            Err(refused) => refused.data::<OperationId>(),
        };
        *routed = self.running.traffic.place(operation);
        outcome.map_err(|refused| from_framework(refused, &method, &path))
    }
}

impl Answer for Front {
    async fn answer(&self, request: Request<Incoming>, ends: Ends) -> Response<Outgoing> {
        let began = Instant::now();
        let (parts, body) = request.into_parts();
        let id = RequestId::of(&parts.headers);
        let (method, uri) = (parts.method.clone(), parts.uri.clone());
        let proxies = &self.running.app.settings.shares.trusted_proxies;
        let client = limits::client(ends.peer.ip(), &parts.headers, proxies);
        let is_open = cors::is_anonymous_read(&method, &parts.headers);
        let (routed, mut response) = match cors::preflight(&method, &parts.headers) {
            Some(leave) => (Traffic::OTHER, leave),
            None => self.respond(parts, body, (ends, client), &id).await,
        };
        if method == Method::HEAD {
            response = without_body(response);
        }
        response
            .headers_mut()
            .insert(request_id::HEADER, id.header());
        // What says who may frame it is a page of the site, and for nobody else to read.
        if is_open && !response.headers().contains_key(header::X_FRAME_OPTIONS) {
            cors::allow(response.headers_mut());
        }
        let line = access_log::Asked {
            method: &method,
            path: uri.path(),
            peer: ends.peer,
            client,
            request_id: &id,
            began,
        };
        line.answered(response.status());
        let (traffic, status) = (&self.running.traffic, response.status().as_u16());
        traffic.answered(routed, status, began.elapsed());
        response
    }
}

/// Returns the address with another path; the query stays, an authority goes.
fn rewritten(uri: &Uri, path: &str) -> ApiResult<Uri> {
    let query = uri
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    Uri::try_from(format!("{path}{query}"))
        .map_err(|_| ApiError::not_found("There is nothing at this address"))
}

fn shaped(refused: ApiError, shape: Shape, id: &RequestId) -> Response<Outgoing> {
    Response::from(refused.respond(shape, id.as_str())).map(Outgoing::Streamed)
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> ApiError {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    ApiError::internal(format!("panic: {}", text.unwrap_or_default()))
}

/// Drops the body of an answer to HEAD; its length is still told.
fn without_body(response: Response<Outgoing>) -> Response<Outgoing> {
    let (mut parts, body) = response.into_parts();
    let may_have_body = !matches!(
        parts.status,
        StatusCode::NOT_MODIFIED | StatusCode::NO_CONTENT
    );
    if may_have_body
        && !parts.headers.contains_key(header::CONTENT_LENGTH)
        && let Some(len) = body.size_hint().exact()
    {
        parts
            .headers
            .insert(header::CONTENT_LENGTH, HeaderValue::from(len));
    }
    Response::from_parts(parts, Outgoing::from(Bytes::new()))
}

#[cfg(test)]
mod tests;
