//! Wire shapes of drills.

use poem_openapi::{Object, registry::MetaSchema, types::Example};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::payload::{CheckedBody, Fields, Id};

/// Which drills are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NewDrills {
    pub(super) count: u32,
    pub(super) lines: u32,
    pub(super) every_ms: u32,
}

impl CheckedBody for NewDrills {
    const NAME: &'static str = "NewDrills";

    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            count: number(fields, "count", "How many tasks", (1, 1_000)).unwrap_or(1),
            lines: number(fields, "lines", "Lines each writes", (0, 1_000)).unwrap_or(10),
            every_ms: number(
                fields,
                "everyMs",
                "Milliseconds from one line to the next",
                (0, 60_000),
            )
            .unwrap_or(0),
        }
    }

    fn example() -> Value {
        json!({ "count": 10, "lines": 20, "everyMs": 100 })
    }
}

fn number(
    fields: &mut Fields<'_>,
    name: &'static str,
    about: &'static str,
    (least, most): (u32, u32),
) -> Option<u32> {
    let schema = MetaSchema {
        minimum: Some(least.into()),
        maximum: Some(most.into()),
        ..MetaSchema::new("integer")
    };
    fields.field(name, about, schema, |value| {
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        number
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| format!("must be a whole number from {least} to {most}"))
    })
}

/// The tasks that were submitted.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct Drills {
    /// Always true.
    pub(crate) ok: bool,
    /// One a drill.
    pub(crate) ids: Vec<Id>,
}

impl Example for Drills {
    fn example() -> Self {
        Self {
            ok: true,
            ids: vec![Id(Uuid::from_u128(
                0x0190_a1b2_c3d4_7e5f_8a9b_0c1d_2e3f_4a5b,
            ))],
        }
    }
}
