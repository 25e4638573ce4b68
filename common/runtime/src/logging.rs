//! The process's own log: to standard error, text for people or JSON for machines.
//!
//! Task logs are a product feature and have nothing to do with this. What is logged is
//! decided by target and level; values never need masking here, because secrets have types
//! that do not print (`weir_config::Secret`, `weir_domain::token::TokenSecret`).

use std::io::IsTerminal;

use tracing::Subscriber;
use tracing_subscriber::{
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::{Layer, SubscriberExt},
    registry,
};
use weir_config::{Config, LogFormat};

/// The log could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// The filter is not understood.
    #[error("log: the filter is not understood")]
    Filter(#[source] tracing_subscriber::filter::ParseError),
    /// Another log runs in this process.
    #[error("log: it was started twice")]
    Twice(#[source] tracing::subscriber::SetGlobalDefaultError),
}

/// Libraries that tell what we tell better; a filter that names them hears them.
const QUIET: &str = "apalis_core=off";

/// How an event is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text { has_colours: bool },
    Json,
}

/// Starts the log of this process and makes panics a line of it.
///
/// # Errors
/// [`LoggingError`] if the filter is odd or a log is running.
pub fn start(config: &Config) -> Result<(), LoggingError> {
    let form = form(config.log_format, std::io::stderr().is_terminal());
    let subscriber = subscriber(form, &config.log, std::io::stderr)?;
    tracing::subscriber::set_global_default(subscriber).map_err(LoggingError::Twice)?;
    log_panics();
    Ok(())
}

/// Says what an operator should know of the settings.
pub fn caution(config: &Config) {
    for caution in config.cautions() {
        tracing::warn!("{caution}");
    }
}

fn form(format: LogFormat, is_terminal: bool) -> Form {
    match (format, is_terminal) {
        (LogFormat::Json, _) | (LogFormat::Auto, false) => Form::Json,
        (LogFormat::Text | LogFormat::Auto, has_colours) => Form::Text { has_colours },
    }
}

fn subscriber<W>(
    form: Form,
    filter: &str,
    writer: W,
) -> Result<Box<dyn Subscriber + Send + Sync>, LoggingError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let targets: Targets = format!("{QUIET},{filter}")
        .parse()
        .map_err(LoggingError::Filter)?;
    let layer = fmt::layer().with_writer(writer);
    let layer = match form {
        // Left alone on a terminal, the layer honours NO_COLOR.
        Form::Text { has_colours: true } => layer.boxed(),
        Form::Text { has_colours: false } => layer.with_ansi(false).boxed(),
        Form::Json => layer
            .json()
            .flatten_event(true)
            // The event's own, and those it happens in: a request to an upstream, and the
            // task that makes it.
            .with_current_span(true)
            .with_span_list(true)
            .boxed(),
    };
    Ok(Box::new(registry().with(layer.with_filter(targets))))
}

fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let text = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(place = place.as_deref(), "panic: {text}");
    }));
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use weir_config::Secret;

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(form: Form, filter: &str, act: impl FnOnce()) -> String {
        let sink = Sink::default();
        let writer = sink.clone();
        let subscriber = subscriber(form, filter, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, act);
        let bytes = sink.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn json_is_one_object_a_line_with_flat_fields() {
        let text = logged(Form::Json, "info", || {
            tracing::info!(port = 7373, "listening");
            tracing::debug!("not written");
        });
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains("\"port\":7373") && text.contains("\"message\":\"listening\""));
    }

    #[test]
    fn text_has_colours_only_on_a_terminal_and_no_foreign_escapes() {
        let form = Form::Text { has_colours: false };
        let text = logged(form, "warn,weir_runtime=info", || {
            tracing::info!("a \x1b[31mred\x1b[0m name");
        });
        assert!(text.contains("INFO") && !text.contains('\x1b'), "{text:?}");
    }

    #[test]
    fn secrets_do_not_reach_the_log() {
        let secret = Secret::new("open sesame");
        for form in [Form::Json, Form::Text { has_colours: false }] {
            let text = logged(form, "trace", || tracing::info!(?secret, "{secret:?}"));
            assert!(
                !text.contains("sesame") && text.contains("Secret"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_library_that_is_quiet_is_heard_when_it_is_named() {
        let act = || tracing::error!(target: "apalis_core::worker", "a restart");
        let form = Form::Text { has_colours: false };
        assert_eq!(logged(form, "debug", act), "");
        assert!(logged(form, "warn,apalis_core=info", act).contains("a restart"));
    }

    #[test]
    fn auto_is_text_on_a_terminal_and_json_elsewhere() {
        assert_eq!(form(LogFormat::Auto, false), Form::Json);
        assert_eq!(form(LogFormat::Json, true), Form::Json);
        assert_eq!(
            form(LogFormat::Auto, true),
            Form::Text { has_colours: true }
        );
        assert_eq!(
            form(LogFormat::Text, false),
            Form::Text { has_colours: false }
        );
    }
}
