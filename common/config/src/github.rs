//! The GitHub where people may sign in.

use url::Url;

use crate::{
    ConfigError, Secret,
    effective::Effective,
    kind::Kind,
    setting::{
        Fallback::{Computed, Text, Unset},
        Group, row,
    },
    urls,
};

/// Its rows in the table of settings.
pub(crate) const GROUP: Group = Group {
    title: "Sign-in with GitHub",
    settings: &[
        row(
            "github_client_id",
            Kind::Identifier,
            Unset("none: nobody signs in with GitHub"),
            "Identifier of the OAuth app registered there; its callback URL is `<public_url>/-/login/github/done`.",
        ),
        row(
            "github_client_secret",
            Kind::Secret(1),
            Unset("none"),
            "The app's secret; other users of the machine can see flags, so prefer the environment.",
        ),
        row(
            "github_url",
            Kind::HttpUrl,
            Text("https://github.com"),
            "Where people sign in: GitHub, or a GitHub Enterprise Server.",
        ),
        row(
            "github_api_url",
            Kind::HttpUrl,
            Computed("`https://api.github.com`, or `<github_url>/api/v3`"),
            "Where its API answers.",
        ),
        row(
            "github_orgs",
            Kind::Logins,
            Unset("none: membership is not asked for"),
            "Organisations there; only members of one of them sign in, and whoever is new gets an account.",
        ),
    ],
};

/// How people sign in with GitHub.
#[derive(Debug, Clone)]
pub struct Github {
    /// Who we are there.
    pub client_id: String,
    /// The proof of it.
    pub client_secret: Secret,
    /// Where people sign in; the path ends in a slash.
    pub url: Url,
    /// Where its API answers; the path ends in a slash.
    pub api_url: Url,
    /// Of which organisations they must be in one; empty if of none.
    pub orgs: Vec<String>,
}

impl Github {
    /// Gives its value to the setting whose default follows from another one.
    pub(crate) fn compute_defaults(effective: &mut Effective) -> Result<(), ConfigError> {
        let url = effective.get("github_url", urls::upstream)?;
        effective.fill("github_api_url", || match url.as_str() {
            "https://github.com/" => "https://api.github.com".to_owned(),
            other => format!("{other}api/v3"),
        });
        Ok(())
    }

    /// Reads the settings; nothing without an app.
    pub(crate) fn read(from: &Effective) -> Result<Option<Self>, ConfigError> {
        let client_id = from.find("github_client_id", identifier)?;
        let secret = from.find("github_client_secret", secret)?;
        let url = from.get("github_url", urls::upstream)?;
        let api_url = from.get("github_api_url", urls::upstream)?;
        let orgs = from.find("github_orgs", logins)?.unwrap_or_default();
        match (client_id, secret) {
            (None, _) => Ok(None),
            (Some(client_id), Some(client_secret)) => Ok(Some(Self {
                client_id,
                client_secret,
                url,
                api_url,
                orgs,
            })),
            (Some(_), None) => Err(ConfigError::Contradiction {
                key: "github_client_id",
                origin: from.origin("github_client_id"),
                reason: "github_client_secret is not set".to_owned(),
            }),
        }
    }
}

fn identifier(text: &str) -> Option<String> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    ((1..=64).contains(&text.len()) && is_plain).then(|| text.to_owned())
}

fn secret(text: &str) -> Option<Secret> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    (!text.is_empty() && is_plain).then(|| Secret::new(text))
}

fn logins(text: &str) -> Option<Vec<String>> {
    let login = |text: &str| {
        let text = text.trim();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        ((1..=80).contains(&text.len()) && text.bytes().all(is_plain)).then(|| text.to_owned())
    };
    text.split(',').map(login).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, Flags, Sources, setting::Setting};

    fn load(given: &[(&str, &str)]) -> Result<Option<Github>, ConfigError> {
        let setting = |key: &str| Setting::find(key).expect("a setting");
        let given = given.iter();
        let sources = Sources {
            flags: Flags {
                given: given
                    .map(|(key, text)| (setting(key), (*text).to_owned()))
                    .collect(),
                ..Flags::default()
            },
            ..Sources::default()
        };
        Config::load(&sources).map(|loaded| loaded.config.github)
    }

    const APP: [(&str, &str); 2] = [
        ("github_client_id", "Iv1.abc"),
        ("github_client_secret", "sesame"),
    ];

    #[test]
    fn the_api_lies_where_githubs_does() {
        for (url, api_url) in [
            (None, "https://api.github.com/"),
            (Some("https://github.com/"), "https://api.github.com/"),
            (Some("https://ghe.example"), "https://ghe.example/api/v3/"),
            (
                Some("https://a.example/ghe/"),
                "https://a.example/ghe/api/v3/",
            ),
        ] {
            let mut given = APP.to_vec();
            given.extend(url.map(|url| ("github_url", url)));
            let github = load(&given).expect("valid").expect("an app");
            assert_eq!(github.api_url.as_str(), api_url);
            given.push(("github_api_url", "http://127.0.0.1:1"));
            let github = load(&given).expect("valid").expect("an app");
            assert_eq!(github.api_url.as_str(), "http://127.0.0.1:1/");
        }
    }

    #[test]
    fn there_is_no_app_without_its_secret_and_none_without_its_name() {
        assert!(load(&[]).expect("valid").is_none());
        assert!(load(&APP[1..]).expect("valid").is_none());
        let line = load(&APP[..1]).expect_err("refused").to_string();
        assert_eq!(
            line,
            "github_client_id (flag --github-client-id): github_client_secret is not set"
        );
    }

    #[test]
    fn organisations_are_a_list_of_names() {
        let orgs = |text| {
            let mut given = APP.to_vec();
            given.push(("github_orgs", text));
            load(&given).map(|github| github.expect("an app").orgs)
        };
        assert_eq!(orgs("weir").expect("valid"), ["weir"]);
        assert_eq!(orgs("weir, a-b_c").expect("valid"), ["weir", "a-b_c"]);
        for text in ["", ",", "a/b", "a b", "../x", "a?b"] {
            assert!(orgs(text).is_err(), "{text}");
        }
    }
}
