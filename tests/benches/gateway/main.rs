//! A webhook's request to its answer: a guard, a durable run, the answer; real sockets, and real `fdatasync`. Beside it Node-RED and
//! n8n with the same job, in the same run, where they are installed.
//!
//! ```sh
//! tests/benches/peers/install                                        # minutes, 2 GB; `install node-red` is neither
//! cargo bench -p carapace-tests --bench gateway                      # all that are there
//! cargo bench -p carapace-tests --bench gateway -- carapace 10      # ours alone, ten seconds each
//! ```
//!
//! Each serves in a process of its own. The job: JSON in, a condition on it, an answer made of it. Ours is on the disk before it
//! answers, as are n8n's executions where it keeps them; Node-RED keeps nothing.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark stops at the first surprise, and says what it leaves out"
)]

mod load;
mod ours;
mod peers;

use load::Load;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

/// Connections that ask at the same time.
const CONNECTIONS: [usize; 4] = [1, 16, 64, 256];

/// Something that serves, until it is dropped.
pub(crate) struct Serving {
    pub(crate) child: std::process::Child,
    pub(crate) address: SocketAddr,
    pub(crate) path: &'static str,
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    if let [serve, folder] = words.as_slice()
        && serve == "serve"
    {
        return ours::serve(Path::new(folder));
    }
    let seconds = words.iter().find_map(|word| word.parse().ok()).unwrap_or(5);
    let names: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| word.parse::<u64>().is_err()).collect();
    let wanted = |name: &str| names.is_empty() || names.contains(&name);
    // Beside the build, not in /tmp, which may be memory.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut best = Vec::new();
    for name in ["carapace", "node-red", "n8n"] {
        if !wanted(name) {
            continue;
        }
        let begun = match name {
            "carapace" => Ok(ours::begin(folder.path())),
            peer => peers::begin(peer, &folder.path().join(peer)),
        };
        match begun {
            Ok(serving) => match measure(name, &serving, Duration::from_secs(seconds)) {
                Some(rate) => best.push((name, rate)),
                None => println!("no figure for {name}: it refuses more than it answers"),
            },
            Err(why) => println!("skipped: {name}: {why}"),
        }
    }
    if let Some((_, ours)) = best.iter().find(|(name, _)| *name == "carapace") {
        for (name, theirs) in best.iter().filter(|(name, _)| *name != "carapace") {
            println!("carapace answers {:.1} times as many as {name}, each at its best", ours / theirs);
        }
    }
}

/// Says what came of each number of connections; gives the best rate of those at which it answers.
fn measure(name: &str, serving: &Serving, time: Duration) -> Option<f64> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut best: Option<f64> = None;
    for connections in CONNECTIONS {
        let load = Load { address: serving.address, path: serving.path, connections, time };
        let came = runtime.block_on(load.run());
        println!("{name:9} {connections:4} connections: {came}");
        if came.is_answered() {
            best = Some(best.unwrap_or_default().max(came.rate()));
        }
    }
    best
}
