//! Waiting for a condition with a deadline: the only place in the tests that polls.
//!
//! The condition may answer a `bool`, an `Option` or a `Result`; what it last said is part
//! of the message when the deadline passes, so that a red test names what it saw.

use std::{fmt::Display, panic::Location, time::Duration};

use tokio::time::Instant;

/// First pause between two looks; doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(2);
/// Longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// What a condition can answer.
pub trait Outcome {
    /// What waiting yields once the condition is met.
    type Value;

    /// Returns the value, or what was seen instead.
    fn outcome(self) -> Result<Self::Value, String>;
}

impl Outcome for bool {
    type Value = ();

    fn outcome(self) -> Result<(), String> {
        self.then_some(()).ok_or_else(|| "false".to_owned())
    }
}

impl<T> Outcome for Option<T> {
    type Value = T;

    fn outcome(self) -> Result<T, String> {
        self.ok_or_else(|| "nothing".to_owned())
    }
}

impl<T, E: Display> Outcome for Result<T, E> {
    type Value = T;

    fn outcome(self) -> Result<T, String> {
        // The alternate form shows the causes of an `anyhow::Error`.
        self.map_err(|error| format!("{error:#}"))
    }
}

/// Looks at `condition` until it is met and returns what it yields.
///
/// `what` completes the sentence "waited for …". A condition that never returns is cut
/// off at the deadline too.
///
/// # Panics
/// When `deadline` has passed, with the place of the call and what was last seen.
#[track_caller]
pub fn until<C: Outcome>(
    what: impl Display,
    deadline: Duration,
    condition: impl AsyncFnMut() -> C,
) -> impl Future<Output = C::Value> {
    let place = Location::caller();
    let what = what.to_string();
    async move {
        match poll(deadline, condition).await {
            Ok(value) => value,
            Err((looks, seen)) => panic!(
                "waited {deadline:?} for {what}, at {place}: {looks} looks, the last saw: {seen}"
            ),
        }
    }
}

async fn poll<C: Outcome>(
    deadline: Duration,
    mut condition: impl AsyncFnMut() -> C,
) -> Result<C::Value, (usize, String)> {
    let end = Instant::now() + deadline;
    let mut pause = FIRST_PAUSE;
    let mut seen = "no answer yet".to_owned();
    for looks in 1.. {
        match tokio::time::timeout_at(end, condition())
            .await
            .map(Outcome::outcome)
        {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(other)) => seen = other,
            Err(_) => {
                return Err((
                    looks,
                    format!("a look that did not return; before it: {seen}"),
                ));
            }
        }
        if Instant::now() >= end {
            return Err((looks, seen));
        }
        tokio::time::sleep_until(end.min(Instant::now() + pause)).await;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
    unreachable!("the loop ends at the deadline")
}
