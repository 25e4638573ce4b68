//! Answers that go on: each ends when the credentials that opened it do.
//!
//! An answer is registered under its user and what was shown, and then the rows are asked; and
//! again whenever something of these is told to have changed, which every process is within a
//! second (of making a token, too, and sometimes twice). It ends if they hold no more, or with
//! other rights: then it is opened anew with the rights they have now.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};
use uuid::Uuid;
use weir_store::{StoreError, sessions, tokens};

use super::{Caller, Credential, User, invalid};
use crate::{
    app::Running,
    error::{ApiResult, warn_of},
};

/// The answers of this process that go on, by their numbers.
#[derive(Debug, Clone, Default)]
pub(crate) struct OpenAnswers(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    next: u64,
    all: HashMap<u64, (Vec<Uuid>, watch::Sender<u64>)>,
}

/// An answer that goes on.
#[derive(Debug)]
pub(crate) struct OpenAnswer {
    running: Running,
    caller: Caller,
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
    /// Registers an answer to a caller.
    ///
    /// # Errors
    /// 401 if their credentials hold no more.
    pub(crate) async fn open(&self, running: &Running, caller: &Caller) -> ApiResult<OpenAnswer> {
        let user = caller.user();
        let entry = self.add(user.map(ids).unwrap_or_default());
        if let Some(user) = user
            && !holds(running, user).await?
        {
            return Err(invalid());
        }
        let end = user.and_then(|user| user.restrictions.expires_at);
        let left = end.map(|end| end.since(running.now()));
        Ok(OpenAnswer {
            running: running.clone(),
            caller: caller.clone(),
            entry,
            resolved: 0,
            ends_at: left.and_then(|left| Instant::now().checked_add(left)),
        })
    }

    /// Has the answers looked into that a token, a session or a user opened, by its identifier.
    pub(crate) fn doubt(&self, id: &str) {
        if let Ok(id) = id.parse::<Uuid>() {
            self.doubt_those(|ids| ids.contains(&id));
        }
    }

    /// Has all looked into.
    pub(crate) fn doubt_all(&self) {
        self.doubt_those(|_| true);
    }

    fn doubt_those(&self, are_meant: impl Fn(&[Uuid]) -> bool) {
        for (ids, doubts) in self.lock().all.values() {
            if are_meant(ids) {
                doubts.send_modify(|count| *count += 1);
            }
        }
    }

    fn add(&self, ids: Vec<Uuid>) -> Entry {
        let (sender, doubts) = watch::channel(0);
        let mut kept = self.lock();
        let number = kept.next;
        kept.next += 1;
        kept.all.insert(number, (ids, sender));
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
        let Some(user) = self.caller.user().filter(|_| doubts > self.resolved) else {
            return false;
        };
        match holds(&self.running, user).await {
            Ok(true) => {
                self.resolved = doubts;
                false
            }
            Ok(false) => true,
            Err(error) => {
                warn_of(&error, "nobody knows whether credentials still hold");
                true
            }
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

/// What an answer ends with.
fn ids(user: &User) -> Vec<Uuid> {
    let shown = match user.credential {
        Credential::Token(id) => Some(id.0),
        Credential::Session(id) => Some(id.0),
        Credential::Password => None,
    };
    shown.into_iter().chain([user.id.0]).collect()
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
        let [alice, bob, token] = [(); 3].map(|()| TokenId::new().0);
        let all = [&[token, alice][..], &[alice], &[bob], &[]].map(|ids| open.add(ids.to_vec()));
        let doubts = || all.each_ref().map(|entry| *entry.doubts.borrow());
        for strange in ["", "*", "0123"] {
            open.doubt(strange);
        }
        assert_eq!(doubts(), [0; 4]);
        open.doubt(&token.to_string());
        assert_eq!(doubts(), [1, 0, 0, 0]);
        open.doubt(&alice.to_string());
        assert_eq!(doubts(), [2, 1, 0, 0]);
        open.doubt_all();
        assert_eq!(doubts(), [3, 2, 1, 1]);
        drop(all);
        assert!(open.lock().all.is_empty());
    }
}
