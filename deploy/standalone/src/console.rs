//! Where a command speaks: results on standard output, progress on standard error.
//!
//! On a terminal the progress is one line, rewritten in place below the results; elsewhere
//! it is plain lines, only when something changed and not too many.

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

use weir_domain::{task::MAX_LINE_BYTES, text::printable};

/// Widest progress line, in characters: a terminal narrower than the usual 80 would wrap
/// it, and a wrapped line cannot be rewritten.
const MAX_PROGRESS_CHARS: usize = 79;

/// Least time between two plain progress lines.
const PLAIN_INTERVAL: Duration = Duration::from_secs(2);

/// Results and progress of one command.
#[derive(Debug)]
pub struct Console<O, P> {
    out: O,
    progress: P,
    is_terminal: bool,
    /// What stands on the terminal's last line, or was last written plainly.
    shown: String,
    shown_at: Option<Instant>,
}

impl Console<io::Stdout, io::Stderr> {
    /// Returns that of the process.
    pub fn of_process() -> Self {
        Self::new(io::stdout(), io::stderr(), io::stderr().is_terminal())
    }
}

impl<O: Write, P: Write> Console<O, P> {
    /// Returns one that writes to the given places.
    pub fn new(out: O, progress: P, is_terminal: bool) -> Self {
        Self {
            out,
            progress,
            is_terminal,
            shown: String::new(),
            shown_at: None,
        }
    }

    /// Writes a line of results; text from a server is disarmed on its way to a terminal.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        self.wipe()?;
        writeln!(self.out, "{}", printable(text, MAX_LINE_BYTES))?;
        self.out.flush()?;
        self.draw()
    }

    /// Shows how far things are.
    pub fn progress(&mut self, text: &str) -> io::Result<()> {
        if text == self.shown {
            return Ok(());
        }
        if self.is_terminal {
            self.wipe()?;
            text.clone_into(&mut self.shown);
            return self.draw();
        }
        let is_due = self
            .shown_at
            .is_none_or(|at| at.elapsed() >= PLAIN_INTERVAL);
        if is_due {
            text.clone_into(&mut self.shown);
            self.shown_at = Some(Instant::now());
            writeln!(self.progress, "{}", printable(text, MAX_LINE_BYTES))?;
        }
        Ok(())
    }

    /// Takes the progress line away; what follows are results.
    pub fn end_progress(&mut self) -> io::Result<()> {
        self.wipe()?;
        self.shown.clear();
        self.shown_at = None;
        self.progress.flush()
    }

    fn wipe(&mut self) -> io::Result<()> {
        if self.is_terminal && !self.shown.is_empty() {
            write!(self.progress, "\r\x1b[2K")?;
            self.progress.flush()?;
        }
        Ok(())
    }

    fn draw(&mut self) -> io::Result<()> {
        if self.is_terminal && !self.shown.is_empty() {
            // `printable` marks a cut with one more character.
            let text = printable(&self.shown, MAX_PROGRESS_CHARS - 1);
            write!(self.progress, "{text}")?;
            self.progress.flush()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(is_terminal: bool) -> (String, String) {
        let (mut out, mut progress) = (Vec::new(), Vec::new());
        let mut console = Console::new(&mut out, &mut progress, is_terminal);
        console.progress("1 of 3").unwrap();
        console.line("a \x1b[31mline").unwrap();
        console.progress("1 of 3").unwrap();
        console.progress(&"2 of 3 ".repeat(20)).unwrap();
        console.end_progress().unwrap();
        console.line("the end").unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(out), text(progress))
    }

    #[test]
    fn on_a_terminal_one_line_is_rewritten() {
        let (out, progress) = written(true);
        assert_eq!(out, "a \u{fffd}[31mline\nthe end\n");
        let drawn: Vec<_> = progress.split("\r\x1b[2K").collect();
        assert_eq!(drawn[..2], ["1 of 3", "1 of 3"]);
        assert_eq!(drawn[2].chars().count(), MAX_PROGRESS_CHARS);
        assert_eq!(drawn[3..], [""]);
        assert!(!progress.contains('\n'));
    }

    #[test]
    fn elsewhere_lines_are_plain_and_few() {
        let (_, progress) = written(false);
        assert_eq!(progress, "1 of 3\n");
    }
}
