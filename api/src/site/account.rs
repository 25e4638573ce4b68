//! What somebody has here: tokens, sessions, a link to GitHub.

use http::StatusCode;
use poem::Response;
use weir_domain::Timestamp;
use weir_store::{
    github_accounts,
    sessions::{self, Session},
    tokens::{self, Listed},
    users::password,
};

use super::{
    asking::Asking,
    html::{Html, html},
    second_factor,
};
use crate::{
    auth::{Credential, User},
    error::ApiResult,
    sessions::Opaque,
};

const TITLE: &str = "Your account";

/// Most tokens shown; the newest.
const MOST_SHOWN: i64 = 1_000;

/// Shows it.
pub(super) async fn show(asking: Asking) -> ApiResult<Response> {
    let user = match asking.signed_in("/-/account") {
        Ok(user) => user,
        Err(login) => return Ok(*login),
    };
    let running = asking.visit.running();
    let (tokens, _) = tokens::list(running.reader(), user.id, (0, MOST_SHOWN)).await?;
    let sessions = sessions::list(running.reader(), user.id, running.now()).await?;
    let bound = asking.key();
    let key = &bound.0;
    let body = html!(
        "<p>Signed in as <strong>{}</strong>{}.</p>\n{}{}\
         <h2 id=\"tokens\">API tokens</h2>\n{}{}<h2 id=\"sessions\">Sessions</h2>\n{}",
        user.name,
        if user.is_admin { ", administrator" } else { "" },
        asking.form("/-/logout", key, &html!("<button>Sign out</button>\n")),
        github(&asking, user, key).await?,
        token_table(&asking, key, &tokens),
        token_form(&asking, user, key).await?,
        session_table(&asking, user, key, &sessions)
    );
    Ok(asking.answer(StatusCode::OK, (TITLE, body), &bound))
}

async fn github(asking: &Asking, user: &User, key: &Opaque) -> ApiResult<Option<Html>> {
    let linked = github_accounts::of_user(asking.visit.running().reader(), user.id).await?;
    if linked.is_none() && asking.github_origin().is_none() {
        return Ok(None);
    }
    Ok(Some(match linked {
        Some(account) => html!(
            "<p>Linked with <strong>{}</strong> at GitHub since {}.</p>\n{}",
            account.login,
            day(account.linked_at),
            unlink(asking, user, key).await?
        ),
        None => asking.form(
            "/-/account/github",
            key,
            &html!(
                "<label for=\"link-password\">Password</label>\n\
                 <input id=\"link-password\" name=\"password\" type=\"password\" \
                 autocomplete=\"current-password\" required>\n\
                 <label for=\"link-otp\">One-time password, if your account has them</label>\n\
                 <input id=\"link-otp\" name=\"otp\" autocomplete=\"one-time-code\" maxlength=\"100\">\n\
                 <button>Link my account at GitHub</button>\n"
            ),
        ),
    }))
}

/// The form that takes the link away; whoever has no password would have no way in.
async fn unlink(asking: &Asking, user: &User, key: &Opaque) -> ApiResult<Html> {
    if !password::is_set(asking.visit.running().reader(), user.id).await? {
        return Ok(html!(
            "<p>It is your only way to sign in, because you have no password.</p>\n"
        ));
    }
    let fields = html!(
        "{}<button>Unlink my account at GitHub</button>\n",
        second_factor::field(asking, user, "unlink").await?
    );
    Ok(asking.form("/-/account/github/unlink", key, &fields))
}

