//! Runs that wait: what each costs in memory, and how long a start takes that finds so many.

use crate::runtime::{Runtime, beside, open};
use crate::written::{Written, folder_size};
use carapace_engine::Reply;
use carapace_tests::measure::{Budget, message, resident, tell};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

const SOURCE: &str = r#"
channel desk: any

flow survey on desk.message {
  let answer = ask("How are you?", choices: ["well", "not well"]) within 3d else ""
  reply(answer)
}
"#;

/// Those who bring messages while they come to wait.
const AT_ONCE: u64 = 256;

/// Set for the process that is started to look at a start alone: the folder it opens.
const FOLDER: &str = "CARAPACE_BENCH_FOLDER";

pub(crate) fn measure(folder: &Path, count: u64) {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return opened(Path::new(&folder), count);
    }
    beside(async {
        let runtime = Runtime::start(open(folder, SOURCE));
        let written = Written::now();
        let start = Instant::now();
        bring(&runtime, count).await;
        runtime.handle.settled().await;
        let seconds = start.elapsed().as_secs_f64();
        tell(&format!("{count} runs come to wait"), count as f64 / seconds, "runs/s", Budget::None);
        written.since(folder, count as f64);
        runtime.end();
    });
    tell("  the folder at rest", folder_size(folder) as f64 / f64::from(1 << 20), "MiB", Budget::None);
    // A process of its own: memory that this one has used before would be taken for none.
    let program = std::env::current_exe().unwrap();
    let status = Command::new(program).args(["waiting", &count.to_string()]).env(FOLDER, folder).status();
    assert!(status.unwrap().success());
    std::fs::remove_dir_all(folder).unwrap();
}

async fn bring(runtime: &Runtime, count: u64) {
    let numbers = Arc::new(AtomicU64::new(0));
    let mut bringing = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (handle, heard, numbers) = (runtime.handle.clone(), runtime.heard.clone(), numbers.clone());
        bringing.spawn(async move {
            loop {
                let number = numbers.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return;
                }
                let who = format!("person{number}");
                let event = message("desk", number, &who, "hello there, I have a question");
                let (asks, mut asked) = mpsc::unbounded_channel();
                let who: Arc<str> = who.into();
                heard.lock().unwrap().insert(who.clone(), asks);
                assert_eq!(handle.event(event).await.unwrap().reply, Reply::Accepted);
                // The next one comes when this one waits: else questions pile up that have not left.
                asked.recv().await.unwrap();
                heard.lock().unwrap().remove(&who);
            }
        });
    }
    bringing.join_all().await;
}

/// Opens the folder as a start does.
fn opened(folder: &Path, count: u64) {
    let before = resident();
    let start = Instant::now();
    let opened = open(folder, SOURCE);
    let seconds = start.elapsed().as_secs_f64();
    let waiting = opened.service.state().runs.len() as u64;
    assert_eq!(waiting, count, "every run is there again");
    let budget = if count >= 1_000_000 { Budget::AtMost(10.0) } else { Budget::None };
    tell(&format!("  recovered: {count} runs that wait"), seconds, "s", budget);
    let each = resident().saturating_sub(before) as f64 / count as f64;
    tell(
        "  in memory for each after the start, its event's key and all",
        each,
        "bytes",
        Budget::AtMost(600.0),
    );
}
