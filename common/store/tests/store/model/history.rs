//! Histories: what can happen, in any order.

use std::time::Duration;

use proptest::{collection::vec, prelude::*};
use weir_domain::task::Priority;

/// One thing that somebody does. Indexes choose among what there is, wrapping around.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Submit {
        key: usize,
        user: usize,
        priority: Priority,
        force: bool,
        delay: Duration,
        root: Option<usize>,
    },
    Claim {
        is_careful: bool,
        is_urgent: bool,
    },
    Beat {
        run: usize,
        lines: usize,
        is_answer_lost: bool,
    },
    Finish {
        run: usize,
        is_failure: bool,
    },
    Retry {
        run: usize,
        pause: Duration,
        counts: bool,
    },
    Release {
        run: usize,
    },
    /// A worker dies, or sleeps; its fence may come back as a zombie.
    Die {
        run: usize,
    },
    Zombie {
        run: usize,
        does: usize,
    },
    Sweep,
    /// One of the processes starts anew.
    Restart,
    Wait(Duration),
    Cancel {
        task: usize,
    },
    Withdraw {
        task: usize,
        user: usize,
    },
    Fold,
    Prioritise {
        task: usize,
        priority: i16,
    },
    Pause(bool),
}

pub(super) fn histories(steps: usize) -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 1..=steps)
}

fn step() -> impl Strategy<Value = Step> {
    let index = 0..64_usize;
    let seconds = |range: std::ops::Range<u64>| range.prop_map(Duration::from_secs);
    prop_oneof![
        8 => submission(),
        7 => (prop::bool::weighted(0.3), prop::bool::weighted(0.15))
            .prop_map(|(is_careful, is_urgent)| Step::Claim { is_careful, is_urgent }),
        6 => (index.clone(), 0..4_usize, prop::bool::weighted(0.3))
            .prop_map(|(run, lines, is_answer_lost)| Step::Beat { run, lines, is_answer_lost }),
        4 => (index.clone(), any::<bool>())
            .prop_map(|(run, is_failure)| Step::Finish { run, is_failure }),
        3 => (index.clone(), seconds(0..60), any::<bool>())
            .prop_map(|(run, pause, counts)| Step::Retry { run, pause, counts }),
        2 => index.clone().prop_map(|run| Step::Release { run }),
        2 => index.clone().prop_map(|run| Step::Die { run }),
        2 => (index.clone(), 0..5_usize).prop_map(|(run, does)| Step::Zombie { run, does }),
        3 => Just(Step::Sweep),
        1 => Just(Step::Restart),
        4 => seconds(0..40).prop_map(Step::Wait),
        1 => seconds(80_000..90_000).prop_map(Step::Wait),
        2 => index.clone().prop_map(|task| Step::Cancel { task }),
        2 => (index, 0..3_usize).prop_map(|(task, user)| Step::Withdraw { task, user }),
        1 => Just(Step::Fold),
        1 => (0..64_usize, 0..60_i16)
            .prop_map(|(task, priority)| Step::Prioritise { task, priority }),
        1 => prop::bool::weighted(0.3).prop_map(Step::Pause),
    ]
}

fn submission() -> impl Strategy<Value = Step> {
    let priorities = vec![
        Priority::BULK,
        Priority::DEPENDENCY,
        Priority::USER,
        Priority::INTERACTIVE,
    ];
    let delay = prop_oneof![3 => Just(0_u64), 1 => 1..100_u64];
    let root = prop_oneof![3 => Just(None), 1 => (0..64_usize).prop_map(Some)];
    (
        0..4_usize,
        0..3_usize,
        prop::sample::select(priorities),
        prop::bool::weighted(0.15),
        delay.prop_map(Duration::from_secs),
        root,
    )
        .prop_map(|(key, user, priority, force, delay, root)| Step::Submit {
            key,
            user,
            priority,
            force,
            delay,
            root,
        })
}
