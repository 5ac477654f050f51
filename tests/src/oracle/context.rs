//! What an evaluation stands in: the run, the task, the locals of one function.

use super::exit::{Exit, Fault, broken};
use super::scheduler::{Scheduler, Task};
use carapace_check::tree::{Block, Lambda, Local, LocalId, Program};
use carapace_check::tree::{FunctionRef, SettingId, StateId};
use carapace_effect::{OpId, TaskPath};
use carapace_module::Value;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

/// Steps one run may take before it is called endless.
const FUEL: u64 = 2_000_000;
/// Calls one inside the other.
const DEPTH: u32 = 200;

/// A value, some time later.
pub(super) type Eval<'a> = Pin<Box<dyn Future<Output = Result<Value, Exit>> + 'a>>;

/// Everything of one run.
pub(super) struct Machine<'p> {
    pub(super) program: &'p Program,
    pub(super) scheduler: Scheduler<'p>,
    pub(super) world: RefCell<World>,
    pub(super) fuel: Cell<u64>,
    /// Whether fuel or depth ran out.
    pub(super) bounded: Cell<bool>,
    pub(super) closures: RefCell<Vec<Callable<'p>>>,
    /// How many steps were done that can be taken back.
    pub(super) steps: Cell<u64>,
    /// Steps that are under way.
    pub(super) open: RefCell<BTreeMap<OpId, Undoing<'p>>>,
    /// Those of them that are taken back as soon as they happen: what they belonged to is past.
    pub(super) late: RefCell<BTreeSet<OpId>>,
    /// Those of them that nobody can know about: earlier ones are not taken back before somebody does.
    pub(super) unknown: RefCell<BTreeSet<OpId>>,
    /// Who waits for which of these, in order to take it back or what was before it.
    pub(super) settling: RefCell<BTreeMap<OpId, TaskPath>>,
    /// How many tasks of their own took a late step back.
    pub(super) detached: Cell<u32>,
    /// How the whole run is to end.
    pub(super) interrupt: RefCell<Option<Exit>>,
}

/// What pure code reads of the outside.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    /// Settings of the deployment that differ from their defaults.
    pub(super) settings: BTreeMap<SettingId, Value>,
    /// State by its key, written canonically.
    pub(super) states: BTreeMap<(StateId, String), Value>,
    /// Milliseconds since 1970 UTC.
    pub(super) now: i64,
    /// The seed that `random()` counts from.
    pub(super) random: i64,
}

/// What a function value is.
#[derive(Clone, Copy)]
pub(super) enum Callable<'p> {
    Function(FunctionRef),
    Lambda(&'p Lambda, &'p [Local]),
}

/// Where an expression stands.
#[derive(Clone)]
pub(super) struct Place<'p> {
    pub(super) task: Rc<Task>,
    pub(super) locals: &'p [Local],
    pub(super) frame: Rc<RefCell<Vec<Value>>>,
    pub(super) undos: Rc<RefCell<Vec<Undoing<'p>>>>,
    pub(super) depth: u32,
    pub(super) run: &'p str,
}

/// A step that can be taken back.
#[derive(Clone)]
pub(super) struct Undoing<'p> {
    /// Which step it was, counted over all tasks.
    pub(super) step: Rc<Cell<u64>>,
    /// None: there is nothing to take back, and earlier steps wait until it is known whether this one happened.
    pub(super) body: Option<&'p Block>,
    pub(super) place: Place<'p>,
    /// Where its result goes.
    pub(super) input: Option<LocalId>,
    pub(super) state: Rc<RefCell<Step>>,
}

/// Whether a step has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// It is under way, or nobody knows: this operation may still turn out to have happened.
    Open(OpId),
    Done,
    /// It did not happen.
    Gone,
}

impl Undoing<'_> {
    /// The step has happened.
    pub(super) fn happened(&self, value: &Value) -> Result<(), Exit> {
        *self.state.borrow_mut() = Step::Done;
        match self.input {
            Some(local) => self.place.set(local, value.clone()),
            None => Ok(()),
        }
    }
}

impl<'p> Place<'p> {
    /// A place with locals of its own, in the same task.
    pub(super) fn enter(&self, locals: &'p [Local]) -> Result<Place<'p>, Exit> {
        if self.depth >= DEPTH {
            return Err(Fault::Depth.into());
        }
        let frame = Rc::new(RefCell::new(vec![Value::None; locals.len()]));
        Ok(Place { locals, frame, depth: self.depth + 1, ..self.clone() })
    }

    /// The same locals, copied: what happens there is not seen here.
    pub(super) fn copy(&self) -> Place<'p> {
        let frame = Rc::new(RefCell::new(self.frame.borrow().clone()));
        Place { frame, ..self.clone() }
    }

    pub(super) fn get(&self, local: LocalId) -> Result<Value, Exit> {
        let frame = self.frame.borrow();
        frame.get(local.0 as usize).cloned().ok_or_else(|| broken("a local outside of its function"))
    }

    pub(super) fn set(&self, local: LocalId, value: Value) -> Result<(), Exit> {
        let mut frame = self.frame.borrow_mut();
        let slot =
            frame.get_mut(local.0 as usize).ok_or_else(|| broken("a local outside of its function"))?;
        *slot = value;
        Ok(())
    }
}

impl<'p> Machine<'p> {
    pub(super) fn new(program: &'p Program) -> Rc<Machine<'p>> {
        Rc::new(Machine {
            program,
            scheduler: Scheduler::default(),
            world: RefCell::default(),
            fuel: Cell::new(FUEL),
            bounded: Cell::new(false),
            closures: RefCell::default(),
            steps: Cell::new(0),
            open: RefCell::default(),
            late: RefCell::default(),
            unknown: RefCell::default(),
            settling: RefCell::default(),
            detached: Cell::new(0),
            interrupt: RefCell::default(),
        })
    }

    /// Counts a step.
    pub(super) fn step(&self) -> Result<(), Exit> {
        match self.fuel.get().checked_sub(1) {
            Some(left) => {
                self.fuel.set(left);
                Ok(())
            }
            None => Err(Fault::Fuel.into()),
        }
    }

    /// The operation of a step that nobody can know about, as yet.
    pub(super) fn unknown_op(&self, step: &Undoing<'p>) -> Option<OpId> {
        match &*step.state.borrow() {
            Step::Open(op) if self.unknown.borrow().contains(op) => Some(op.clone()),
            _ => None,
        }
    }

    /// The number of the next step.
    pub(super) fn next_step(&self) -> u64 {
        let step = self.steps.get();
        self.steps.set(step + 1);
        step
    }

    /// What these steps belonged to is past: those under way are taken back when they happen.
    pub(super) fn past<'u>(&self, undos: impl Iterator<Item = &'u Undoing<'p>>)
    where
        'p: 'u,
    {
        for undo in undos {
            if let Step::Open(op) = &*undo.state.borrow() {
                self.late.borrow_mut().insert(op.clone());
            }
        }
    }

    /// A function as a value.
    pub(super) fn closure(&self, callable: Callable<'p>, captured: Vec<Value>) -> Result<Value, Exit> {
        let mut closures = self.closures.borrow_mut();
        let number = u32::try_from(closures.len()).map_err(|_| Exit::Fault(Fault::Fuel))?;
        closures.push(callable);
        Ok(super::data::closure(number, captured))
    }
}
