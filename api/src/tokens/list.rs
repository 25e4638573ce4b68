//! Lists the caller's tokens.

use weir_store::tokens::{self, Listed};

use super::{
    LAST_PAGE, MAX_PAGE,
    model::{NpmToken, NpmTokens, NpmUrls},
};
use crate::{
    auth::SignedIn,
    error::ApiResult,
    payload::{Asked, Number, Violations},
    visit::Visit,
};

/// Tokens of a page, unless somebody says otherwise.
const PAGE: u64 = 100;

/// A part of the list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    number: u64,
    size: u64,
}

impl Page {
    pub(super) fn new(
        page: Asked<Number<0, LAST_PAGE>>,
        per_page: Asked<Number<1, MAX_PAGE>>,
    ) -> ApiResult<Self> {
        let mut wrong = Violations::default();
        let number = page.take("page", &mut wrong).map_or(0, |number| number.0);
        let size = per_page.take("perPage", &mut wrong);
        let size = size.map_or(PAGE, |size| size.0);
        wrong.none_or(Self { number, size })
    }

    /// Returns how many it skips and how many it has.
    fn bounds(self) -> (i64, i64) {
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        (whole(self.number * self.size), whole(self.size))
    }
}

/// Returns a page of them, as npm reads it.
pub(super) async fn npm(visit: &Visit, user: &SignedIn, page: Page) -> ApiResult<NpmTokens> {
    let reader = visit.running().reader();
    let (tokens, total) = tokens::list(reader, user.id, page.bounds()).await?;
    let Page { number, size } = page;
    let has_more = (number + 1) * size < total;
    let next = has_more.then(|| {
        let next = number + 1;
        format!(
            "{}/-/npm/v1/tokens?page={next}&perPage={size}",
            visit.base()
        )
    });
    Ok(NpmTokens {
        objects: tokens.into_iter().map(NpmToken::from).collect(),
        total,
        urls: NpmUrls { next },
    })
}

/// Returns all of them, as far as one answer goes.
pub(super) async fn all(visit: &Visit, user: &SignedIn) -> ApiResult<Vec<Listed>> {
    let page = Page {
        number: 0,
        size: MAX_PAGE,
    };
    let reader = visit.running().reader();
    let (tokens, _) = tokens::list(reader, user.id, page.bounds()).await?;
    Ok(tokens)
}
