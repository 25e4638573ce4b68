//! Which form and which encoding of a document a client wants.
//!
//! The abbreviated form goes only to those who name it; whoever accepts anything, or
//! nothing we have, gets the full one. Source: RFC 9110, section 12.5.

use http::{HeaderMap, header};
use weir_render::{Encoding, Form};

/// Weights are compared in thousandths.
type Weight = u16;

/// Returns the form that the `accept` header prefers.
pub(crate) fn form(headers: &HeaderMap) -> Form {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    match accept {
        // What almost every client sends, without looking closer.
        None | Some("application/json" | "*/*") => Form::Full,
        Some(accept) => prefers_abbreviated(accept),
    }
}

fn prefers_abbreviated(accept: &str) -> Form {
    let (mut short, mut full) = (None, None);
    let mut wild: Weight = 0;
    for item in accept.split(',') {
        let (kind, weight) = weighed(item);
        if kind.eq_ignore_ascii_case(Form::Abbreviated.media_type()) {
            short = short.max(Some(weight));
        } else if kind.eq_ignore_ascii_case(Form::Full.media_type()) {
            full = full.max(Some(weight));
        } else if kind == "*/*" || kind.eq_ignore_ascii_case("application/*") {
            wild = wild.max(weight);
        }
    }
    match short {
        Some(short) if short > 0 && short >= full.unwrap_or(wild.min(short)) => Form::Abbreviated,
        _ => Form::Full,
    }
}

/// How a client takes a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Encodings {
    /// As it likes it best.
    pub(crate) best: Encoding,
    /// As it takes it meanwhile: every document is stored in gzip, and can be sent as it is.
    pub(crate) at_hand: Encoding,
}

impl Encodings {
    /// Whatever else a client takes, this is best.
    const fn only(encoding: Encoding) -> Self {
        let (best, at_hand) = (encoding, encoding);
        Self { best, at_hand }
    }

    /// Returns how a document is sent that was found in the encoding of this word.
    pub(crate) fn of(self, found: &str) -> Encoding {
        if found == self.best.as_str() {
            self.best
        } else {
            self.at_hand
        }
    }
}

/// Those that are made for who names them, the better first.
const MADE: [Encoding; 2] = [Encoding::Brotli, Encoding::Zstd];

/// Returns the encodings that the `accept-encoding` header allows.
pub(crate) fn encodings(headers: &HeaderMap) -> Encodings {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut accepted = accepted.filter_map(|value| value.to_str().ok());
    match (accepted.next(), accepted.next()) {
        (None, _) => Encodings::only(Encoding::Identity),
        // What almost every client sends, without looking closer.
        (Some("gzip" | "gzip,deflate" | "gzip, deflate"), None) => Encodings::only(Encoding::Gzip),
        (Some(first), second) => preferred([first].into_iter().chain(second).chain(accepted)),
    }
}

fn preferred<'a>(accepted: impl Iterator<Item = &'a str>) -> Encodings {
    let (mut gzip, mut identity, mut any) = (None, None, None);
    let mut made = [0; MADE.len()];
    for (name, weight) in accepted.flat_map(|value| value.split(',')).map(weighed) {
        let is = |word: &str| name.eq_ignore_ascii_case(word);
        match MADE.iter().position(|encoding| is(encoding.as_str())) {
            Some(place) => made[place] = weight,
            None if is("gzip") || is("x-gzip") => gzip = gzip.max(Some(weight)),
            None if is("identity") => identity = Some(weight),
            None if name == "*" => any = Some(weight),
            None => {}
        }
    }
    // `gzip;q=0` wins over `*`.
    let gzip = gzip.or(any).unwrap_or(0);
    let at_hand = if gzip > 0 {
        Encoding::Gzip
    } else {
        Encoding::Identity
    };
    let least = gzip.max(identity.unwrap_or(0)).max(1);
    let mut best = (at_hand, 0);
    for (encoding, weight) in MADE.into_iter().zip(made) {
        if weight >= least && weight > best.1 {
            best = (encoding, weight);
        }
    }
    Encodings {
        best: best.0,
        at_hand,
    }
}

