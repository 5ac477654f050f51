//! What was answered once is answered again.

use crate::bed::{Bed, KEY, act, agent, ask, extract};
use crate::server::{Server, answer, chat, options};
use carapace_agent::{Kind, Options, Provider};
use carapace_effect::FailureKind;
use serde_json::json;

#[tokio::test]
async fn a_recording_is_played_without_whoever_answered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recorded.jsonl");
    let server = Server::start(vec![chat("first"), chat("second"), chat(r#"{"value": [1]}"#)]).await;
    let mut recording = options(Kind::Openai, &server.url);
    recording.providers.get_mut("work").unwrap().record = Some(path.clone());
    let list = json!({ "type": "array", "items": { "type": "integer" } });
    let mut bed = Bed::new(recording);
    let desk = || agent("work/m", &[("instructions", json!("Be brief."))]);
    for said in ["first", "second"] {
        assert_eq!(bed.done(ask(desk(), "hello")).await.0, said);
    }
    bed.done(extract(desk(), "one", list.clone())).await;
    assert!(!std::fs::read_to_string(&path).unwrap().contains(KEY), "no key is recorded");
    let played = Options {
        providers: [("work".to_owned(), Provider::new(Kind::Replay(path)))].into(),
        ..Options::default()
    };
    let mut bed = Bed::new(played);
    for said in ["first", "second", "second"] {
        assert_eq!(bed.done(ask(desk(), "hello")).await.0, said);
    }
    assert_eq!(bed.done(extract(desk(), "one", list)).await.0, json!([1]));
    let (failure, _) = bed.failed(ask(desk(), "another")).await;
    assert_eq!(failure.kind, FailureKind::Unavailable);
    assert_eq!(server.came().len(), 3);
}

#[tokio::test]
async fn what_texts_mean_is_played_whatever_they_are_sent_with() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recorded.jsonl");
    let data: Vec<_> = [[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]]
        .iter()
        .enumerate()
        .map(|(at, vector)| json!({ "index": at, "embedding": vector }))
        .collect();
    let usage = json!({ "prompt_tokens": 3, "total_tokens": 3 });
    let body = json!({ "data": data, "model": "e", "usage": usage });
    let server = Server::start(vec![answer(200, "", &body.to_string())]).await;
    let mut recording = options(Kind::Openai, &server.url);
    recording.providers.get_mut("work").unwrap().record = Some(path.clone());
    let near = |query: &str, texts: &[&str]| {
        let desk = agent("work/m", &[("embeddings", json!("work/e"))]);
        act("exchange.nearness", desk, json!({ "query": query, "texts": texts }))
    };
    assert_eq!(Bed::new(recording).done(near("a", &["b", "c"])).await.0, json!([0.6, 0.0]));
    assert!(!std::fs::read_to_string(&path).unwrap().contains(KEY), "no key is recorded");
    let played = Options {
        providers: [("work".to_owned(), Provider::new(Kind::Replay(path)))].into(),
        ..Options::default()
    };
    let mut bed = Bed::new(played);
    let (said, usage) = bed.done(near("c", &["b"])).await;
    assert_eq!((said, usage[0].estimated), (json!([0.8]), true));
    assert_eq!(bed.failed(near("c", &["d"])).await.0.kind, FailureKind::Unavailable);
    assert_eq!(server.came().len(), 1);
}
