//! What an evaluation stands in: the run, the task, the locals of one function.

use super::exit::{Exit, Fault, broken};
use super::scheduler::{Scheduler, Task};
use carapace_check::tree::{Block, Lambda, Local, LocalId, Program};
use carapace_check::tree::{FunctionRef, SettingId, StateId};
use carapace_module::Value;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
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
    pub(super) step: u64,
    pub(super) body: &'p Block,
    pub(super) place: Place<'p>,
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

    /// A function as a value.
    pub(super) fn closure(&self, callable: Callable<'p>, captured: Vec<Value>) -> Result<Value, Exit> {
        let mut closures = self.closures.borrow_mut();
        let number = u32::try_from(closures.len()).map_err(|_| Exit::Fault(Fault::Fuel))?;
        closures.push(callable);
        Ok(super::data::closure(number, captured))
    }
}
