//! A page of figures: families with a name, a kind and an explanation, and their samples.

use std::fmt::{Display, Write as _};

use super::Histogram;

/// What a family's numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, while the process lives.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How often something lasted how long.
    Histogram,
}

/// A page being written.
#[derive(Debug, Default)]
pub struct Page {
    text: String,
}

/// A family being written.
#[derive(Debug)]
pub struct Family<'p> {
    name: &'static str,
    text: &'p mut String,
}

impl Page {
    /// Begins a family. Its name says its unit; `about` is one line.
    pub fn family(&mut self, name: &'static str, kind: Kind, about: &str) -> Family<'_> {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        // Writing into a String cannot fail, here and below.
        let _ = writeln!(self.text, "# HELP {name} {about}\n# TYPE {name} {kind}");
        Family {
            name,
            text: &mut self.text,
        }
    }

    /// Returns the page.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}

impl Family<'_> {
    /// Writes one number.
    pub fn sample(&mut self, labels: &[(&str, &str)], value: impl Display) -> &mut Self {
        self.line("", labels, None, value);
        self
    }

    /// Writes a histogram.
    pub fn histogram(&mut self, labels: &[(&str, &str)], histogram: &Histogram) -> &mut Self {
        let (buckets, sum) = histogram.read();
        let mut count = 0;
        for (bound, times) in buckets {
            count += times;
            let bound = bound.map_or("+Inf".to_owned(), |bound| bound.to_string());
            self.line("_bucket", labels, Some(("le", &bound)), count);
        }
        self.line("_sum", labels, None, sum);
        self.line("_count", labels, None, count);
        self
    }

    fn line(
        &mut self,
        suffix: &str,
        labels: &[(&str, &str)],
        last: Option<(&str, &str)>,
        value: impl Display,
    ) {
        self.text.push_str(self.name);
        self.text.push_str(suffix);
        let mut before = '{';
        for (name, value) in labels.iter().copied().chain(last) {
            let _ = write!(self.text, "{before}{name}=\"{}\"", escaped(value));
            before = ',';
        }
        if before == ',' {
            self.text.push('}');
        }
        let _ = writeln!(self.text, " {value}");
    }
}

fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_page_is_what_the_format_says() {
        let mut page = Page::default();
        page.family("a_total", Kind::Counter, "Things.")
            .sample(&[], 3)
            .sample(&[("host", "a\"b\\c\nd"), ("x", "y")], 1.5);
        let lasted = Histogram::new(&[0.1, 1.0]);
        for ms in [50, 100, 200, 5_000] {
            lasted.observe(Duration::from_millis(ms));
        }
        page.family("b_seconds", Kind::Histogram, "Times.")
            .histogram(&[("of", "it")], &lasted);
        let expected = "# HELP a_total Things.\n# TYPE a_total counter\na_total 3\n\
            a_total{host=\"a\\\"b\\\\c\\nd\",x=\"y\"} 1.5\n\
            # HELP b_seconds Times.\n# TYPE b_seconds histogram\n\
            b_seconds_bucket{of=\"it\",le=\"0.1\"} 2\nb_seconds_bucket{of=\"it\",le=\"1\"} 3\n\
            b_seconds_bucket{of=\"it\",le=\"+Inf\"} 4\n\
            b_seconds_sum{of=\"it\"} 5.35\nb_seconds_count{of=\"it\"} 4\n";
        assert_eq!(page.into_text(), expected);
    }
}
