//! What stands in a path: package names, task ids, version specs, file names.
//!
//! The router hands over any text. These types accept it all and let the handler say what
//! a bad one means: a read of something that cannot exist is 404, a write to it is 422.

use std::{borrow::Cow, fmt};

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseFromParameter, ParseResult, Type},
};
use weir_domain::{
    OrgName, PackageName, TaskId, TeamName, TokenId, Version,
    org::MAX_GROUP_NAME_BYTES,
    package_name::{InvalidName, MAX_NAME_CHARS},
    task::TaskKind,
    text::printable,
};

use crate::error::{ApiError, ApiResult};

macro_rules! path_parameter {
    ($name:ident, $word:literal, $schema:expr, $parse:expr) => {
        impl Type for $name {
            const IS_REQUIRED: bool = true;

            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> Cow<'static, str> {
                $word.into()
            }

            fn schema_ref() -> MetaSchemaRef {
                MetaSchemaRef::Inline(Box::new($schema))
            }

            fn as_raw_value(&self) -> Option<&Self> {
                None
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::empty())
            }
        }

        impl ParseFromParameter for $name {
            fn parse_from_parameter(value: &str) -> ParseResult<Self> {
                let parse: fn(&str) -> Self = $parse;
                Ok(parse(value))
            }

            /// A part that was not UTF-8 arrives as nothing; it reads as the empty text.
            fn parse_from_parameters<I: IntoIterator<Item = A>, A: AsRef<str>>(
                values: I,
            ) -> ParseResult<Self> {
                let first = values.into_iter().next();
                Self::parse_from_parameter(first.as_ref().map_or("", AsRef::as_ref))
            }
        }
    };
}

mod accounts;
mod catalogue;

pub(crate) use self::accounts::{
    COUCH_PREFIX, CouchId, PathSecret, Revision, UserParam, no_such_user,
};
pub(crate) use self::catalogue::{CatalogueName, Meant, Namespace, not_in_catalogue};

/// A package name in a path.
#[derive(Debug, Clone)]
pub(crate) struct Fullname(Result<PackageName, InvalidName>);

path_parameter!(
    Fullname,
    "fullname",
    MetaSchema {
        max_length: Some(MAX_NAME_CHARS),
        min_length: Some(1),
        example: Some("@scope/name".into()),
        ..MetaSchema::new("string")
    },
    |text| Self(PackageName::parse(text))
);

impl Fullname {
    /// Returns the name, to be looked up.
    ///
    /// # Errors
    /// 404: nothing can exist under a bad name.
    pub(crate) fn to_read(&self) -> ApiResult<&PackageName> {
        self.0
            .as_ref()
            .map_err(|_| ApiError::not_found("There is no package of that name"))
    }

    /// Returns the name, to be written to.
    ///
    /// # Errors
    /// 422, with the rule it breaks.
    pub(crate) fn to_write(&self) -> ApiResult<&PackageName> {
        self.0
            .as_ref()
            .map_err(|why| ApiError::invalid_field("fullname", why.to_string()))
    }
}

/// A package name and a version in a path, as `name@version`.
#[derive(Debug, Clone)]
pub(crate) struct VersionedName(Option<(PackageName, Version)>);

path_parameter!(
    VersionedName,
    "versioned_name",
    MetaSchema {
        example: Some("@scope/name@1.0.0".into()),
        ..MetaSchema::new("string")
    },
    |text| Self(text.rsplit_once('@').and_then(|(name, version)| {
        Some((
            PackageName::parse(name).ok()?,
            Version::parse(version).ok()?,
        ))
    }))
);

impl VersionedName {
    /// Returns both, to be looked up.
    ///
    /// # Errors
    /// 404: nothing can exist under a bad name or version.
    pub(crate) fn to_read(&self) -> ApiResult<&(PackageName, Version)> {
        let absent = || ApiError::not_found("There is no package or version of that name");
        self.0.as_ref().ok_or_else(absent)
    }
}

/// A period of days in a path, not yet read.
#[derive(Debug, Clone)]
pub(crate) struct PeriodParam(pub(crate) String);

path_parameter!(
    PeriodParam,
    "period",
    MetaSchema {
        example: Some("last-week".into()),
        ..MetaSchema::new("string")
    },
    |text| Self(text.to_owned())
);

/// A task id in a path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TaskParam(Option<TaskId>);

path_parameter!(
    TaskParam,
    "task_id",
    MetaSchema {
        example: Some("01935b0a-7c00-7000-8000-000000000001".into()),
        ..MetaSchema::new_with_format("string", "uuid")
    },
    |text| Self(text.parse().ok())
);

impl TaskParam {
    /// Returns the id.
    ///
    /// # Errors
    /// 404: what is no id names no task.
    pub(crate) fn to_read(self) -> ApiResult<TaskId> {
        self.0.ok_or_else(no_such_task)
    }
}

impl TaskParam {
    /// Returns the id, where the catalogue's document says that a bad one is a bad request.
    ///
    /// # Errors
    /// 422 (400 in the catalogue) for what is no id.
    pub(crate) fn to_ask(self) -> ApiResult<TaskId> {
        self.0
            .ok_or_else(|| ApiError::invalid_field("task_id", "must be a UUID"))
    }
}

