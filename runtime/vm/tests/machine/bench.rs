//! A run of a small flow, driven by hand. It is written down and read back at every wait.

use carapace_driver::{Checked, MemoryFiles};
use carapace_effect::{Failure, FailureKind, OpId, Outcome, Request, RequestKind};
use carapace_module::Value;
use carapace_vm::{Host, Limits, Program, Run, Status, Stretch};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) const HEAD: &str = "
room oncall: terminal
agent desk {
  model: \"test/model\"
  instructions: \"Answer.\"
}
state total: Int = 3
state notes: Text = \"\" by Int
";

/// The module of a source, after a head that declares `oncall`, `desk`, `total` and `notes`.
pub(crate) fn program(source: &str) -> Arc<Program> {
    let text = format!("{HEAD}{source}");
    let checked = Checked::of(&MemoryFiles::new([("main.flow", text.as_str())]), "main.flow");
    let compiled = checked.compile().unwrap_or_else(|checked| {
        let told: Vec<String> = checked
            .diagnostics
            .iter()
            .filter(|d| d.is_error())
            .map(|d| {
                let range = d.primary.span.range;
                let place = text.get(range.start as usize..range.end as usize).unwrap_or_default();
                format!("{} {} `{place}`", d.code, d.message)
            })
            .collect();
        panic!("{}\n{text}", told.join("\n"))
    });
    Program::load(&compiled.module.to_bytes()).unwrap()
}

/// State is a table, the clock stands still.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) states: BTreeMap<(u32, Vec<String>), Value>,
    pub(crate) held: u64,
}

impl Host for World {
    fn setting(&mut self, _index: u32) -> Option<Value> {
        None
    }
    fn state_get(&mut self, index: u32, key: &[Value]) -> Option<Value> {
        self.states.get(&(index, words(key))).cloned()
    }
    fn state_set(&mut self, index: u32, key: &[Value], value: Value) {
        self.held += value.size() + key.iter().map(Value::size).sum::<u64>();
        self.states.insert((index, words(key)), value);
    }
    fn now(&mut self) -> i64 {
        0
    }
    fn random(&mut self) -> i64 {
        4
    }
    fn held(&self) -> u64 {
        self.held
    }
}

fn words(values: &[Value]) -> Vec<String> {
    values.iter().map(|v| format!("{v:?}")).collect()
}

/// A run that is driven by hand.
pub(crate) struct Bench {
    pub(crate) program: Arc<Program>,
    pub(crate) run: Run,
    pub(crate) world: World,
    pub(crate) limits: Limits,
    /// What it waits for, in words.
    open: Vec<(OpId, String)>,
    pub(crate) last: Option<Stretch>,
}

impl Bench {
    /// The flow `subject` of a source, not yet advanced.
    pub(crate) fn new(source: &str) -> Bench {
        Bench::with(source, Vec::new())
    }

    pub(crate) fn with(source: &str, args: Vec<Value>) -> Bench {
        let program = program(source);
        let body = program.module().flow("main.subject").unwrap().body;
        let run = Run::start(&program, body, args);
        Bench { program, run, world: World::default(), limits: Limits::STRETCH, open: Vec::new(), last: None }
    }

    /// Goes on until everything waits: what it asks for now, and what it lets go of.
    pub(crate) fn advance(&mut self) -> Vec<String> {
        let stretch = self.run.advance(&self.program, &mut self.world, self.limits);
        self.write_down();
        let mut said: Vec<String> = Vec::new();
        for op in &stretch.abandoned {
            let known = self.open.iter().position(|(open, _)| open == op);
            let word = known.map_or_else(|| op.to_string(), |at| self.open.remove(at).1);
            said.push(format!("lets go of {word}"));
        }
        for request in &stretch.requests {
            let word = word(request);
            said.push(word.clone());
            self.open.push((request.op.clone(), word));
        }
        self.last = Some(stretch);
        said
    }

    /// The operation whose words contain this.
    pub(crate) fn op(&self, part: &str) -> OpId {
        let found = self.open.iter().find(|(_, word)| word.contains(part));
        found.unwrap_or_else(|| panic!("nothing with `{part}` is open: {:?}", self.open)).0.clone()
    }

    /// Answers the operation whose words contain `part`, and goes on.
    pub(crate) fn tell(&mut self, part: &str, outcome: Outcome) -> Vec<String> {
        let op = self.op(part);
        self.open.retain(|(open, _)| *open != op);
        assert!(self.run.apply(&self.program, &op, outcome), "it does not wait for `{part}`");
        self.advance()
    }

    /// It happened.
    pub(crate) fn done(&mut self, part: &str) -> Vec<String> {
        self.tell(part, Outcome::Done(Value::text("done")))
    }

    /// It did not.
    pub(crate) fn failed(&mut self, part: &str) -> Vec<String> {
        self.tell(part, Outcome::Failed(Failure::new(FailureKind::Refused, "no")))
    }

    /// Where it stands, in words.
    pub(crate) fn status(&self) -> String {
        match self.last.as_ref().map(|stretch| &stretch.status) {
            None => "not begun".to_owned(),
            Some(Status::Waiting) => "waiting".to_owned(),
            Some(Status::Finished(value)) => format!("finished {}", show(value)),
            Some(Status::Failed(failure)) => format!("failed: {}", failure.message),
            Some(Status::Cancelled(reason)) => format!("cancelled: {reason}"),
            Some(Status::Fault(broken)) => format!("fault: {broken}"),
        }
    }

    /// The first rule it broke in the last stretch, in words.
    pub(crate) fn broke(&self) -> String {
        let broken = self.last.as_ref().and_then(|stretch| stretch.broken.as_ref());
        broken.map_or_else(|| self.status(), |broken| format!("fault: {broken}"))
    }

    fn write_down(&mut self) {
        let bytes = self.run.snapshot();
        let restored = Run::restore(&self.program, &bytes).unwrap();
        assert_eq!(restored, self.run, "what is read back is equal");
        assert_eq!(restored.snapshot(), bytes, "equal runs are equal bytes");
        self.run = restored;
    }
}

fn show(value: &Value) -> String {
    value.as_text().map_or_else(|| format!("{value:?}"), str::to_owned)
}

/// A request in words: `send a`, `deadline 5000`, `hand over: no`.
fn word(request: &Request) -> String {
    match &request.kind {
        RequestKind::Effect(effect) => {
            let name = effect.effect.rsplit('.').next().unwrap_or_default();
            let content = effect.args.iter().find_map(|arg| match arg {
                Value::Record(_) => arg.slot(0).and_then(Value::as_text),
                _ => None,
            });
            let text = effect.args.iter().filter_map(Value::as_text).next_back();
            format!("{name} {}", content.or(text).unwrap_or("?"))
        }
        RequestKind::Deadline { after, at, .. } => {
            format!("deadline {}", after.or(*at).unwrap_or_default())
        }
        RequestKind::Backoff { attempt, .. } => format!("backoff {attempt}"),
        RequestKind::HandOver { failure } => format!("hand over: {}", failure.message),
        other => format!("{other:?}"),
    }
}
