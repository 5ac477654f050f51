//! The virtual machine behind the engine's traits.

use super::{Code, Frames, Host, Limits, Stretch, StretchStatus, Task, caught};
use carapace_effect::{Failure, OpId, Outcome, RequestKind};
use carapace_module::signature::FunctionId;
use carapace_module::{Module, Value};
use carapace_vm::{Broken, Program, Run, Status};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Makes code of a module's bytes: the [`super::Loader`] of everything that runs compiled flows.
///
/// # Errors
/// Where the bytes are no sound module, or want a library function that is not there.
pub fn load(bytes: &[u8]) -> Result<Arc<dyn Code>, String> {
    let loaded =
        caught(|| Program::load(bytes)).map_err(|panic| format!("the runtime failed at it: {panic}"))?;
    loaded.map(|program| Arc::new(Machine(program)) as Arc<dyn Code>).map_err(|e| e.to_string())
}

/// Where code went on: function and instruction.
pub type Visited = BTreeSet<(u32, u32)>;

/// Notes where code of this thread goes on after each call, jump and wait, while `work` runs. For tests that want to
/// know what they covered: the engine itself never looks.
pub fn observed<T>(work: impl FnOnce() -> T) -> (T, Visited) {
    VISITED.set(Some(BTreeSet::new()));
    let result = work();
    (result, VISITED.take().unwrap_or_default())
}

/// A call of a function by its name: its number, and what it was given.
pub type Called = (FunctionId, Vec<Value>);

/// Notes which functions code of this thread calls, while `work` runs; [`take_called`] gives them. For tests that count
/// calls: the engine itself never looks.
pub fn counted<T>(work: impl FnOnce() -> T) -> T {
    CALLED.set(Some(Vec::new()));
    let result = work();
    CALLED.set(None);
    result
}

/// The calls since the last time, in order; none where nobody notes them.
pub fn take_called() -> Vec<Called> {
    CALLED.with_borrow_mut(|called| called.as_mut().map(std::mem::take).unwrap_or_default())
}

thread_local! {
    /// Functions that were called, if somebody wants to know.
    static CALLED: RefCell<Option<Vec<Called>>> = const { RefCell::new(None) };
    /// Where code went on, if somebody wants to know.
    static VISITED: RefCell<Option<Visited>> = const { RefCell::new(None) };
}

/// A loaded module.
#[derive(Debug)]
struct Machine(Arc<Program>);

/// A run of it.
struct Running {
    program: Arc<Program>,
    run: Run,
    /// The site at which it broke a rule of the machine.
    broke_at: Option<u32>,
}

/// The engine's host, as the machine wants it.
struct Through<'h>(&'h mut dyn Host);

impl Code for Machine {
    fn module(&self) -> &Module {
        self.0.module()
    }

    fn start(&self, function: FunctionId, args: Vec<Value>) -> Box<dyn Frames> {
        Box::new(Running {
            program: Arc::clone(&self.0),
            run: Run::start(&self.0, function, args),
            broke_at: None,
        })
    }

    fn restore(&self, snapshot: &[u8]) -> Result<Box<dyn Frames>, String> {
        let run = Run::restore(&self.0, snapshot).map_err(|e| e.to_string())?;
        Ok(Box::new(Running { program: Arc::clone(&self.0), run, broke_at: None }))
    }

    fn moved(&self, from: &Module, flow: &str, snapshot: &[u8]) -> Result<Vec<u8>, String> {
        let moved = Run::moved(snapshot, from, &self.0, flow).map_err(|why| why.to_string())?;
        Ok(moved.snapshot())
    }

    fn call_pure(
        &self,
        function: FunctionId,
        args: &[Value],
        host: &mut dyn Host,
        limits: Limits,
    ) -> Result<Value, String> {
        let called = carapace_vm::call_pure(&self.0, function, args, &mut Through(host), bounds(limits));
        called.map_err(|fault| fault.to_string())
    }
}

