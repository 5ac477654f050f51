//! One function as it grows: registers, labels, sites.

use crate::Error;
use crate::builder::{Builder, index};
use carapace_check::tree::{Local, LocalId};
use carapace_diagnostic::Span;
use carapace_module::Value;
use carapace_module::code::{Function, Instr, Op, WaitPoint};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A place in the code that jumps lead to, known or not yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Label(usize);

/// How a jump names its target.
#[derive(Debug, Clone, Copy)]
enum Jump {
    /// In `wide(b, c)`.
    Wide,
    /// In `c`, from the instruction itself.
    Near,
}

/// Where a local's value is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    /// In a register.
    Register(u16),
    /// In a slot of the event record in register 0.
    Event(u16),
}

/// A loop, for `break` and `continue`.
pub(crate) struct Loop {
    pub(crate) again: Label,
    pub(crate) out: Label,
    /// How many scopes were open when it began.
    pub(crate) scopes: u16,
}

pub(crate) struct Emitter<'b, 'p> {
    pub(crate) builder: &'b mut Builder<'p>,
    pub(crate) name: Arc<str>,
    /// Names of the tree's locals, for the debug table.
    pub(crate) locals: &'p [Local],
    pub(crate) places: FxHashMap<LocalId, Place>,
    pub(crate) loops: Vec<Loop>,
    /// How many scopes are open here.
    pub(crate) scopes: u16,
    /// Whether the deadline that comes next is of an agent's turn.
    pub(crate) patient: bool,
    /// Whether it is a branch's: then `return` leaves more than this function.
    pub(crate) branch: bool,
    code: Vec<Instr>,
    sites: Vec<(u32, u32)>,
    names: Vec<(u16, Arc<str>)>,
    /// Locals in scope, outer ones first.
    visible: Vec<LocalId>,
    wait_points: Vec<WaitPoint>,
    /// What the event's record has, in a function of one.
    pub(crate) event: Vec<LocalId>,
    params: u16,
    next: u16,
    most: u16,
    /// Registers of locals: theirs to the end of the function.
    owned: BTreeSet<u16>,
    labels: Vec<Option<u32>>,
    jumps: Vec<(usize, Label, Jump)>,
    failed: bool,
}

impl<'b, 'p> Emitter<'b, 'p> {
    pub(crate) fn new(builder: &'b mut Builder<'p>, name: Arc<str>, locals: &'p [Local]) -> Emitter<'b, 'p> {
        Emitter {
            builder,
            name,
            locals,
            places: FxHashMap::default(),
            loops: Vec::new(),
            scopes: 0,
            patient: false,
            branch: false,
            code: Vec::new(),
            sites: Vec::new(),
            names: Vec::new(),
            visible: Vec::new(),
            wait_points: Vec::new(),
            event: Vec::new(),
            params: 0,
            next: 0,
            most: 0,
            owned: BTreeSet::new(),
            labels: Vec::new(),
            jumps: Vec::new(),
            failed: false,
        }
    }

    /// The function as it stands; its labels are all placed.
    pub(crate) fn finish(mut self) -> (&'b mut Builder<'p>, Result<Function, Error>) {
        for (at, label, kind) in std::mem::take(&mut self.jumps) {
            let target = self.labels.get(label.0).copied().flatten();
            let (Some(target), Some(instr)) = (target, self.code.get_mut(at)) else {
                self.failed = true;
                continue;
            };
            match kind {
                Jump::Wide => *instr = Instr::wide(instr.op, instr.a, target),
                Jump::Near => match i16::try_from(i64::from(target) - i64::from(index(at))) {
                    Ok(by) => instr.c = by.cast_unsigned(),
                    Err(_) => self.failed = true,
                },
            }
        }
        if self.failed {
            return (self.builder, Err(Error::TooLarge(self.name.to_string())));
        }
        let function = Function {
            name: self.name,
            params: self.params,
            registers: self.most,
            code: self.code,
            sites: self.sites,
            locals: self.names,
            wait_points: self.wait_points,
        };
        (self.builder, Ok(function))
    }

    /// What does not fit is told once, at the end.
    pub(crate) fn fits<T>(&mut self, number: Option<T>) -> T
    where
        T: Default,
    {
        self.failed |= number.is_none();
        number.unwrap_or_default()
    }

    /// `number` as an operand.
    pub(crate) fn operand(&mut self, number: usize) -> u16 {
        let number = u16::try_from(number).ok();
        self.fits(number)
    }

    // Registers.

    /// A parameter, in the next register.
    pub(crate) fn param(&mut self, local: Option<LocalId>) -> u16 {
        let register = self.temp();
        self.params = self.next;
        if let Some(local) = local {
            self.owned.insert(register);
            self.bind(local, register);
        }
        register
    }

    /// A fresh register.
    pub(crate) fn temp(&mut self) -> u16 {
        self.temps(1)
    }

    /// `count` registers in a row, none of them a local's.
    pub(crate) fn temps(&mut self, count: usize) -> u16 {
        let count = self.operand(count);
        let mut first = self.next;
        while let Some(taken) = self.owned.range(first..first.saturating_add(count)).next_back() {
            first = taken.saturating_add(1);
        }
        match first.checked_add(count) {
            // The last number stands for "none" in an operand.
            Some(next) if next < u16::MAX => self.next = next,
            _ => self.failed = true,
        }
        self.most = self.most.max(self.next);
        first
    }

