//! Code that is a list of requests: each function makes them one after the other, whatever the answers.

use carapace_effect::{Failure, OpId, Outcome, Request, RequestKind, TaskPath};
use carapace_engine::machine::{Code, Frames, Host, Limits, Stretch, StretchStatus};
use carapace_module::Value;
use carapace_module::code::Module;
use carapace_module::signature::FunctionId;
use carapace_rehearsal::{Loaded, Options, SuiteReport, run};
use std::cell::RefCell;
use std::sync::Arc;

/// What a function does at one point.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Asks, and goes on whatever comes of it.
    Ask(RequestKind),
    /// Asks, and fails where that failed.
    Need(RequestKind),
}

#[derive(Debug, Clone)]
struct Script {
    module: Module,
    functions: Vec<Vec<Step>>,
}

thread_local! {
    static SCRIPT: RefCell<Option<Arc<Script>>> = const { RefCell::new(None) };
}

/// Runs the tests of a module whose functions are these scripts.
pub(crate) fn rehearse(module: Module, functions: Vec<Vec<Step>>, options: &Options) -> SuiteReport {
    SCRIPT.set(Some(Arc::new(Script { module, functions })));
    let loader = |_: &[u8]| -> Result<Arc<dyn Code>, String> {
        SCRIPT.with_borrow(|script| Ok(Arc::clone(script.as_ref().unwrap()) as Arc<dyn Code>))
    };
    let loaded = Loaded::new(b"scripted".as_slice(), loader).unwrap();
    run(&loaded, options)
}

impl Code for Script {
    fn module(&self) -> &Module {
        &self.module
    }

    fn start(&self, function: FunctionId, _: Vec<Value>) -> Box<dyn Frames> {
        let steps = self.functions[function.0 as usize].clone();
        Box::new(Run { function: function.0, steps, at: 0, asked: false, failure: None, over: false })
    }

    fn restore(&self, snapshot: &[u8]) -> Result<Box<dyn Frames>, String> {
        let (function, at, asked) = (u32::from(snapshot[0]), usize::from(snapshot[1]), snapshot[2] == 1);
        let steps = self.functions[function as usize].clone();
        Ok(Box::new(Run { function, steps, at, asked, failure: None, over: snapshot[3] == 1 }))
    }

    fn call_pure(&self, _: FunctionId, _: &[Value], _: &mut dyn Host, _: Limits) -> Result<Value, String> {
        Ok(Value::Bool(true))
    }
}

struct Run {
    function: u32,
    steps: Vec<Step>,
    at: usize,
    asked: bool,
    failure: Option<Failure>,
    over: bool,
}

impl Frames for Run {
    fn apply(&mut self, _: &OpId, outcome: Outcome) {
        if let (Some(Step::Need(_)), Outcome::Failed(failure)) = (self.steps.get(self.at), outcome) {
            self.failure = Some(failure);
        }
        self.at += 1;
        self.asked = false;
    }

    fn apply_late(&mut self, _: &OpId, _: Outcome) {}

    fn cancel(&mut self, _: &str) {
        self.over = true;
    }

    fn fail(&mut self, failure: Failure) {
        self.failure = Some(failure);
    }

    fn advance(&mut self, _: &mut dyn Host, _: Limits) -> Stretch {
        let mut stretch = Stretch {
            requests: Vec::new(),
            abandoned: Vec::new(),
            status: StretchStatus::Waiting,
            handled: false,
            fuel_used: 1,
        };
        if let Some(failure) = self.failure.take() {
            stretch.status = StretchStatus::Failed(failure);
            return stretch;
        }
        match self.steps.get(self.at) {
            None => stretch.status = StretchStatus::Finished(Value::None),
            Some(_) if self.asked => {}
            Some(Step::Ask(kind) | Step::Need(kind)) => {
                self.asked = true;
                let ordinal = u32::try_from(self.at).unwrap();
                let op = OpId { task: TaskPath::default(), ordinal };
                stretch.requests.push(Request { op, kind: kind.clone(), site: 0 });
            }
        }
        stretch
    }

    fn pieces(&mut self) -> Vec<Arc<[u8]>> {
        let byte = |n: usize| u8::try_from(n).unwrap();
        let whole = [byte(self.function as usize), byte(self.at), u8::from(self.asked), u8::from(self.over)];
        vec![whole.into()]
    }
}