/// The error for a task that is not there, or not to be known of.
pub(crate) fn no_such_task() -> ApiError {
    ApiError::not_found("There is no such task")
}

/// A kind of task in a path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KindParam(Option<TaskKind>);

path_parameter!(
    KindParam,
    "kind",
    MetaSchema {
        enum_items: TaskKind::ALL
            .iter()
            .map(|kind| kind.as_str().into())
            .collect(),
        example: Some(TaskKind::SyncPackage.as_str().into()),
        ..MetaSchema::new("string")
    },
    |text| Self(text.parse().ok())
);

impl KindParam {
    /// Returns the kind.
    ///
    /// # Errors
    /// 404: there are no tasks of another kind.
    pub(crate) fn to_read(self) -> ApiResult<TaskKind> {
        self.0
            .ok_or_else(|| ApiError::not_found("There is no such kind of task"))
    }
}

macro_rules! group_parameter {
    ($(#[$doc:meta])* $name:ident($inner:ty), $word:literal, $example:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub(crate) struct $name(Option<$inner>);

        path_parameter!(
            $name,
            $word,
            MetaSchema {
                max_length: Some(MAX_GROUP_NAME_BYTES),
                example: Some($example.into()),
                ..MetaSchema::new("string")
            },
            |text| Self(<$inner>::parse(text).ok())
        );

        impl $name {
            /// Returns the name.
            ///
            /// # Errors
            /// 404: nothing has a bad name.
            pub(crate) fn to_read(&self) -> ApiResult<&$inner> {
                let absent = concat!("There is no ", $word, " of that name");
                self.0.as_ref().ok_or_else(|| ApiError::not_found(absent))
            }
        }
    };
}

group_parameter!(
    /// The name of an organisation in a path, with or without `@`.
    OrgParam(OrgName),
    "org",
    "acme"
);
group_parameter!(
    /// The name of a team in a path.
    TeamParam(TeamName),
    "team",
    "devs"
);

/// What names a token in a path of npm's: its key, the beginning of that, or its text.
#[derive(Clone)]
pub(crate) struct TokenKey(pub(crate) String);

path_parameter!(
    TokenKey,
    "token_key",
    MetaSchema {
        example: Some("9f86d0".into()),
        ..MetaSchema::new("string")
    },
    |text| Self(text.to_owned())
);

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey(…)")
    }
}

/// A token's id in a path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TokenParam(Option<TokenId>);

path_parameter!(
    TokenParam,
    "token_id",
    MetaSchema {
        example: Some("01935b0a-7c00-7000-8000-000000000001".into()),
        ..MetaSchema::new_with_format("string", "uuid")
    },
    |text| Self(text.parse().ok())
);

impl TokenParam {
    /// Returns the id.
    ///
    /// # Errors
    /// 404: what is no id names no token.
    pub(crate) fn to_read(self) -> ApiResult<TokenId> {
        self.0.ok_or_else(no_such_token)
    }
}

/// The error for a token that is not there, or not the caller's; what was asked for is not
/// repeated, it may be a secret.
pub(crate) fn no_such_token() -> ApiError {
    ApiError::not_found("You have no such token")
}

/// A version, a dist-tag or a range in a path.
#[derive(Debug, Clone)]
pub(crate) struct VersionSpec(pub(crate) String);

path_parameter!(
    VersionSpec,
    "version",
    MetaSchema {
        example: Some("^1.2.0".into()),
        ..MetaSchema::new("string")
    },
    |text| Self(text.to_owned())
);

impl VersionSpec {
    /// Returns the version, if it is one and no tag or range.
    pub(crate) fn exact(&self) -> Option<Version> {
        Version::parse(&self.0).ok()
    }
}

/// What means a registry in a path: its slug, name or id.
#[derive(Debug, Clone)]
pub(crate) struct RegistryParam(pub(crate) String);

path_parameter!(
    RegistryParam,
    "registry_id",
    MetaSchema {
        example: Some("npmjs".into()),
        ..MetaSchema::new("string")
    },
    |text| Self(text.to_owned())
);

/// What means a scope in a path: its id or name.
#[derive(Debug, Clone)]
pub(crate) struct ScopeParam(pub(crate) String);

path_parameter!(
    ScopeParam,
    "scope_id",
    MetaSchema {
        example: Some("@custom".into()),
        ..MetaSchema::new("string")
    },
    |text| Self(text.to_owned())
);

/// A scope in a path, `@` and all.
#[derive(Debug, Clone)]
pub(crate) struct ScopeName(pub(crate) String);

path_parameter!(
    ScopeName,
    "scope",
    MetaSchema {
        example: Some("@scope".into()),
        ..MetaSchema::new("string")
    },
    |text| Self(text.to_owned())
);

/// A file name in a path, perhaps with a scope before it.
#[derive(Debug, Clone)]
pub(crate) struct FileName(pub(crate) String);

path_parameter!(
    FileName,
    "file",
    MetaSchema {
        example: Some("name-1.0.0.tgz".into()),
        ..MetaSchema::new("string")
    },
    |text| Self(text.to_owned())
);

/// The error for a package that is not mirrored.
pub(crate) fn no_such_package(name: &PackageName) -> ApiError {
    ApiError::not_found(format!(
        "There is no package {}",
        printable(name.as_str(), MAX_NAME_CHARS)
    ))
}