    /// What [`Emitter::release`] goes back to.
    pub(crate) const fn mark(&self) -> u16 {
        self.next
    }

    /// Registers from `mark` on are free again.
    pub(crate) const fn release(&mut self, mark: u16) {
        self.next = mark;
    }

    /// The local lives in `register` from now on.
    pub(crate) fn bind(&mut self, local: LocalId, register: u16) {
        self.places.insert(local, Place::Register(register));
        self.visible.push(local);
        if let Some(known) = self.locals.get(local.0 as usize)
            && !known.name.is_empty()
        {
            self.names.push((register, known.name.clone()));
        }
    }

    /// A local's own register: the one it has, or a fresh one.
    pub(crate) fn own(&mut self, local: LocalId) -> u16 {
        if let Some(Place::Register(register)) = self.places.get(&local) {
            return *register;
        }
        // Above everything that is or was in use: what is released later must not free it.
        let register = self.most;
        self.owned.insert(register);
        self.failed |= register == u16::MAX - 1;
        self.most = register.saturating_add(1);
        self.bind(local, register);
        register
    }

    /// A register that holds the local's value now.
    pub(crate) fn read(&mut self, local: LocalId) -> u16 {
        match self.places.get(&local) {
            Some(Place::Register(register)) => *register,
            Some(Place::Event(slot)) => {
                let slot = *slot;
                let register = self.temp();
                self.put(Op::Slot, register, 0, slot);
                register
            }
            None => {
                // A local that is read before it is bound can only be one of a path that is never taken.
                let register = self.own(local);
                self.put(Op::None, register, 0, 0);
                register
            }
        }
    }

    // Code.

    pub(crate) fn put(&mut self, op: Op, a: u16, b: u16, c: u16) {
        self.code.push(Instr::new(op, a, b, c));
    }

    pub(crate) fn put_wide(&mut self, op: Op, a: u16, wide: u32) {
        self.code.push(Instr::wide(op, a, wide));
    }

    /// What follows comes from `span`.
    pub(crate) fn at(&mut self, span: Span) {
        let site = self.builder.site(span);
        let pc = index(self.code.len());
        match self.sites.last_mut() {
            Some((_, last)) if *last == site => {}
            Some((start, last)) if *start == pc => *last = site,
            _ => self.sites.push((pc, site)),
        }
    }

    /// How many names are in scope, to go back to.
    pub(crate) fn scope(&self) -> usize {
        self.visible.len()
    }

    /// The names since then are in scope no longer.
    pub(crate) fn leave_names(&mut self, scope: usize) {
        self.visible.truncate(scope);
    }

    /// The next instruction is a wait of this name.
    pub(crate) fn wait_point(&mut self, label: &Arc<str>) {
        let local = |id: &LocalId| self.locals.get(id.0 as usize);
        let named = |id: &LocalId| local(id).map(|local| (local.name.clone(), local.ty.clone()));
        let locals = self.visible.iter().filter_map(|id| {
            let Some(Place::Register(register)) = self.places.get(id) else { return None };
            let (name, ty) = named(id).filter(|(name, _)| !name.is_empty())?;
            Some((*register, name, ty))
        });
        let point = WaitPoint {
            label: label.clone(),
            pc: index(self.code.len()),
            event: self.event.iter().filter_map(named).collect(),
            locals: locals.collect(),
        };
        self.wait_points.push(point);
    }

    pub(crate) fn load(&mut self, register: u16, value: &Value) {
        match value {
            Value::None => self.put(Op::None, register, 0, 0),
            Value::Bool(b) => self.put(Op::Bool, register, u16::from(*b), 0),
            Value::Int(i) => match i32::try_from(*i) {
                Ok(small) => self.put_wide(Op::Int, register, small.cast_unsigned()),
                Err(_) => self.load_constant(register, value),
            },
            Value::Tag(tag) => self.put_wide(Op::Tag, register, *tag),
            _ => self.load_constant(register, value),
        }
    }

    fn load_constant(&mut self, register: u16, value: &Value) {
        let constant = self.builder.constant(value);
        self.put_wide(Op::Const, register, constant);
    }

    pub(crate) fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    pub(crate) fn place(&mut self, label: Label) {
        let here = index(self.code.len());
        if let Some(target) = self.labels.get_mut(label.0) {
            *target = Some(here);
        }
    }

    pub(crate) fn jump(&mut self, label: Label) {
        self.jump_wide(Op::Jump, 0, label);
    }

    /// A jump with its target in `wide(b, c)`; also the scopes' handlers and `Ext` of `ForNext`.
    pub(crate) fn jump_wide(&mut self, op: Op, a: u16, label: Label) {
        self.jumps.push((self.code.len(), label, Jump::Wide));
        self.put(op, a, 0, 0);
    }

    /// A jump with its target in `c`.
    pub(crate) fn jump_near(&mut self, op: Op, a: u16, b: u16, label: Label) {
        self.jumps.push((self.code.len(), label, Jump::Near));
        self.put(op, a, b, 0);
    }
}
