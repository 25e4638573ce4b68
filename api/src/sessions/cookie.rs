//! The site's two cookies: one of whoever is signed in, one of a browser that is not yet.
//!
//! Scripts cannot read them, other sites' forms do not bring them, and over https nothing but
//! this host over https can set them (`__Host-`, or `__Secure-` below a path prefix). The
//! second is what a form to sign in and a way to GitHub and back are bound to.

use http::{HeaderMap, HeaderValue, header};
use weir_domain::PublicBase;
use weir_store::{github_sign_ins, sessions};

use super::Opaque;

/// A cookie of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// The secret of a session.
    Session,
    /// What tells a browser from others before anybody signed in.
    Browser,
}

impl Cookie {
    /// Reads the cookie of a base; none if it comes twice, for then somebody meddled.
    pub(crate) fn read(self, base: &PublicBase, headers: &HeaderMap) -> Option<Opaque> {
        let name = self.name(base);
        let lines = headers.get_all(header::COOKIE).into_iter();
        let lines = lines.filter_map(|line| line.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';'));
        let mut values = pairs.filter_map(|pair| {
            let (other, value) = pair.trim().split_once('=')?;
            (other == name).then_some(value)
        });
        match (values.next(), values.next()) {
            (Some(only), None) => Opaque::read(only),
            _ => None,
        }
    }

    /// Returns the header that sets it.
    pub(crate) fn set(self, base: &PublicBase, value: &Opaque) -> HeaderValue {
        let age = match self {
            Self::Session => sessions::LONGEST,
            Self::Browser => github_sign_ins::VALID * 6,
        };
        self.line(base, value.reveal(), age.as_secs())
    }

    /// Returns the header that removes it.
    pub(crate) fn clear(self, base: &PublicBase) -> HeaderValue {
        self.line(base, "", 0)
    }

    fn line(self, base: &PublicBase, value: &str, age: u64) -> HeaderValue {
        let secure = if is_https(base) { "; Secure" } else { "" };
        let path = match base.prefix() {
            "" => "/",
            prefix => prefix,
        };
        let line = format!(
            "{}={value}; Path={path}; Max-Age={age}; HttpOnly; SameSite=Lax{secure}",
            self.name(base)
        );
        // A base's prefix is a URL's path, and the rest is ours.
        HeaderValue::try_from(line).unwrap_or(HeaderValue::from_static(""))
    }

    fn name(self, base: &PublicBase) -> String {
        let guard = match (is_https(base), base.prefix()) {
            (false, _) => "",
            (true, "") => "__Host-",
            (true, _) => "__Secure-",
        };
        let name = match self {
            Self::Session => "session",
            Self::Browser => "browser",
        };
        format!("{guard}weir-{name}")
    }
}

fn is_https(base: &PublicBase) -> bool {
    base.as_str().starts_with("https:")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> PublicBase {
        PublicBase::parse(text).expect("a base")
    }

    #[test]
    fn a_cookie_is_as_safe_as_its_base_allows() {
        let key = Opaque::generate();
        let value = key.reveal();
        for (url, expected) in [
            (
                "http://127.0.0.1:7373",
                format!("weir-session={value}; Path=/; Max-Age=1209600; HttpOnly; SameSite=Lax"),
            ),
            (
                "https://npm.example",
                format!(
                    "__Host-weir-session={value}; Path=/; Max-Age=1209600; HttpOnly; \
                     SameSite=Lax; Secure"
                ),
            ),
            (
                "https://npm.example/mirror",
                format!(
                    "__Secure-weir-session={value}; Path=/mirror; Max-Age=1209600; HttpOnly; \
                     SameSite=Lax; Secure"
                ),
            ),
        ] {
            assert_eq!(Cookie::Session.set(&base(url), &key), expected);
        }
        let gone = Cookie::Browser.clear(&base("http://a.example"));
        assert_eq!(
            gone,
            "weir-browser=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        );
    }

    #[test]
    fn a_cookie_is_read_by_its_name_and_once() {
        let (key, other) = (Opaque::generate(), Opaque::generate());
        let (key, other) = (key.reveal(), other.reveal());
        let https = base("https://npm.example");
        let read = |lines: &[String]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::COOKIE, line.parse().expect("a value"));
            }
            let found = Cookie::Session.read(&https, &headers);
            found.map(|found| found.reveal().to_owned())
        };
        let name = "__Host-weir-session";
        for (lines, expected) in [
            (vec![format!("{name}={key}")], Some(key)),
            (vec![format!("a=b; {name}={key};c=d")], Some(key)),
            (vec!["a=b".to_owned(), format!("{name}={key}")], Some(key)),
            // What plain http could have set is not looked at.
            (vec![format!("weir-session={other}")], None),
            (
                vec![format!("weir-session={other}; {name}={key}")],
                Some(key),
            ),
            (vec![format!("{name}={other}; {name}={key}")], None),
            (
                vec![format!("{name}={other}"), format!("{name}={key}")],
                None,
            ),
            (vec![format!("{name}=short")], None),
            (vec![], None),
        ] {
            assert_eq!(read(&lines).as_deref(), expected, "{lines:?}");
        }
    }
}
