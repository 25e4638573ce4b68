//! Which faults and holds are in force where.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use super::{Fault, Wanted, hold::Gate};

/// What a plan is for; the more particular target wins.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Target {
    Packument(String),
    Tarball(String, String),
    Document(String),
    Audit,
    AnyPackument,
    AnyTarball,
}

impl Target {
    /// Says whether a request falls under this target.
    pub fn covers(&self, wanted: &Wanted) -> bool {
        Self::of(wanted).contains(self)
    }

    /// Returns the targets that a request falls under, the most particular first.
    fn of(wanted: &Wanted) -> Vec<Self> {
        match wanted {
            Wanted::Packument { name } => vec![Self::Packument(name.clone()), Self::AnyPackument],
            Wanted::Tarball { name, version } => {
                vec![
                    Self::Tarball(name.clone(), version.clone()),
                    Self::AnyTarball,
                ]
            }
            Wanted::Document { path } => vec![Self::Document(path.clone())],
            Wanted::Audit => vec![Self::Audit],
            _ => Vec::new(),
        }
    }
}

#[derive(Debug, Default)]
struct Plan {
    /// One for each of the next requests.
    queue: VecDeque<Fault>,
    /// For every request once the queue is empty.
    sticky: Option<Fault>,
    gate: Option<Arc<Gate>>,
}

/// All plans of one stand-in.
#[derive(Debug, Default)]
pub(super) struct Script(Mutex<HashMap<Target, Plan>>);

impl Script {
    pub fn push(&self, target: &Target, fault: Fault, times: usize) {
        let mut plans = self.plans();
        let queue = &mut plans.entry(target.clone()).or_default().queue;
        queue.extend(std::iter::repeat_n(fault, times));
    }

    pub fn stick(&self, target: &Target, fault: Fault) {
        self.plans().entry(target.clone()).or_default().sticky = Some(fault);
    }

    pub fn shut(&self, target: &Target, gate: Arc<Gate>) {
        self.plans().entry(target.clone()).or_default().gate = Some(gate);
    }

    /// Forgets the plan; whoever is held goes on.
    pub fn clear(&self, target: &Target) {
        let gone = self.plans().remove(target);
        if let Some(gate) = gone.and_then(|plan| plan.gate) {
            gate.open();
        }
    }

    /// Returns the gates that a request has to pass.
    pub fn gates(&self, wanted: &Wanted) -> Vec<Arc<Gate>> {
        let plans = self.plans();
        let targets = Target::of(wanted);
        targets
            .iter()
            .filter_map(|t| plans.get(t)?.gate.clone())
            .collect()
    }

    /// Takes the fault that the next request of this kind meets.
    pub fn take(&self, wanted: &Wanted) -> Fault {
        let mut plans = self.plans();
        let next = Target::of(wanted).iter().find_map(|target| {
            let plan = plans.get_mut(target)?;
            plan.queue.pop_front().or_else(|| plan.sticky.clone())
        });
        next.unwrap_or(Fault::Pass)
    }

    fn plans(&self) -> MutexGuard<'_, HashMap<Target, Plan>> {
        self.0
            .lock()
            .expect("nobody panics while holding the script")
    }
}
