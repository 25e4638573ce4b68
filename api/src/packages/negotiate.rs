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

/// Returns the encoding that the `accept-encoding` header allows.
pub(crate) fn encoding(headers: &HeaderMap) -> Encoding {
    let takes_gzip = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(weighed)
        .filter(|(name, _)| {
            matches!(*name, "gzip" | "x-gzip" | "*") || name.eq_ignore_ascii_case("gzip")
        })
        // `gzip;q=0` wins over `*`.
        .max_by_key(|(name, _)| *name != "*")
        .is_some_and(|(_, weight)| weight > 0);
    if takes_gzip {
        Encoding::Gzip
    } else {
        Encoding::Identity
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

    #[test]
    fn gzip_goes_to_those_who_take_it() {
        let encoding_for = |value: &str| {
            encoding(
                &[(header::ACCEPT_ENCODING, value.parse().expect("header"))]
                    .into_iter()
                    .collect(),
            )
        };
        for value in [
            "gzip",
            "gzip,deflate",
            "gzip, deflate, br, zstd",
            "br;q=1, gzip;q=0.5",
            "*",
            "GZIP",
        ] {
            assert_eq!(encoding_for(value), Encoding::Gzip, "{value}");
        }
        for value in ["", "identity", "br", "gzip;q=0", "*, gzip;q=0", "*;q=0"] {
            assert_eq!(encoding_for(value), Encoding::Identity, "{value}");
        }
        assert_eq!(encoding(&HeaderMap::new()), Encoding::Identity);
    }
}
