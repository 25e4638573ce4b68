//! What stands in paths about accounts: users, their documents, secrets.

use std::{borrow::Cow, fmt};

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseFromParameter, ParseResult, Type},
};
use weir_domain::{UserName, user_name::InvalidUserName};

use crate::error::{ApiError, ApiResult};

/// What a user's name in `CouchDB` begins with, and so what clients write.
pub(crate) const COUCH_PREFIX: &str = "org.couchdb.user:";

/// The document of a user: `org.couchdb.user:` and the name.
#[derive(Debug, Clone)]
pub(crate) struct CouchId(Option<Result<UserName, InvalidUserName>>);

path_parameter!(
    CouchId,
    "couch_id",
    MetaSchema {
        example: Some("org.couchdb.user:johndoe".into()),
        ..MetaSchema::new("string")
    },
    |text| Self(text.strip_prefix(COUCH_PREFIX).map(UserName::parse))
);

impl CouchId {
    /// Returns the name, to be looked up.
    ///
    /// # Errors
    /// 404: nobody has a bad name.
    pub(crate) fn to_read(&self) -> ApiResult<&UserName> {
        match &self.0 {
            Some(Ok(name)) => Ok(name),
            _ => Err(no_such_user()),
        }
    }

    /// Returns the name, to be written to.
    ///
    /// # Errors
    /// 404 for what is no user's document, 422 for a name with the rule it breaks.
    pub(crate) fn to_write(&self) -> ApiResult<&UserName> {
        let name = self.0.as_ref().ok_or_else(no_such_user)?;
        let refused = |why: &InvalidUserName| ApiError::invalid_field("name", why.to_string());
        name.as_ref().map_err(refused)
    }
}

/// A user's name in a path.
#[derive(Debug, Clone)]
pub(crate) struct UserParam(Option<UserName>);

path_parameter!(
    UserParam,
    "user",
    MetaSchema {
        example: Some("johndoe".into()),
        ..MetaSchema::new("string")
    },
    |text| Self(UserName::parse(text).ok())
);

impl UserParam {
    /// Returns the name.
    ///
    /// # Errors
    /// 404: nobody has a bad name.
    pub(crate) fn to_read(&self) -> ApiResult<&UserName> {
        self.0.as_ref().ok_or_else(no_such_user)
    }
}

/// The error for a user that is not there.
pub(crate) fn no_such_user() -> ApiError {
    ApiError::not_found("There is no user of that name")
}

/// A secret in a path; it is not shown in any form.
#[derive(Clone)]
pub(crate) struct PathSecret(pub(crate) String);

path_parameter!(
    PathSecret,
    "token",
    MetaSchema {
        example: Some("npm_0123456789abcdef".into()),
        ..MetaSchema::new("string")
    },
    |text| Self(text.to_owned())
);

impl fmt::Debug for PathSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PathSecret(…)")
    }
}

/// A revision of a user's document.
#[derive(Debug, Clone)]
pub(crate) struct Revision(pub(crate) String);

path_parameter!(
    Revision,
    "rev",
    MetaSchema {
        example: Some("1-0123456789abcdef0123456789abcdef".into()),
        ..MetaSchema::new("string")
    },
    |text| Self(text.to_owned())
);
