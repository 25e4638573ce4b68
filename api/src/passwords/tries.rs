//! How often a password may be tried, and why that keeps nobody out but who tries.
//!
//! A try takes from the buckets of its address, of (account, address), of the account and of the
//! process before anything is computed, so that many at once are many; a right one gives back what
//! only wrong ones cost. The last two buckets can be emptied by anybody anywhere: whoever comes
//! from a network that the account signed in from lately does not need them. Tokens and sessions
//! never pass here.

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use weir_domain::{Timestamp, text::printable, token::TokenSecret, user_name};
use weir_store::{
    audit::{self, Actor},
    clock,
    users::{self, User},
};

use super::account;
use crate::{
    app::Running,
    error::ApiResult,
    limits::{Class, Who, network, too_many},
};

/// A try that was let happen.
#[derive(Debug)]
pub(super) struct Try {
    account: [u8; 16],
    network: IpAddr,
    /// What a right password gives back.
    taken: Vec<(Class, Who)>,
}

impl Try {
    /// Takes what a try costs.
    ///
    /// # Errors
    /// 429 if it is one too many.
    pub(super) async fn begin(running: &Running, name: &str, client: IpAddr) -> ApiResult<Self> {
        let (account, network) = (account(name), network(client));
        let mut tried = Self {
            account,
            network,
            taken: Vec::new(),
        };
        admit_address(running, client)?;
        let own = (Class::LoginFailures, Who::AccountAt(account, network));
        tried
            .take(running, own)
            .map_err(|wait| refused(own.0, wait))?;
        for others in [
            (Class::AccountLogins, Who::Account(account)),
            (Class::AllLogins, Who::Anybody),
        ] {
            let Err(wait) = tried.take(running, others) else {
                continue;
            };
            let key = user_name::key(name);
            let (db, at) = (running.reader(), running.now());
            if !users::knows_network(db, &key, &network.to_string(), at).await? {
                tried.was_not_tried(running);
                return Err(refused(others.0, wait));
            }
        }
        Ok(tried)
    }

    fn take(&mut self, running: &Running, (class, who): (Class, Who)) -> Result<(), Duration> {
        running.buckets.take(class, &who, Instant::now())?;
        // What all share is a rate of tries, right or wrong.
        if class != Class::AllLogins {
            self.taken.push((class, who));
        }
        Ok(())
    }

    /// Gives everything back.
    pub(super) fn was_not_tried(self, running: &Running) {
        for (class, who) in &self.taken {
            running.buckets.give_back(*class, who, Instant::now());
        }
    }

    /// Remembers from where the account signed in.
    pub(super) async fn succeeded(self, running: &Running, user: &User) -> ApiResult<()> {
        let (id, network) = (user.id, self.network.to_string());
        self.was_not_tried(running);
        let remembered = running.app.content.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                users::remember_network(tx, id, &network, now).await
            })
        });
        Ok(remembered.await?)
    }

    /// Writes down that a password was wrong, now and then; for names of nobody as for others.
    pub(super) async fn failed(self, running: &Running, name: &str) -> ApiResult<()> {
        let notes = &running.passwords.notes;
        let noted = notes.take(
            Class::LoginFailures,
            &Who::Account(self.account),
            Instant::now(),
        );
        if noted.is_err() {
            return Ok(());
        }
        // Where a name was to be, somebody may have put a token.
        let is_secret = TokenSecret::from_text(name).is_generated();
        let name = if is_secret { "(a token)" } else { name };
        let target = printable(name, user_name::MAX_CHARS);
        let detail = format!("from {}", self.network);
        let event = Actor::ITSELF.did("login.fail", target, detail, Timestamp(0));
        note(running, event).await
    }
}

/// Takes what a login costs its address.
///
/// # Errors
/// 429 if it is one too many.
pub(crate) fn admit_address(running: &Running, client: IpAddr) -> ApiResult<()> {
    let who = Who::Network(network(client));
    let taken = running.buckets.take(Class::Logins, &who, Instant::now());
    taken.map_err(|wait| refused(Class::Logins, wait))
}

/// Takes what a new account costs all: it is hashed like any other.
///
/// # Errors
/// 429 if it is one too many.
pub(crate) fn admit_newcomer(running: &Running, client: IpAddr) -> ApiResult<()> {
    admit_address(running, client)?;
    let taken = running
        .buckets
        .take(Class::AllLogins, &Who::Anybody, Instant::now());
    taken.map_err(|wait| refused(Class::AllLogins, wait))
}

fn refused(class: Class, wait: Duration) -> crate::error::ApiError {
    too_many(class.sentence(), wait)
}

/// Writes an event of now into the trail.
async fn note(running: &Running, event: audit::Event) -> ApiResult<()> {
    let noted = running.app.content.db.write(move |tx| {
        Box::pin(async move {
            let at = clock::now(&**tx).await?;
            audit::insert(tx, &audit::Event { at, ..event }).await
        })
    });
    Ok(noted.await?)
}
