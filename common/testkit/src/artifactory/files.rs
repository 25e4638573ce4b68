//! A file's bytes, as a direct download and as Conan's interface give them.
//!
//! Source: "Artifactory REST API, Retrieve Artifact": the entity tag is the SHA-1, `Range` and
//! conditional headers work, three checksums come with every answer.

use http::HeaderMap;
use weir_domain::Timestamp;

use super::{answer::Answer, shelf::Item};

/// Answers with a file, or the part of it that was asked for.
pub(super) fn serve(item: &Item, name: &str, headers: &HeaderMap) -> Answer {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let is_known = match (text("if-none-match"), text("if-modified-since")) {
        (Some(tags), _) => tags.split(',').any(|tag| is_tag(tag, item)),
        (None, Some(since)) => Timestamp::parse_http_date(since)
            .is_some_and(|since| item.modified.0 / 1000 <= since.0 / 1000),
        (None, None) => false,
    };
    let whole = Answer::new(200, media_type(name), item.bytes.clone());
    let answer = if is_known {
        Answer::empty(304)
    } else if text("if-range").is_some_and(|tag| !is_tag(tag, item)) {
        whole
    } else {
        match text("range").map(|range| part(range, item.bytes.len())) {
            None => whole,
            Some(Some((from, to))) => {
                let range = format!("bytes {from}-{to}/{}", item.bytes.len());
                let body = item.bytes.slice(from..=to);
                Answer::new(206, media_type(name), body).with("content-range", range)
            }
            Some(None) => Answer::error(416, "Requested range not satisfiable")
                .with("content-range", format!("bytes */{}", item.bytes.len())),
        }
    };
    answer
        .with("etag", &item.sha1)
        .with("last-modified", item.modified.to_http_date())
        .with("accept-ranges", "bytes")
        .with("x-checksum-md5", &item.md5)
        .with("x-checksum-sha1", &item.sha1)
        .with("x-checksum-sha256", &item.sha256)
        .with("x-artifactory-filename", name)
}

fn is_tag(tag: &str, item: &Item) -> bool {
    let tag = tag.trim();
    tag == "*" || tag.trim_start_matches("W/").trim_matches('"') == item.sha1
}

/// Reads a range of one part; nothing if it cannot be satisfied. Source: RFC 9110 section 14.
fn part(range: &str, size: usize) -> Option<(usize, usize)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let last = size.checked_sub(1)?;
    let (from, to) = if from.is_empty() {
        (size.saturating_sub(to.parse().ok()?), last)
    } else {
        (from.parse().ok()?, to.parse().unwrap_or(last).min(last))
    };
    (from <= to).then_some((from, to))
}

/// Returns the media type of a file by its name.
pub(super) fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, end)| end) {
        "tgz" => "application/x-gzip",
        "txt" | "md" => "text/plain",
        "py" => "text/x-python",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn a_range_is_read_as_the_standard_says() {
        let table = [
            ("bytes=0-3", Some((0, 3))),
            ("bytes=4-", Some((4, 9))),
            ("bytes=4-99", Some((4, 9))),
            ("bytes=-2", Some((8, 9))),
            ("bytes=10-", None),
            ("bytes=3-2", None),
            ("lines=1-2", None),
        ];
        for (range, expected) in table {
            assert_eq!(part(range, 10), expected, "{range}");
        }
    }
}
