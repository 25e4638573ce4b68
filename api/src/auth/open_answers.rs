//! Answers that go on: each ends when the credentials that opened it do.
//!
//! An answer is registered under its user and what was shown, and then the rows are asked once
//! more: whatever is taken back before that is seen there, whatever is taken back later is told
//! to every process within a second, and ends it. A user whose rights change loses it too: it is
//! opened anew with the rights they have then.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use weir_store::{sessions, tokens};

use super::{Caller, Credential, User, invalid};
use crate::{app::Running, error::ApiResult};

/// The answers of this process that go on, by their numbers.
#[derive(Debug, Clone, Default)]
pub(crate) struct OpenAnswers(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    next: u64,
    all: HashMap<u64, (Vec<Uuid>, CancellationToken)>,
}

/// An answer that goes on.
#[derive(Debug)]
pub(crate) struct OpenAnswer {
    number: u64,
    kept: OpenAnswers,
    over: CancellationToken,
    /// When what was shown expires.
    ends_at: Option<Instant>,
}

impl OpenAnswers {
    /// Registers an answer to a caller.
    ///
    /// # Errors
    /// 401 if their credentials hold no more.
    pub(crate) async fn open(&self, running: &Running, caller: &Caller) -> ApiResult<OpenAnswer> {
        let over = running.shutdown.child_token();
        let user = caller.user();
        let mut answer = self.add(user.map(ids).unwrap_or_default(), over);
        let Some(user) = user else {
            return Ok(answer);
        };
        if !holds(running, user).await? {
            return Err(invalid());
        }
        let left = user.restrictions.expires_at;
        let left = left.map(|end| end.since(running.now()));
        answer.ends_at = left.and_then(|left| Instant::now().checked_add(left));
        Ok(answer)
    }

    /// Ends the answers that a token, a session or a user opened, by its identifier.
    pub(crate) fn end(&self, id: &str) {
        let Ok(id) = id.parse::<Uuid>() else { return };
        for (ids, over) in self.lock().all.values() {
            if ids.contains(&id) {
                over.cancel();
            }
        }
    }

    /// Ends those of everybody who showed something.
    pub(crate) fn end_all(&self) {
        for (ids, over) in self.lock().all.values() {
            if !ids.is_empty() {
                over.cancel();
            }
        }
    }

    fn add(&self, ids: Vec<Uuid>, over: CancellationToken) -> OpenAnswer {
        let mut kept = self.lock();
        let number = kept.next;
        kept.next += 1;
        kept.all.insert(number, (ids, over.clone()));
        OpenAnswer {
            number,
            kept: self.clone(),
            over,
            ends_at: None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenAnswer {
    /// Says whether it is to end, or the process is.
    pub(crate) fn is_over(&self) -> bool {
        self.over.is_cancelled() || self.ends_at.is_some_and(|end| end <= Instant::now())
    }

    /// Waits until it is to end.
    pub(crate) async fn over(&self) {
        let expired = async {
            match self.ends_at {
                Some(end) => sleep_until(end).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.over.cancelled() => {}
            () = expired => {}
        }
    }
}

impl Drop for OpenAnswer {
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
async fn holds(running: &Running, user: &User) -> ApiResult<bool> {
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
    use super::*;

    #[test]
    fn what_ends_is_what_was_opened_so_and_nothing_stays_registered() {
        let open = OpenAnswers::default();
        let [alice, bob, token] = [(); 3].map(|()| weir_domain::TokenId::new().0);
        let add = |ids: &[Uuid]| open.add(ids.to_vec(), CancellationToken::new());
        let [by_token, of_alice, of_bob, of_nobody] =
            [&[token, alice][..], &[alice], &[bob], &[]].map(add);
        let over = || [&by_token, &of_alice, &of_bob, &of_nobody].map(OpenAnswer::is_over);
        for strange in ["", "*", "0123"] {
            open.end(strange);
        }
        assert_eq!(over(), [false; 4]);
        open.end(&token.to_string());
        assert_eq!(over(), [true, false, false, false]);
        open.end(&alice.to_string());
        assert_eq!(over(), [true, true, false, false]);
        open.end_all();
        assert_eq!(over(), [true, true, true, false], "whom nothing lets in");
        drop([by_token, of_alice, of_bob, of_nobody]);
        assert!(open.lock().all.is_empty());
    }
}
