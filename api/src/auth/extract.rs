//! What a handler requires of its caller, as argument types.

use std::{ops::Deref, sync::Arc};

use poem::{Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaSecurityScheme, Registry},
};

use super::User;
use crate::{
    app::Running,
    error::{ApiError, ApiResult},
    visit::{Found, NotPrepared},
};

const BEARER: &str = "bearer";
const BASIC: &str = "basic";
/// The scheme of what only administrators may do.
pub(crate) const ADMIN_SCHEME: &str = "admin";

/// Anybody, known or not.
#[derive(Debug, Clone)]
pub(crate) struct Caller(pub(super) Option<Arc<User>>);

/// Somebody who may ask for work: a user, or anybody where the operator says so.
#[derive(Debug, Clone)]
pub(crate) struct Submitter(Caller);

/// Somebody who may read figures: an administrator, or anybody where the operator says so.
#[derive(Debug, Clone)]
pub(crate) struct Observer;

/// A user.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn(Arc<User>);

/// Somebody who may administer.
#[derive(Debug, Clone)]
pub(crate) struct Admin(Arc<User>);

impl Caller {
    /// Returns somebody unknown.
    pub(crate) fn nobody() -> Self {
        Self(None)
    }

    /// Returns the user, if it is one.
    pub(crate) fn user(&self) -> Option<&User> {
        self.0.as_deref()
    }

    /// Says whether the caller may administer.
    pub(crate) fn is_admin(&self) -> bool {
        self.user().is_some_and(|user| user.is_admin)
    }

    fn signed_in(self) -> ApiResult<Arc<User>> {
        self.0
            .ok_or_else(|| ApiError::unauthorized("Sign in first: this needs a token"))
    }
}

impl SignedIn {
    /// Returns the same user as anybody.
    pub(crate) fn caller(&self) -> Caller {
        Caller(Some(Arc::clone(&self.0)))
    }
}

impl Admin {
    /// Returns the same user as anybody.
    pub(crate) fn caller(&self) -> Caller {
        Caller(Some(Arc::clone(&self.0)))
    }
}

impl Deref for Submitter {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.0
    }
}

impl Deref for SignedIn {
    type Target = User;

    fn deref(&self) -> &User {
        &self.0
    }
}

impl Deref for Admin {
    type Target = User;

    fn deref(&self) -> &User {
        &self.0
    }
}

/// A proof that can be asked of a request.
trait Proof: Sized {
    /// Whether it holds for a caller without credentials, as far as the document can say.
    const IS_OPTIONAL: bool = false;

    /// Which credentials hold, as the document names them.
    const SCHEMES: &'static [&'static str] = &[BEARER, BASIC];

    fn of(caller: Caller, running: &Running) -> ApiResult<Self>;
}

impl Proof for Caller {
    const IS_OPTIONAL: bool = true;

    fn of(caller: Caller, _: &Running) -> ApiResult<Self> {
        Ok(caller)
    }
}

impl Proof for Submitter {
    fn of(caller: Caller, running: &Running) -> ApiResult<Self> {
        if !running.app.settings.allows_anonymous_sync {
            caller.clone().signed_in()?;
        }
        Ok(Self(caller))
    }
}

impl Proof for Observer {
    const SCHEMES: &'static [&'static str] = &[ADMIN_SCHEME];

    fn of(caller: Caller, running: &Running) -> ApiResult<Self> {
        if !running.app.settings.shows_metrics {
            Admin::of(caller, running)?;
        }
        Ok(Self)
    }
}

impl Proof for SignedIn {
    fn of(caller: Caller, _: &Running) -> ApiResult<Self> {
        caller.signed_in().map(Self)
    }
}

impl Proof for Admin {
    const SCHEMES: &'static [&'static str] = &[ADMIN_SCHEME];

    fn of(caller: Caller, _: &Running) -> ApiResult<Self> {
        let user = caller.signed_in()?;
        if !user.is_admin {
            return Err(ApiError::forbidden("Only an administrator may do this"));
        }
        Ok(Self(user))
    }
}

fn register(registry: &mut Registry) {
    let scheme = |scheme, description| MetaSecurityScheme {
        ty: "http",
        description: Some(description),
        name: None,
        key_in: None,
        scheme: Some(scheme),
        bearer_format: None,
        flows: None,
        openid_connect_url: None,
    };
    registry.create_security_scheme(BEARER, scheme(BEARER, "A token"));
    let basic = "Any user name, and a token as the password";
    registry.create_security_scheme(BASIC, scheme(BASIC, basic));
    let admin = "A token that carries an administrator's rights, shown in either way";
    registry.create_security_scheme(ADMIN_SCHEME, scheme(BEARER, admin));
}

macro_rules! proof_is_an_argument {
    ($($proof:ty),*) => {$(
        impl<'a> ApiExtractor<'a> for $proof {
            const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

            type ParamType = ();
            type ParamRawType = ();

            fn register(registry: &mut Registry) {
                register(registry);
            }

            fn security_schemes() -> Vec<&'static str> {
                <Self as Proof>::SCHEMES.to_vec()
            }

            fn has_security_fallback() -> bool {
                <Self as Proof>::IS_OPTIONAL
            }

            async fn from_request(
                request: &'a Request,
                _: &mut RequestBody,
                _: ExtractParamOptions<()>,
            ) -> poem::Result<Self> {
                let caller = request.data::<Caller>().cloned().ok_or(NotPrepared)?;
                let found = request.data::<Found>().ok_or(NotPrepared)?;
                Ok(<Self as Proof>::of(caller, &found.running)?)
            }
        }
    )*};
}

proof_is_an_argument!(Caller, Submitter, Observer, SignedIn, Admin);
