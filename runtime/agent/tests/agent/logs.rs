//! What stands in the log.

use crate::bed::{Bed, KEY, agent, ask};
use crate::server::{Server, answer, events, options};
use carapace_agent::Kind;
use std::io::{Result, Write};
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Kept;

    fn make_writer(&'a self) -> Kept {
        self.clone()
    }
}

#[tokio::test]
async fn no_key_stands_in_the_log_and_nothing_that_people_wrote() {
    let kept = Kept::default();
    let log = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
    let _guard =
        tracing_subscriber::util::SubscriberInitExt::set_default(log.with_writer(kept.clone()).finish());
    let echo = format!(r#"{{"error":{{"message":"no such key: {KEY}"}}}}"#);
    let event = format!(r#"{{"error":{{"message":"no such key: {KEY}"}}}}"#);
    let server =
        Server::start(vec![answer(401, "", &echo), crate::server::Does::Say(events(&[&event]))]).await;
    let mut bed = Bed::new(options(Kind::Openai, &server.url));
    for _ in 0..2 {
        let (failure, _) = bed.failed(ask(agent("work/m", &[]), "my address is Elm Street 4")).await;
        assert!(failure.message.contains("[secret]"), "{}", failure.message);
    }
    let log = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("no such key: [secret]"), "the log works: {log}");
    assert!(!log.contains(KEY) && !log.contains("Elm Street"), "{log}");
}
