//! Making a token, shown once, and taking one back.

use std::time::Duration;

use http::StatusCode;
use poem::Response;
use weir_store::{
    audit, clock,
    tokens::{self, NewToken},
};

use super::{asking::Asking, html::html, page, second_factor};
use crate::{
    error::{ApiError, ApiResult},
    payload::Violations,
};

/// Longest name, in characters.
const NAME_CHARS: usize = 100;
/// Longest life, in days.
const MAX_DAYS: u64 = 3650;

/// Makes a token and shows it.
pub(super) async fn create(asking: Asking) -> ApiResult<Response> {
    let user = match asking.signed_in("/-/account") {
        Ok(user) => user,
        Err(login) => return Ok(*login),
    };
    asking.checked()?;
    let (name, days) = wanted(&asking)?;
    second_factor::check(&asking, user).await?;
    let is_readonly = asking.is_ticked("readonly");
    let is_admin = user.is_admin && asking.is_ticked("admin") && !is_readonly;
    let (id, secret) = (user.id, asking.visit.running().new_secret());
    let (kept, title, by) = (secret.clone(), name.clone(), asking.visit.actor());
    let made = asking.visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let life = days.map(|days| Duration::from_secs(days * 86_400));
            let new = NewToken {
                name: Some(&title),
                is_admin,
                is_readonly,
                expires_at: life.map(|life| now.plus(life)),
                ..NewToken::default()
            };
            let token = tokens::insert(tx, id, &kept, new, now).await?;
            let event = by.did("token.create", token.to_string(), "on the site", now);
            audit::insert(tx, &event).await
        })
    });
    made.await?;
    let body = html!(
        "<p>This is the token <strong>{}</strong>. Copy it now: it is not shown again.</p>\n\
         <p role=\"status\"><code>{}</code></p>\n<p><a href=\"{}\">Back to your account</a></p>\n",
        name,
        secret.reveal(),
        asking.path("/-/account")
    );
    Ok(page::answer(StatusCode::OK, "Your new token", body))
}

/// Reads name and days.
fn wanted(asking: &Asking) -> ApiResult<(String, Option<u64>)> {
    let mut wrong = Violations::default();
    let name = asking.field("name").trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS {
        wrong.add("name", format!("must have 1 to {NAME_CHARS} characters"));
    }
    let days = match asking.field("days").trim() {
        "" => None,
        text => {
            let days = text.parse().ok();
            let days = days.filter(|days| (1..=MAX_DAYS).contains(days));
            if days.is_none() {
                wrong.add(
                    "days",
                    format!("must be a whole number from 1 to {MAX_DAYS}"),
                );
            }
            days
        }
    };
    wrong.none_or((name.to_owned(), days))
}

/// Takes one of the user's tokens back.
pub(super) async fn revoke(asking: Asking) -> ApiResult<Response> {
    let user = match asking.signed_in("/-/account") {
        Ok(user) => user,
        Err(login) => return Ok(*login),
    };
    asking.checked()?;
    let gone = || ApiError::not_found("You have no such token");
    let id = asking.field("id").parse().map_err(|_| gone())?;
    let running = asking.visit.running();
    let (owner, by) = (user.id, asking.visit.actor());
    let revoked = running.app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let token = tokens::find(&**tx, id).await?;
            let is_mine = token.is_some_and(|token| token.user_id == owner);
            if !is_mine || !tokens::revoke(tx, id, now).await? {
                return Ok(false);
            }
            let event = by.did("token.revoke", id.to_string(), "on the site", now);
            audit::insert(tx, &event).await?;
            Ok(true)
        })
    });
    if !revoked.await? {
        return Err(gone());
    }
    Ok(page::see(&asking.path("/-/account")))
}
