//! A GitHub that hangs, holds back, or lies where nobody may go.

use std::time::Duration;

use weir_domain::{Decision, Retryable, token::TokenSecret};
use weir_testkit::{
    Github as StandIn, GithubFault,
    github::{CLIENT_ID, CLIENT_SECRET},
};
use weir_upstream::{Github, GithubApp, GithubError, Return, UpstreamError};

use crate::setup::{config, upstreams};

fn app(url: &str, api_url: &str) -> GithubApp {
    GithubApp {
        url: url.parse().expect("a URL"),
        api_url: api_url.parse().expect("a URL"),
        client_id: CLIENT_ID.to_owned(),
        client_secret: TokenSecret::from_text(CLIENT_SECRET),
        orgs: vec!["weir".to_owned()],
    }
}

fn client(stand_in: &StandIn) -> Github {
    upstreams(config()).github(&app(&stand_in.url(), &stand_in.api_url()))
}

const CODE: &str = "POST /login/device/code";
const BACK: Return<'_> = Return {
    code: "code",
    redirect_uri: "http://127.0.0.1/done",
    verifier: "verifier",
};

#[tokio::test]
async fn who_hangs_is_not_waited_for() {
    let stand_in = StandIn::start().await;
    stand_in.next(CODE, GithubFault::Hang);
    let error = client(&stand_in)
        .start_device()
        .await
        .expect_err("no answer");
    let GithubError::Upstream(UpstreamError::TimedOut { .. }) = error else {
        panic!("{error:?}");
    };
}

#[tokio::test]
async fn what_is_no_error_by_its_status_is_one_by_its_word() {
    let stand_in = StandIn::start().await;
    let error = client(&stand_in)
        .exchange(&BACK)
        .await
        .expect_err("refused");
    assert!(matches!(&error, GithubError::Refused(word) if word == "bad_verification_code"));
    for printed in [format!("{error:?}"), format!("{:?}", client(&stand_in))] {
        assert!(!printed.contains(CLIENT_SECRET), "{printed}");
    }
}

#[tokio::test]
async fn a_limit_is_believed_as_github_says_it_and_holds_nobody_else_back() {
    let stand_in = StandIn::start().await;
    let client = client(&stand_in);
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    for (headers, is_busy) in [
        (vec![header("retry-after", "60")], true),
        (
            vec![
                header("x-ratelimit-remaining", "0"),
                header("x-ratelimit-reset", "4102444800"),
            ],
            true,
        ),
        (vec![header("x-ratelimit-remaining", "12")], false),
        (vec![header("x-ratelimit-remaining", "0")], false),
        (vec![], false),
    ] {
        stand_in.next(CODE, GithubFault::Status(403, headers.clone()));
        let error = client.start_device().await.expect_err("refused");
        let GithubError::Upstream(error) = error else {
            panic!("{error:?}");
        };
        let waits = matches!(error.decision(), Decision::Wait(wait) if wait > Duration::ZERO);
        assert_eq!(waits, is_busy, "{headers:?}: {error:?}");
        client.start_device().await.expect("others are served");
    }
}

#[tokio::test]
async fn only_a_github_of_the_operators_may_be_private() {
    let stand_in = StandIn::start().await;
    let port = stand_in
        .url()
        .rsplit(':')
        .next()
        .expect("a port")
        .to_owned();
    // The operator's own name leads to this machine, and may.
    let named = format!("http://ghe.example:{port}");
    let own = upstreams(config()).github(&app(&named, &stand_in.api_url()));
    own.start_device().await.expect("it is the operator's");
    // The public one does not live here, whatever its name leads to.
    let public = format!("http://github.com:{port}");
    let public = upstreams(config()).github(&app(&public, &stand_in.api_url()));
    let error = public.start_device().await.expect_err("refused");
    assert!(matches!(error, GithubError::Upstream(_)), "{error:?}");
}
