//! Asks the index, a few at a time: a crowd that searches must not keep readers waiting.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use weir_domain::search::Query;
use weir_store::search::{self, Page};

use super::model::{SearchHit, SearchPage};
use crate::{
    error::{ApiError, ApiResult, Code},
    payload::{Asked, Fraction, Instant, Number, Text, Violations},
    visit::Visit,
};

/// Packages on a page, unless the caller says otherwise.
const DEFAULT_SIZE: u64 = 20;
/// Queries at the same time.
const AT_ONCE: usize = 4;
/// Longest wait for a turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// The turns at searching.
#[derive(Debug)]
pub(crate) struct Searches(Semaphore);

impl Searches {
    /// Waits for a turn, which lasts as long as what is returned.
    ///
    /// # Errors
    /// 429 if none comes for long.
    pub(crate) async fn turn(&self) -> ApiResult<SemaphorePermit<'_>> {
        let turn = tokio::time::timeout(PATIENCE, self.0.acquire()).await;
        turn.ok().and_then(Result::ok).ok_or_else(|| {
            let error = ApiError::new(Code::TooManyRequests, "Too many searches are under way");
            error.with_header(http::header::RETRY_AFTER, "1")
        })
    }
}

impl Default for Searches {
    fn default() -> Self {
        Self(Semaphore::new(AT_ONCE))
    }
}

/// The parameters, not yet judged.
#[derive(Debug)]
pub(super) struct Asking {
    pub(super) text: Asked<Text<300>>,
    pub(super) size: Asked<Number<0, 250>>,
    pub(super) from: Asked<Number<0, 10_000>>,
    /// Judged all the same: what is refused once is refused always.
    pub(super) unused: [(&'static str, Asked<Fraction>); 3],
}

impl Asking {
    fn checked(self) -> ApiResult<(Query, Page)> {
        let mut wrong = Violations::default();
        let text = self.text.take("text", &mut wrong);
        let size = self.size.take("size", &mut wrong);
        let from = self.from.take("from", &mut wrong);
        for (name, weight) in self.unused {
            weight.take(name, &mut wrong);
        }
        let page = Page {
            from: from.map_or(0, |from| from.0),
            size: size.map_or(DEFAULT_SIZE, |size| size.0),
        };
        let query = Query::read(&text.map(|text| text.0).unwrap_or_default());
        wrong.none_or((query, page))
    }
}

pub(super) async fn find(visit: &Visit, asking: Asking) -> ApiResult<SearchPage> {
    let (query, page) = asking.checked()?;
    let running = visit.running();
    let _turn = running.searches.turn().await?;
    let viewer = visit.caller.viewer();
    let found = search::find(running.reader(), &query, viewer, page).await?;
    let base = visit.base();
    Ok(SearchPage {
        objects: found
            .hits
            .into_iter()
            .map(|hit| SearchHit::new(hit, base))
            .collect(),
        total: found.total,
        time: Instant(running.app.clock.now()),
    })
}
