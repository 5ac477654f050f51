//! A run at which the runtime itself fails takes no other with it.

#![expect(clippy::panic, reason = "that it is survived is what is tested")]

use super::*;
use carapace_effect::{Failure, OpId, Outcome, RunId};
use carapace_engine::inspect::{Seen, WaitingOn};
use carapace_engine::machine::{Code, Frames, Host, Limits, Stretch, vm};
use carapace_engine::record::Record;
use carapace_module::signature::FunctionId;
use carapace_module::{Module, Value};
use carapace_store::{JsonlStore, Position, Store};
use std::cell::Cell;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

thread_local! {
    /// Whether machines of this thread work as they should.
    static SOUND: Cell<bool> = const { Cell::new(false) };
}

/// A machine that fails where a message says so.
#[derive(Debug)]
struct Fragile(Arc<dyn Code>);

struct FragileFrames(Box<dyn Frames>, Fault);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    Panic,
    Abort,
}

fn fragile(bytes: &[u8]) -> Result<Arc<dyn Code>, String> {
    Ok(Arc::new(Fragile(vm::load(bytes)?)))
}

fn options() -> Options {
    Options { loader: fragile, ..Options::default() }
}

/// What arguments ask for.
fn wanted(args: &[Value]) -> Fault {
    let text = format!("{args:?}");
    match () {
        () if SOUND.get() => Fault::None,
        () if text.contains("please panic") => Fault::Panic,
        () if text.contains("please abort") => Fault::Abort,
        () => Fault::None,
    }
}

impl Code for Fragile {
    fn module(&self) -> &Module {
        self.0.module()
    }
    fn start(&self, function: FunctionId, args: Vec<Value>) -> Box<dyn Frames> {
        let fault = wanted(&args);
        Box::new(FragileFrames(self.0.start(function, args), fault))
    }
    fn restore(&self, snapshot: &[u8]) -> Result<Box<dyn Frames>, String> {
        self.0.restore(snapshot)
    }
    fn call_pure(
        &self,
        function: FunctionId,
        args: &[Value],
        host: &mut dyn Host,
        limits: Limits,
    ) -> Result<Value, String> {
        assert!(!format!("{args:?}").contains("panic in the guard"), "as asked");
        self.0.call_pure(function, args, host, limits)
    }
}

impl Frames for FragileFrames {
    fn apply(&mut self, op: &OpId, outcome: Outcome) {
        self.0.apply(op, outcome);
    }
    fn apply_late(&mut self, op: &OpId, outcome: Outcome) {
        self.0.apply_late(op, outcome);
    }
    fn cancel(&mut self, reason: &str) {
        self.0.cancel(reason);
    }
    fn fail(&mut self, failure: Failure) {
        self.0.fail(failure);
    }
    fn advance(&mut self, host: &mut dyn Host, limits: Limits) -> Stretch {
        let stretch = self.0.advance(host, limits);
        match self.1 {
            Fault::None => stretch,
            Fault::Panic => panic!("as asked"),
            Fault::Abort => std::process::abort(),
        }
    }
    fn pieces(&mut self) -> Vec<Arc<[u8]>> {
        self.0.pieces()
    }
}

async fn only_run(life: &Life) -> RunId {
    let runs: Vec<RunId> =
        life.handle.look(|state| state.runs.iter().map(|run| run.id).collect()).await.unwrap();
    assert_eq!(runs.len(), 1);
    *runs.first().unwrap()
}

/// Why the run is left alone, as a list says it; none where it is not.
async fn left_alone(life: &Life, run: RunId) -> Option<String> {
    let seen = life.handle.look(move |state| Seen::of(state, run)).await.unwrap()?;
    let waits = seen.brief().waits.into_iter();
    waits.filter(|waits| waits.on == WaitingOn::Person).map(|waits| waits.what).find(|w| w.contains("E0913"))
}

