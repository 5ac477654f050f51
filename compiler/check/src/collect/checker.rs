//! The state of one check: declarations, what was made of them so far, and what was said.

use super::{Callable, KindDecl, TypeInfo, World};
use crate::check::Scope;
use crate::code;
use crate::facts::Notes;
use crate::focus::Focused;
use crate::lint::Seen;
use crate::needs::CallGraph;
use crate::sources::{Origin, Sources};
use crate::tree::{EffectId, FlowId, FunctionRef, NativeId, Program, SettingId, StateId};
use carapace_diagnostic::{Code, Diagnostic, FileId, Span, TextRange};
use carapace_module::{Type, TypeId};
use carapace_syntax::ast;
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;
use std::sync::Arc;

/// Index into [`Checker::modules`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ModuleId(pub(crate) u32);

/// Index into [`Checker::defs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct DefId(pub(crate) u32);

/// Where an item stands: what its relative ranges count from, and whose names it sees.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    pub(crate) module: ModuleId,
    pub(crate) file: FileId,
    pub(crate) offset: u32,
}

impl At {
    /// An item's range as a place in its file.
    pub(crate) fn span(self, range: TextRange) -> Span {
        Span::new(self.file, range.shift(self.offset))
    }
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum DefKind {
    Type(TypeId),
    Fn,
    Const,
    Setting,
    State,
    Channel,
    Room,
    Group,
    Connection,
    Agent,
    Tool,
    Flow,
    Effect,
    Trigger,
    ChannelKind,
    TextTag,
    ExternFn,
    /// Did not parse; its name absorbs what follows from that.
    Broken,
}

impl DefKind {
    /// With its article, for messages.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            DefKind::Type(_) => "a type",
            DefKind::Fn | DefKind::ExternFn => "a function",
            DefKind::Const => "a constant",
            DefKind::Setting => "a setting",
            DefKind::State => "a state",
            DefKind::Channel => "a channel",
            DefKind::Room => "a room",
            DefKind::Group => "a group",
            DefKind::Connection => "a connection",
            DefKind::Agent => "an agent",
            DefKind::Tool => "a tool",
            DefKind::Flow => "a flow",
            DefKind::Effect => "an effect",
            DefKind::Trigger => "a trigger",
            DefKind::ChannelKind => "a channel kind",
            DefKind::TextTag => "a tag of texts",
            DefKind::Broken => "an item with a mistake",
        }
    }
}

/// A declared item.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Def<'a> {
    pub(crate) at: At,
    pub(crate) kind: DefKind,
    pub(crate) name: &'a str,
    pub(crate) name_range: TextRange,
    pub(crate) item: &'a ast::Item,
}

impl Def<'_> {
    /// Where its name stands.
    pub(crate) fn span(&self) -> Span {
        self.at.span(self.name_range)
    }
}

/// A module's names.
pub(crate) struct ModuleScope<'a> {
    pub(crate) path: Arc<str>,
    pub(crate) origin: Origin,
    pub(crate) text: &'a str,
    pub(crate) names: FxHashMap<&'a str, DefId>,
    pub(crate) uses: FxHashMap<&'a str, ModuleId>,
    /// Items in source order, those without a name included.
    pub(crate) defs: Vec<DefId>,
}

