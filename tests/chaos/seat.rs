//! One place in the deployment, taken by one process after another.

use std::net::SocketAddr;

use weir_testkit::process::{Builder, WeirProcess};

/// How a place sees its processes.
#[derive(Debug)]
pub struct Seat {
    role: &'static str,
    number: usize,
    starts: usize,
    process: Option<WeirProcess>,
    /// Where each of its processes listens, once the first has.
    address: Option<SocketAddr>,
}

impl Seat {
    pub fn new(role: &'static str, number: usize) -> Self {
        Self {
            role,
            number,
            starts: 0,
            process: None,
            address: None,
        }
    }

    /// Returns the program: `weir-api` or `weir-worker`.
    pub fn program(&self) -> &'static str {
        self.role
    }

    /// Returns the name of its present process, or of the next if there is none.
    pub fn name(&self) -> String {
        let start = self.starts + usize::from(self.process.is_none());
        format!("{}-{}.{start}", self.role, self.number)
    }

    /// Returns where its processes listen.
    pub fn url(&self) -> String {
        let address = self.address.expect("it was started, and listens");
        format!("http://{address}")
    }

    /// Returns how often a process was started after another one.
    pub fn restarts(&self) -> usize {
        self.starts.saturating_sub(1)
    }

    /// Starts a process that listens, at the address of the one before.
    pub async fn start_listening(&mut self, program: Builder) {
        let program = match self.address {
            Some(address) => program.listen(address),
            None => program,
        };
        let process = program.start().await;
        self.address = Some(process.address());
        self.take(process);
    }

    /// Takes a process that was started.
    pub fn take(&mut self, process: WeirProcess) {
        assert!(self.process.is_none(), "{} runs", self.name());
        self.starts += 1;
        self.process = Some(process);
    }

    /// Returns its process.
    pub fn process(&mut self) -> &mut WeirProcess {
        self.process.as_mut().expect("it was started")
    }

    /// Lets its process go, to be killed or waited for.
    pub fn leave(&mut self) -> Option<WeirProcess> {
        self.process.take()
    }
}
