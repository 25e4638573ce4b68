//! Answers that go on: each ends when the credentials that opened it do, and when the package
//! that it tells of is closed to whoever reads.
//!
//! An answer is registered under its user, what was shown, and its package, and then the rows are
//! asked; and again whenever something of these is told to have changed, which every process is
//! within a second (of making a token, too, and sometimes twice). It ends if they hold no more, or
//! with other rights: then it is opened anew with the rights they have now.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};
use weir_domain::PackageName;
use weir_store::{StoreError, sessions, tokens};

use super::{Caller, Credential, User, invalid};
use crate::{
    app::Running,
    error::{ApiResult, warn_of},
    names::no_such_task,
    packages::may_know_of,
};

/// The answers of this process that go on, by their numbers.
#[derive(Debug, Clone, Default)]
pub(crate) struct OpenAnswers(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    next: u64,
    all: HashMap<u64, (Vec<String>, watch::Sender<u64>)>,
}

/// An answer that goes on.
#[derive(Debug)]
pub(crate) struct OpenAnswer {
    running: Running,
    caller: Caller,
    /// The package that it tells of.
    package: Option<PackageName>,
    entry: Entry,
    /// The doubts that were looked into.
    resolved: u64,
    /// When what was shown expires.
    ends_at: Option<Instant>,
}

/// The registration of an answer.
#[derive(Debug)]
struct Entry {
    number: u64,
    kept: OpenAnswers,
    /// How often somebody said that something changed.
    doubts: watch::Receiver<u64>,
}

impl OpenAnswers {
    /// Registers an answer to a caller, of a package or of something else.
    ///
    /// # Errors
    /// 401 if their credentials hold no more, 404 if the package was closed to them.
    pub(crate) async fn open(
        &self,
        running: &Running,
        caller: &Caller,
        package: Option<PackageName>,
    ) -> ApiResult<OpenAnswer> {
        let user = caller.user();
        let keys = user.map(keys).unwrap_or_default().into_iter();
        let keys = keys.chain(package.as_ref().map(ToString::to_string));
        let entry = self.add(keys.collect());
        let end = user.and_then(|user| user.restrictions.expires_at);
        let left = end.map(|end| end.since(running.now()));
        let answer = OpenAnswer {
            running: running.clone(),
            caller: caller.clone(),
            package,
            entry,
            resolved: 0,
            ends_at: left.and_then(|left| Instant::now().checked_add(left)),
        };
        if !answer.credentials_hold().await? {
            return Err(invalid());
        }
        if !answer.package_is_open().await? {
            return Err(no_such_task());
        }
        Ok(answer)
    }

    /// Has the answers looked into that a token, a session or a user opened, by its identifier, or
    /// that tell of a package, by its name.
    pub(crate) fn doubt(&self, key: &str) {
        self.doubt_those(|keys| keys.iter().any(|one| one == key));
    }

    /// Has all looked into.
    pub(crate) fn doubt_all(&self) {
        self.doubt_those(|_| true);
    }

    fn doubt_those(&self, are_meant: impl Fn(&[String]) -> bool) {
        for (keys, doubts) in self.lock().all.values() {
            if are_meant(keys) {
                doubts.send_modify(|count| *count += 1);
            }
        }
    }

    fn add(&self, keys: Vec<String>) -> Entry {
        let (sender, doubts) = watch::channel(0);
        let mut kept = self.lock();
        let number = kept.next;
        kept.next += 1;
        kept.all.insert(number, (keys, sender));
        Entry {
            number,
            kept: self.clone(),
            doubts,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenAnswer {
    /// Says whether it is to end, or the process is.
    ///
    /// # Cancel safety
    /// What was not looked into to the end is looked into again.
    pub(crate) async fn is_over(&mut self) -> bool {
        let has_expired = self.ends_at.is_some_and(|end| end <= Instant::now());
        if has_expired || self.running.shutdown.is_cancelled() {
            return true;
        }
        let doubts = *self.entry.doubts.borrow_and_update();
        if doubts <= self.resolved {
            return false;
        }
        match self.holds().await {
            Ok(true) => {
                self.resolved = doubts;
                false
            }
            Ok(false) => true,
            Err(error) => {
                warn_of(&error, "nobody knows whether somebody may still read");
                true
            }
        }
    }

    async fn holds(&self) -> Result<bool, StoreError> {
        Ok(self.credentials_hold().await? && self.package_is_open().await?)
    }

    async fn credentials_hold(&self) -> Result<bool, StoreError> {
        match self.caller.user() {
            Some(user) => holds(&self.running, user).await,
            None => Ok(true),
        }
    }

    async fn package_is_open(&self) -> Result<bool, StoreError> {
        match &self.package {
            Some(name) => may_know_of(&self.running, &self.caller, name).await,
            None => Ok(true),
        }
    }

    /// Waits until it may be to end.
    pub(crate) async fn may_be_over(&mut self) {
        let ends_at = self.ends_at;
        let expired = async {
            match ends_at {
                Some(end) => sleep_until(end).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.running.shutdown.cancelled() => {}
            () = expired => {}
            _ = self.entry.doubts.changed() => {}
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.kept.lock().all.remove(&self.number);
    }
}

/// What an answer to a user ends with.
fn keys(user: &User) -> Vec<String> {
    let shown = match user.credential {
        Credential::Token(id) => Some(id.0),
        Credential::Session(id) => Some(id.0),
        Credential::Password => None,
    };
    let all = shown.into_iter().chain([user.id.0]);
    all.map(|id| id.to_string()).collect()
}

/// Says whether what was shown is still there, with the same rights.
async fn holds(running: &Running, user: &User) -> Result<bool, StoreError> {
    let db = running.reader();
    let is_admin = match user.credential {
        Credential::Token(id) => tokens::find(db, id).await?.map(|token| token.is_admin),
        Credential::Session(id) => {
            let all = sessions::list(db, user.id, running.now()).await?;
            let mut mine = all.into_iter().filter(|session| session.id == id);
            mine.next().map(|session| session.is_admin)
        }
        Credential::Password => Some(user.is_admin),
    };
    Ok(is_admin == Some(user.is_admin))
}

#[cfg(test)]
mod tests {
    use weir_domain::TokenId;

    use super::*;

    #[test]
    fn what_is_doubted_is_what_was_opened_so_and_nothing_stays_registered() {
        let open = OpenAnswers::default();
        let [alice, bob, token] = [(); 3].map(|()| TokenId::new().to_string());
        let all = [&[&token, &alice][..], &[&alice], &[&bob], &[]];
        let all = all.map(|keys| open.add(keys.iter().copied().cloned().collect()));
        let doubts = || all.each_ref().map(|entry| *entry.doubts.borrow());
        for strange in ["", "*", "0123"] {
            open.doubt(strange);
        }
        assert_eq!(doubts(), [0; 4]);
        open.doubt(&token);
        assert_eq!(doubts(), [1, 0, 0, 0]);
        open.doubt(&alice);
        assert_eq!(doubts(), [2, 1, 0, 0]);
        open.doubt_all();
        assert_eq!(doubts(), [3, 2, 1, 1]);
        drop(all);
        assert!(open.lock().all.is_empty());
    }
}
