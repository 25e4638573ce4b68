//! A log as server-sent events, for browsers: lines, and how the task goes.
//!
//! The id of a `log` event is the number of its last line, so whoever comes back with
//! `Last-Event-ID` goes on after it. `state` says how the task goes, `end` that it is over;
//! `reset` that the numbering begins anew, `lagged` that the reader was too slow and should come
//! back. An answer that stops without `end` was cut: there is more to come.
//!
//! Events are those of the HTML standard, section "Server-sent events".

use std::{collections::VecDeque, io, time::Duration};

use bytes::Bytes;
use futures::{Stream, stream};
use http::HeaderMap;
use serde::Serialize;
use tokio::time::Instant;
use weir_domain::task::{ErrorCode, Progress};

use super::{
    answer::broken,
    follow::{Follower, Next},
    tailer::Lines,
};
use crate::error::ApiResult;

/// Most lines of one event.
const LINES: usize = 100;
/// Something is sent at least this often, so that nobody on the way takes it for dead.
const PING: Duration = Duration::from_secs(15);
/// Progress is told at most this often; a state at once.
const PROGRESS: Duration = Duration::from_millis(500);
/// How long a browser waits before it comes back, in milliseconds.
const RETRY: &str = "retry: 2000\n\n";

/// Says whether the caller wants events.
pub(super) fn are_wanted(headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(http::header::ACCEPT).into_iter();
    let mut types = accepts
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    types.any(|one| {
        let name = one.split(';').next().unwrap_or_default().trim();
        name.eq_ignore_ascii_case("text/event-stream")
    })
}

/// Where a reader who comes back was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resume {
    /// This one did not come back.
    No,
    /// After this line.
    After(i64),
    /// Nowhere in this log.
    Lost,
}

/// Finds out after which line of a log of `lines` the caller goes on.
pub(super) fn resume(headers: &HeaderMap, lines: i64) -> Resume {
    let Some(id) = headers.get("last-event-id") else {
        return Resume::No;
    };
    let id = id.to_str().ok().and_then(|text| text.parse().ok());
    match id {
        Some(line) if (0..=lines).contains(&line) => Resume::After(line),
        _ => Resume::Lost,
    }
}

/// Yields the events of a log.
pub(super) fn events(
    follower: Follower,
    resume: Resume,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let mut events = Events {
        follower,
        ready: VecDeque::from([Bytes::from_static(RETRY.as_bytes())]),
        told: None,
        is_over: false,
    };
    if resume == Resume::Lost {
        events.tell("reset", &Nothing {});
    }
    stream::try_unfold(events, |mut events| async move {
        let event = events.next().await.map_err(broken)?;
        Ok(event.map(|event| (event, events)))
    })
}

struct Events {
    follower: Follower,
    ready: VecDeque<Bytes>,
    /// What was said of the task last, and when.
    told: Option<(TaskState, Instant)>,
    is_over: bool,
}

/// How a task goes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct TaskState {
    state: &'static str,
    attempts: u32,
    warnings: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'static str>,
    progress: Option<Progress>,
}

#[derive(Serialize)]
struct LogLines<'a> {
    from: i64,
    lines: Vec<&'a str>,
}

#[derive(Serialize)]
struct Nothing {}

impl Events {
    async fn next(&mut self) -> ApiResult<Option<Bytes>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(Some(event));
            }
            if self.is_over {
                return Ok(None);
            }
            if self.tell_state(false) {
                continue;
            }
            let Ok(next) = tokio::time::timeout(self.patience(), self.follower.next()).await else {
                if !self.tell_state(false) {
                    self.ready.push_back(Bytes::from_static(b": ping\n\n"));
                }
                continue;
            };
            match next? {
                Next::Lines(lines) => self.tell_lines(&lines),
                Next::Nothing => {}
                Next::Lagged => self.end("lagged"),
                Next::End => {
                    self.tell_state(true);
                    self.end("end");
                }
                Next::Cut => self.is_over = true,
            }
        }
    }

    /// How long to wait for lines before something else is to be said.
    fn patience(&self) -> Duration {
        let has_news = self.told.as_ref().map(|(state, _)| state) != self.state().as_ref();
        if has_news { PROGRESS } else { PING }
    }

    fn state(&self) -> Option<TaskState> {
        let task = self.follower.task()?;
        Some(TaskState {
            state: task.state.as_str(),
            attempts: task.attempts,
            warnings: task.warnings.len(),
            error: task.error.clone(),
            error_code: task.error_code.map(ErrorCode::as_str),
            progress: task.progress,
        })
    }

    /// Tells how the task goes, if that is news and not too soon; says whether it did.
    fn tell_state(&mut self, is_last: bool) -> bool {
        let Some(state) = self.state() else {
            return false;
        };
        if let Some((told, at)) = &self.told {
            let is_small = told.state == state.state && !is_last;
            if *told == state || (is_small && at.elapsed() < PROGRESS) {
                return false;
            }
        }
        self.tell("state", &state);
        self.told = Some((state, Instant::now()));
        true
    }

    fn tell_lines(&mut self, lines: &Lines) {
        let text = String::from_utf8_lossy(&lines.text);
        let all: Vec<_> = text.split_terminator('\n').collect();
        let mut from = lines.first;
        for some in all.chunks(LINES) {
            let next = from + i64::try_from(some.len()).unwrap_or(0);
            let last = next - 1;
            let lines = some.to_vec();
            self.ready.push_back(event(
                &format!("id: {last}\nevent: log"),
                &LogLines { from, lines },
            ));
            from = next;
        }
    }

    fn tell(&mut self, name: &str, data: &impl Serialize) {
        self.ready.push_back(event(&format!("event: {name}"), data));
    }

    fn end(&mut self, name: &str) {
        self.tell(name, &Nothing {});
        self.is_over = true;
    }
}

fn event(head: &str, data: &impl Serialize) -> Bytes {
    let json = serde_json::to_string(data).unwrap_or_else(|_| "{}".to_owned());
    Bytes::from(format!("{head}\ndata: {json}\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn events_are_for_those_who_name_them() {
        for (accept, expected) in [
            ("text/event-stream", true),
            ("text/html, Text/Event-Stream;q=0.9", true),
            ("*/*", false),
            ("text/plain", false),
        ] {
            assert_eq!(are_wanted(&headers("accept", accept)), expected, "{accept}");
        }
        assert!(!are_wanted(&HeaderMap::new()));
    }

    #[test]
    fn a_reader_goes_on_after_its_last_line_or_begins_anew() {
        assert_eq!(resume(&HeaderMap::new(), 7), Resume::No);
        for (id, expected) in [
            ("0", Resume::After(0)),
            ("7", Resume::After(7)),
            ("8", Resume::Lost),
            ("-1", Resume::Lost),
            ("x", Resume::Lost),
            ("99999999999999999999", Resume::Lost),
        ] {
            assert_eq!(resume(&headers("last-event-id", id), 7), expected, "{id}");
        }
    }
}
