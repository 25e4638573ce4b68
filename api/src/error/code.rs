//! The closed list of error codes on npm and mirror routes, and their statuses.

use poem::http::StatusCode;

macro_rules! codes {
    ($(#[doc = $about:literal] $name:ident = $word:literal, $status:ident;)*) => {
        /// What kind of refusal it is; the word is shown in brackets.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Code { $(#[doc = $about] $name,)* }

        impl Code {
            /// Every code.
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];

            /// Returns the word.
            pub(crate) fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// Returns the word with what it means, for the document.
            pub(crate) fn about(self) -> &'static str {
                match self { $(Self::$name => concat!("`", $word, "`:", $about),)* }
            }

            /// Returns the status on npm and mirror routes.
            pub(crate) fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }
        }
    };
}

codes! {
    /// Not understood.
    BadRequest = "BAD_REQUEST", BAD_REQUEST;
    /// Nobody, or somebody whose credentials do not hold.
    Unauthorized = "UNAUTHORIZED", UNAUTHORIZED;
    /// Known, and not allowed.
    Forbidden = "FORBIDDEN", FORBIDDEN;
    /// No such thing.
    NotFound = "NOT_FOUND", NOT_FOUND;
    /// The thing is there, the method is not.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", METHOD_NOT_ALLOWED;
    /// No form of it that the caller accepts.
    NotAcceptable = "NOT_ACCEPTABLE", NOT_ACCEPTABLE;
    /// The body came too slowly.
    RequestTimeout = "REQUEST_TIMEOUT", REQUEST_TIMEOUT;
    /// It contradicts the present state.
    Conflict = "CONFLICT", CONFLICT;
    /// More bytes than allowed.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE", PAYLOAD_TOO_LARGE;
    /// A body of a kind we do not read.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", UNSUPPORTED_MEDIA_TYPE;
    /// The range lies outside the bytes.
    RangeNotSatisfiable = "RANGE_NOT_SATISFIABLE", RANGE_NOT_SATISFIABLE;
    /// Well-formed, and refused.
    InvalidParam = "INVALID_PARAM", UNPROCESSABLE_ENTITY;
    /// Too often.
    TooManyRequests = "TOO_MANY_REQUESTS", TOO_MANY_REQUESTS;
    /// Blocked by an operator.
    UnavailableForLegalReasons = "UNAVAILABLE_FOR_LEGAL_REASONS", UNAVAILABLE_FOR_LEGAL_REASONS;
    /// The upstream answered nonsense.
    BadGateway = "BAD_GATEWAY", BAD_GATEWAY;
    /// What we need does not answer: the upstream, the storage, the database.
    UpstreamUnavailable = "UPSTREAM_UNAVAILABLE", SERVICE_UNAVAILABLE;
    /// A fault of ours.
    InternalServerError = "INTERNAL_SERVER_ERROR", INTERNAL_SERVER_ERROR;
    /// Known, and not built.
    NotImplemented = "NOT_IMPLEMENTED", NOT_IMPLEMENTED;
}

impl Code {
    /// Returns the code that says the same as a status of the framework.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let same = Self::ALL
            .iter()
            .copied()
            .find(|code| code.status() == status);
        match same {
            Some(code) => code,
            None if status.is_client_error() => Self::BadRequest,
            None => Self::InternalServerError,
        }
    }
}
