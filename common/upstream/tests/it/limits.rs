//! What is too much is cut while it comes, not after.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use weir_domain::{Decision, Retryable, task::ErrorCode};
use weir_upstream::UpstreamError;

use crate::{
    setup::{config, fetch, gzip, manifest, npm, outline, packument, registry_of, upstreams},
    wire::{Act, Wire, head, reply},
};

fn assert_too_large(error: &UpstreamError) {
    assert_eq!(error.code(), ErrorCode::TooLarge, "{error:?}");
    assert_eq!(error.decision(), Decision::GiveUp);
}

#[tokio::test]
async fn an_announced_size_beyond_the_limit_is_not_read() {
    let wire = Wire::start(|_| vec![Act::Send(head("200 OK", &[], Some(5 << 20))), Act::Hang]);
    assert_too_large(&fetch(&npm(&wire), "a").await.expect_err("refused"));
}

#[tokio::test]
async fn an_endless_body_is_cut_at_the_limit() {
    let sent = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&sent);
    let wire = Wire::start(move |_| {
        let counter = Arc::clone(&counter);
        let piece = vec![b' '; 64 << 10];
        let endless = move || {
            counter.fetch_add(piece.len() as u64, Ordering::Relaxed);
            Some(piece.clone())
        };
        vec![
            Act::Send(head("200 OK", &[], None)),
            Act::Stream(Box::new(endless)),
        ]
    });
    assert_too_large(&fetch(&npm(&wire), "a").await.expect_err("cut"));
    assert!(sent.load(Ordering::Relaxed) < 32 << 20);
}

#[tokio::test]
async fn a_gzip_bomb_is_cut_at_the_decoded_limit() {
    let spaces = " ".repeat(8 << 20);
    // Each value is small enough, and none is kept.
    let attachments = format!(r#""_attachments":"{}","#, "x".repeat(200_000)).repeat(40);
    for document in [
        format!(r#"{{"name":"a"{spaces}}}"#),
        format!(r#"{spaces}{{"name":"a"}}"#),
        format!(r#"{{{attachments}"name":"a"}}"#),
        format!(r#"{{"versions":{{{attachments}"1.0.0":0}},"name":"a"}}"#),
        format!(r#"{{"name":"a"}}{spaces}"#),
    ] {
        let bomb = gzip(document.as_bytes());
        assert!(bomb.len() < 100_000);
        let wire = Wire::saying(reply("200 OK", &[("content-encoding", "gzip")], &bomb));
        assert_too_large(&outline(&npm(&wire)).await.expect_err("cut"));
    }
}

#[tokio::test]
async fn one_huge_value_is_cut_before_it_fills_the_memory() {
    let text = "x".repeat(1 << 20);
    for document in [
        format!(r#"{{"name":"a","readme":"{text}"}}"#),
        format!(r#"{{"name":"a","versions":{{"1.0.0":{{"x":"{text}"}}}}}}"#),
        format!(r#"{{"name":"a","versions":{{"{text}":1}}}}"#),
        format!(r#"{{"{text}":1,"name":"a"}}"#),
    ] {
        let wire = Wire::saying(reply("200 OK", &[], document.as_bytes()));
        assert_too_large(&outline(&npm(&wire)).await.expect_err("cut"));
    }
}

#[tokio::test]
async fn a_manifest_that_is_too_large_is_left_out_and_no_other() {
    let large = format!(r#""versions":{{"9.0.0":{},"#, manifest("9.0.0", 300 << 10));
    let document = packument(3, 0).replacen(r#""versions":{"#, &large, 1);
    let wire = Wire::saying(reply("200 OK", &[], document.as_bytes()));
    let outline = outline(&npm(&wire)).await.expect("the others are read");
    assert_eq!(outline.versions.len(), 3);
    let (version, why) = &outline.unreadable[0];
    assert_eq!(version, "9.0.0");
    assert!(why.starts_with("its manifest is too large: "), "{why}");
}

#[tokio::test]
async fn the_number_of_entries_is_limited() {
    let mut config = config();
    config.sizes.entries = 10;
    let field = |n: usize| format!(r#""f{n}":1"#);
    let many: Vec<_> = (0..11).map(field).collect();
    for document in [
        packument(11, 0),
        format!(r#"{{"name":"a","versions":{{{}}}}}"#, many.join(",")),
        format!(r#"{{"name":"a",{}}}"#, many.join(",")),
        format!(
            r#"{{"name":"a","time":{{{}}}}}"#,
            many.join(",").replace(":1", ":\"1\"")
        ),
    ] {
        let wire = Wire::saying(reply("200 OK", &[], document.as_bytes()));
        let npm = upstreams(config.clone()).registry(&registry_of(&wire));
        assert_too_large(&outline(&npm).await.expect_err("cut"));
    }
    let wire = Wire::saying(reply("200 OK", &[], packument(10, 0).as_bytes()));
    let npm = upstreams(config).registry(&registry_of(&wire));
    assert_eq!(outline(&npm).await.expect("just fits").versions.len(), 10);
}

#[tokio::test]
async fn all_root_fields_together_are_limited() {
    let text = "x".repeat(200_000);
    let document = format!(r#"{{"name":"a","p":"{text}","q":"{text}","r":"{text}"}}"#);
    let wire = Wire::saying(reply("200 OK", &[], document.as_bytes()));
    assert_too_large(&outline(&npm(&wire)).await.expect_err("cut"));
}
