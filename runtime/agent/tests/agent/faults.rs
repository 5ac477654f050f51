//! Servers that do not answer as they should: each is a failure that a flow can go by, and no secret is in it.

use crate::bed::{Bed, KEY, agent, ask};
use crate::server::{Does, Server, answer, chat, events, options};
use carapace_agent::{Kind, Options, Timeouts};
use carapace_effect::{Failure, FailureKind, Usage};
use std::time::Duration;

async fn told(does: Does, change: impl FnOnce(&mut Options)) -> (Failure, Vec<Usage>) {
    let server = Server::start(vec![does]).await;
    let mut options = options(Kind::Openai, &server.url);
    change(&mut options);
    Bed::new(options).failed(ask(agent("work/m", &[]), "hello")).await
}

#[tokio::test]
async fn each_way_to_fail_is_told_as_what_it_is() {
    let echo = format!(r#"{{"error":{{"message":"Incorrect API key provided: {KEY}."}}}}"#);
    let half = r#"{"choices":[{"index":0,"delta":{"content":"half of"}}]}"#;
    let in_stream = r#"{"error":{"message":"overloaded","type":"server_error"}}"#;
    for (does, kind, words, spent) in [
        (answer(429, "retry-after: 7\r\n", "{}"), FailureKind::Limited, "too often", 0),
        (answer(500, "", "<html>oops</html>"), FailureKind::Transient, "failed (500)", 0),
        (answer(401, "", &echo), FailureKind::Unavailable, "[secret]", 0),
        (
            answer(404, "", r#"{"error":{"message":"no such model"}}"#),
            FailureKind::Unavailable,
            "no such model",
            0,
        ),
        (answer(400, "", r#"{"error":{"message":"too long"}}"#), FailureKind::Refused, "too long", 0),
        (answer(307, "location: http://127.0.0.1:1/\r\n", ""), FailureKind::Unavailable, "not followed", 0),
        (Does::Say(String::new()), FailureKind::Transient, "did not answer", 0),
        (Does::Say(events(&[half])), FailureKind::Transient, "cut off", 1),
        (Does::Say(events(&[half, in_stream])), FailureKind::Transient, "overloaded", 1),
        (Does::Say(events(&[half, "{\"choi"])), FailureKind::Transient, "cannot be read", 1),
        (Does::Say(events(&["[DONE]"])), FailureKind::Invalid, "said nothing", 1),
    ] {
        let shown = format!("{does:?}");
        let (failure, usage) = told(does, |_| {}).await;
        assert_eq!(failure.kind, kind, "{shown}: {}", failure.message);
        assert!(
            failure.message.contains(words) && failure.message.contains("`work/m`"),
            "{}",
            failure.message
        );
        assert!(!failure.message.contains(KEY), "{}", failure.message);
        assert_eq!(usage.len(), spent, "{shown}");
        let after = (kind == FailureKind::Limited).then_some(7000);
        assert_eq!(failure.retry_after, after);
    }
}

#[tokio::test]
async fn who_says_nothing_is_not_waited_for() {
    let soon = |options: &mut Options| {
        options.timeouts = Timeouts { first: Duration::from_millis(100), ..options.timeouts };
    };
    let (failure, usage) = told(Does::SayAndHang(String::new()), soon).await;
    assert_eq!((failure.kind, usage.len()), (FailureKind::Transient, 0));
    assert!(failure.message.contains("`models.timeouts.first`"), "{}", failure.message);
    let half = events(&[r#"{"choices":[{"index":0,"delta":{"content":"half"}}]}"#]);
    let (failure, usage) = told(Does::SayAndHang(half), soon).await;
    assert_eq!((failure.kind, usage.len()), (FailureKind::Transient, 1));
    assert!(failure.message.contains("in the middle"), "{}", failure.message);
    let whole = |options: &mut Options| {
        options.timeouts = Timeouts { whole: Duration::from_millis(100), ..options.timeouts };
    };
    let (failure, _) = told(Does::SayAndHang(String::new()), whole).await;
    assert!(failure.message.contains("`models.timeouts.whole`"), "{}", failure.message);
}

#[tokio::test]
async fn the_key_goes_to_its_provider_alone_and_is_the_one_of_now() {
    let other = Server::start(vec![chat("elsewhere")]).await;
    let away = format!("location: {}/chat/completions\r\n", other.url);
    let server = Server::start(vec![chat("hi"), answer(308, &away, "")]).await;
    let mut bed = Bed::new(options(Kind::Openai, &server.url));
    assert_eq!(bed.done(ask(agent("work/m", &[]), "x")).await.0, "hi");
    assert!(server.came()[0].head.contains(&format!("Bearer {KEY}")), "{}", server.came()[0].head);
    bed.failed(ask(agent("work/m", &[]), "x")).await;
    assert!(other.came().is_empty(), "nothing follows to another address");
    let mut keyless = options(Kind::Openai, &server.url);
    keyless.providers.get_mut("work").unwrap().key = Some("gone".to_owned());
    let (failure, _) = Bed::new(keyless).failed(ask(agent("work/m", &[]), "x")).await;
    assert_eq!(failure.kind, FailureKind::Unavailable);
    assert!(failure.message.contains("there is no secret `gone`"), "{}", failure.message);
}

#[tokio::test]
async fn nobody_listening_is_a_passing_fault() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut bed = Bed::new(options(Kind::Openai, &format!("http://{free}/v1/")));
    let (failure, _) = bed.failed(ask(agent("work/m", &[]), "x")).await;
    assert_eq!(failure.kind, FailureKind::Transient);
    assert_eq!(failure.message, "`work/m` cannot be reached");
}