/// Splits `kind;q=0.5` into its kind and weight; without one the weight is 1.
fn weighed(item: &str) -> (&str, Weight) {
    let mut parts = item.split(';');
    let kind = parts.next().unwrap_or_default().trim();
    let weight = parts
        .filter_map(|part| part.trim().strip_prefix("q="))
        .map(|q| q.trim().parse::<f32>().unwrap_or(0.0).clamp(0.0, 1.0))
        .next();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0..=1000"
    )]
    let weight = weight.map_or(1000, |q| (q * 1000.0).round() as Weight);
    (kind, weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: &str = "application/vnd.npm.install-v1+json";

    fn form_for(accept: &str) -> Form {
        form(
            &[(header::ACCEPT, accept.parse().expect("header"))]
                .into_iter()
                .collect(),
        )
    }

    #[test]
    fn the_abbreviated_form_goes_to_those_who_prefer_it_by_name() {
        for accept in [
            SHORT.to_owned(),
            format!("{SHORT}; q=1.0, application/json; q=0.8, */*"),
            format!("{SHORT};q=1.0, application/json;q=0.8"),
            format!("application/json; q=0.5, {SHORT}"),
            format!("{SHORT}, application/json"),
            SHORT.to_uppercase(),
        ] {
            assert_eq!(form_for(&accept), Form::Abbreviated, "{accept}");
        }
    }

    #[test]
    fn everybody_else_gets_the_full_form() {
        for accept in [
            "application/json".to_owned(),
            "application/json; q=1.0, */*".to_owned(),
            "*/*".to_owned(),
            "text/html,application/xhtml+xml,*/*;q=0.8".to_owned(),
            String::new(),
            format!("{SHORT};q=0, */*"),
            format!("{SHORT};q=0.5, application/json"),
        ] {
            assert_eq!(form_for(&accept), Form::Full, "{accept}");
        }
        assert_eq!(form(&HeaderMap::new()), Form::Full);
    }

    fn encodings_for(value: &str) -> (Encoding, Encoding) {
        let header = (header::ACCEPT_ENCODING, value.parse().expect("header"));
        let encodings = encodings(&[header].into_iter().collect());
        (encodings.best, encodings.at_hand)
    }

    #[test]
    fn gzip_goes_to_those_who_take_it() {
        use Encoding::{Brotli, Gzip, Identity, Zstd};
        let table = [
            ("gzip", Gzip, Gzip),
            ("gzip,deflate", Gzip, Gzip),
            ("GZIP", Gzip, Gzip),
            ("x-gzip", Gzip, Gzip),
            ("*", Gzip, Gzip),
            ("gzip, deflate, br", Brotli, Gzip),
            ("gzip,deflate,br", Brotli, Gzip),
            ("zstd,gzip,deflate", Zstd, Gzip),
            ("zstd, gzip", Zstd, Gzip),
            ("gzip, deflate, br, zstd", Brotli, Gzip),
            ("gzip, br;q=0.8, zstd;q=0.9", Gzip, Gzip),
            ("gzip;q=0.5, br;q=0.8, zstd;q=0.9", Zstd, Gzip),
            ("br;q=1, gzip;q=0.5", Brotli, Gzip),
            ("br;q=0.4, *;q=0.5", Gzip, Gzip),
            ("BR, *", Brotli, Gzip),
            ("br", Brotli, Identity),
            ("br, identity;q=0", Brotli, Identity),
            ("zstd, gzip;q=0", Zstd, Identity),
            ("br;q=0.5, identity", Identity, Identity),
            ("br;q=0", Identity, Identity),
            ("", Identity, Identity),
            ("identity", Identity, Identity),
            ("gzip;q=0", Identity, Identity),
            ("*, gzip;q=0", Identity, Identity),
            ("*;q=0", Identity, Identity),
            ("gzip, br;q=0", Gzip, Gzip),
            ("br;q=nonsense, gzip", Gzip, Gzip),
        ];
        for (value, best, at_hand) in table {
            assert_eq!(encodings_for(value), (best, at_hand), "{value}");
        }
        let nothing = encodings(&HeaderMap::new());
        assert_eq!(nothing, Encodings::only(Identity));
    }

    #[test]
    fn lines_of_a_header_are_one_list() {
        let mut headers = HeaderMap::new();
        for value in ["gzip", "deflate", "br"] {
            headers.append(header::ACCEPT_ENCODING, value.parse().expect("header"));
        }
        let best = encodings(&headers).best;
        assert_eq!(best, Encoding::Brotli);
    }
}
