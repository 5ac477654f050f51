//! The module as it grows: its tables, each entry once.

use crate::Error;
use carapace_check::tree::Program;
use carapace_diagnostic::Span;
use carapace_module::code::{EffectCall, Fork, Function, Module, Site, Wait};
use carapace_module::signature::{FunctionId, SettingSignature, StateSignature};
use carapace_module::testing::TestOp;
use carapace_module::{Type, Value};
use rustc_hash::FxHashMap;

pub(crate) struct Builder<'p> {
    pub(crate) program: &'p Program,
    pub(crate) module: Module,
    sites: FxHashMap<Span, u32>,
    types: FxHashMap<Type, u16>,
    /// Constants by what they look like: values have no hash, and `1` is not `1.0`.
    constants: FxHashMap<String, u32>,
    /// Functions of the tree, then the flows' callables: their numbers are known before their code is.
    pub(crate) flow_functions: Vec<FunctionId>,
    /// The first thing that did not fit.
    pub(crate) error: Option<Error>,
}

impl<'p> Builder<'p> {
    pub(crate) fn new(program: &'p Program) -> Builder<'p> {
        Builder {
            program,
            module: Module::default(),
            sites: FxHashMap::default(),
            types: FxHashMap::default(),
            constants: FxHashMap::default(),
            flow_functions: Vec::new(),
            error: None,
        }
    }

    pub(crate) fn program(&mut self) -> Result<(), Error> {
        let program = self.program;
        self.module.package = program.package.clone();
        self.module.types = program.types.clone();
        self.module.effects = program.effects.iter().map(|e| e.signature.clone()).collect();
        self.module.natives = program.natives.iter().map(|n| (n.name.clone(), n.version)).collect();
        self.module.slots = program.slots.clone();
        self.module.agents = program.agents.iter().map(|a| a.signature.clone()).collect();
        self.module.capabilities = program.capabilities.clone();
        self.module.files = program.files.clone();
        for function in &program.functions {
            self.reserve(&function.name);
        }
        for flow in &program.flows {
            let id = self.reserve(&flow.name);
            self.flow_functions.push(id);
        }
        for (number, function) in program.functions.iter().enumerate() {
            self.pure_function(number, function);
        }
        for state in &program.states {
            let init = self.value_function(&state.name, &state.init);
            let (name, ty, keys) = (state.name.clone(), state.ty.clone(), state.keys.clone());
            let migrations = state.migrations.iter().map(|m| self.migration(&state.name, m)).collect();
            self.module.states.push(StateSignature { name, ty, keys, init, keep: state.keep, migrations });
        }
        for setting in &program.settings {
            let default = setting.default.as_ref().map(|d| self.value_function(&setting.name, d));
            let (name, ty) = (setting.name.clone(), setting.ty.clone());
            self.module.settings.push(SettingSignature { name, ty, default });
        }
        for (number, flow) in program.flows.iter().enumerate() {
            self.flow(number, flow);
        }
        for test in &program.tests {
            self.test(test);
        }
        self.error.take().map_or(Ok(()), Err)
    }

    /// A place for a function whose code comes later.
    pub(crate) fn reserve(&mut self, name: &std::sync::Arc<str>) -> FunctionId {
        self.add(Function { name: name.clone(), ..Function::default() })
    }

    pub(crate) fn add(&mut self, function: Function) -> FunctionId {
        self.module.functions.push(function);
        FunctionId(index(self.module.functions.len() - 1))
    }

    pub(crate) fn fill(&mut self, number: usize, function: Function) {
        if let Some(place) = self.module.functions.get_mut(number) {
            *place = function;
        }
    }

    pub(crate) fn site(&mut self, span: Span) -> u32 {
        let next = index(self.module.sites.len());
        let sites = &mut self.module.sites;
        *self.sites.entry(span).or_insert_with(|| {
            sites.push(Site { file: span.file.0, start: span.range.start, end: span.range.end });
            next
        })
    }

    pub(crate) fn constant(&mut self, value: &Value) -> u32 {
        let next = index(self.module.constants.len());
        let constants = &mut self.module.constants;
        *self.constants.entry(format!("{value:?}")).or_insert_with(|| {
            constants.push(value.clone());
            next
        })
    }

    pub(crate) fn type_ref(&mut self, ty: &Type) -> Option<u16> {
        if let Some(known) = self.types.get(ty) {
            return Some(*known);
        }
        let next = u16::try_from(self.module.type_refs.len()).ok()?;
        self.module.type_refs.push(ty.clone());
        self.types.insert(ty.clone(), next);
        Some(next)
    }

    pub(crate) fn wait(&mut self, wait: Wait) -> Option<u16> {
        entry(&mut self.module.waits, wait)
    }

    pub(crate) fn fork(&mut self, fork: Fork) -> Option<u16> {
        entry(&mut self.module.forks, fork)
    }

    pub(crate) fn effect_call(&mut self, call: EffectCall) -> Option<u16> {
        entry(&mut self.module.effect_calls, call)
    }

    pub(crate) fn test_op(&mut self, op: TestOp) -> Option<u16> {
        entry(&mut self.module.test_ops, op)
    }
}

/// The number of `item` in `list`, where it is added unless it is there.
fn entry<T: PartialEq>(list: &mut Vec<T>, item: T) -> Option<u16> {
    let number = list.iter().position(|known| *known == item).unwrap_or_else(|| {
        list.push(item);
        list.len() - 1
    });
    u16::try_from(number).ok()
}

/// Tables have far fewer than 2^32 entries: the source that would make more is larger than any file may be.
pub(crate) fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