fn token_table(asking: &Asking, key: &Opaque, tokens: &[Listed]) -> Html {
    if tokens.is_empty() {
        return html!("<p>You have none.</p>\n");
    }
    let now = asking.visit.running().now();
    let row = |token: &Listed| {
        let name = token.name.as_deref().unwrap_or("without a name");
        let rights = [
            (token.is_admin, "administrator"),
            (token.is_readonly, "read only"),
            (token.is_automation, "automation"),
            (token.expires_at.is_some_and(|end| end <= now), "expired"),
        ];
        let rights: Vec<_> = rights.iter().filter(|(has, _)| *has).collect();
        let rights: Vec<_> = rights.iter().map(|(_, word)| *word).collect();
        let fields = html!(
            "<input type=\"hidden\" name=\"id\" value=\"{}\">\
             <button aria-label=\"Revoke the token {}\">Revoke</button>",
            token.id.to_string(),
            name
        );
        html!(
            "<tr><th scope=\"row\">{}</th><td><code>{}</code></td><td>{}</td><td>{}</td>\
             <td>{}</td><td>{}</td><td>{}</td></tr>\n",
            name,
            token.mask,
            rights.join(", "),
            day(token.created_at),
            token.last_used_at.map_or_else(|| "never".to_owned(), day),
            token.expires_at.map_or_else(|| "never".to_owned(), day),
            asking.form("/-/account/tokens/revoke", key, &fields)
        )
    };
    let rows: Html = tokens.iter().map(row).collect();
    html!(
        "<table aria-labelledby=\"tokens\">\n<thead><tr><th scope=\"col\">Name</th>\
         <th scope=\"col\">Token</th><th scope=\"col\">Rights</th><th scope=\"col\">Made</th>\
         <th scope=\"col\">Last used</th><th scope=\"col\">Expires</th>\
         <th scope=\"col\">Action</th></tr></thead>\n<tbody>\n{}</tbody></table>\n",
        rows
    )
}

async fn token_form(asking: &Asking, user: &User, key: &Opaque) -> ApiResult<Html> {
    let admin = user.is_admin.then(|| {
        html!(
            "<label class=\"choice\"><input type=\"checkbox\" name=\"admin\"> \
             With my rights as an administrator</label>\n"
        )
    });
    let fields = html!(
        "<label for=\"token-name\">Name</label>\n\
         <input id=\"token-name\" name=\"name\" maxlength=\"100\" autocomplete=\"off\" required>\n\
         <label for=\"token-days\">Days until it expires (1 to 3650; empty: never)</label>\n\
         <input id=\"token-days\" name=\"days\" inputmode=\"numeric\" pattern=\"[0-9]*\" \
         maxlength=\"4\" autocomplete=\"off\">\n\
         <label class=\"choice\"><input type=\"checkbox\" name=\"readonly\"> \
         Only to read</label>\n{}{}<button>Generate new token</button>\n",
        admin,
        second_factor::field(asking, user, "token").await?
    );
    let form = asking.form("/-/account/tokens", key, &fields);
    Ok(html!("<h3>Generate a new token</h3>\n{}", form))
}

fn session_table(asking: &Asking, user: &User, key: &Opaque, sessions: &[Session]) -> Html {
    let row = |session: &Session| {
        let is_this = user.credential == Credential::Session(session.id);
        let fields = html!(
            "<input type=\"hidden\" name=\"id\" value=\"{}\">\
             <button aria-label=\"End the session from {}\">End</button>",
            session.id.to_string(),
            session.address
        );
        let action = if is_this {
            html!("this one")
        } else {
            asking.form("/-/account/sessions/revoke", key, &fields)
        };
        html!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td>\
             <td>{}</td></tr>\n",
            session.address,
            session.user_agent,
            session.way,
            day(session.created_at),
            day(session.used_at),
            action
        )
    };
    let rows: Html = sessions.iter().map(row).collect();
    html!(
        "<table aria-labelledby=\"sessions\">\n<thead><tr><th scope=\"col\">Address</th>\
         <th scope=\"col\">Browser</th><th scope=\"col\">Signed in by</th>\
         <th scope=\"col\">Since</th><th scope=\"col\">Last used</th>\
         <th scope=\"col\">Action</th></tr></thead>\n<tbody>\n{}</tbody></table>\n",
        rows
    )
}

fn day(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}
