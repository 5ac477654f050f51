//! What was answered once is answered again.

use crate::bed::{Bed, KEY, agent, ask, extract};
use crate::server::{Server, chat, options};
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
