//! Shows a packument: from memory, else from its stored rendering, else rendered now.

use std::sync::Arc;

use http::{HeaderMap, header};
use poem::http::StatusCode;
use weir_domain::PackageName;
use weir_render::{Encoding, Form};
use weir_store::{
    documents::{self, Document, Found},
    packages,
};

use super::{
    admit::{Audience, admit},
    answers::PackumentAnswer,
    ready::{Content, Ready},
    wanted::Wanted,
};
use crate::{
    error::ApiResult,
    metrics::Shelved,
    names::{Fullname, no_such_package},
    pull::{self, Freshness, Staleness},
    visit::Visit,
};

/// Names that stand for something of ours, unless a package of that name is mirrored.
const OURS: [(&str, &str); 3] = [
    ("docs", "/-/docs"),
    ("metrics", "/-/metrics"),
    ("openapi.json", "/-/openapi.json"),
];

/// Answers `/{fullname}`.
pub(super) async fn by_plain_path(
    visit: &Visit,
    fullname: &Fullname,
) -> ApiResult<PackumentAnswer> {
    let name = fullname.to_read()?;
    let ours = OURS.iter().find(|(ours, _)| *ours == name.as_str());
    if let Some((_, path)) = ours
        && !is_from_npm(&visit.headers)
    {
        // Not worth asking an upstream: a person wants the page.
        let place = packages::find_place(visit.running().reader(), name).await?;
        if place.is_none_or(|place| place.revision == 0) {
            let prefix = visit.base().prefix();
            return Ok(PackumentAnswer(
                poem::Response::builder()
                    .status(StatusCode::FOUND)
                    .header("location", format!("{prefix}{path}"))
                    .finish(),
            ));
        }
    }
    show_packument(visit, name).await
}

/// Says whether a package manager asks; it would not understand a page.
fn is_from_npm(headers: &HeaderMap) -> bool {
    let has = |name| headers.contains_key(name);
    let accepts_packuments = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("vnd.npm"));
    accepts_packuments || has("npm-command") || has("npm-session") || has("pacote-version")
}

/// Shows the packument of `name`, in the form and encoding the caller prefers.
pub(super) async fn show_packument(
    visit: &Visit,
    name: &PackageName,
) -> ApiResult<PackumentAnswer> {
    match answer(visit, name).await {
        // A document that turned out to be damaged is rendered anew.
        Err(error) if error.is_damage() => answer(visit, name).await,
        outcome => outcome,
    }
}

async fn answer(visit: &Visit, name: &PackageName) -> ApiResult<PackumentAnswer> {
    let (running, headers) = (visit.running(), &visit.headers);
    let wanted = Wanted::of(name.as_str(), headers, visit.found.base);
    let clock = &*running.app.clock;
    let is_good = |ready: &Arc<Ready>| ready.staleness(clock) != Staleness::Due;
    let shelved = wanted.find(running).filter(is_good);
    let shelved = shelved.filter(|_| running.is_current());
    running
        .traffic
        .looked(Shelved::Packument, shelved.is_some());
    let ready = match shelved {
        Some(ready) => ready,
        None => load(visit, name, &wanted).await?,
    };
    let reply = ready.reply_of_age(headers, clock)?;
    wanted.was_given(running, &ready, reply.status);
    reply
        .open(&running.app.content, visit.found.is_head)
        .await
        .map(PackumentAnswer)
}

async fn load(visit: &Visit, name: &PackageName, wanted: &Wanted) -> ApiResult<Arc<Ready>> {
    let running = visit.running();
    let mark = running.shelf.mark(&wanted.key);
    let audience = admit(visit, (name, None), || no_such_package(name)).await?;
    let (document, freshness) = find(visit, name, wanted).await?;
    let encoding = wanted.encodings.of(&document.encoding);
    let key = wanted.key.encoded(encoding);
    // One row has shown that what lies there is still the document.
    let shelved = running.shelf.find(&key, &*running.app.clock);
    let is_it = |ready: &Arc<Ready>| ready.is_tagged(&document.etag);
    if audience == Audience::Everybody
        && let Some(ready) = shelved.filter(is_it)
    {
        return Ok(ready);
    }
    let largest = running.shelf.largest_bytes();
    let stored = (document.digest, document.size_bytes);
    let content = match encoding {
        Encoding::Identity => Content::Inflated {
            gzip: stored,
            size: document.identity_bytes,
        },
        _ => Content::Blob(stored),
    };
    let content = if content.len() <= largest {
        content.into_memory(&running.app.content).await?
    } else {
        content
    };
    let is_kept = content.len() <= largest && audience == Audience::Everybody;
    let vary = "accept, accept-encoding";
    let vary = audience.choose(vary, "accept, accept-encoding, authorization, cookie");
    let ready = Ready::new(document.etag.clone(), content)?
        .with(header::CONTENT_TYPE, wanted.form.media_type())
        .with(header::VARY, vary)
        .with(
            header::CACHE_CONTROL,
            audience.choose("public, max-age=0", "private, max-age=0"),
        )
        .modified_at(document.modified_at)?
        .valid_until(document.valid_until)
        .aged_by(freshness);
    let ready = Arc::new(match encoding.content_encoding() {
        Some(word) => ready.with(header::CONTENT_ENCODING, word),
        None => ready,
    });
    if is_kept {
        running.shelf.put(key, mark, Arc::clone(&ready));
    }
    Ok(ready)
}

/// Returns the stored rendering (documents are stored compressed only), or renders; and by
/// what its age is told.
async fn find(
    visit: &Visit,
    name: &PackageName,
    wanted: &Wanted,
) -> ApiResult<(Document, Option<Arc<Freshness>>)> {
    let kind = (wanted.form, wanted.encodings.best);
    let mut found = stored(visit, name, kind).await?;
    if found.is_none() {
        pull::renew(visit, name).await?;
        found = stored(visit, name, kind).await?;
    }
    let found = found.ok_or_else(|| no_such_package(name))?;
    let freshness = pull::look(visit, name, (found.registry, found.checked_at)).await;
    if let Some(document) = found.document {
        return Ok((document, freshness));
    }
    render(visit, name, wanted.form)
        .await
        .map(|document| (document, freshness))
}

/// Renders the document; of those who miss the same, one does and the others find it.
async fn render(visit: &Visit, name: &PackageName, form: Form) -> ApiResult<Document> {
    let running = visit.running();
    let _turn = running.rendering.turn(name.as_str()).await;
    if let Some(document) = stored(visit, name, (form, Encoding::Gzip))
        .await?
        .and_then(|found| found.document)
    {
        return Ok(document);
    }
    let rendered = running
        .app
        .content
        .render_visible(name, visit.base())
        .await?;
    rendered
        .into_iter()
        .flatten()
        .find(|document| document.form == form.as_str())
        .ok_or_else(|| no_such_package(name))
}

/// Returns the package, if it is visible, with its document, if that is stored: in this
/// encoding, else in gzip.
async fn stored(
    visit: &Visit,
    name: &PackageName,
    (form, encoding): (Form, Encoding),
) -> ApiResult<Option<Found>> {
    let running = visit.running();
    let kind = (form.as_str(), encoding.as_str());
    let found = documents::find(running.reader(), name, kind, visit.base(), running.now()).await?;
    Ok(found.filter(|found| found.revision > 0))
}
