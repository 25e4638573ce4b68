//! Lets readers in, before anybody is asked for what they want.
//!
//! One query of two indexed rows a miss of the shelf. What only some may read never lies there,
//! so what does is for everybody; whatever is blocked or closed is cleared from it. To whom a
//! package is closed it looks as one that is not there.

use http::{HeaderValue, header};
use poem::{IntoResponse, Response};
use poem_openapi::{
    ApiResponse,
    registry::{MetaResponses, Registry},
};
use weir_domain::{PackageName, Version};
use weir_store::{
    StoreError,
    access::{self, Viewer},
    blocks::Block,
};

use crate::{
    app::Running,
    auth::Caller,
    error::{ApiError, ApiResult, Code},
    visit::Visit,
};

/// Whom an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Everybody.
    Everybody,
    /// Who may read it, and nobody in between.
    Few,
}

impl Audience {
    /// Returns the one text or the other.
    pub(crate) fn choose(self, everybody: &'static str, few: &'static str) -> &'static str {
        match self {
            Self::Everybody => everybody,
            Self::Few => few,
        }
    }
}

impl Caller {
    /// Returns as whom the caller reads packages.
    pub(crate) fn viewer(&self) -> Viewer {
        match self.user() {
            Some(user) if user.is_admin => Viewer::Administrator,
            Some(user) => Viewer::User(user.id),
            None => Viewer::Stranger,
        }
    }
}

/// Goes on if the caller may read the package, and it, or this version of it, is not blocked.
///
/// # Errors
/// `absent` for whom it is closed to; 451 with the reason.
pub(crate) async fn admit(
    visit: &Visit,
    (name, version): (&PackageName, Option<&Version>),
    absent: impl FnOnce() -> ApiError,
) -> ApiResult<Audience> {
    let db = visit.running().reader();
    let policy = access::policy(db, name, version).await?;
    if policy.is_restricted && !access::may_read(db, name, visit.caller.viewer()).await? {
        return Err(absent());
    }
    match policy.block {
        Some(block) => Err(blocked(name, &block)),
        None if policy.is_restricted => Ok(Audience::Few),
        None => Ok(Audience::Everybody),
    }
}

fn blocked(name: &PackageName, block: &Block) -> ApiError {
    let what = match &block.version {
        Some(version) => format!("{name}@{version}"),
        None => name.to_string(),
    };
    let sentence = format!("{what} was blocked, reason: {}", block.reason);
    ApiError::new(Code::UnavailableForLegalReasons, sentence)
}

/// Says whether the caller may know of a package, blocked or not.
pub(crate) async fn is_open_to(
    visit: &Visit,
    caller: &Caller,
    name: &PackageName,
) -> ApiResult<bool> {
    Ok(may_know_of(visit.running(), caller, name).await?)
}

/// Says the same, also of an answer that goes on without its request.
pub(crate) async fn may_know_of(
    running: &Running,
    caller: &Caller,
    name: &PackageName,
) -> Result<bool, StoreError> {
    let (db, viewer) = (running.reader(), caller.viewer());
    if viewer == Viewer::Administrator {
        return Ok(true);
    }
    let policy = access::policy(db, name, None).await?;
    Ok(!policy.is_restricted || access::may_read(db, name, viewer).await?)
}

/// What answers that are for some depend on: either way to show who asks.
pub(super) const CREDENTIALS: &str = "authorization, cookie";

/// An answer that is kept in between only if it is for everybody.
#[derive(Debug)]
pub(crate) struct For<R>(pub(crate) Audience, pub(crate) R);

impl<R: IntoResponse> IntoResponse for For<R> {
    fn into_response(self) -> Response {
        let Self(audience, answer) = self;
        if audience == Audience::Everybody {
            return answer.into_response();
        }
        let mut response = answer.into_response();
        let headers = response.headers_mut();
        let private = HeaderValue::from_static("private, max-age=0");
        headers.insert(header::CACHE_CONTROL, private);
        headers.insert(header::VARY, HeaderValue::from_static(CREDENTIALS));
        response
    }
}

impl<R: ApiResponse> ApiResponse for For<R> {
    fn meta() -> MetaResponses {
        R::meta()
    }

    fn register(registry: &mut Registry) {
        R::register(registry);
    }
}
