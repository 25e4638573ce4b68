//! Wire shapes of logins by GitHub's code.

use poem_openapi::{Object, types::Example};
use serde::Serialize;
use serde_json::{Value, json};

use crate::payload::{CheckedBody, Fields};

/// Longest device code, in characters; GitHub's have 40.
const MAX_CODE: usize = 200;

/// A login that waits for its user to type a code.
#[derive(Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase", example)]
pub(crate) struct DeviceLogin {
    /// What the program asks with; for nobody else.
    pub(crate) device_code: String,
    /// What the user types.
    pub(crate) user_code: String,
    /// Where the user types it.
    pub(crate) verification_url: String,
    /// How long both are good, in seconds.
    pub(crate) expires_in: u64,
    /// Least time between two questions, in seconds.
    pub(crate) interval: u64,
}

impl Example for DeviceLogin {
    fn example() -> Self {
        Self {
            device_code: "3584d83530557fdd1f46af8289938c8ef79f9dc5".to_owned(),
            user_code: "WDJB-MJHT".to_owned(),
            verification_url: "https://github.com/login/device".to_owned(),
            expires_in: 900,
            interval: 5,
        }
    }
}

/// Which login is asked for.
pub(crate) struct DeviceQuestion {
    /// The code it began with.
    pub(crate) device_code: Option<String>,
}

impl CheckedBody for DeviceQuestion {
    const NAME: &'static str = "DeviceQuestion";

    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            device_code: fields.text("deviceCode", "The code the login began with", MAX_CODE),
        }
    }

    fn example() -> Value {
        json!({"deviceCode": "3584d83530557fdd1f46af8289938c8ef79f9dc5"})
    }
}
