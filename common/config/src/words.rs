//! Settings that are one word out of a few.

use std::str::FromStr;

/// The form of the process's own log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// One readable line an event.
    Text,
    /// One JSON object an event.
    Json,
}

impl LogFormat {
    /// The words accepted.
    pub const WORDS: &'static [&'static str] = &["auto", "text", "json"];
}

impl FromStr for LogFormat {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "auto" => Ok(Self::Auto),
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(UnknownWord),
        }
    }
}

/// What a committed transaction survives on `SQLite`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A killed process (`synchronous=NORMAL`); a power cut may cost the last commits.
    Process,
    /// A power cut too (`synchronous=FULL`); every commit waits for the disk.
    Power,
}

impl Durability {
    /// The words accepted.
    pub const WORDS: &'static [&'static str] = &["off", "full"];
}

impl FromStr for Durability {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "off" => Ok(Self::Process),
            "full" => Ok(Self::Power),
            _ => Err(UnknownWord),
        }
    }
}

/// The word is none of those accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownWord;
