//! When apalis looks for bells: when one was rung, and at every tick.
//!
//! Its own strategies answer "now" without having asked to be woken again; if the look then
//! finds nothing they sleep until the next heartbeat. This one asks until it is told to wait,
//! so there is always something that will wake it.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use apalis_core::backend::ext::poll_strategy::{PollSnapshot, PollStrategy};
use tokio::{
    sync::{Notify, futures::OwnedNotified},
    time::{Interval, MissedTickBehavior},
};

pub(super) struct TickOrWake {
    tick: Interval,
    wake: Arc<Notify>,
    woken: Pin<Box<OwnedNotified>>,
}

impl fmt::Debug for TickOrWake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TickOrWake")
    }
}

impl TickOrWake {
    pub(super) fn new(every: Duration, wake: Arc<Notify>) -> Self {
        let mut tick = tokio::time::interval(every);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let woken = Box::pin(Arc::clone(&wake).notified_owned());
        Self { tick, wake, woken }
    }
}

impl PollStrategy for TickOrWake {
    fn poll_drive(&mut self, cx: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        let mut is_due = false;
        while self.tick.poll_tick(cx).is_ready() {
            is_due = true;
        }
        while self.woken.as_mut().poll(cx).is_ready() {
            is_due = true;
            self.woken = Box::pin(Arc::clone(&self.wake).notified_owned());
        }
        if is_due {
            Poll::Ready(Some(()))
        } else {
            Poll::Pending
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        task::{Wake, Waker},
    };

    use weir_testkit::until;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Polls once and says whether it is due.
    fn is_due(strategy: &mut TickOrWake, waker: &Waker) -> bool {
        let mut context = Context::from_waker(waker);
        strategy
            .poll_drive(&mut context, &PollSnapshot::new())
            .is_ready()
    }

    #[tokio::test]
    async fn whatever_it_answers_the_next_tick_and_the_next_wake_wake_it() {
        let count = Arc::new(Count::default());
        let waker = Waker::from(Arc::clone(&count));
        let mut strategy = TickOrWake::new(Duration::from_millis(20), Arc::default());
        is_due(&mut strategy, &waker);
        for _ in 0..3 {
            let before = count.0.load(Ordering::SeqCst);
            let woken = async || count.0.load(Ordering::SeqCst) > before;
            until("a tick to wake", Duration::from_secs(5), woken).await;
            assert!(is_due(&mut strategy, &waker), "a tick is due");
        }
        let wake = Arc::new(Notify::new());
        let mut strategy = TickOrWake::new(Duration::from_secs(3_600), Arc::clone(&wake));
        let begun = async || is_due(&mut strategy, &waker);
        until("the first tick", Duration::from_secs(5), begun).await;
        for _ in 0..3 {
            let before = count.0.load(Ordering::SeqCst);
            wake.notify_one();
            assert!(count.0.load(Ordering::SeqCst) > before, "a wake wakes");
            assert!(is_due(&mut strategy, &waker), "a wake is due");
        }
        assert!(!is_due(&mut strategy, &waker), "nothing is due for nothing");
    }
}
