//! Places that are taken for a while: of all there are, and of those one holder may have.
//!
//! Whoever takes one holds a [`Seat`]; dropping it frees both counts.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The places.
#[derive(Debug, Clone)]
pub(crate) struct Seats<K: Eq + Hash + Copy>(Arc<Counts<K>>);

#[derive(Debug)]
struct Counts<K> {
    most: usize,
    most_of_one: usize,
    taken: Mutex<Taken<K>>,
}

#[derive(Debug)]
struct Taken<K> {
    total: usize,
    by_holder: HashMap<K, usize>,
}

/// One place.
#[derive(Debug)]
pub(crate) struct Seat<K: Eq + Hash + Copy> {
    counts: Arc<Counts<K>>,
    holder: Option<K>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// All are taken.
    All,
    /// This holder has as many as one may have.
    One,
}

impl<K: Eq + Hash + Copy> Seats<K> {
    /// Makes `most` places, of which one holder may have `most_of_one`.
    pub(crate) fn new(most: usize, most_of_one: usize) -> Self {
        let taken = Taken {
            total: 0,
            by_holder: HashMap::new(),
        };
        Self(Arc::new(Counts {
            most,
            most_of_one,
            taken: Mutex::new(taken),
        }))
    }

    /// Takes a place; a holder without a name may have them all.
    ///
    /// # Errors
    /// If there is none.
    pub(crate) fn take(&self, holder: Option<K>) -> Result<Seat<K>, Full> {
        let mut taken = self.0.lock();
        if taken.total >= self.0.most {
            return Err(Full::All);
        }
        if let Some(holder) = holder {
            let count = taken.by_holder.get(&holder).copied().unwrap_or(0);
            if count >= self.0.most_of_one {
                return Err(Full::One);
            }
            taken.by_holder.insert(holder, count + 1);
        }
        taken.total += 1;
        Ok(Seat {
            counts: Arc::clone(&self.0),
            holder,
        })
    }

    /// Returns how many are taken.
    pub(crate) fn taken(&self) -> usize {
        self.0.lock().total
    }
}

impl<K> Counts<K> {
    fn lock(&self) -> MutexGuard<'_, Taken<K>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash + Copy> Drop for Seat<K> {
    fn drop(&mut self) {
        let mut taken = self.counts.lock();
        taken.total -= 1;
        let Some(holder) = self.holder else { return };
        if let Some(count) = taken.by_holder.get_mut(&holder) {
            *count -= 1;
            if *count == 0 {
                taken.by_holder.remove(&holder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_so_many_for_all_and_so_many_for_one() {
        let seats = Seats::new(3, 2);
        let first = seats.take(Some('a')).expect("room");
        let second = seats.take(Some('a')).expect("room");
        assert_eq!(seats.take(Some('a')).err(), Some(Full::One));
        let third = seats.take(Some('b')).expect("another has room");
        assert_eq!(seats.take(Some('b')).err(), Some(Full::All));
        assert_eq!(seats.take(None).err(), Some(Full::All));
        drop(first);
        let nobody = seats.take(None).expect("a freed place is given again");
        assert_eq!(seats.taken(), 3);
        drop((second, third, nobody));
        assert_eq!(seats.taken(), 0);
        assert!(seats.0.lock().by_holder.is_empty(), "nobody is remembered");
    }
}
