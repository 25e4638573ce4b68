//! The right answer to a request, and the answers that a fault puts in its place.

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use weir_domain::Timestamp;

use super::{
    Fault, Shared, Wanted,
    catalogue::Found,
    edition::{Document, Edition},
    ledger::Line,
};

/// The media type of abbreviated packuments, asked for and answered.
const ABBREVIATED_TYPE: &str = "application/vnd.npm.install-v1+json";

/// An answer before it goes on the wire.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Answer {
    fn new(status: StatusCode, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self {
            status: status.as_u16(),
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body: body.into(),
        }
    }

    fn error(status: u16) -> Self {
        let reason = StatusCode::from_u16(status)
            .ok()
            .and_then(|s| s.canonical_reason());
        let body = serde_json::json!({ "error": reason.unwrap_or("Error") }).to_string();
        Self {
            status,
            ..Self::new(StatusCode::OK, "application/json", body)
        }
    }

    fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// Answers a request; may render documents and pack tarballs, so it blocks.
pub(super) fn answer(
    shared: &Shared,
    wanted: &Wanted,
    headers: &HeaderMap,
    fault: &Fault,
    line: &Line,
) -> Answer {
    let shown = headers
        .get(header::AUTHORIZATION)
        .map(http::HeaderValue::as_bytes);
    let wanted_of_all = shared.credential.as_deref().map(str::as_bytes);
    if wanted_of_all.is_some() && shown != wanted_of_all {
        return Answer::error(401);
    }
    match fault {
        Fault::Status(code, extra) => {
            let mut answer = Answer::error(*code);
            answer.headers.extend(extra.iter().cloned());
            return answer;
        }
        Fault::Replaced(content_type, body) => {
            return Answer::new(StatusCode::OK, content_type, body.clone());
        }
        Fault::Redirect(to) => return Answer::error(302).with("location", to),
        _ => {}
    }
    match wanted {
        Wanted::Packument { name } => match shared.catalogue.edition(name) {
            Found::Here(edition) => packument(shared, name, &edition, headers, fault),
            Found::Absent => Answer::error(404),
            Found::Unknown => unexpected(line),
        },
        Wanted::Tarball { name, version } => match shared.catalogue.tarball(name, version) {
            Found::Here(bytes) => tarball(bytes),
            Found::Absent => Answer::error(404),
            Found::Unknown => unexpected(line),
        },
        Wanted::Document { path } => match shared.catalogue.document(path) {
            Found::Here(bytes) => Answer::new(StatusCode::OK, "application/json", bytes),
            Found::Absent => Answer::error(404),
            Found::Unknown => unexpected(line),
        },
        Wanted::Ping | Wanted::Audit => Answer::new(StatusCode::OK, "application/json", "{}"),
        Wanted::Report => Answer::new(StatusCode::OK, "application/json", report(shared)),
        Wanted::Unknown => unexpected(line),
    }
}

fn unexpected(line: &Line) -> Answer {
    line.unexpected();
    Answer::error(404)
}

fn tarball(bytes: Bytes) -> Answer {
    Answer::new(StatusCode::OK, "application/octet-stream", bytes)
        .with("cache-control", "public, immutable, max-age=31557600")
}

fn packument(
    shared: &Shared,
    name: &str,
    edition: &Edition,
    headers: &HeaderMap,
    fault: &Fault,
) -> Answer {
    let is_abbreviated = mentions(headers, header::ACCEPT, ABBREVIATED_TYPE);
    let document = match fault {
        Fault::Older => {
            let earlier = shared.catalogue.earlier_edition(name);
            earlier
                .unwrap_or_else(|| panic!("{name} has never changed: there is no older packument"))
                .document(is_abbreviated)
        }
        Fault::WrongName(_) | Fault::EmptyVersions => {
            altered(edition, is_abbreviated, fault).into()
        }
        _ => edition.document(is_abbreviated),
    };
    let content_type = if is_abbreviated {
        ABBREVIATED_TYPE
    } else {
        "application/json"
    };
    let is_gzip = mentions(headers, header::ACCEPT_ENCODING, "gzip");
    let is_known = matches!(fault, Fault::Pass) && is_not_modified(headers, &document);
    let answer = match (is_known, is_gzip) {
        (true, _) => Answer {
            status: 304,
            ..Answer::new(StatusCode::OK, content_type, "")
        },
        (false, true) => Answer::new(StatusCode::OK, content_type, document.gzip.clone())
            .with("content-encoding", "gzip"),
        (false, false) => Answer::new(StatusCode::OK, content_type, document.identity.clone()),
    };
    answer
        .with("etag", &document.etag)
        .with("last-modified", document.modified.to_http_date())
        .with("vary", "accept-encoding, accept")
        .with("cache-control", "public, max-age=300")
}

fn altered(edition: &Edition, is_abbreviated: bool, fault: &Fault) -> Document {
    let mut fields = edition.fields(is_abbreviated);
    if let Fault::WrongName(name) = fault {
        fields.set("name", name);
    } else {
        fields.set_raw("versions", "{}");
        fields.set_raw("dist-tags", "{}");
    }
    Document::render(&fields, edition.modified())
}

/// Says whether the client's copy is the present one. Source: RFC 9110 section 13.1.
fn is_not_modified(headers: &HeaderMap, document: &Document) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(known) = text(header::IF_NONE_MATCH) {
        let opaque = |etag: &str| etag.trim().trim_start_matches("W/").to_owned();
        let ours = opaque(&document.etag);
        return known
            .split(',')
            .any(|etag| etag.trim() == "*" || opaque(etag) == ours);
    }
    let since = text(header::IF_MODIFIED_SINCE).and_then(Timestamp::parse_http_date);
    since.is_some_and(|since| document.modified.0 / 1000 <= since.0 / 1000)
}

fn mentions(headers: &HeaderMap, name: header::HeaderName, value: &str) -> bool {
    let mut lines = headers
        .get_all(name)
        .iter()
        .filter_map(|line| line.to_str().ok());
    lines.any(|line| line.contains(value))
}

/// What another process reads instead of the ledger.
fn report(shared: &Shared) -> String {
    let counts = shared.ledger.counts();
    let unexpected = shared.ledger.unexpected();
    let unexpected: Vec<_> = unexpected
        .iter()
        .map(|e| format!("{} {}", e.method, e.path))
        .collect();
    serde_json::json!({
        "requests": counts.values().sum::<usize>(),
        "counts": counts,
        "unexpected": unexpected,
    })
    .to_string()
}
