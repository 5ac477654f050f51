//! How near texts are in meaning: what is sent for it, what is kept, and what goes wrong.

use crate::bed::{Bed, act, agent};
use crate::server::{Came, Does, Server, answer, options, short};
use carapace_agent::{Kind, Options, Price, Provider};
use carapace_effect::{Act, FailureKind};
use serde_json::{Value as Json, json};

/// How near these texts are to the query, as an agent of these embeddings has it.
fn near(embeddings: &str, query: &str, texts: &[&str]) -> Act {
    let desk = agent("demo/m", &[("embeddings", json!(embeddings))]);
    act("exchange.nearness", desk, json!({ "query": query, "texts": texts }))
}

/// These vectors, as OpenAI answers with them.
fn vectors(vectors: &[[f32; 2]], tokens: u64) -> Does {
    let data = vectors.iter().enumerate().map(|(at, vector)| json!({ "index": at, "embedding": vector }));
    let usage = json!({ "prompt_tokens": tokens, "total_tokens": tokens });
    let body = json!({ "data": data.collect::<Vec<_>>(), "model": "e", "usage": usage });
    answer(200, "", &body.to_string())
}

fn inputs(came: &Came) -> Vec<&str> {
    came.body["input"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_is_known_of_a_text_is_not_asked_again() {
    let (pets, dog, tea) = ([2.0, 0.0], [0.6, 0.8], [0.0, -3.0]);
    let server = Server::start(vec![vectors(&[pets, dog, tea], 12), vectors(&[[0.0, -1.0]], 2)]).await;
    let mut options = options(Kind::Openai, &server.url);
    let price = Price { input: 500_000, cached: 0, written: 0, output: 0 };
    options.prices = [("work/e".to_owned(), price)].into();
    let mut bed = Bed::new(options);
    let (said, usage) = bed.done(near("work/e", "pets", &["dog", "tea", "dog", "pets"])).await;
    assert_eq!(said, json!([0.6, 0.0, 0.6, 1.0]));
    let [usage] = usage.as_slice() else { panic!("{usage:?}") };
    assert_eq!((&*usage.model, usage.input, usage.cost, usage.estimated), ("work/e", 12, Some(6), false));
    let (said, usage) = bed.done(near("work/e", "drinks", &["dog", "tea"])).await;
    assert_eq!((said, usage[0].input), (json!([-0.8, 1.0]), 2));
    let (said, usage) = bed.done(near("work/e", "drinks", &["tea", "pets"])).await;
    assert_eq!((said, usage.len()), (json!([1.0, 0.0]), 0), "all of it is known");
    let came = server.came();
    let sent: Vec<Vec<&str>> = came.iter().map(inputs).collect();
    assert_eq!(sent, [vec!["pets", "dog", "tea"], vec!["drinks"]], "each text once");
    assert!(came[0].head.starts_with("POST /v1/embeddings ") && came[0].body["model"] == "e", "{came:?}");
}

#[tokio::test]
async fn many_texts_go_in_several_requests_and_what_was_answered_stays() {
    let some = |count: usize| vectors(&vec![[1.0, 0.5]; count], 100);
    let server =
        Server::start(vec![some(100), answer(500, "", "{}"), some(50), vectors(&[[1.0, 0.5]], 1)]).await;
    let mut bed = Bed::new(options(Kind::Openai, &server.url));
    let texts: Vec<String> = (1..150).map(|n| format!("fact {n}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let (failure, usage) = bed.failed(near("work/e", "q", &texts)).await;
    assert_eq!((failure.kind, usage.len()), (FailureKind::Transient, 1), "the first one has cost something");
    let (said, _) = bed.done(near("work/e", "q", &texts)).await;
    assert_eq!(said.as_array().map(Vec::len), Some(149));
    let (_, usage) = bed.done(near("work/e", "another", &texts)).await;
    assert_eq!(usage.len(), 1);
    let sent: Vec<usize> = server.came().iter().map(|came| inputs(came).len()).collect();
    assert_eq!(sent, [100, 50, 50, 1]);
}

#[tokio::test]
async fn where_a_model_cannot_be_had_the_next_says_what_all_of_them_mean() {
    let first = Server::start(vec![vectors(&[[1.0, 0.0], [1.0, 0.0]], 1), answer(503, "", "{}")]).await;
    let second = Server::start(vec![vectors(&[[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]], 1)]).await;
    let provider = |server: &Server| Provider {
        url: Some(server.url.clone()),
        key: Some("key".to_owned()),
        ..Provider::new(Kind::Openai)
    };
    let providers = [("one".to_owned(), provider(&first)), ("two".to_owned(), provider(&second))];
    let mut options = Options { providers: providers.into(), timeouts: short(), ..Options::default() };
    options.aliases = [("alike".to_owned(), vec!["one/e".to_owned(), "two/e".to_owned()])].into();
    let mut bed = Bed::new(options);
    bed.done(near("alike", "pets", &["dog"])).await;
    // The first is known to the one that is away; the other is asked all of it: numbers of two models say nothing together.
    let (said, usage) = bed.done(near("alike", "pets", &["dog", "cat"])).await;
    assert_eq!((said, &*usage[0].model), (json!([0.0, 1.0]), "two/e"));
    assert_eq!(inputs(&second.came()[0]), ["pets", "dog", "cat"]);
}

#[tokio::test]
async fn what_cannot_be_compared_is_a_failure_that_says_so() {
    let raw = |vectors: Json| {
        let data: Vec<Json> = vectors
            .as_array()
            .unwrap()
            .iter()
            .enumerate()
            .map(|(at, v)| json!({ "index": at, "embedding": v }))
            .collect();
        let usage = json!({ "prompt_tokens": 3, "total_tokens": 3 });
        answer(200, "", &json!({ "data": data, "model": "e", "usage": usage }).to_string())
    };
    for (wrong, says) in [
        (json!([[0.0, 0.0], [1.0, 0.0]]), "points nowhere"),
        (json!([[1e39, 0.0], [1.0, 0.0]]), "points nowhere"),
        (json!([[], []]), "points nowhere"),
        (json!([[1.0, 0.0], [1.0, 0.0, 0.0]]), "different lengths"),
        (json!([[1.0, 0.0]]), "2 texts with 1 vectors"),
        (json!([]), "2 texts with 0 vectors"),
    ] {
        let server = Server::start(vec![raw(wrong.clone()), raw(json!([[1.0, 0.0], [1.0, 0.0]]))]).await;
        let mut bed = Bed::new(options(Kind::Openai, &server.url));
        let (failure, usage) = bed.failed(near("work/e", "a", &["b"])).await;
        assert_eq!(failure.kind, FailureKind::Invalid, "{wrong}");
        assert!(failure.message.contains(says) && failure.message.contains("`work/e`"), "{failure:?}");
        assert_eq!(usage.len(), 1, "it was answered, and has cost something");
        if says == "different lengths" {
            let (said, _) = bed.done(near("work/e", "a", &["b"])).await;
            assert_eq!(said, json!([1.0]), "what was wrong is not kept");
        }
    }
}

#[tokio::test]
async fn an_agent_that_names_no_model_asks_none() {
    let mut bed = Bed::scripted(&[]);
    let none = act("exchange.nearness", agent("demo/m", &[]), json!({ "query": "a", "texts": ["b"] }));
    let (said, usage) = bed.done(none).await;
    assert_eq!((said, usage.len()), (Json::Null, 0));
    let (failure, _) = bed.failed(near("nobody/e", "a", &["b"])).await;
    assert_eq!(failure.kind, FailureKind::Unavailable);
}

#[tokio::test]
async fn ollama_is_asked_at_its_own_place() {
    let body = json!({ "model": "e", "embeddings": [[1.0, 0.0], [0.6, 0.8]], "prompt_eval_count": 7 });
    let server = Server::start(vec![answer(200, "", &body.to_string())]).await;
    let mut bed = Bed::new(options(Kind::Ollama, server.url.trim_end_matches("/v1")));
    let (said, usage) = bed.done(near("work/nomic-embed-text", "pets", &["dog"])).await;
    assert_eq!((said, usage.len()), (json!([0.6]), 1));
    let came = server.came();
    assert!(came[0].head.starts_with("POST /api/embed "), "{came:?}");
    assert_eq!(inputs(&came[0]), ["pets", "dog"]);
}

#[tokio::test]
async fn a_script_says_what_texts_mean() {
    let mut bed = Bed::scripted(&[
        json!({ "text": "busy", "vector": [], "fail": "limited", "retry_after": 5_000 }),
        json!({ "text": "pet", "vector": [1, 0], "tokens": { "input": 4 } }),
        json!({ "text": "dog", "vector": [0.8, 0.6] }),
        json!({ "model": "other", "vector": [0, 1] }),
        json!({ "say": "a line that speaks means nothing" }),
    ]);
    let (said, usage) = bed.done(near("demo/e", "any pets?", &["a dog"])).await;
    assert_eq!((said, usage[0].input, usage[0].estimated), (json!([0.8]), 4, false));
    let (failure, _) = bed.failed(near("demo/e", "any pets?", &["tea"])).await;
    assert!(failure.kind == FailureKind::Unavailable && failure.message.contains("script"), "{failure:?}");
    let (said, _) = bed.done(near("demo/other", "any pets?", &["tea"])).await;
    assert_eq!(said, json!([0.0]));
    let (failure, _) = bed.failed(near("demo/e", "busy", &["a dog"])).await;
    assert_eq!((failure.kind, failure.retry_after), (FailureKind::Limited, Some(5_000)));
    let said = bed.done(crate::bed::ask(agent("demo/m", &[]), "a dog")).await.0;
    assert_eq!(said, "a line that speaks means nothing", "and one that means something does not speak");
}
