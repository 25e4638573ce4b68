//! Security audits: which installed versions have known weaknesses, as the upstream knows it.
//!
//! One question to the upstream answers all clients: the two older routes send a tree of what is
//! installed, of which names and versions are asked about, and get the older report made of the
//! advisories. What the client signed in with, names of private scopes and of packages that come
//! from elsewhere stay here. An upstream that fails is an error: no answer is not "nothing found".
//!
//! Source: `npm audit`, `pnpm audit`, `yarn npm audit` and `bun audit` as their releases send it.

mod ask;
mod body;
mod report;
mod tree;

use poem_openapi::OpenApi;

use self::{
    ask::ask,
    body::{Audited, apart},
    report::{Advisories, Report},
    tree::{Tree, Wanted},
};
use crate::{auth::Caller, error::ApiResult, payload::Wire, tags::Tag, visit::Visit};

/// `/-/npm/v1/security/…`.
#[derive(Debug)]
pub(crate) struct AuditApi;

#[OpenApi(tag = "Tag::Audits")]
impl AuditApi {
    /// Finds the advisories about some versions
    ///
    /// Passed on to the upstream, without what the caller signed in with and without names of
    /// private scopes; 404 if there is no upstream, or it knows of no advisories, 502 if it does
    /// not answer. The body may be gzipped.
    #[oai(
        path = "/-/npm/v1/security/advisories/bulk",
        method = "post",
        operation_id = "find_advisories"
    )]
    async fn bulk(
        &self,
        visit: Visit,
        _caller: Caller,
        wanted: Audited<Wanted>,
    ) -> ApiResult<Wire<Advisories>> {
        ask(&visit, wanted.0).await.map(Wire)
    }

    /// Reports the weaknesses of an installed tree
    ///
    /// For npm 6 to 10 and pnpm up to 10: the advisories about all that is in the tree, each with
    /// where it is. Errors are those of the newer route. The body may be gzipped.
    #[oai(
        path = "/-/npm/v1/security/audits/quick",
        method = "post",
        operation_id = "audit_tree_quickly"
    )]
    async fn quick(
        &self,
        visit: Visit,
        _caller: Caller,
        tree: Audited<Tree>,
    ) -> ApiResult<Wire<Report>> {
        audit(&visit, tree.0).await.map(Wire)
    }

    /// Reports the weaknesses of an installed tree, with what to do
    ///
    /// As the quick audit; every action is to review what was found.
    #[oai(
        path = "/-/npm/v1/security/audits",
        method = "post",
        operation_id = "audit_tree"
    )]
    async fn full(
        &self,
        visit: Visit,
        _caller: Caller,
        tree: Audited<Tree>,
    ) -> ApiResult<Wire<Report>> {
        audit(&visit, tree.0).await.map(Wire)
    }
}

async fn audit(visit: &Visit, tree: Tree) -> ApiResult<Report> {
    let (paths, wanted) = apart(move || {
        let paths = tree.paths();
        let wanted = Wanted::from(&paths);
        (paths, wanted)
    })
    .await?;
    let advisories = ask(visit, wanted).await?;
    apart(move || Report::new(&paths, &advisories)).await
}
