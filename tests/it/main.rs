//! The tests of the whole system: real processes, real HTTP, real clients.

mod architecture;
