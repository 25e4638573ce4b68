//! Text for browsers: whatever is put into a template is escaped, unless it is HTML already.
//!
//! [`html!`] is `format!` whose every argument goes through [`Shown`], so there is no way to
//! forget it. Templates quote every attribute with double quotes; none holds a script, a
//! style or the address of a link that came from outside.

use std::fmt::{self, Write};

/// HTML that was made by a template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Html(String);

impl Html {
    /// Takes what [`html!`] made.
    pub(super) fn of_template(text: String) -> Self {
        Self(text)
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}

impl FromIterator<Self> for Html {
    fn from_iter<I: IntoIterator<Item = Self>>(parts: I) -> Self {
        Self(parts.into_iter().map(Self::into_text).collect())
    }
}

/// What a template may show.
pub(super) trait Show {
    /// Writes it as HTML.
    fn show(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl Show for str {
    fn show(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        escape(self, to)
    }
}

impl Show for String {
    fn show(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        escape(self, to)
    }
}

impl Show for Html {
    fn show(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl<T: Show + ?Sized> Show for &T {
    fn show(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).show(to)
    }
}

impl<T: Show> Show for Option<T> {
    fn show(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().map_or(Ok(()), |some| some.show(to))
    }
}

/// An argument of a template.
pub(super) struct Shown<T>(pub(super) T);

impl<T: Show> fmt::Display for Shown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show(f)
    }
}

/// Writes text so that it is only text, between tags and between double quotes. What could
/// turn the page's own words around is taken out.
fn escape(text: &str, to: &mut fmt::Formatter<'_>) -> fmt::Result {
    for c in text.chars() {
        match c {
            '&' => to.write_str("&amp;")?,
            '<' => to.write_str("&lt;")?,
            '>' => to.write_str("&gt;")?,
            '"' => to.write_str("&quot;")?,
            '\'' => to.write_str("&#39;")?,
            '`' => to.write_str("&#96;")?,
            c if c.is_control() || is_turning(c) => to.write_char('\u{fffd}')?,
            c => to.write_char(c)?,
        }
    }
    Ok(())
}

fn is_turning(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Makes [`Html`] of a template and its arguments, as `format!` makes text.
macro_rules! html {
    ($template:literal $(, $part:expr)* $(,)?) => {
        $crate::site::html::Html::of_template(
            format!($template $(, $crate::site::html::Shown(&$part))*)
        )
    };
}
pub(super) use html;

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_that_is_shown_becomes_a_tag_or_leaves_its_quotes() {
        for (text, expected) in [
            ("plain, ümlaut, 名前", "plain, ümlaut, 名前"),
            (
                "<script>alert(1)</script>",
                "&lt;script&gt;alert(1)&lt;/script&gt;",
            ),
            ("\" onfocus=\"x", "&quot; onfocus=&quot;x"),
            ("' onfocus='x", "&#39; onfocus=&#39;x"),
            ("`x`", "&#96;x&#96;"),
            ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
            (
                "a\0b\rc\nd\u{1b}[31m",
                "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}[31m",
            ),
            ("moc\u{202e}elpmaxe", "moc\u{fffd}elpmaxe"),
            ("{} {0} {{", "{} {0} {{"),
        ] {
            let made = html!("<p title=\"{}\">{}</p>", text, text.to_owned());
            let expected = format!("<p title=\"{expected}\">{expected}</p>");
            assert_eq!(made.into_text(), expected);
        }
    }

    #[test]
    fn what_a_template_made_is_not_escaped_again() {
        let inner = html!("<b>{}</b>", "a<b");
        let none: Option<super::Html> = None;
        let outer = html!("<p>{}{}</p>", Some(inner), none);
        assert_eq!(outer.into_text(), "<p><b>a&lt;b</b></p>");
        let many: super::Html = ["<", ">"].iter().map(|text| html!("{}", text)).collect();
        assert_eq!(many.into_text(), "&lt;&gt;");
    }
}
