//! Lists packages. Searching costs most, so searches have shares and turns, as those of `npm
//! search` do; other lists have none.

use poem_openapi::registry::MetaSchema;
use weir_domain::catalogue::pieces;
use weir_store::catalogue::{self, Listing, Sort};

use super::{
    answer::FreshPage,
    model::{PackageItem, PackagePage},
    paging::{Limit, Numbered, PageNumber},
};
use crate::{
    error::ApiResult,
    limits::{self, Class, Who},
    payload::{Askable, Asked, Text, Violations},
    visit::Visit,
};

/// By what a list is ordered.
#[derive(Debug, Clone, Copy)]
pub(super) struct SortWord(Sort);

const SORTS: [(&str, Sort); 5] = [
    ("relevance", Sort::Relevance),
    ("name", Sort::Name),
    ("updated", Sort::Updated),
    ("created", Sort::Created),
    ("downloads", Sort::Downloads),
];

/// Which end of a list comes first: whether it is the greatest.
#[derive(Debug, Clone, Copy)]
pub(super) struct OrderWord(bool);

const ORDERS: [(&str, bool); 2] = [("asc", false), ("desc", true)];

fn schema<T>(words: &[(&str, T)]) -> MetaSchema {
    MetaSchema {
        enum_items: words.iter().map(|(word, _)| (*word).into()).collect(),
        ..MetaSchema::new("string")
    }
}

fn read<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, String> {
    let found = words.iter().find(|(word, _)| *word == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        format!("must be one of {}", words.join(", "))
    })
}

impl Askable for SortWord {
    fn schema() -> MetaSchema {
        schema(&SORTS)
    }

    fn read(text: &str) -> Result<Self, String> {
        read(text, &SORTS).map(Self)
    }
}

impl Askable for OrderWord {
    fn schema() -> MetaSchema {
        schema(&ORDERS)
    }

    fn read(text: &str) -> Result<Self, String> {
        read(text, &ORDERS).map(Self)
    }
}

/// A text to choose by; an empty one is none.
pub(super) type Filter = Asked<Text<200>>;

/// The parameters, not yet judged.
#[derive(Debug)]
pub(super) struct Asking {
    pub(super) page: PageNumber,
    pub(super) limit: Limit,
    /// `category`, `search`, `namespace`, `topic`, `license`.
    pub(super) filters: [(&'static str, Filter); 5],
    pub(super) sort: Asked<SortWord>,
    pub(super) order: Asked<OrderWord>,
}

/// What is asked, judged.
struct Wanted {
    listing: Listing,
    page: Numbered,
    /// What another page must be asked too.
    asked: Vec<(&'static str, String)>,
}

impl Asking {
    fn checked(self) -> ApiResult<Wanted> {
        let mut wrong = Violations::default();
        let page = Numbered::take(self.page, self.limit, &mut wrong);
        let mut asked = Vec::new();
        let [category, search, namespace, topic, license] = self.filters.map(|(name, filter)| {
            let text = filter.take(name, &mut wrong).map(|text| text.0);
            let text = text.filter(|text| !text.trim().is_empty());
            asked.extend(text.clone().map(|text| (name, text)));
            text
        });
        let pieces = search.map(|text| pieces(&text)).unwrap_or_default();
        let by = self.sort.take("sort", &mut wrong).map(|word| word.0);
        let order = self.order.take("order", &mut wrong).map(|word| word.0);
        let best = if pieces.is_empty() {
            Sort::Name
        } else {
            Sort::Relevance
        };
        // Nothing searched for is equally relevant, so the name decides.
        let sort = by.filter(|by| *by != Sort::Relevance).unwrap_or(best);
        let is_descending = order.unwrap_or(sort != Sort::Name);
        let word = |words: &[(&'static str, Sort)]| {
            let found = words.iter().find(|(_, other)| Some(*other) == by);
            found.map(|(word, _)| (*word).to_owned())
        };
        asked.extend(word(&SORTS).map(|word| ("sort", word)));
        asked.extend(order.map(|is_descending| {
            let word = if is_descending { "desc" } else { "asc" };
            ("order", word.to_owned())
        }));
        let listing = Listing {
            category,
            topic,
            license,
            namespace,
            pieces,
            sort,
            is_descending,
        };
        wrong.none_or(Wanted {
            listing,
            page,
            asked,
        })
    }
}

pub(super) async fn list(visit: &Visit, asking: Asking) -> ApiResult<FreshPage<PackagePage>> {
    let wanted = asking.checked()?;
    let running = visit.running();
    let mut turn = None;
    if !wanted.listing.pieces.is_empty() {
        let who = Who::of(&visit.caller, visit.found.client);
        limits::admit(running, Class::Search, &visit.caller, &who)?;
        turn = Some(running.searches.turn().await?);
    }
    let listed = catalogue::list(running.reader(), &wanted.listing, wanted.page.part()).await?;
    drop(turn);
    let pagination = wanted.page.of(listed.total);
    let url = format!("{}/api/v1/packages", visit.base().as_str());
    let links = pagination.links(&url, &wanted.asked);
    let data = listed.packages.into_iter().map(PackageItem::from).collect();
    let page = PackagePage { data, pagination };
    FreshPage::new(&visit.headers, &page, &links)
}
