//! What a test can make strange about the server itself.

use super::Artifactory;

impl Artifactory {
    /// Sets its clock ahead, or back if negative.
    pub fn set_ahead(&self, ahead_ms: i64) {
        self.shared.shelf().oddities.ahead_ms = ahead_ms;
    }

    /// Writes sizes, booleans and moments as other versions do, with fields nobody knows.
    pub fn loosen_types(&self) {
        self.shared.shelf().oddities.has_loose_types = true;
    }

    /// Shows nothing to anybody, or all again: empty lists with status 200, 404 for what is there.
    /// Source: reports of expired credentials and lost permissions.
    pub fn show_nothing(&self, shows_nothing: bool) {
        self.shared.shelf().oddities.shows_nothing = shows_nothing;
    }

    /// Lists a reference that is not there: the index lags behind a removal or an upload.
    pub fn list_stale(&self, reference: &str) {
        let mut shelf = self.shared.shelf();
        shelf.oddities.stale.insert(reference.to_owned());
    }

    /// Leaves a reference, written as search does, out of the index although it is there.
    pub fn delay_index(&self, reference: &str) {
        let mut shelf = self.shared.shelf();
        shelf.oddities.unlisted.insert(reference.to_owned());
    }

    /// The index has caught up.
    pub fn catch_up(&self) {
        let mut shelf = self.shared.shelf();
        shelf.oddities.stale.clear();
        shelf.oddities.unlisted.clear();
    }

    /// Lets later pages of a query reach back by so many rows, as in a table that grows meanwhile.
    pub fn overlap_pages(&self, rows: usize) {
        self.shared.shelf().oddities.overlap = rows;
    }

    /// Trims queries to so many rows, with a notification.
    pub fn trim_at(&self, rows: usize) {
        self.shared.shelf().oddities.trims_at = Some(rows);
    }

    /// Lets whoever shows no credentials read, or not.
    pub fn set_anonymous(&self, reads: bool) {
        self.shared.shelf().reads_anonymously = reads;
    }

    /// Makes a password or token worthless.
    pub fn revoke(&self, secret: &str) {
        let mut shelf = self.shared.shelf();
        for account in shelf.accounts.values_mut() {
            account.secrets.retain(|known| known != secret);
        }
    }
}