async fn next_notice(life: &mut Life) -> String {
    loop {
        if let Outgoing::Quarantined(alone) = life.outgoing.recv().await.unwrap() {
            return alone.why.to_string();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_parks_its_run_and_the_others_go_on() {
    let store = Arc::new(MemoryStore::new());
    let mut life = Life::begin(store.clone(), options());
    life.handle.event(life::message(1, "please panic")).await.unwrap();
    assert_eq!(next_notice(&mut life).await, "the runtime failed while it carried it out: as asked");
    let run = only_run(&life).await;
    assert!(left_alone(&life, run).await.is_some());
    life.handle.event(life::message(2, "hi")).await.unwrap();
    // What the stretch wrote before it failed does not count: this is the first.
    let act = life.act().await;
    assert_eq!(act.arguments["content"]["text"], "1: hi");
    life.done(&act).await;
    life.handle.settled().await;
    life.cut().await;
    // It stays so over a restart.
    let mut life = Life::begin(store, options());
    life.handle.event(life::message(3, "ho")).await.unwrap();
    let act = life.act().await;
    assert_eq!(act.arguments["content"]["text"], "2: ho");
    life.done(&act).await;
    assert!(left_alone(&life, run).await.is_some());
    // A person has it tried again: the machine is mended by now.
    SOUND.set(true);
    assert_eq!(life.handle.submit(Input::Retry { run }).await.unwrap().reply, Reply::Started(run));
    assert_eq!(life.act().await.arguments["content"]["text"], "3: please panic");
    let again = life.handle.submit(Input::Retry { run }).await.unwrap().reply;
    assert!(matches!(again, Reply::Rejected(no) if no.code == "E0914"), "it goes on");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_panics_also_when_it_is_to_end_is_ended() {
    let mut life = Life::begin(Arc::new(MemoryStore::new()), options());
    life.handle.event(life::message(1, "please panic")).await.unwrap();
    next_notice(&mut life).await;
    let run = only_run(&life).await;
    let cancel = || Input::Cancel { run, reason: "enough".into() };
    life.handle.submit(cancel()).await.unwrap();
    next_notice(&mut life).await;
    assert!(left_alone(&life, run).await.is_some());
    life.handle.submit(cancel()).await.unwrap();
    let (runs, how) = life
        .handle
        .look(|state| {
            (
                state.runs.len(),
                state.finished.iter().map(|over| format!("{:?}", over.end)).collect::<Vec<_>>(),
            )
        })
        .await
        .unwrap();
    assert_eq!((runs, how), (0, vec!["Cancelled(\"enough; what it did was not taken back\")".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_guard_that_panics_drops_its_event_and_no_other() {
    let mut life = Life::begin(Arc::new(MemoryStore::new()), options());
    let reply = life.handle.event(life::message(1, "panic in the guard")).await.unwrap().reply;
    assert_eq!(reply, Reply::Accepted);
    life.handle.event(life::message(2, "hi")).await.unwrap();
    assert_eq!(life.act().await.arguments["content"]["text"], "1: hi");
}

#[tokio::test(start_paused = true)]
async fn what_was_done_between_two_runs_is_nobodys() {
    let store = Arc::new(MemoryStore::new());
    let mut life = Life::begin(store.clone(), options());
    life.handle.event(life::message(1, "hi")).await.unwrap();
    let act = life.act().await;
    life.done(&act).await;
    life.handle.settled().await;
    assert_eq!(store.marked().unwrap(), "");
}

#[tokio::test(start_paused = true)]
async fn one_crash_is_chance_and_a_stretch_that_succeeds_is_forgiven() {
    let store = Arc::new(MemoryStore::new());
    let life = Life::begin(store.clone(), options());
    life.handle.event(life::message(1, "later")).await.unwrap();
    life.handle.settled().await;
    let run = only_run(&life).await;
    life.stop().await.unwrap();
    // As if the power had gone just then.
    store.mark(&format!("run {run}")).unwrap();
    let life = Life::begin(store.clone(), options());
    life.handle.settled().await;
    assert_eq!(store.marked().unwrap(), "");
    let crashes = life.handle.look(move |state| state.runs.get(run).unwrap().crashes).await.unwrap();
    assert_eq!((crashes, left_alone(&life, run).await), (1, None));
    // What it gets over counts, and the next crash is the first again.
    life.pass(1_000);
    life.handle.submit(Input::Channel { account: "main".into(), caught_up: true }).await.unwrap();
    life.pass(3_600_000);
    tokio::time::sleep(Duration::from_secs(10)).await;
    let crashes = life.handle.look(move |state| state.runs.get(run).unwrap().crashes).await.unwrap();
    assert_eq!(crashes, 0, "it has gone on, and waits for its message to be sent");
}

/// What the child of the test below does: it takes a message that makes it abort, and goes on with what is there.
#[test]
#[expect(clippy::disallowed_methods, reason = "how the one process tells the other where to work")]
fn child() {
    let Ok(folder) = std::env::var("CARAPACE_CHILD") else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut life = Life::begin(open(Path::new(&folder)), options());
        for (n, text) in [(1, "hi"), (2, "please abort")] {
            life.handle.event(life::message(n, text)).await.unwrap();
        }
        life.handle.event(life::message(3, "still here")).await.unwrap();
        let handle = life.handle.clone();
        let settled = tokio::spawn(async move { handle.settled().await });
        while !settled.is_finished() {
            if let Ok(Outgoing::Perform(act)) = life.outgoing.try_recv() {
                life.done(&act).await;
            }
            tokio::task::yield_now().await;
        }
        life.stop().await.unwrap();
    });
}

fn open(folder: &Path) -> Arc<dyn Store> {
    Arc::new(JsonlStore::open(carapace_store::Options::new(folder)).unwrap())
}

#[test]
fn a_run_that_aborts_the_process_is_named_and_left_alone_after_three_more_starts() {
    let folder = std::env::temp_dir().join(format!("carapace-abort-{}", std::process::id()));
    let start = || {
        std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "quarantine::child", "--nocapture"])
            .env("CARAPACE_CHILD", &folder)
            .stderr(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .status()
            .unwrap()
            .success()
    };
    let starts: Vec<bool> = std::iter::repeat_with(start).take(6).collect();
    let store = open(&folder);
    let mut about = Vec::new();
    let told = store.read(Position(0), &mut |line| {
        for record in &line.records {
            match serde_json::from_str(record.get()).unwrap() {
                Record::Crashed(_) => about.push("crashed"),
                Record::Quarantined(_) => about.push("left alone"),
                _ => {}
            }
        }
        ControlFlow::Continue(())
    });
    told.unwrap();
    drop(store);
    std::fs::remove_dir_all(&folder).unwrap();
    // The first end leaves a mark that names a run of which no line was written; from then on lines come first.
    assert_eq!(about, ["crashed", "crashed", "crashed", "left alone"]);
    assert_eq!(starts, [false, false, false, false, true, true]);
}
