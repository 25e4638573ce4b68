//! Wire shapes of logins.

use poem::{IntoResponse, Response, http::StatusCode};
use poem_openapi::{
    ApiResponse, Object,
    payload::Payload as _,
    registry::{
        MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
    },
    types::{Example, Type as _},
};
use serde::Serialize;

use crate::payload::Wire;

/// Where to go for a login.
#[derive(Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase", example)]
pub(crate) struct WebLogin {
    /// The page where the user confirms.
    pub(crate) login_url: String,
    /// Where the token is fetched.
    pub(crate) done_url: String,
}

impl Example for WebLogin {
    fn example() -> Self {
        let login = "5rj2vTqk0l9D7yQeXJm1oZ8cBhA4sWgNfU3iRpKtE6Y";
        let done = "Y6EtKpRi3UfNgWs4AhBc8Zo1mJXeQy7D9l0kqTv2jr5";
        Self {
            login_url: format!("https://registry.example/-/login/web?session={login}"),
            done_url: format!("https://registry.example/-/v1/login/done?session={done}"),
        }
    }
}

/// What a login has led to.
#[derive(Serialize, Object)]
#[oai(example)]
pub(crate) struct Minted {
    /// The token, shown this once; null until somebody has confirmed.
    pub(crate) token: Option<String>,
}

impl Example for Minted {
    fn example() -> Self {
        Self {
            token: Some("npm_0123456789abcdef0123456789abcdef0123456789abcdefAbCdEf".to_owned()),
        }
    }
}

/// How far a login is.
pub(crate) enum LoginAnswer {
    /// Ask again after so many seconds.
    Waiting(u64),
    /// Here is the token.
    Done(Minted),
}

impl IntoResponse for LoginAnswer {
    fn into_response(self) -> Response {
        match self {
            Self::Done(minted) => Wire::<_, 200>(minted).into_response(),
            Self::Waiting(seconds) => Wire::<_, 202>(Minted { token: None })
                .with_header("retry-after", seconds.to_string())
                .into_response(),
        }
    }
}

impl ApiResponse for LoginAnswer {
    fn meta() -> MetaResponses {
        let response = |status, description, headers| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content: vec![MetaMediaType {
                content_type: Wire::<Minted>::CONTENT_TYPE,
                schema: Minted::schema_ref(),
            }],
            headers,
        };
        let pause = MetaHeader {
            name: "retry-after".to_owned(),
            description: Some("Seconds after which to ask again".to_owned()),
            required: true,
            deprecated: false,
            schema: MetaSchemaRef::Inline(Box::new(MetaSchema {
                minimum: Some(0.0),
                ..MetaSchema::new_with_format("integer", "uint64")
            })),
        };
        MetaResponses {
            responses: vec![
                response(StatusCode::OK.as_u16(), "The token", vec![]),
                response(
                    StatusCode::ACCEPTED.as_u16(),
                    "Nobody has confirmed yet",
                    vec![pause],
                ),
            ],
        }
    }

    fn register(registry: &mut Registry) {
        Minted::register(registry);
    }
}