/// Everything known while checking.
pub(crate) struct Checker<'a> {
    pub(crate) sources: Sources<'a>,
    /// Whether nobody wants to know any more.
    pub(crate) stop: &'a dyn Fn() -> bool,
    /// The items that are looked at, where it is not all of them.
    pub(crate) focus: Option<Focused<'a>>,
    /// Of what is said from here on.
    pub(crate) scope: Scope,
    pub(crate) modules: Vec<ModuleScope<'a>>,
    pub(crate) module_by_path: FxHashMap<&'a str, ModuleId>,
    pub(crate) defs: Vec<Def<'a>>,
    pub(crate) prelude: FxHashMap<&'a str, DefId>,
    /// `list` of `std/list`: the prelude's modules by their last names.
    pub(crate) prelude_modules: FxHashMap<&'a str, ModuleId>,
    pub(crate) triggers_on_channel: FxHashMap<&'a str, DefId>,
    pub(crate) effects_on: FxHashMap<(&'a str, &'a str), DefId>,
    pub(crate) text_tags: FxHashMap<&'a str, DefId>,
    pub(crate) tag_types: FxHashMap<&'a str, Type>,
    pub(crate) kinds: Vec<KindDecl<'a>>,
    pub(crate) kind_by_name: FxHashMap<&'a str, super::KindId>,
    pub(crate) type_info: Vec<TypeInfo<'a>>,
    pub(crate) unnamed: FxHashMap<Vec<(Arc<str>, Type)>, TypeId>,
    pub(crate) world: World,
    pub(crate) callables: Vec<Option<Rc<Callable>>>,
    pub(crate) const_types: FxHashMap<DefId, Option<Type>>,
    pub(crate) functions: FxHashMap<DefId, FunctionRef>,
    pub(crate) function_defs: Vec<DefId>,
    pub(crate) function_done: Vec<bool>,
    pub(crate) flows: FxHashMap<DefId, FlowId>,
    pub(crate) effects: FxHashMap<DefId, EffectId>,
    pub(crate) natives: FxHashMap<DefId, NativeId>,
    pub(crate) states: FxHashMap<DefId, StateId>,
    pub(crate) settings: FxHashMap<DefId, SettingId>,
    pub(crate) slots: FxHashMap<DefId, Arc<str>>,
    /// What each event of the package's own carries, and where that was said first.
    pub(crate) events: FxHashMap<Arc<str>, (Type, Span)>,
    pub(crate) graph: CallGraph,
    pub(crate) queue: Vec<DefId>,
    /// Values within `trust(…, because: …)`, with the whole call.
    pub(crate) trusted: FxHashMap<Span, Span>,
    pub(crate) program: Program,
    /// What an editor asked about.
    pub(crate) notes: Notes,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) said: FxHashMap<(Code, Span), Scope>,
    /// What bodies use and declare, for the warnings.
    pub(crate) seen: Seen,
}

impl<'a> Checker<'a> {
    /// The definition's data.
    pub(crate) fn def(&self, id: DefId) -> Def<'a> {
        // Numbers of definitions are given out by `declare` alone and never taken back.
        #[expect(clippy::indexing_slicing, reason = "a `DefId` is an index into this very list")]
        self.defs[id.0 as usize]
    }

    /// The module's names.
    pub(crate) fn module(&self, id: ModuleId) -> &ModuleScope<'a> {
        #[expect(clippy::indexing_slicing, reason = "a `ModuleId` is an index into this very list")]
        &self.modules[id.0 as usize]
    }

    /// Says it, unless the same was said about the same place (a default or header may be looked at twice).
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        // What an event carries is said by whoever is looked at first.
        let scope = if diagnostic.code == code::EVENT_TYPE { Scope::Package } else { self.scope };
        if let Entry::Vacant(place) = self.said.entry((diagnostic.code, diagnostic.primary.span)) {
            place.insert(scope);
            self.diagnostics.push(with_articles(diagnostic));
        }
    }

    /// `main.refund`, or `shop/main.refund` in a package that has a name.
    pub(crate) fn full_name(&self, id: DefId) -> Arc<str> {
        let def = self.def(id);
        self.name_in(def.at.module, def.name)
    }

    /// A name as the runtime keeps it.
    pub(crate) fn name_in(&self, module: ModuleId, name: &str) -> Arc<str> {
        let ModuleScope { path, origin, .. } = self.module(module);
        match &*self.sources.package {
            package if *origin == Origin::Package && !package.is_empty() => {
                Arc::from(format!("{package}/{path}.{name}"))
            }
            _ => Arc::from(format!("{path}.{name}")),
        }
    }

    /// `chat.reply`: the module's last name and its own, as effects and natives are referred to.
    pub(crate) fn short_name(&self, id: DefId) -> Arc<str> {
        let def = self.def(id);
        let path = &self.module(def.at.module).path;
        let last = path.rsplit('/').next().unwrap_or(path);
        Arc::from(format!("{last}.{}", def.name))
    }

    /// The type as an author would write it.
    pub(crate) fn show(&self, ty: &Type) -> String {
        crate::ty::show(&self.program.types, ty)
    }

    /// Whether the item is the author's.
    pub(crate) fn is_package(&self, module: ModuleId) -> bool {
        self.sources.whole || self.module(module).origin == Origin::Package
    }
}

/// `an` before a vowel: messages are made of type names that are not known when they are written.
fn with_articles(mut diagnostic: Diagnostic) -> Diagnostic {
    let texts = [Some(&mut diagnostic.message), diagnostic.help.as_mut(), Some(&mut diagnostic.primary.text)];
    for text in texts.into_iter().flatten() {
        for vowel in ["A", "E", "I", "O"] {
            let (wrong, right) = (format!("a `{vowel}"), format!("an `{vowel}"));
            if text.starts_with(&wrong) || text.contains(&format!(" {wrong}")) {
                *text = text.replace(&format!(" {wrong}"), &format!(" {right}"));
                if text.starts_with(&wrong) {
                    text.replace_range(..wrong.len(), &right);
                }
            }
        }
    }
    diagnostic
}
