//! Conversations, so many at once: a message comes in, a guard holds, the reply goes out and is confirmed; the next
//! message is said when the reply has come.

use crate::runtime::{Heard, Runtime, beside, open};
use crate::written::Written;
use carapace_engine::Reply;
use carapace_engine::service::Handle;
use carapace_tests::measure::{Budget, message, tell};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

pub(crate) const SOURCE: &str = r#"
channel desk: any

flow greet on desk.message
  where not sender.bot and message.text starts with "hello"
{
  reply("Hello, {sender.name}!")
}
"#;

/// For how long they talk.
const TIME: Duration = Duration::from_secs(5);

pub(crate) fn measure(folder: &Path, at_once: u64) {
    beside(async {
        let runtime = Runtime::start(open(folder, SOURCE));
        let warm = Instant::now() + Duration::from_millis(500);
        let numbers = Arc::new(AtomicU64::new(0));
        let warmed = talk(&runtime, at_once, &numbers, warm).await.len() as f64;
        let written = Written::now();
        let start = Instant::now();
        let mut took = talk(&runtime, at_once, &numbers, start + TIME).await;
        let seconds = start.elapsed().as_secs_f64();
        let runs = took.len() as f64;
        took.sort();
        let at = |share: f64| took[((runs - 1.0) * share) as usize].as_secs_f64() * 1e6;
        let budget = if at_once == 256 { Budget::AtLeast(20_000.0) } else { Budget::None };
        tell(&format!("{at_once} conversations at once"), runs / seconds, "runs/s", budget);
        tell("  from the message to its reply, half of them", at(0.5), "µs", Budget::None);
        tell("  99 of 100", at(0.99), "µs", Budget::None);
        written.since(folder, runs);
        // One engine has one thread: this is the most it can do, however many processors there are.
        let engine = runtime.end().as_secs_f64() / (runs + warmed);
        tell("  the engine's thread for each", engine * 1e6, "µs", Budget::None);
        tell("  if it had a processor to itself", 1.0 / engine, "runs/s", Budget::AtLeast(20_000.0));
    });
}

/// Talks until then; how long each reply took.
pub(crate) async fn talk(
    runtime: &Runtime,
    at_once: u64,
    numbers: &Arc<AtomicU64>,
    until: Instant,
) -> Vec<Duration> {
    let mut talking = JoinSet::new();
    for one in 0..at_once {
        let (handle, heard, numbers) = (runtime.handle.clone(), runtime.heard.clone(), numbers.clone());
        talking.spawn(converse(handle, heard, numbers, one, until));
    }
    talking.join_all().await.concat()
}

async fn converse(
    handle: Handle,
    heard: Heard,
    numbers: Arc<AtomicU64>,
    one: u64,
    until: Instant,
) -> Vec<Duration> {
    let who = format!("person{one}");
    let (said, mut replies) = mpsc::unbounded_channel();
    heard.lock().unwrap().insert(who.as_str().into(), said);
    let mut took = Vec::new();
    while Instant::now() < until {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        let start = Instant::now();
        let decided = handle.event(message("desk", number, &who, "hello there")).await.unwrap();
        assert_eq!(decided.reply, Reply::Accepted);
        replies.recv().await.unwrap();
        took.push(start.elapsed());
    }
    took
}
