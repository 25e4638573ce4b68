//! The short way: what lies ready in memory is answered before the router is asked.
//!
//! The key is made from the path as it stands; whatever looks unusual goes the long way,
//! where the same entry is found by its documented handler. The answer is the same
//! function's ([`super::ready::Ready::reply`]) either way.

use std::borrow::Cow;

use http::{Method, Response, request::Parts};

use super::{ready::Sent, shelf::Key, wanted::Wanted};
use crate::{app::Running, base::BaseIndex, metrics::Shelved, pull::Staleness, serve::Outgoing};

/// First segments under which other things than a package of that name lie.
const OURS: [&str; 2] = ["-", "syncs"];

/// Answers a plain read of a packument or tarball that lies ready; `None` otherwise.
pub(crate) fn at_once(
    running: &Running,
    path: &str,
    parts: &Parts,
    base: BaseIndex,
) -> Option<(Shelved, Response<Outgoing>)> {
    if !matches!(parts.method, Method::GET | Method::HEAD) || !running.is_current() {
        return None;
    }
    let (name, rest) = split(path)?;
    let clock = &*running.app.clock;
    let wanted = rest
        .is_empty()
        .then(|| Wanted::of(&name, &parts.headers, base));
    let (what, ready) = if let Some(wanted) = &wanted {
        (Shelved::Packument, wanted.find(running)?)
    } else {
        let file = rest
            .strip_prefix("/-/")
            .filter(|file| !file.contains(['/', '%']))?;
        let key = Key::tarball(&name, file);
        (Shelved::Tarball, running.shelf.find(&key, clock)?)
    };
    if ready.staleness(clock) == Staleness::Due {
        return None;
    }
    let reply = ready.reply_of_age(&parts.headers, clock).ok()?;
    let body = match reply.sent {
        Sent::Nothing => Outgoing::from(bytes::Bytes::new()),
        Sent::Memory(bytes) => Outgoing::from(bytes),
        Sent::Blob(..) | Sent::Inflated(_) => return None,
    };
    running.traffic.looked(what, true);
    if let Some(wanted) = &wanted {
        wanted.was_given(running, &ready, reply.status);
    }
    let mut response = Response::new(body);
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    Some((what, response))
}

/// Splits a path into a package name and what follows it; `None` if it needs more care.
fn split(path: &str) -> Option<(Cow<'_, str>, &str)> {
    let text = path.strip_prefix('/')?;
    let end = |text: &str| text.find('/').unwrap_or(text.len());
    let first = end(text);
    let (segment, rest) = text.split_at(first);
    if !segment.starts_with('@') {
        let is_plain = !segment.is_empty() && !OURS.contains(&segment) && !segment.contains('%');
        return is_plain.then_some((Cow::Borrowed(segment), rest));
    }
    if let Some(at) = segment.find('%') {
        let (scope, name) = (&segment[..at], segment.get(at + 3..)?);
        let is_slash = segment[at..at + 3].eq_ignore_ascii_case("%2f");
        return (is_slash && !name.contains('%'))
            .then(|| (Cow::Owned(format!("{scope}/{name}")), rest));
    }
    let name = rest.strip_prefix('/')?;
    let (name, rest) = name.split_at(end(name));
    let whole = &text[..first + 1 + name.len()];
    (!name.contains('%')).then_some((Cow::Borrowed(whole), rest))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn plain_paths_come_apart() {
        let table = [
            ("/lodash", "lodash", ""),
            ("/lodash/1.0.0", "lodash", "/1.0.0"),
            (
                "/lodash/-/lodash-1.0.0.tgz",
                "lodash",
                "/-/lodash-1.0.0.tgz",
            ),
            ("/@s/n", "@s/n", ""),
            ("/@s%2fn", "@s/n", ""),
            ("/@s%2Fn/-/n-1.0.0.tgz", "@s/n", "/-/n-1.0.0.tgz"),
            ("/@s/n/-/n-1.0.0.tgz", "@s/n", "/-/n-1.0.0.tgz"),
        ];
        for (path, name, rest) in table {
            let (found, left) = split(path).expect(path);
            assert_eq!((found.as_ref(), left), (name, rest), "{path}");
        }
    }

    #[test]
    fn anything_unusual_goes_the_long_way() {
        for path in [
            "",
            "/",
            "/-/ping",
            "/syncs",
            "/syncs/1",
            "/@s",
            "/%40s%2fn",
            "/@s%2",
            "/@s%",
            "/@s%41n",
            "/a%2fb",
            "/@s%2fn%00",
            "/@s/n%41",
        ] {
            assert!(split(path).is_none(), "{path}");
        }
    }
}
