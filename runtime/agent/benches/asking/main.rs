//! What asking a model costs beside the asking: time on processors and memory, of ours and of a bare client that reads the same
//! bytes; and a thousand conversations that stream at the same time.
//!
//! ```sh
//! cargo bench -p carapace-agent                # both
//! cargo bench -p carapace-agent -- 1000        # a thousand requests each, instead of 2,000
//! ```
//!
//! Who answers is a process of its own: a server of ours that streams twenty pieces, and `@copilotkit/aimock` where it is
//! installed (`CARAPACE_PEERS`).

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark stops at the first surprise")]

mod asked;
#[path = "../../tests/agent/http.rs"]
mod http;
mod server;

use asked::{Bare, Ours};
use server::Serving;
use std::time::{Duration, Instant};

/// Requests that are on their way at the same time.
const AT_ONCE: [usize; 2] = [1, 32];
/// Conversations that stream at the same time.
const CONVERSATIONS: usize = 1_000;
/// Memory that one of them may cost, in KiB.
const BUDGET: u64 = 128;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    if let [serve, pause] = words.as_slice()
        && serve == "serve"
    {
        return server::serve(Duration::from_millis(pause.parse().unwrap()));
    }
    let requests = words.iter().find_map(|word| word.parse().ok()).unwrap_or(2_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        overhead("a server of ours", &Serving::ours(0), requests).await;
        match Serving::aimock() {
            Some(aimock) => overhead("aimock", &aimock, requests.min(500)).await,
            None => println!("aimock: left out, it is not installed"),
        }
        conversations().await;
    });
}

/// How long requests take, and for how long this process is on processors for each.
async fn overhead(name: &str, serving: &Serving, requests: usize) {
    for at_once in AT_ONCE {
        let bare = Bare::new(&serving.url);
        let bare = measured((0..requests).map(|_| bare.ask()).collect(), at_once).await;
        let performer = Ours::new(&serving.url);
        let ours = measured(performer.ask(requests), at_once).await;
        println!(
            "{name}, {at_once} at once: {:.2} ms each, {:.0} µs on processors; the bare client {:.2} ms, {:.0} µs",
            ours.0, ours.1, bare.0, bare.1
        );
    }
}

/// Milliseconds and microseconds on processors for each.
async fn measured<T: Future<Output = ()> + Send + 'static>(asks: Vec<T>, at_once: usize) -> (f64, f64) {
    let requests = asks.len();
    let mut waiting = asks.into_iter();
    let (began, spent) = (Instant::now(), on_processors());
    let mut going = tokio::task::JoinSet::new();
    waiting.by_ref().take(at_once).for_each(|ask| drop(going.spawn(ask)));
    while going.join_next().await.is_some() {
        waiting.next().into_iter().for_each(|ask| drop(going.spawn(ask)));
    }
    let each = |duration: Duration| duration.as_secs_f64() / f64::from(u32::try_from(requests).unwrap());
    (
        each(began.elapsed()) * 1e3 * f64::from(u32::try_from(at_once).unwrap()),
        each(on_processors() - spent) * 1e6,
    )
}

/// A thousand at once, each of twenty pieces with a tenth of a second between them.
async fn conversations() {
    let serving = Serving::ours(100);
    let ours = Ours::new(&serving.url);
    // One first, so that what is there once is not counted.
    for ask in ours.ask(1) {
        ask.await;
    }
    let before = memory();
    let (began, spent) = (Instant::now(), on_processors());
    let going: Vec<_> = ours.ask(CONVERSATIONS).into_iter().map(tokio::spawn).collect();
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let during = memory();
    for task in going {
        task.await.unwrap();
    }
    let each = during.saturating_sub(before) / u64::try_from(CONVERSATIONS).unwrap();
    let holds = if each <= BUDGET { "holds" } else { "DOES NOT HOLD" };
    println!(
        "{CONVERSATIONS} conversations at once: {each} KiB each (budget {BUDGET}: {holds}); {:.1} s where one takes 2, {:.0} µs on processors each",
        began.elapsed().as_secs_f64(),
        (on_processors() - spent).as_secs_f64() * 1e6 / 1e3
    );
}

fn on_processors() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap(), u32::try_from(time.tv_nsec).unwrap())
}

/// Memory of this process, in KiB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
