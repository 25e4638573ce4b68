//! The representations of a packument and their names in headers and rows.

/// How much of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    /// Everything upstream wrote.
    Full,
    /// What an installer needs.
    Abbreviated,
}

impl Form {
    /// Both forms.
    pub const ALL: [Self; 2] = [Self::Full, Self::Abbreviated];

    /// Returns the media type to answer with.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Full => "application/json",
            Self::Abbreviated => "application/vnd.npm.install-v1+json",
        }
    }

    /// Returns the word for rows and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Abbreviated => "abbreviated",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.as_str() == word)
    }
}

/// How the bytes of a document are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Encoding {
    /// Not at all.
    Identity,
    /// gzip, level 6; every document is stored so.
    Gzip,
    /// br; only what was asked for so.
    Brotli,
    /// zstd; only what was asked for so.
    Zstd,
}

impl Encoding {
    /// Every encoding.
    pub const ALL: [Self; 4] = [Self::Identity, Self::Gzip, Self::Brotli, Self::Zstd];

    /// Returns the value of the `content-encoding` header; `None` if there is to be none.
    pub fn content_encoding(self) -> Option<&'static str> {
        (self != Self::Identity).then(|| self.as_str())
    }

    /// Returns the word for rows and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|encoding| encoding.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for form in Form::ALL {
            assert_eq!(Form::parse(form.as_str()), Some(form));
        }
        for encoding in Encoding::ALL {
            assert_eq!(Encoding::parse(encoding.as_str()), Some(encoding));
        }
        assert_eq!(Form::parse("corgi"), None);
        assert_eq!(Encoding::Identity.content_encoding(), None);
        assert_eq!(Encoding::Gzip.content_encoding(), Some("gzip"));
    }
}
