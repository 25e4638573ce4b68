//! The site: plain pages to sign in, to confirm a program's login, and to keep tokens and
//! sessions in order.
//!
//! They work without scripts and load nothing. Each is a function from what was asked
//! ([`asking::Asking`]) to an answer; what it refuses becomes a page like any other refusal
//! becomes JSON. They are routed beside the documented resources and are not documented:
//! programs have routes of their own.

mod account;
mod asking;
mod confirm;
mod github;
mod html;
mod login;
mod logout;
mod next;
mod page;
mod second_factor;
mod sessions;
mod tokens;

use poem::{Endpoint, Request, Response, Route, endpoint::make, get, post};

use self::asking::Asking;
use crate::error::ApiResult;

pub(crate) use self::page::{refusal, refusal_headers};

/// Every page, and its methods.
const PAGES: [(&str, &str); 11] = [
    ("/-/login", "GET, HEAD, POST"),
    ("/-/login/web", "GET, HEAD, POST"),
    ("/-/login/github", "POST"),
    ("/-/login/github/done", "GET, HEAD"),
    ("/-/logout", "POST"),
    ("/-/account", "GET, HEAD"),
    ("/-/account/tokens", "POST"),
    ("/-/account/tokens/revoke", "POST"),
    ("/-/account/sessions/revoke", "POST"),
    ("/-/account/github", "POST"),
    ("/-/account/github/unlink", "POST"),
];

/// Returns the methods of a page, if the path is one's.
pub(crate) fn methods(path: &str) -> Option<&'static str> {
    // Most requests are for packages, and are looked at no further.
    let mut pages = PAGES.iter().filter(|_| path.starts_with("/-/"));
    let page = pages.find(|(page, _)| *page == path);
    page.map(|(_, methods)| *methods)
}

/// Says whether a path is a page's.
pub(crate) fn is_page(path: &str) -> bool {
    methods(path).is_some()
}

/// Adds the pages.
pub(crate) fn pages(routes: Route) -> Route {
    routes
        .at("/-/login", get(page(login::show)).post(page(login::submit)))
        .at(
            "/-/login/web",
            get(page(confirm::show)).post(page(confirm::submit)),
        )
        .at("/-/login/github", post(page(github::depart)))
        .at("/-/login/github/done", get(page(github::arrive)))
        .at("/-/logout", post(page(logout::submit)))
        .at("/-/account", get(page(account::show)))
        .at("/-/account/tokens", post(page(tokens::create)))
        .at("/-/account/tokens/revoke", post(page(tokens::revoke)))
        .at("/-/account/sessions/revoke", post(page(sessions::revoke)))
        .at("/-/account/github", post(page(github::link)))
        .at("/-/account/github/unlink", post(page(github::unlink)))
}

/// Makes a route of what answers it.
fn page<F, A>(answer: F) -> impl Endpoint<Output = Response>
where
    F: Fn(Asking) -> A + Copy + Send + Sync + 'static,
    A: Future<Output = ApiResult<Response>> + Send,
{
    make(move |request: Request| async move {
        let asking = Asking::of(request).await?;
        Ok::<_, poem::Error>(answer(asking).await?)
    })
}
