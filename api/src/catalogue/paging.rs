//! Pages by number, as the catalogue's document counts them: from 1.

use percent_encoding::utf8_percent_encode;
use poem_openapi::Object;
use serde::Serialize;
use weir_domain::text::RESERVED;
use weir_store::catalogue::Page;

use crate::payload::{Asked, Number, Violations};

/// Items on a page, unless the caller says otherwise.
const DEFAULT_LIMIT: u64 = 20;
/// Most items on a page.
pub(super) const MOST: u64 = 100;

/// The number of a page, not yet judged.
pub(super) type PageNumber = Asked<Number<1, { u64::MAX }>>;
/// How many items it has, not yet judged.
pub(super) type Limit = Asked<Number<1, MOST>>;

/// A page that is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbered {
    page: u64,
    limit: u64,
}

impl Numbered {
    pub(super) fn take(page: PageNumber, limit: Limit, wrong: &mut Violations) -> Self {
        Self {
            page: page.take("page", wrong).map_or(1, |page| page.0),
            limit: limit
                .take("limit", wrong)
                .map_or(DEFAULT_LIMIT, |limit| limit.0),
        }
    }

    pub(super) fn part(self) -> Page {
        Page {
            from: (self.page - 1).saturating_mul(self.limit),
            size: self.limit,
        }
    }

    pub(super) fn of(self, total: u64) -> Pagination {
        let total_pages = total.div_ceil(self.limit);
        Pagination {
            page: self.page,
            limit: self.limit,
            total,
            total_pages,
            has_next: self.page < total_pages,
            has_prev: self.page > 1,
        }
    }
}

/// Where in a list a page is.
#[derive(Debug, Clone, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "NumberedPage", rename_all = "camelCase")]
pub(crate) struct Pagination {
    /// Its number; the first is 1.
    pub(super) page: u64,
    /// Most items of a page.
    pub(super) limit: u64,
    /// Items of all pages.
    pub(super) total: u64,
    /// Pages; one beyond them is empty.
    pub(super) total_pages: u64,
    /// Whether another page follows.
    pub(super) has_next: bool,
    /// Whether another page comes before.
    pub(super) has_prev: bool,
}

impl Pagination {
    /// Returns where the pages beside this one are, as a `link` header says it; the same is
    /// asked of them as of this one.
    pub(super) fn links(&self, url: &str, asked: &[(&str, String)]) -> String {
        let mut query = String::new();
        for (name, value) in asked {
            query.extend(["&", name, "="]);
            query.extend(utf8_percent_encode(value, RESERVED));
        }
        let link = |page: u64, rel: &str| {
            let limit = self.limit;
            format!("<{url}?page={page}&limit={limit}{query}>; rel=\"{rel}\"")
        };
        let next = self
            .has_next
            .then(|| link(self.page.saturating_add(1), "next"));
        // From beyond the end one comes back to the last page.
        let before = (self.page - 1).min(self.total_pages.max(1));
        let prev = self.has_prev.then(|| link(before, "prev"));
        let links: Vec<_> = next.into_iter().chain(prev).collect();
        links.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_know_their_place_and_their_neighbours() {
        let of = |page, total| Numbered { page, limit: 10 }.of(total);
        for (page, total, pages, next, prev) in [
            (1, 0, 0, false, false),
            (1, 10, 1, false, false),
            (1, 11, 2, true, false),
            (2, 11, 2, false, true),
            (9, 11, 2, false, true),
        ] {
            let of = of(page, total);
            assert_eq!(
                (of.total_pages, of.has_next, of.has_prev),
                (pages, next, prev),
                "{page} of {total}"
            );
        }
        let asked = [("search", "a&b 湿".to_owned())];
        assert_eq!(
            of(2, 30).links("/p", &asked),
            "</p?page=3&limit=10&search=a%26b%20%E6%B9%BF>; rel=\"next\", \
             </p?page=1&limit=10&search=a%26b%20%E6%B9%BF>; rel=\"prev\""
        );
        assert_eq!(
            of(99, 11).links("/p", &[]),
            "</p?page=2&limit=10>; rel=\"prev\""
        );
        assert_eq!(
            of(2, 0).links("/p", &[]),
            "</p?page=1&limit=10>; rel=\"prev\""
        );
    }

    #[test]
    fn the_last_page_there_could_be_is_one() {
        let last = Numbered {
            page: u64::MAX,
            limit: MOST,
        };
        assert_eq!(last.part().from, u64::MAX);
        assert!(last.of(u64::MAX).has_prev);
    }
}
