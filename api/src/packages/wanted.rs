//! The packument that a request wants: which form of it, in which encodings, for which base.
//!
//! What is found is the best there is of it. That a better encoding was wanted is noted when
//! something else is given ([`super::encode`]).

use std::sync::Arc;

use http::{HeaderMap, StatusCode};
use weir_render::Form;

use super::{
    negotiate::{self, Encodings},
    ready::Ready,
    shelf::Key,
};
use crate::{app::Running, base::BaseIndex};

/// What a request for a packument wants.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) form: Form,
    pub(super) encodings: Encodings,
    pub(super) base: BaseIndex,
    /// Where the best of it lies, if it is there.
    pub(super) key: Key,
}

impl Wanted {
    /// Reads what the headers of a request for `name` say.
    pub(super) fn of(name: &str, headers: &HeaderMap, base: BaseIndex) -> Self {
        let (form, encodings) = (negotiate::form(headers), negotiate::encodings(headers));
        let key = Key::packument(name, form, encodings.best, base);
        Self {
            form,
            encodings,
            base,
            key,
        }
    }

    /// Returns what lies on the shelf.
    pub(super) fn find(&self, running: &Running) -> Option<Arc<Ready>> {
        let clock = &*running.app.clock;
        let best = running.shelf.find(&self.key, clock);
        if best.is_some() || !self.has_better() {
            return best;
        }
        running.shelf.find(&self.key_at_hand(), clock)
    }

    /// Returns where that lies which is given as long as the best is not there.
    pub(super) fn key_at_hand(&self) -> Key {
        self.key.encoded(self.encodings.at_hand)
    }

    /// Notes what was given; a body in another encoding than the best makes that worth its work.
    pub(super) fn was_given(&self, running: &Running, given: &Ready, status: StatusCode) {
        let is_best = || given.is_encoded_in(self.encodings.best.as_str());
        if self.has_better() && status == StatusCode::OK && !is_best() {
            running.encoder.ask(running, self);
        }
    }

    fn has_better(&self) -> bool {
        self.encodings.best != self.encodings.at_hand
    }
}
