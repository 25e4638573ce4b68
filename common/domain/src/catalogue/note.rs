//! What a person should know of a run although it went on, so that programs understand it too.
//!
//! A task keeps the sentences of its warnings, whatever its kind; a run of the catalogue also keeps
//! with its report what each is about. Sentences of older runs stand alone.

use serde::{Deserialize, Serialize};

use super::{PackageKey, Reference};

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NoteCode {
    /// The listing has something odd, or came in an odd way.
    Listing,
    /// Something that a reference says of itself could not be read.
    Metadata,
    /// A reference could not be read.
    Unread,
    /// The bytes of a reference are not what its revision or manifest says.
    ChecksumMismatch,
    /// A package belongs to another source.
    ForeignPackage,
    /// A version is not listed, and kept all the same.
    Kept,
    /// Something that this build does not know.
    #[serde(other)]
    Other,
}

impl NoteCode {
    /// Returns the word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Listing => "LISTING",
            Self::Metadata => "METADATA",
            Self::Unread => "UNREAD",
            Self::ChecksumMismatch => "CHECKSUM_MISMATCH",
            Self::ForeignPackage => "FOREIGN_PACKAGE",
            Self::Kept => "KEPT",
            Self::Other => "OTHER",
        }
    }
}

/// Something that a person should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What kind of thing.
    pub code: NoteCode,
    /// What it is about: a reference or a package; nothing if it is about the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// All of it in a sentence, which is the task's warning.
    pub message: String,
}

impl Note {
    /// Notes something about a listing.
    pub fn of_listing(message: String) -> Self {
        Self {
            code: NoteCode::Listing,
            reference: None,
            message,
        }
    }

    /// Notes something about a reference.
    pub fn of_reference(code: NoteCode, reference: &Reference, message: String) -> Self {
        Self {
            code,
            reference: Some(reference.to_string()),
            message,
        }
    }

    /// Notes something about a package.
    pub fn of_package(code: NoteCode, key: &PackageKey, message: String) -> Self {
        Self {
            code,
            reference: Some(key.to_string()),
            message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_stored_as_the_word_on_the_wire_and_others_are_read() {
        for code in [
            NoteCode::Listing,
            NoteCode::Metadata,
            NoteCode::Unread,
            NoteCode::ChecksumMismatch,
            NoteCode::ForeignPackage,
            NoteCode::Kept,
            NoteCode::Other,
        ] {
            let stored = serde_json::to_string(&code).unwrap();
            assert_eq!(stored, format!("{:?}", code.as_str()));
        }
        let newer: Note = serde_json::from_str(r#"{"code":"LATER","message":"m","x":1}"#).unwrap();
        assert_eq!((newer.code, newer.reference), (NoteCode::Other, None));
    }
}
