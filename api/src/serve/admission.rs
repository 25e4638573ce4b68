//! How many connections there may be: of the process, and of one address.
//!
//! A connection holds a [`Seat`]; dropping it frees both counts. Over a cap the socket is
//! closed without an answer, which costs nothing and which clients retry.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use super::Limits;

/// The counts of open connections.
#[derive(Debug, Clone)]
pub(super) struct Admission(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    total: usize,
    per_address: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One connection's place.
#[derive(Debug)]
pub(super) struct Seat {
    counts: Arc<Counts>,
    address: IpAddr,
}

impl Admission {
    pub(super) fn new(limits: &Limits) -> Self {
        Self(Arc::new(Counts {
            total: limits.connections,
            per_address: limits.connections_per_address,
            open: Mutex::default(),
        }))
    }

    /// Takes a place for a connection from `address`; `None` over a cap.
    pub(super) fn admit(&self, address: IpAddr) -> Option<Seat> {
        let address = address.to_canonical();
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_address = open.by_address.get(&address).copied().unwrap_or(0);
        if open.total >= self.0.total || of_address >= self.0.per_address {
            return None;
        }
        open.total += 1;
        open.by_address.insert(address, of_address + 1);
        Some(Seat {
            counts: Arc::clone(&self.0),
            address,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self
            .counts
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        open.total -= 1;
        if let Some(count) = open.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caps_hold_for_the_process_and_for_one_address() {
        let limits = Limits {
            connections: 3,
            connections_per_address: 2,
            ..Limits::default()
        };
        let admission = Admission::new(&limits);
        let [a, b, mapped] =
            ["10.0.0.1", "10.0.0.2", "::ffff:10.0.0.1"].map(|ip| ip.parse().expect("address"));
        let first = admission.admit(a).expect("room");
        let _second = admission.admit(mapped).expect("room");
        assert!(
            admission.admit(a).is_none(),
            "two of one address are enough"
        );
        let _third = admission.admit(b).expect("another address has room");
        assert!(admission.admit(b).is_none(), "three are enough");
        drop(first);
        assert!(admission.admit(a).is_some(), "a freed place is given again");
    }
}
