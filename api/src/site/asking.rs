//! What a page is given of a request: who asks, the query, the form.

use std::collections::HashMap;

use http::StatusCode;
use poem::{FromRequest, Request, Response};
use weir_store::web_logins;

use super::{
    html::{Html, html},
    next, page,
};
use crate::{
    auth::{Caller, Credential, User},
    error::{ApiError, ApiResult, Code},
    payload::read_body,
    sessions::{Cookie, Opaque, csrf, is_same},
    visit::{NotPrepared, Visit},
};

/// What forms are sent as.
const FORM: &str = "application/x-www-form-urlencoded";

/// Where somebody is sent who has to sign in first.
const LOGIN: &str = "/-/login";

/// One request for a page.
pub(super) struct Asking {
    pub(super) visit: Visit,
    caller: Caller,
    query: HashMap<String, String>,
    form: HashMap<String, String>,
}

impl Asking {
    /// Reads a request.
    ///
    /// # Errors
    /// 415 for a body that is no form.
    pub(super) async fn of(mut request: Request) -> poem::Result<Self> {
        let visit = Visit::from_request_without_body(&request).await?;
        let caller = request.data::<Caller>().cloned().ok_or(NotPrepared)?;
        let query = pairs(request.uri().query().unwrap_or_default().as_bytes());
        let kind = request.content_type().map(str::to_owned);
        let body = read_body(request.take_body()).await?;
        let is_form = kind.is_some_and(|kind| {
            let kind = kind.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case(FORM)
        });
        if !is_form && !body.is_empty() {
            let sentence = "Forms are sent as application/x-www-form-urlencoded";
            return Err(ApiError::new(Code::UnsupportedMediaType, sentence).into());
        }
        Ok(Self {
            visit,
            caller,
            query,
            form: pairs(&body),
        })
    }

    /// Returns a field of the query.
    pub(super) fn query(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    /// Returns a field of the form; empty if it is not there.
    pub(super) fn field(&self, name: &str) -> &str {
        self.form.get(name).map_or("", String::as_str)
    }

    /// Says whether a box of the form is ticked.
    pub(super) fn is_ticked(&self, name: &str) -> bool {
        self.form.contains_key(name)
    }

    /// Returns who is signed in to the site.
    pub(super) fn user(&self) -> Option<&User> {
        let user = self.caller.user();
        user.filter(|user| matches!(user.credential, Credential::Session(_)))
    }

    /// Returns who is signed in to the site, or where the browser goes for that.
    pub(super) fn signed_in(&self, back_to: &str) -> Result<&User, Box<Response>> {
        self.user().ok_or_else(|| {
            let mut next = url::form_urlencoded::Serializer::new(String::new());
            let query = next.append_pair("next", back_to).finish();
            Box::new(page::see(&format!("{}?{query}", self.path(LOGIN))))
        })
    }

    /// Returns a path of ours as this browser knows it.
    pub(super) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.visit.base().prefix())
    }

    /// Returns where to go next: what was asked for, if it is within the site.
    pub(super) fn next(&self, wanted: &str) -> String {
        self.path(next::within(wanted).unwrap_or("/-/account"))
    }

    /// Returns the cookie that forms are bound to, made if need be; and whether it was.
    pub(super) fn key(&self) -> (Opaque, bool) {
        let which = match self.user() {
            Some(_) => Cookie::Session,
            None => Cookie::Browser,
        };
        match which.read(self.visit.base(), &self.visit.headers) {
            Some(key) => (key, false),
            None => (Opaque::generate(), true),
        }
    }

    /// Checks that the form is one of our pages, shown to this browser.
    ///
    /// # Errors
    /// 403.
    pub(super) fn checked(&self) -> ApiResult<Opaque> {
        let (key, is_new) = self.key();
        if is_new || !is_same(self.field("csrf"), &csrf(&key)) {
            return Err(ApiError::forbidden(
                "This form is too old, or not from this site; open its page and try again",
            ));
        }
        Ok(key)
    }

    /// Answers with a page that has forms, bound to `key`.
    pub(super) fn answer(
        &self,
        status: StatusCode,
        page: (&str, Html),
        (key, is_new): &(Opaque, bool),
    ) -> Response {
        let github = self.github_origin();
        let mut response = page::answer_beyond(status, page, github.as_deref());
        if *is_new {
            let line = Cookie::Browser.set(self.visit.base(), key);
            let headers = response.headers_mut();
            headers.insert(http::header::SET_COOKIE, line);
        }
        response
    }

    /// Returns the origin of the GitHub where people sign in.
    pub(super) fn github_origin(&self) -> Option<String> {
        let app = self.visit.running().app.settings.github.as_ref()?;
        Some(app.url.origin().ascii_serialization())
    }

    /// Begins a form of a page that is bound to `key`.
    pub(super) fn form(&self, action: &str, key: &Opaque, fields: &Html) -> Html {
        html!(
            "<form method=\"post\" action=\"{}\">\n\
             <input type=\"hidden\" name=\"csrf\" value=\"{}\">\n{}</form>\n",
            self.path(action),
            csrf(key),
            fields
        )
    }
}

/// Reads pairs of names and values; of a name that comes twice the first counts.
fn pairs(text: &[u8]) -> HashMap<String, String> {
    let mut pairs = HashMap::new();
    for (name, value) in url::form_urlencoded::parse(text).into_owned() {
        pairs.entry(name).or_insert(value);
    }
    pairs
}

/// How long a login waits, in words.
pub(super) fn minutes() -> String {
    format!("{} minutes", web_logins::VALID.as_secs() / 60)
}