impl Frames for Running {
    fn apply(&mut self, op: &OpId, outcome: Outcome) {
        self.run.apply(&self.program, op, outcome);
    }

    fn apply_late(&mut self, op: &OpId, outcome: Outcome) {
        // One that was unknown may be waited for still: then it is the answer, however late.
        if !self.run.apply(&self.program, op, outcome.clone()) {
            self.run.apply_late(&self.program, op, outcome);
        }
    }

    fn cancel(&mut self, reason: &str) {
        self.run.cancel(&self.program, reason);
    }

    fn fail(&mut self, failure: Failure) {
        self.run.fail(&self.program, failure);
    }

    fn advance(&mut self, host: &mut dyn Host, limits: Limits) -> Stretch {
        let stretch = self.run.advance(&self.program, &mut Through(host), bounds(limits));
        let status = match stretch.status {
            Status::Waiting => StretchStatus::Waiting,
            Status::Finished(value) => StretchStatus::Finished(value),
            Status::Failed(failure) => StretchStatus::Failed(failure),
            Status::Cancelled(reason) => StretchStatus::Cancelled(reason),
            Status::Fault(broken) => {
                self.broke_at = Some(self.program.site(broken.function, broken.pc));
                StretchStatus::Fault(self.placed(&broken))
            }
        };
        let (requests, abandoned) = (stretch.requests, stretch.abandoned);
        Stretch { requests, abandoned, status, handled: stretch.handled, fuel_used: stretch.fuel_used }
    }

    fn pieces(&mut self) -> Vec<Arc<[u8]>> {
        self.run.pieces()
    }

    fn broke_at(&self) -> Option<u32> {
        self.broke_at
    }

    fn tasks(&self) -> Vec<Task> {
        let tasks = self.run.positions(&self.program).into_iter();
        tasks.map(|at| Task { frames: at.frames, waits_for: at.waits_for }).collect()
    }
}

impl Running {
    fn placed(&self, broken: &Broken) -> String {
        match self.program.place(broken.function, broken.pc) {
            Some((function, _)) => format!("{broken}, in `{function}`"),
            None => broken.to_string(),
        }
    }
}

impl carapace_vm::Host for Through<'_> {
    fn setting(&mut self, index: u32) -> Option<Value> {
        self.0.setting(index)
    }

    fn state_get(&mut self, index: u32, key: &[Value]) -> Option<Value> {
        self.0.state_get(index, key)
    }

    fn state_set(&mut self, index: u32, key: &[Value], value: Value) {
        self.0.state_set(index, key, value);
    }

    fn permits(&mut self, asked: &RequestKind) -> Result<(), String> {
        self.0.permits(asked)
    }

    fn permits_state(&mut self, index: u32, write: bool) -> Result<(), String> {
        self.0.permits_state(index, write)
    }

    fn roll_back(&mut self) {
        self.0.roll_back();
    }

    fn now(&mut self) -> i64 {
        self.0.now()
    }

    fn random(&mut self) -> i64 {
        self.0.random()
    }

    fn held(&self) -> u64 {
        self.0.held()
    }

    fn run_id(&mut self) -> Arc<str> {
        self.0.run_id()
    }

    fn visit(&mut self, function: u32, pc: u32) {
        VISITED.with_borrow_mut(|visited| visited.as_mut().map(|places| places.insert((function, pc))));
    }

    fn visits(&self) -> bool {
        VISITED.with_borrow(Option::is_some)
    }

    fn called(&mut self, function: u32, args: &[Value]) {
        let call = (FunctionId(function), args.to_vec());
        CALLED.with_borrow_mut(|called| called.as_mut().map(|calls| calls.push(call)));
    }

    fn counts(&self) -> bool {
        CALLED.with_borrow(Option::is_some)
    }
}

fn bounds(limits: Limits) -> carapace_vm::Limits {
    carapace_vm::Limits { fuel: limits.fuel, memory: limits.memory, ..carapace_vm::Limits::STRETCH }
}
