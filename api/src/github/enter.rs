//! Who somebody at GitHub is here.

use weir_domain::{UserId, text::printable};
use weir_store::{
    StoreError, Tx,
    audit::{self, Actor},
    clock, github_accounts, users,
};
use weir_upstream::{Github, Person, PersonToken};

use crate::{
    error::{ApiError, ApiResult, Code},
    visit::Visit,
};

/// Longest login that is shown in a sentence.
const SHOWN: usize = 80;

/// Returns the user of whoever a token of GitHub's speaks for; made if they may be let in.
///
/// # Errors
/// 403 for whoever may not.
pub(crate) async fn enter(
    visit: &Visit,
    github: &Github,
    token: &PersonToken,
) -> ApiResult<UserId> {
    let person = admitted(github, token).await?;
    let (running, by) = (visit.running(), visit.actor());
    let settings = &running.app.settings;
    let has_orgs = settings
        .github
        .as_ref()
        .is_some_and(|app| !app.orgs.is_empty());
    let admits_new = has_orgs || settings.allows_registration;
    let login = printable(&person.login, SHOWN);
    let entered = running.app.content.db.write(move |tx| {
        Box::pin(async move {
            match github_accounts::find(&**tx, person.id).await? {
                Some(account) => {
                    github_accounts::rename(tx, person.id, &person.login).await?;
                    let user = users::get(&**tx, account.user_id).await?;
                    Ok(Some(user.id).filter(|_| !user.is_disabled))
                }
                None if admits_new => register(tx, &person, by).await.map(Some),
                None => Ok(None),
            }
        })
    });
    entered.await?.ok_or_else(|| {
        ApiError::forbidden(format!(
            "No user who may sign in here has linked {login} of GitHub; sign in by password and link it"
        ))
    })
}

/// Links whoever a token of GitHub's speaks for to a user, by that user's own wish.
///
/// # Errors
/// 409 if either is linked already, 403 for whoever may not sign in.
pub(crate) async fn link(
    visit: &Visit,
    (github, token): (&Github, &PersonToken),
    user: UserId,
) -> ApiResult<()> {
    let person = admitted(github, token).await?;
    let by = visit.actor();
    let linked = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let account = (person.id, person.login.as_str());
            github_accounts::insert(tx, user, account, now).await?;
            note(tx, by, (user, "github.link"), &person).await
        })
    });
    linked.await.map_err(|error| match error {
        StoreError::AlreadyExists(_) => ApiError::new(
            Code::Conflict,
            "You have linked an account already, or somebody else has linked this one",
        ),
        other => other.into(),
    })
}

/// Returns whoever a token speaks for, if they are where they must be.
async fn admitted(github: &Github, token: &PersonToken) -> ApiResult<Person> {
    let person = github.person(token).await?;
    if github.belongs(token).await? {
        return Ok(person);
    }
    let login = printable(&person.login, SHOWN);
    Err(ApiError::forbidden(format!(
        "{login} of GitHub is in none of the organisations that are let in here"
    )))
}

/// Makes the user of somebody who is new. A name that is taken stays whose it is.
async fn register(tx: &Tx, person: &Person, by: Actor) -> Result<UserId, StoreError> {
    let now = clock::now(&**tx).await?;
    let mut name = person.login.to_lowercase();
    if users::is_taken(&**tx, &name).await? {
        name = format!("{name}-{}", person.id);
    }
    let user = users::insert(tx, &name, now).await?;
    let account = (person.id, person.login.as_str());
    github_accounts::insert(tx, user.id, account, now).await?;
    note(tx, by, (user.id, "user.create"), person).await?;
    Ok(user.id)
}

async fn note(
    tx: &Tx,
    by: Actor,
    (user, action): (UserId, &str),
    person: &Person,
) -> Result<(), StoreError> {
    let detail = format!("{} ({}) of GitHub", person.login, person.id);
    let now = clock::now(&**tx).await?;
    let event = by.known_as(user).did(action, user.to_string(), detail, now);
    audit::insert(tx, &event).await
}
