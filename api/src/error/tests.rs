//! Error bodies, shape by shape.

use serde_json::{Value, json};

use super::*;
use crate::payload::Violations;

async fn told(error: ApiError, shape: Shape) -> (u16, Value) {
    let response = error.respond(shape, "req-1");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let status = response.status().as_u16();
    let body = response.into_body().into_vec().await.expect("body");
    (status, serde_json::from_slice(&body).expect("JSON"))
}

fn two_violations() -> ApiError {
    let mut violations = Violations::default();
    violations.add("tips", "at most 1024 characters");
    violations.add("force", "true or false");
    ApiError::invalid(violations)
}

#[tokio::test]
async fn mirror_routes_name_code_and_sentence() {
    let (status, body) = told(ApiError::not_found("There is no package x"), Shape::Mirror).await;
    assert_eq!(status, 404);
    let expected =
        json!({"error": "[NOT_FOUND] There is no package x", "reason": "There is no package x"});
    assert_eq!(body, expected);
}

#[tokio::test]
async fn every_violation_is_named_in_both_shapes() {
    let (status, body) = told(two_violations(), Shape::Mirror).await;
    assert_eq!(status, 422);
    assert_eq!(
        body["reason"],
        "tips: at most 1024 characters; force: true or false"
    );
    let (status, body) = told(two_violations(), Shape::Catalogue).await;
    assert_eq!((status, &body["statusCode"]), (400, &json!(400)));
    let details = json!({"tips": "at most 1024 characters", "force": "true or false"});
    assert_eq!(body["details"], details);
}

#[tokio::test]
async fn a_failure_of_ours_names_the_request_and_not_the_cause() {
    let (status, body) = told(
        ApiError::internal("disk on fire at /dev/sda"),
        Shape::Mirror,
    )
    .await;
    assert_eq!(status, 500);
    let text = body.to_string();
    assert!(text.contains("req-1") && !text.contains("disk"), "{text}");
}

#[test]
fn a_401_has_exactly_one_challenge() {
    let response = ApiError::unauthorized("Sign in").respond(Shape::Mirror, "req-1");
    let challenges: Vec<_> = response
        .headers()
        .get_all("www-authenticate")
        .iter()
        .collect();
    assert_eq!(challenges, ["Bearer"]);
}

#[test]
fn every_status_of_the_framework_has_a_code_of_its_class() {
    for number in 400..600 {
        let status = StatusCode::from_u16(number).expect("a status");
        let code = Code::of_status(status);
        assert_eq!(
            code.status().is_server_error(),
            status.is_server_error(),
            "{number}"
        );
    }
}

#[tokio::test]
async fn a_bucket_that_does_not_answer_may_soon_and_a_broken_disk_will_not() {
    let away = || weir_blob::BlobError::Unavailable {
        action: "read",
        object: "s3://packages/blobs".to_owned(),
        source: weir_blob::Reason("503 Service Unavailable".to_owned()),
    };
    let shared = weir_blob::BlobError::Shared(std::sync::Arc::new(away()));
    for error in [
        away().into(),
        weir_content::ContentError::Blob(shared).into(),
    ] {
        let error: ApiError = error;
        let response = error.respond(Shape::Mirror, "req-1");
        assert_eq!(response.status().as_u16(), 503);
        assert_eq!(response.headers()["retry-after"], "10");
    }
    let gone: ApiError = weir_blob::BlobError::Abandoned.into();
    assert_eq!(told(gone, Shape::Mirror).await.0, 500);
}

#[tokio::test]
async fn a_database_that_is_away_is_no_fault_of_ours_and_a_defect_is() {
    use weir_content::ContentError;
    use weir_store::StoreError;
    let shared = ContentError::Shared(std::sync::Arc::new(StoreError::NoAnswer.into()));
    for away in [
        StoreError::Closed.into(),
        ContentError::Store(StoreError::NoAnswer).into(),
        shared.into(),
    ] {
        let away: ApiError = away;
        let response = away.respond(Shape::Mirror, "req-1");
        assert_eq!(response.status().as_u16(), 503);
        assert_eq!(response.headers()["retry-after"], "1");
    }
    let defect = StoreError::Corrupt {
        table: "tasks",
        column: "spec",
        id: "1".to_owned(),
    };
    assert_eq!(told(defect.into(), Shape::Mirror).await.0, 500);
}
