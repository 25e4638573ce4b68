//! A row of the table: what one scenario did, and what was found afterwards.

use weir_tests::sample::percentile;

/// What a scenario came to.
#[derive(Debug, Default)]
pub struct Row {
    pub scenario: String,
    pub tasks: usize,
    pub faults: usize,
    pub restarts: usize,
    /// Acknowledged tasks that are not there, or not at their end.
    pub lost: usize,
    pub duplicates: usize,
    pub reexecutions: usize,
    /// Seconds.
    pub recovery: Vec<f64>,
    /// Tasks whose log has a gap, a repeat or a wrong order.
    pub log_gaps: usize,
    pub seconds: u64,
    /// What else is worth knowing.
    pub remarks: Vec<String>,
    /// Promises that were not kept; none if all is well.
    pub broken: Vec<String>,
}

/// How many broken promises are shown of a scenario.
const SHOWN: usize = 12;

/// Prints the head of the table.
#[expect(clippy::print_stdout, reason = "the table is for people")]
pub fn print_head() {
    println!(
        "| scenario | tasks | faults | restarts | lost | visible duplicates | re-executions | \
         recovery p50 / p99 | log gaps | took | besides |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|"
    );
}

impl Row {
    /// Adds a broken promise unless it was kept.
    pub fn expect(&mut self, is_kept: bool, promise: impl FnOnce() -> String) {
        if !is_kept {
            self.broken.push(promise());
        }
    }

    /// Prints it, and every promise that was not kept.
    #[expect(clippy::print_stdout, reason = "the table is for people")]
    pub fn print(&self) {
        let recovery = match self.recovery.as_slice() {
            [] => "–".to_owned(),
            values => format!(
                "{:.2} / {:.2} s",
                percentile(values, 50.0),
                percentile(values, 99.0)
            ),
        };
        println!(
            "| {} | {} | {} | {} | {} | {} | {} | {recovery} | {} | {} s | {} |",
            self.scenario,
            self.tasks,
            self.faults,
            self.restarts,
            self.lost,
            self.duplicates,
            self.reexecutions,
            self.log_gaps,
            self.seconds,
            self.remarks.join("; "),
        );
        for promise in self.broken.iter().take(SHOWN) {
            println!("\nBROKEN: {promise}");
        }
        if self.broken.len() > SHOWN {
            println!("\nBROKEN: … and {} more", self.broken.len() - SHOWN);
        }
    }
}
