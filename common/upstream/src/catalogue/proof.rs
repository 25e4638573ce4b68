//! Proof that a source knows us and shows us what it has, before anything it says is believed.
//!
//! Servers answer an empty list, or 404, to credentials that have expired or may not read. So:
//! the server must answer as one; with credentials it must know whose they are, and (Artifactory)
//! name the repository among those we may read; and the canary, if there is one, must be there.

use serde::Deserialize;
use weir_domain::text::printable;

use super::{SourceError, address::below, conan::Conan, decode, session::Errand};
use crate::UpstreamError;

/// What a server calls somebody who showed nothing.
const NOBODY: &str = "anonymous";

/// One of Artifactory's repositories.
#[derive(Debug, Deserialize)]
struct Repository {
    key: String,
}

impl Conan {
    pub(super) async fn proven(&self) -> Result<(), SourceError> {
        self.answers().await?;
        if self.session.home().is_authorized() {
            self.knows_us().await?;
            self.names_the_repository().await?;
        }
        let Some(canary) = &self.canary else {
            return Ok(());
        };
        match self.latest(canary).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) => unproven(format!("it does not show {canary}, which must be there")),
            Err(SourceError::Upstream(error)) => Err(refused(error)),
            Err(error) => Err(error),
        }
    }

    async fn answers(&self) -> Result<(), SourceError> {
        let url = below(&self.interface().await?, &["v1", "ping"]);
        match self.session.get(&self.errand(url)).await {
            Ok(received) if decode::is_page(&received.bytes) => Err(SourceError::Invalid(format!(
                "{} is a web page (HTML), not a Conan server",
                received.place
            ))),
            Ok(_) => Ok(()),
            Err(error) => Err(refused(error)),
        }
    }

    async fn knows_us(&self) -> Result<(), SourceError> {
        let interface = self.interface().await?;
        let url = below(&interface, &["v2", "users", "check_credentials"]);
        let received = match self.session.get(&self.errand(url)).await {
            Ok(received) => received,
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(refused(error)),
        };
        let name = String::from_utf8_lossy(&received.bytes);
        let name = name.trim().trim_matches('"');
        let own = self.session.home().user();
        let is_ours = own.is_none_or(|own| own.eq_ignore_ascii_case(name));
        // Some servers answer nothing at all to a token.
        if name.eq_ignore_ascii_case(NOBODY) || (!name.is_empty() && !is_ours) {
            let name = printable(name, 100);
            return unproven(format!("it takes us for {name:?}"));
        }
        Ok(())
    }

    pub(super) async fn names_the_repository(&self) -> Result<(), SourceError> {
        let Some(key) = &self.address.repository else {
            return Ok(());
        };
        let url = below(self.root().await?, &["api", "repositories"]);
        match self
            .session
            .json::<Vec<Repository>>(&self.errand(url))
            .await
        {
            Ok(all) if all.iter().any(|one| one.key == *key) => Ok(()),
            Ok(_) => unproven(format!("it does not show us the repository {key:?}")),
            // A proxy may pass on Conan's interface alone.
            Err(error) if error.is_not_found() => Ok(()),
            Err(error) => Err(refused(error)),
        }
    }

    fn errand(&self, url: url::Url) -> Errand {
        Errand::new(url, self.session.limits().answer_bytes)
    }
}

fn unproven<T>(why: String) -> Result<T, SourceError> {
    Err(SourceError::Unproven(why))
}

/// A source that refuses us does not know us.
fn refused(error: UpstreamError) -> SourceError {
    match error {
        UpstreamError::Refused { .. } | UpstreamError::NotFound { .. } => {
            SourceError::Unproven(error.to_string())
        }
        error => error.into(),
    }
}
