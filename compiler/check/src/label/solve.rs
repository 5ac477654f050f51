//! Running bodies until nothing new is learnt.
//!
//! A context is a body with the shapes that it is called with. Its result, and what states and events carry, only grow; who
//! used something that grew is run again. So the work is as much as there is code, times the few steps a shape can grow.

use super::declared::Declarations;
use super::shape::{Bits, Shape};
use super::tell::Mistake;
use super::types::Types;
use crate::collect::World;
use crate::tree::{FlowId, FunctionRef, Local, LocalId, Program, StateId};
use carapace_diagnostic::Span;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;
use std::sync::Arc;

/// How many contexts a body may have before one stands for all that are still to come.
const CONTEXTS: u32 = 24;

/// How deep calls are followed at once; deeper ones are put on the list.
const DEPTH: u32 = 24;

/// What has a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Body {
    /// A pure function or constant.
    Function(FunctionRef),
    /// A flow, sub-flow or tool, called with arguments.
    Flow(FlowId),
    /// A flow that its triggers start.
    Entry(FlowId),
    /// A state's first value, and what becomes of those that older versions kept.
    State(StateId),
}

/// Index into [`Solver::contexts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ContextId(pub(super) u32);

/// A body with the shapes it is called with, and what came of it so far.
#[derive(Debug)]
pub(super) struct Context<'p> {
    pub(super) body: Body,
    pub(super) args: Vec<Shape<'p>>,
    /// Where it was called first.
    pub(super) called: Span,
    result: Shape<'p>,
    /// Who used the result.
    users: Vec<ContextId>,
    queued: bool,
}

/// Something that all contexts share.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Shared {
    /// A state's values, under whatever key.
    State(StateId),
    /// What comes with events of that name.
    Event(Arc<str>),
}

/// A body that is being run.
pub(super) struct Frame<'p> {
    pub(super) context: ContextId,
    pub(super) locals: &'p [Local],
    pub(super) known: FxHashMap<LocalId, Shape<'p>>,
    pub(super) result: Shape<'p>,
    /// Whether a local grew since this was last set to false.
    pub(super) grew: bool,
}

