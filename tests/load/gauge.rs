//! What the system itself says of a process: memory, processor time, open files. Linux only.

use std::{fs, time::Duration};

use anyhow::Context;

/// A process under observation.
#[derive(Debug, Clone, Copy)]
pub struct Gauge(pub u32);

impl Gauge {
    /// Returns the memory it has now, in megabytes.
    pub fn memory(self) -> anyhow::Result<f64> {
        self.status("VmRSS")
    }

    /// Returns the most memory it had, in megabytes: ever, or since [`Self::forget_peak`].
    pub fn peak(self) -> anyhow::Result<f64> {
        self.status("VmHWM")
    }

    /// Lets the peak begin anew.
    pub fn forget_peak(self) -> anyhow::Result<()> {
        Ok(fs::write(self.file("clear_refs"), "5")?)
    }

    /// Returns its user and system time, in the kernel's ticks of 10 ms.
    pub fn processor_time(self) -> anyhow::Result<Duration> {
        let stat = fs::read_to_string(self.file("stat"))?;
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let ticks = |n: usize| -> Option<u64> {
            let field = after_name.split_whitespace().nth(n)?;
            field.parse().ok()
        };
        let ticks = ticks(11).zip(ticks(12)).context("no such field")?;
        Ok(Duration::from_millis((ticks.0 + ticks.1) * 10))
    }

    /// Counts its open files, sockets among them.
    pub fn open_files(self) -> anyhow::Result<usize> {
        Ok(fs::read_dir(self.file("fd"))?.count())
    }

    fn status(self, figure: &str) -> anyhow::Result<f64> {
        let status = fs::read_to_string(self.file("status"))?;
        let line = status.lines().find(|line| line.starts_with(figure));
        let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
        let kilobytes: u32 = kilobytes.context("no such figure")?.parse()?;
        Ok(f64::from(kilobytes) / 1e3)
    }

    fn file(self, name: &str) -> String {
        format!("/proc/{}/{name}", self.0)
    }
}
