//! Changes how urgently a waiting task is wanted.

use poem_openapi::registry::MetaSchema;
use serde_json::{Value, json};
use weir_domain::{TaskId, task::Priority};
use weir_store::{
    StoreError,
    audit::{self, Event},
    clock, tasks,
};

use super::{item, model::TaskItem};
use crate::{
    auth::Admin,
    error::{ApiError, ApiResult, Code},
    names::no_such_task,
    payload::{CheckedBody, Fields},
    visit::Visit,
};

/// The least and the greatest priority that can be given.
const BOUNDS: std::ops::RangeInclusive<i16> = 0..=100;

/// What is to change.
#[derive(Debug)]
pub(crate) struct TaskUpdate {
    priority: Option<Priority>,
}

impl CheckedBody for TaskUpdate {
    const NAME: &'static str = "TaskUpdate";

    fn read(fields: &mut Fields<'_>) -> Self {
        let bound = |value: i16| Some(f64::from(value));
        let schema = MetaSchema {
            minimum: bound(*BOUNDS.start()),
            maximum: bound(*BOUNDS.end()),
            ..MetaSchema::new_with_format("integer", "int32")
        };
        let about = "Urgency; higher runs first. Users' wishes have 30, dependencies 20";
        let read = |value: &Value| {
            let number = value.as_i64().and_then(|number| i16::try_from(number).ok());
            let number = number.filter(|number| BOUNDS.contains(number));
            let (least, most) = (BOUNDS.start(), BOUNDS.end());
            number
                .map(Priority)
                .ok_or_else(|| format!("must be a whole number from {least} to {most}"))
        };
        Self {
            priority: fields.field("priority", about, schema, read),
        }
    }

    fn example() -> Value {
        json!({"priority": 40})
    }
}

pub(super) async fn update(
    visit: &Visit,
    admin: &Admin,
    id: TaskId,
    wanted: &TaskUpdate,
) -> ApiResult<TaskItem> {
    let Some(priority) = wanted.priority else {
        return Err(ApiError::invalid_field("priority", "must be given"));
    };
    let by = visit.actor();
    let updated = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let before = tasks::prioritise(tx, id, priority).await?;
            let event = Event {
                at: now,
                by,
                action: "task.prioritise".to_owned(),
                target: id.to_string(),
                detail: format!("{} → {}", before.priority.0, priority.0),
            };
            audit::insert(tx, &event).await
        })
    });
    match updated.await {
        Ok(()) => {}
        Err(StoreError::NotFound { .. }) => return Err(no_such_task()),
        Err(StoreError::Changed(_)) => {
            let sentence = "The task does not wait any more";
            return Err(ApiError::new(Code::Conflict, sentence));
        }
        Err(error) => return Err(error.into()),
    }
    let task = item::find_task(visit, id).await?;
    item::item(visit, &admin.caller(), task).await
}