/// Everything known so far.
pub(super) struct Solver<'p> {
    pub(super) program: &'p Program,
    pub(super) declared: &'p Declarations,
    pub(super) types: Types<'p>,
    pub(super) contexts: Vec<Context<'p>>,
    by_call: FxHashMap<(Body, Vec<Shape<'p>>), ContextId>,
    /// How many contexts each body has, and the one for all the rest.
    counts: FxHashMap<Body, (u32, Option<ContextId>)>,
    used: FxHashSet<(ContextId, ContextId)>,
    shared: FxHashMap<Shared, Shape<'p>>,
    readers: FxHashMap<Shared, Vec<ContextId>>,
    reads: FxHashSet<(Shared, ContextId)>,
    list: VecDeque<ContextId>,
    depth: u32,
    pub(super) mistakes: Vec<Mistake>,
    /// Labels of the package's expressions, where an editor asks.
    pub(super) seen: Option<FxHashMap<Span, Bits>>,
    /// Values within `trust`, and whether any of them needs it. Those of bodies that nobody calls are not among them.
    pub(super) trusts: FxHashMap<Span, bool>,
    uncalled: bool,
    pub(super) known_mistakes: FxHashSet<(Span, &'static str)>,
    /// Whether nobody wants to know any more.
    stop: &'p dyn Fn() -> bool,
}

impl<'p> Solver<'p> {
    pub(super) fn new(
        program: &'p Program,
        declared: &'p Declarations,
        world: &'p World,
        stop: &'p dyn Fn() -> bool,
    ) -> Solver<'p> {
        Solver {
            program,
            stop,
            declared,
            types: Types::new(&program.types, world),
            contexts: Vec::new(),
            by_call: FxHashMap::default(),
            counts: FxHashMap::default(),
            used: FxHashSet::default(),
            shared: FxHashMap::default(),
            readers: FxHashMap::default(),
            reads: FxHashSet::default(),
            list: VecDeque::new(),
            depth: 0,
            mistakes: Vec::new(),
            seen: None,
            trusts: FxHashMap::default(),
            uncalled: false,
            known_mistakes: FxHashSet::default(),
        }
    }

    /// Runs everything: what starts by itself, what models call, and what nobody calls.
    pub(super) fn solve(&mut self) {
        let program = self.program;
        for (index, state) in program.states.iter().enumerate() {
            let id = StateId(u32::try_from(index).unwrap_or(u32::MAX));
            self.begin(Body::State(id), Vec::new(), state.span);
        }
        let tools: FxHashSet<&Arc<str>> = program.agents.iter().flat_map(|a| &a.signature.tools).collect();
        for (index, flow) in program.flows.iter().enumerate() {
            let id = FlowId(u32::try_from(index).unwrap_or(u32::MAX));
            if !flow.triggers.is_empty() {
                self.begin(Body::Entry(id), Vec::new(), flow.span);
            } else if tools.contains(&flow.name) {
                self.tool_of_models(id);
                let args = self.model_arguments(id, flow);
                let span = self.declared.flows.get(index).and_then(|d| d.span);
                self.begin(Body::Flow(id), args, span.unwrap_or(flow.span));
            }
        }
        self.uncalled = true;
        for (index, flow) in program.flows.iter().enumerate() {
            let body = Body::Flow(FlowId(u32::try_from(index).unwrap_or(u32::MAX)));
            if flow.triggers.is_empty() && !self.counts.contains_key(&body) {
                self.begin(body, vec![Shape::CLEAN; flow.params.len()], flow.span);
            }
        }
        for (index, function) in program.functions.iter().enumerate() {
            let body = Body::Function(FunctionRef(u32::try_from(index).unwrap_or(u32::MAX)));
            let own = !self.declared.library.contains(&function.span.file);
            if own && !self.counts.contains_key(&body) {
                self.begin(body, vec![Shape::CLEAN; function.params.len()], function.span);
            }
        }
    }

    fn begin(&mut self, body: Body, args: Vec<Shape<'p>>, span: Span) {
        let context = self.context(body, args, span);
        self.enqueue(context);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(next) = self.list.pop_front() {
            if (self.stop)() {
                return;
            }
            if let Some(context) = self.contexts.get_mut(next.0 as usize) {
                context.queued = false;
            }
            self.run(next);
        }
    }

    /// Notes whether a value within `trust` needs it.
    pub(super) fn note_trust(&mut self, value: Span, needed: bool) {
        if !self.uncalled {
            *self.trusts.entry(value).or_default() |= needed;
        }
    }

    /// What a call comes to, as far as is known.
    pub(super) fn call(
        &mut self,
        body: Body,
        args: Vec<Shape<'p>>,
        span: Span,
        user: ContextId,
    ) -> (Shape<'p>, ContextId) {
        let before = self.contexts.len();
        let id = self.context(body, args, span);
        if self.contexts.len() > before {
            if self.depth < DEPTH {
                self.depth += 1;
                self.run(id);
                self.depth -= 1;
            } else {
                self.enqueue(id);
            }
        }
        if self.used.insert((id, user))
            && let Some(context) = self.contexts.get_mut(id.0 as usize)
        {
            context.users.push(user);
        }
        let result = self.contexts.get(id.0 as usize).map_or(Shape::CLEAN, |c| c.result.clone());
        (result, id)
    }

    /// The context of a call; a new one where there is none.
    fn context(&mut self, body: Body, args: Vec<Shape<'p>>, span: Span) -> ContextId {
        if let Some(known) = self.by_call.get(&(body, args.clone())) {
            return *known;
        }
        let count = self.counts.entry(body).or_default();
        // Calls that hand over functions are told apart however many there are: each stands somewhere in the source.
        let functions = args.iter().any(|arg| matches!(arg, Shape::Functions(_)));
        if !functions && count.0 >= CONTEXTS {
            if let Some(rest) = count.1 {
                self.widen(rest, &args);
                return rest;
            }
            let id = self.add(body, args, span);
            if let Some(count) = self.counts.get_mut(&body) {
                count.1 = Some(id);
            }
            return id;
        }
        count.0 += 1;
        let id = self.add(body, args.clone(), span);
        self.by_call.insert((body, args), id);
        id
    }

    fn add(&mut self, body: Body, args: Vec<Shape<'p>>, called: Span) -> ContextId {
        let id = ContextId(u32::try_from(self.contexts.len()).unwrap_or(u32::MAX));
        let (result, users) = (Shape::CLEAN, Vec::new());
        self.contexts.push(Context { body, args, called, result, users, queued: false });
        id
    }

    /// Lets the context stand for this call too.
    fn widen(&mut self, id: ContextId, args: &[Shape<'p>]) {
        let Some(context) = self.contexts.get_mut(id.0 as usize) else { return };
        let wider: Vec<Shape<'p>> = context.args.iter().zip(args).map(|(a, b)| a.join(b)).collect();
        if wider != context.args {
            context.args = wider;
            self.enqueue(id);
        }
    }

    fn enqueue(&mut self, id: ContextId) {
        if let Some(context) = self.contexts.get_mut(id.0 as usize)
            && !context.queued
        {
            context.queued = true;
            self.list.push_back(id);
        }
    }

    fn run(&mut self, id: ContextId) {
        let Some(context) = self.contexts.get(id.0 as usize) else { return };
        let (body, args, called) = (context.body, context.args.clone(), context.called);
        let result = match body {
            Body::Function(function) => match self.program.functions.get(function.0 as usize) {
                Some(function) => self.run_function(id, function, &args, called),
                None => return,
            },
            Body::Flow(flow) | Body::Entry(flow) => match self.program.flows.get(flow.0 as usize) {
                Some(flow) => self.run_flow(id, body, flow, &args, called),
                None => return,
            },
            Body::State(number) => match self.program.states.get(number.0 as usize) {
                Some(state) => self.run_state(id, number, state),
                None => return,
            },
        };
        let Some(context) = self.contexts.get_mut(id.0 as usize) else { return };
        let grown = context.result.join(&result);
        if grown != context.result {
            context.result = grown;
            for user in context.users.clone() {
                self.enqueue(user);
            }
        }
    }

    /// What the state or event carries; the context is run again when that grows.
    pub(super) fn read_shared(&mut self, what: Shared, reader: ContextId) -> Shape<'p> {
        let shape = self.shared.get(&what).cloned().unwrap_or(Shape::CLEAN);
        if self.reads.insert((what.clone(), reader)) {
            self.readers.entry(what).or_default().push(reader);
        }
        shape
    }

    /// Adds to what the state or event carries.
    pub(super) fn write_shared(&mut self, what: Shared, shape: &Shape<'p>) {
        if shape.is_clean() {
            return;
        }
        let known = self.shared.get(&what).cloned().unwrap_or(Shape::CLEAN);
        let grown = known.join(shape);
        if grown == known {
            return;
        }
        for reader in self.readers.get(&what).cloned().unwrap_or_default() {
            self.enqueue(reader);
        }
        self.shared.insert(what, grown);
    }
}

impl<'p> Frame<'p> {
    pub(super) fn new(context: ContextId, locals: &'p [Local]) -> Frame<'p> {
        Frame { context, locals, known: FxHashMap::default(), result: Shape::CLEAN, grew: false }
    }

    /// What the local may be by now.
    pub(super) fn read(&self, local: LocalId) -> Shape<'p> {
        self.known.get(&local).cloned().unwrap_or(Shape::CLEAN)
    }

    /// One more value that the local may have.
    pub(super) fn add(&mut self, local: LocalId, shape: Shape<'p>) {
        match self.known.get_mut(&local) {
            None => {
                self.known.insert(local, shape);
            }
            Some(known) => {
                let grown = known.join(&shape);
                if grown != *known {
                    *known = grown;
                    self.grew = true;
                }
            }
        }
    }
}
