//! Whether this process can do its work, found out by doing a little of it.
//!
//! The database must answer with a schema that this build reads, and the blob store must take
//! bytes. Redis carries hints only: its state is told, and decides nothing. One look a moment
//! serves everybody who asks.

use std::time::Duration;

use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};
use weir_store::{StoreError, schema};

use super::model::{Checks, Readiness, RedisWord};
use crate::{
    app::Running,
    error::{ApiError, ApiResult, Code},
};

/// How long a look serves everybody.
const KEPT: Duration = Duration::from_secs(2);
/// Longest time of each part of a look.
const PATIENCE: Duration = Duration::from_secs(3);

/// What was found at the last look.
#[derive(Debug, Default)]
pub(crate) struct Looks(Mutex<Option<(Instant, Look)>>);

#[derive(Debug, Clone)]
struct Look {
    /// What is wrong; sentences without an end.
    wrong: Vec<String>,
    redis: RedisWord,
}

pub(super) async fn ready(running: &Running) -> ApiResult<Readiness> {
    if running.shutdown.is_cancelled() {
        return Err(unready("the process is stopping"));
    }
    let look = {
        let mut last = running.looks.0.lock().await;
        match &*last {
            Some((at, look)) if at.elapsed() < KEPT => look.clone(),
            _ => {
                let look = look(running).await;
                *last = Some((Instant::now(), look.clone()));
                look
            }
        }
    };
    if !look.wrong.is_empty() {
        return Err(unready(&look.wrong.join("; ")));
    }
    Ok(Readiness {
        ok: true,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        checks: Checks {
            database: true,
            blobs: true,
            redis: look.redis,
        },
    })
}

fn unready(why: &str) -> ApiError {
    ApiError::new(Code::UpstreamUnavailable, format!("Not ready: {why}"))
        .with_header(http::header::RETRY_AFTER, "2")
}

async fn look(running: &Running) -> Look {
    let (database, blobs, redis) = tokio::join!(
        timeout(PATIENCE, schema::check(running.reader())),
        timeout(PATIENCE, running.blobs().check()),
        timeout(PATIENCE, running.app.hub.redis_answers()),
    );
    let mut wrong = Vec::new();
    match database {
        Ok(Ok(())) => {}
        Ok(Err(StoreError::Schema(text))) => wrong.push(text),
        Ok(Err(_)) | Err(_) => wrong.push("the database does not answer".to_owned()),
    }
    if !matches!(blobs, Ok(Ok(()))) {
        wrong.push("the blob store takes no bytes".to_owned());
    }
    let redis = match redis {
        Ok(None) => RedisWord::None,
        Ok(Some(true)) => RedisWord::Answers,
        Ok(Some(false)) | Err(_) => RedisWord::Away,
    };
    Look { wrong, redis }
}
