//! The kinds of value a setting takes, and what each accepts, in words.

/// What a setting accepts; the words in error lines and in the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An IP address and a port.
    Address,
    /// A folder; made when missing.
    Folder,
    /// A readable file.
    File,
    /// An http or https URL.
    HttpUrl,
    /// One or more public http or https URLs.
    PublicUrls,
    /// Where the database is.
    DatabaseUrl,
    /// Where blobs are.
    BlobUrl,
    /// An outgoing proxy.
    ProxyUrl,
    /// Where Redis is.
    RedisUrl,
    /// The beginning of names that others must not use.
    Prefix,
    /// The name of a user.
    UserName,
    /// The beginning of tokens.
    TokenPrefix,
    /// What another service calls something.
    Identifier,
    /// One or more logins of another service.
    Logins,
    /// A secret of at least so many characters, one or more.
    Secret(usize),
    /// One of some words.
    Words(&'static [&'static str]),
    /// A whole number, least and greatest included.
    Number(u64, u64),
    /// A duration in whole seconds, least and greatest included.
    Seconds(u64, u64),
    /// A steady rate and a burst, or no limit.
    Allowance,
    /// One or more IP networks.
    Networks,
    /// Yes or no.
    Switch,
    /// Which log events are written.
    LogFilter,
}

impl Kind {
    /// Says what is accepted, to follow the word "expected".
    pub fn accepts(self) -> String {
        let text = match self {
            Self::Address => "an IP address and port, such as 127.0.0.1:7373",
            Self::Folder => "the path of a folder",
            Self::File => "the path of a file",
            Self::HttpUrl => "an http or https URL without credentials, query or fragment",
            Self::PublicUrls => {
                "one or more http or https URLs without credentials, query or fragment, \
                 separated by commas"
            }
            Self::DatabaseUrl => "a URL that begins with sqlite: (a file) or postgres://",
            Self::BlobUrl => {
                "the file:// URL of an absolute folder, or \
                 s3://bucket[/prefix][?endpoint=URL&region=NAME&path_style=true]"
            }
            Self::ProxyUrl => "the http or https URL of a proxy",
            Self::RedisUrl => "a URL that begins with redis:// or unix:// (a socket)",
            Self::Prefix | Self::Identifier => "1 to 64 printable ASCII characters without spaces",
            Self::UserName => {
                "1 to 100 characters without `:`, slashes, spaces or control characters"
            }
            Self::TokenPrefix => "2 to 20 letters, digits and underscores, the last an underscore",
            Self::Logins => {
                "one or more names of letters, digits, hyphens and underscores, separated by commas"
            }
            Self::Secret(1) => "printable ASCII characters without spaces",
            Self::Secret(least) => {
                return format!("at least {least} printable ASCII characters without spaces");
            }
            Self::Words(words) => return words.join(", ").replace(", ", " or "),
            Self::Number(least, most) => return format!("a whole number from {least} to {most}"),
            Self::Seconds(least, most) => {
                return format!("a whole number of seconds from {least} to {most}");
            }
            Self::Allowance => {
                "a rate and a burst, such as 20/s burst 400 or 30/min burst 10; 0 is without limit"
            }
            Self::Networks => {
                "one or more IP addresses or networks such as 10.0.0.0/8, separated by commas"
            }
            Self::Switch => "true or false",
            Self::LogFilter => {
                "a level (off, error, warn, info, debug, trace) or target=level pairs, \
                 separated by commas"
            }
        };
        text.to_owned()
    }

    /// Says whether the value is never shown.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Secret(_))
    }
}
