//! Codes and tokens: who gets which for what.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::{Asked, CLIENT_ID, CLIENT_SECRET, State, answer::Answer};

/// A code on its way through a browser.
#[derive(Debug)]
pub(super) struct Code {
    person: (i64, String),
    redirect_uri: String,
    challenge: String,
}

/// A code on its way through somebody's fingers.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) user_code: String,
    pub(super) person: Option<(i64, String)>,
    /// The next answer's error.
    pub(super) word: Option<&'static str>,
}

impl State {
    fn unique(&mut self, prefix: &str) -> String {
        self.count += 1;
        format!("{prefix}{:08}", self.count)
    }

    /// The page where somebody consents; they do so at once.
    pub(super) fn authorize(&mut self, asked: &Asked) -> Answer {
        let field = |name: &str| asked.fields.get(name).cloned().unwrap_or_default();
        let redirect_uri = field("redirect_uri");
        // A person would see an error page of GitHub's.
        let (Some(person), true) = (self.at_browser.clone(), field("client_id") == CLIENT_ID)
        else {
            return Answer::status(404);
        };
        let is_fit =
            field("code_challenge_method") == "S256" && !field("code_challenge").is_empty();
        if field("state").is_empty() || !is_fit {
            return Answer::status(400);
        }
        let mut back = url::form_urlencoded::Serializer::new(String::new());
        if let Some(word) = self.denial {
            let about = "The user has denied your application access";
            back.append_pair("error", word)
                .append_pair("error_description", about)
                .append_pair("error_uri", "https://docs.example/troubleshooting");
        } else {
            let code = self.unique("code");
            back.append_pair("code", &code);
            let kept = Code {
                person,
                redirect_uri: redirect_uri.clone(),
                challenge: field("code_challenge"),
            };
            self.codes.insert(code, kept);
        }
        back.append_pair("state", &field("state"));
        Answer::redirect(&format!("{redirect_uri}?{}", back.finish()))
    }

    /// Exchanges a code of either kind for a token. Errors have status 200.
    pub(super) fn access_token(&mut self, asked: &Asked) -> Answer {
        let field = |name: &str| asked.fields.get(name).map_or("", String::as_str);
        if field("client_id") != CLIENT_ID {
            return Answer::error("incorrect_client_credentials");
        }
        if field("grant_type") == "urn:ietf:params:oauth:grant-type:device_code" {
            return self.device_token(field("device_code"));
        }
        if field("client_secret") != CLIENT_SECRET {
            return Answer::error("incorrect_client_credentials");
        }
        // Once, whoever brings it.
        let Some(code) = self.codes.remove(field("code")) else {
            return Answer::error("bad_verification_code");
        };
        if code.redirect_uri != field("redirect_uri") {
            return Answer::error("redirect_uri_mismatch");
        }
        let proof = Sha256::digest(field("code_verifier").as_bytes());
        if URL_SAFE_NO_PAD.encode(proof) != code.challenge {
            return Answer::error("bad_verification_code");
        }
        self.token(code.person)
    }

    /// Begins the flow of a program.
    pub(super) fn device_code(&mut self, asked: &Asked) -> Answer {
        if asked
            .fields
            .get("client_id")
            .is_none_or(|id| id != CLIENT_ID)
        {
            return Answer::status(404);
        }
        let (device_code, user_code) = (self.unique("device"), self.unique("USER-"));
        let device = Device {
            user_code: user_code.clone(),
            person: None,
            word: None,
        };
        self.devices.insert(device_code.clone(), device);
        Answer::fields(&[
            ("device_code", &device_code),
            ("user_code", &user_code),
            ("verification_uri", "https://github.example/login/device"),
            ("expires_in", "900"),
            ("interval", "1"),
        ])
    }

    fn device_token(&mut self, device_code: &str) -> Answer {
        let Some(device) = self.devices.get_mut(device_code) else {
            return Answer::error("incorrect_device_code");
        };
        match (device.word.take(), device.person.clone()) {
            (Some("slow_down"), _) => Answer::fields(&[
                ("error", "slow_down"),
                ("error_description", "Too many requests"),
                ("interval", "6"),
            ]),
            (Some(word), _) => Answer::error(word),
            (None, None) => Answer::error("authorization_pending"),
            (None, Some(person)) => {
                self.devices.remove(device_code);
                self.token(person)
            }
        }
    }

    fn token(&mut self, person: (i64, String)) -> Answer {
        let token = self.unique("gho_");
        self.tokens.insert(token.clone(), person);
        Answer::fields(&[
            ("access_token", &token),
            ("scope", "read:org"),
            ("token_type", "bearer"),
        ])
    }

    /// The API, for whoever shows a token.
    pub(super) fn api(&self, path: &str, asked: &Asked) -> Answer {
        if !asked.headers.contains_key("user-agent") {
            return Answer::status(403);
        }
        let shown = asked.headers.get("authorization");
        let shown = shown.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let Some((id, login)) = shown.and_then(|token| self.tokens.get(token)) else {
            return Answer::status(401);
        };
        if path == "/user" {
            let body = serde_json::json!({
                "login": login, "id": id, "type": "User", "name": null, "email": null,
            });
            return Answer::json(&body);
        }
        let org = path.strip_prefix("/user/memberships/orgs/");
        let found = self.members.iter().find(|(member, name, _)| {
            member == login && org.is_some_and(|org| org.eq_ignore_ascii_case(name))
        });
        match found {
            Some((_, _, state)) => {
                Answer::json(&serde_json::json!({ "state": state, "role": "member" }))
            }
            None => Answer::status(404),
        }
    }
}
