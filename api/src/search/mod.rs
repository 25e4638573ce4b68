//! Searching what is mirrored, as `npm search` asks.
//!
//! What a caller may not read they do not find; what is not shown has no entry in the index
//! (`weir_store::search`).

mod find;
mod model;

use poem_openapi::{OpenApi, param::Query};

pub(crate) use self::find::Searches;
use self::{find::Asking, model::SearchPage};
use crate::{
    auth::Caller,
    error::ApiResult,
    packages::{Audience, For},
    payload::{Asked, Fraction, Number, Text, Wire},
    tags::Tag,
    visit::Visit,
};

/// `/-/v1/search`.
#[derive(Debug)]
pub(crate) struct SearchApi;

#[OpenApi(tag = "Tag::Search")]
impl SearchApi {
    /// Finds packages by their words
    ///
    /// Every word must begin a word of the name, a keyword or the description. A name that is
    /// the text comes first, then names that begin with it, then words of names, keywords,
    /// descriptions; ties by name. `keywords:a,b` (either), `keywords:a+b` (both),
    /// `keywords:a,-b` (not b), `author:`, `maintainer:` (or `=name`) and `scope:` choose.
    /// Without a text every package is found, by name.
    #[oai(
        path = "/-/v1/search",
        method = "get",
        operation_id = "search_packages"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the query")]
    async fn search(
        &self,
        visit: Visit,
        caller: Caller,
        /// What to look for.
        text: Query<Asked<Text<300>>>,
        /// How many, at most; 20 if absent.
        size: Query<Asked<Number<0, 250>>>,
        /// How many of the best to pass over.
        from: Query<Asked<Number<0, 10_000>>>,
        /// Taken and not used: nothing is known of a package's quality.
        quality: Query<Asked<Fraction>>,
        /// Taken and not used.
        popularity: Query<Asked<Fraction>>,
        /// Taken and not used.
        maintenance: Query<Asked<Fraction>>,
    ) -> ApiResult<For<Wire<SearchPage>>> {
        let asking = Asking {
            text: text.0,
            size: size.0,
            from: from.0,
            unused: [
                ("quality", quality.0),
                ("popularity", popularity.0),
                ("maintenance", maintenance.0),
            ],
        };
        let page = find::find(&visit, asking).await?;
        let audience = match caller.user() {
            Some(_) => Audience::Few,
            None => Audience::Everybody,
        };
        Ok(For(audience, Wire(page)))
    }
}
