//! The whole check, stage by stage; and the same of a few items.

use crate::collect::{Checker, DefKind, World};
use crate::facts::{Facts, Notes};
use crate::focus::Focus;
use crate::lint::Seen;
use crate::needs::CallGraph;
use crate::outline::OutlinePart;
use crate::sources::{Origin, Sources};
use crate::tree::Program;
use carapace_diagnostic::Diagnostic;
use carapace_module::Type;
use carapace_syntax::ast::{ItemKind, TypeExprKind};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What a diagnostic was found in, and so what can change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// An item, and what others declare.
    Item,
    /// The same; and it is told only where the whole package is without errors.
    Style,
    /// The bodies of several items, or what is nowhere.
    Package,
}

/// What a check found out.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// What the program means. With errors among the diagnostics it has holes, and is for the editor only.
    pub program: Program,
    /// Mistakes and warnings, by file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// Beside each diagnostic: what it was found in.
    pub scopes: Vec<Scope>,
    /// What names, expressions and calls are, where that was asked for.
    pub facts: Facts,
    /// The package's declarations, where facts were asked for.
    pub outline: OutlinePart,
}

impl Checked {
    /// Whether it may be turned into code.
    pub fn is_sound(&self) -> bool {
        !self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Checks a package against the library. Never fails: mistakes are diagnostics.
pub fn check(sources: &Sources<'_>) -> Checked {
    whole(sources, &|| false)
}

/// The same, for a package that may change while it is looked at: none where `stop` said so before it was done. It is asked
/// before each body.
pub fn check_unless(sources: &Sources<'_>, stop: &dyn Fn() -> bool) -> Option<Checked> {
    let checked = whole(sources, stop);
    (!stop()).then_some(checked)
}

/// Checks some items of a module, and of the others only what these need to know of them. What it says about them is what
/// [`check`] says, but for what is of [`Scope::Package`]; what it says about others is not complete.
pub fn check_items(sources: &Sources<'_>, focus: &Focus<'_>) -> Checked {
    let mut cx = new(sources.clone(), &|| false);
    cx.focus_on(focus);
    cx.collect();
    cx.enter_focus();
    cx.drain();
    cx.check_defaults();
    cx.check_tests();
    cx.drain();
    cx.lint_items();
    cx.checked()
}

fn whole<'a>(sources: &Sources<'a>, stop: &'a dyn Fn() -> bool) -> Checked {
    let mut cx = new(sources.clone(), stop);
    cx.collect();
    cx.enter_package();
    cx.drain();
    cx.check_defaults();
    cx.check_tests();
    cx.drain();
    cx.scope = Scope::Package;
    let stages: [fn(&mut Checker<'a>); 5] = [
        Checker::refuse_cycles,
        Checker::check_labels,
        Checker::check_needs,
        Checker::collect_capabilities,
        Checker::lint,
    ];
    for stage in stages {
        if (cx.stop)() {
            break;
        }
        stage(&mut cx);
    }
    cx.program.package = if sources.package.is_empty() { &sources.root } else { &sources.package }.clone();
    cx.program.files = files(sources);
    cx.checked()
}

/// Everything declared, and no body looked at yet.
pub(crate) fn declared(sources: Sources<'_>) -> Checker<'_> {
    let mut cx = new(sources, &|| false);
    cx.collect();
    cx
}

fn files(sources: &Sources<'_>) -> Vec<Arc<str>> {
    let count = sources.modules.iter().map(|m| m.file.0 as usize + 1).max().unwrap_or(0);
    let mut files: Vec<Arc<str>> = vec![Arc::from(""); count];
    for module in sources.modules {
        if let Some(slot) = files.get_mut(module.file.0 as usize) {
            *slot = module.name.clone();
        }
    }
    files
}

fn new<'a>(sources: Sources<'a>, stop: &'a dyn Fn() -> bool) -> Checker<'a> {
    Checker {
        notes: Notes::new(&sources),
        sources,
        stop,
        focus: None,
        scope: Scope::Item,
        modules: Vec::new(),
        module_by_path: FxHashMap::default(),
        defs: Vec::new(),
        prelude: FxHashMap::default(),
        prelude_modules: FxHashMap::default(),
        triggers_on_channel: FxHashMap::default(),
        effects_on: FxHashMap::default(),
        text_tags: FxHashMap::default(),
        tag_types: FxHashMap::default(),
        kinds: Vec::new(),
        kind_by_name: FxHashMap::default(),
        type_info: Vec::new(),
        unnamed: FxHashMap::default(),
        world: World::default(),
        callables: Vec::new(),
        const_types: FxHashMap::default(),
        functions: FxHashMap::default(),
        function_defs: Vec::new(),
        function_done: Vec::new(),
        flows: FxHashMap::default(),
        effects: FxHashMap::default(),
        natives: FxHashMap::default(),
        states: FxHashMap::default(),
        events: FxHashMap::default(),
        settings: FxHashMap::default(),
        slots: FxHashMap::default(),
        graph: CallGraph::default(),
        queue: Vec::new(),
        trusted: FxHashMap::default(),
        program: Program::default(),
        diagnostics: Vec::new(),
        said: FxHashMap::default(),
        seen: Seen::default(),
    }
}

impl<'a> Checker<'a> {
    /// Everything that is known of items before a body is looked at.
    fn collect(&mut self) {
        self.declare_all();
        self.find_tag_types();
        self.resolve_uses();
        self.collect_kinds();
        self.resolve_types();
    }

    /// What was found out.
    fn checked(mut self) -> Checked {
        let facts = self.gather_facts();
        let wanted = self.sources.facts;
        let outline = if wanted { self.outline_of(|o| o == Origin::Package) } else { OutlinePart::default() };
        self.diagnostics
            .sort_by_key(|d| (d.primary.span.file, d.primary.span.range.start, d.primary.span.range.end));
        let scope = |d: &Diagnostic| self.said.get(&(d.code, d.primary.span)).copied();
        let scopes = self.diagnostics.iter().map(|d| scope(d).unwrap_or(Scope::Package)).collect();
        Checked { program: self.program, diagnostics: self.diagnostics, scopes, facts, outline }
    }

    /// Looks at bodies until nothing new is reached, as far as they are wanted.
    fn drain(&mut self) {
        // Items are taken in the order of the source, for stable numbers.
        let mut next = 0;
        while let Some(id) = self.queue.get(next).copied() {
            if (self.stop)() {
                break;
            }
            next += 1;
            if !self.is_wanted(id) {
                continue;
            }
            match self.def(id).kind {
                DefKind::Fn | DefKind::Const => self.lower_function(id),
                DefKind::Flow | DefKind::Tool => self.lower_flow(id),
                _ => {}
            }
        }
        self.queue.clear();
    }

    /// `Url` is the type of `url"…"`.
    fn find_tag_types(&mut self) {
        let tags: Vec<(&'a str, crate::collect::DefId)> =
            self.text_tags.iter().map(|(n, d)| (*n, *d)).collect();
        for (tag, id) in tags {
            let ItemKind::Tag(decl) = &self.def(id).item.kind else { continue };
            if let TypeExprKind::Named { path, .. } = &decl.result.kind
                && let [name] = path.names.as_slice()
                && name.text != "Regex"
            {
                self.tag_types.insert(&name.text, Type::Template(Arc::from(tag)));
            }
        }
    }

    /// Defaults of parameters and fields, which no call may have reached.
    fn check_defaults(&mut self) {
        for index in 0..self.defs.len() {
            let id = crate::collect::DefId(u32::try_from(index).unwrap_or(u32::MAX));
            let def = self.def(id);
            if !self.is_package(def.at.module) || !self.is_wanted(id) {
                continue;
            }
            match def.kind {
                DefKind::Fn | DefKind::Tool | DefKind::Flow => self.parameter_defaults(id),
                DefKind::Type(ty) => self.field_defaults(id, ty),
                _ => {}
            }
        }
    }

    fn parameter_defaults(&mut self, id: crate::collect::DefId) {
        let item = self.def(id).item;
        let params: &'a [carapace_syntax::ast::Param] = match &item.kind {
            ItemKind::Fn(f) => &f.params,
            ItemKind::Tool(t) => &t.params,
            ItemKind::Flow(f) => f.params.as_deref().unwrap_or_default(),
            _ => return,
        };
        let Some(sig) = self.callable(id) else { return };
        for (param, sig) in params.iter().zip(&sig.params) {
            if let Some(default) = &param.default {
                self.default_value(id, default, &sig.ty);
            }
        }
    }

    fn field_defaults(&mut self, id: crate::collect::DefId, ty: carapace_module::TypeId) {
        let Some(info) = self.type_info.get(ty.0 as usize).cloned() else { return };
        let Some(kind) = self.program.types.get(ty).map(|d| d.kind.clone()) else { return };
        let groups: Vec<(Vec<carapace_module::Field>, Vec<crate::collect::FieldSig<'a>>)> = match kind {
            carapace_module::TypeKind::Record(fields) => vec![(fields, info.fields)],
            carapace_module::TypeKind::Union(tags) => {
                tags.into_iter().map(|t| t.fields).zip(info.variants).collect()
            }
        };
        for (fields, sigs) in groups {
            for (field, sig) in fields.iter().zip(sigs) {
                if let Some(default) = sig.default {
                    self.default_value(id, default, &field.ty);
                }
            }
        }
    }
}
