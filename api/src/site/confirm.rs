//! A program wants to be signed in: who asks, from where, and whether that is so.
//!
//! Anybody can make such a page and send its address to somebody else. What they cannot do is
//! choose what it shows: the address and the name of the program that will get the token. A yes makes
//! a token, so it takes a second factor like every other way to make one; of who signed in just now
//! to say it, that was asked at the door.

use std::net::IpAddr;

use http::StatusCode;
use poem::Response;
use weir_store::{audit, clock, web_logins};

use super::{
    asking::{Asking, minutes},
    html::html,
    page, second_factor,
};
use crate::{
    auth::User,
    error::{ApiError, ApiResult},
    sessions::Opaque,
    tokens,
};

const TITLE: &str = "Sign in a program";

/// Shows who asks.
pub(super) async fn show(asking: Asking) -> ApiResult<Response> {
    let session = asking.query("session");
    let key = Opaque::read(session).ok_or_else(unknown)?;
    let (running, now) = (asking.visit.running(), asking.visit.running().now());
    let login = web_logins::find(running.reader(), &key.hash(), now).await?;
    let login = login.ok_or_else(unknown)?;
    let back = format!("/-/login/web?session={}", key.reveal());
    let user = match asking.signed_in(&back) {
        Ok(user) => user,
        Err(login) => return Ok(*login),
    };
    let here = asking.visit.found.client;
    let is_here = login.address.parse::<IpAddr>().is_ok_and(|ip| ip == here);
    let elsewhere = (!is_here).then(|| {
        html!(
            "<p role=\"alert\">The program is at another address than this browser ({}). \
             Confirm only if you know why.</p>\n",
            here.to_string()
        )
    });
    let rights = user.is_admin.then(|| {
        html!(
            "<label class=\"choice\"><input type=\"checkbox\" name=\"admin\"> \
             With my rights as an administrator</label>\n"
        )
    });
    let code = if asks_for_code(&asking, user) {
        second_factor::field(&asking, user, "confirm").await?
    } else {
        None
    };
    let bound = asking.key();
    let fields = html!(
        "<input type=\"hidden\" name=\"session\" value=\"{}\">\n{}{}\
         <button name=\"answer\" value=\"yes\">Yes, sign it in</button>\n\
         <button name=\"answer\" value=\"no\" formnovalidate>No, that is not mine</button>\n",
        key.reveal(),
        rights,
        code
    );
    let body = html!(
        "<p>A program wants to act as <strong>{}</strong>. Did you just start it?</p>\n{}\
         <table>\n<tr><th scope=\"row\">Program</th><td>{}</td></tr>\n\
         <tr><th scope=\"row\">Address</th><td>{}</td></tr>\n\
         <tr><th scope=\"row\">Asked at</th><td><time>{}</time></td></tr>\n</table>\n{}",
        user.name,
        elsewhere,
        login.user_agent,
        login.address,
        login.asked_at.to_string(),
        asking.form("/-/login/web", &bound.0, &fields)
    );
    Ok(asking.answer(StatusCode::OK, (TITLE, body), &bound))
}

/// Says whether a second factor is asked for: the code that somebody signed in with just now works
/// once, and the next one comes half a minute later.
fn asks_for_code(asking: &Asking, user: &User) -> bool {
    !tokens::has_just_proved(user, asking.visit.running().now())
}

/// Takes the answer.
pub(super) async fn submit(asking: Asking) -> ApiResult<Response> {
    let user = match asking.signed_in("/-/account") {
        Ok(user) => user,
        Err(login) => return Ok(*login),
    };
    asking.checked()?;
    let key = Opaque::read(asking.field("session")).ok_or_else(unknown)?;
    let (hash, id) = (key.hash(), user.id);
    let is_yes = asking.field("answer") == "yes";
    if is_yes {
        // A code is not for a login that nobody waits for.
        let (running, now) = (asking.visit.running(), asking.visit.running().now());
        let login = web_logins::find(running.reader(), &hash, now).await?;
        login.ok_or_else(unknown)?;
        if asks_for_code(&asking, user) {
            second_factor::check(&asking, user).await?;
        }
    }
    let is_admin = user.is_admin && asking.is_ticked("admin");
    let by = asking.visit.actor();
    let answered = asking.visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let was_open = if is_yes {
                web_logins::confirm(tx, &hash, (id, is_admin), now).await?
            } else {
                web_logins::deny(tx, &hash).await?
            };
            if was_open {
                let verb = if is_yes { "confirm" } else { "deny" };
                let event = by.did(&format!("web_login.{verb}"), id.to_string(), "", now);
                audit::insert(tx, &event).await?;
            }
            Ok(was_open)
        })
    });
    if !answered.await? {
        return Err(unknown());
    }
    let sentence = if is_yes {
        "The program is signed in. You may close this page and go back to it."
    } else {
        "The program was turned away. If you did not start it, somebody may have wanted you \
         to sign them in."
    };
    let body = html!("<p role=\"status\">{}</p>\n", sentence);
    Ok(page::answer(StatusCode::OK, TITLE, body))
}

fn unknown() -> ApiError {
    ApiError::not_found(format!(
        "This login is unknown, answered, or older than {}; begin again in the program",
        minutes()
    ))
}
