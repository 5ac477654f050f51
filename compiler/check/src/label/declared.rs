//! What the declarations say that the tree does not carry: which parameters are `trusted` or `secret`, and where things
//! stand in the source.

use crate::collect::{Checker, DefId, declared};
use crate::sources::Origin;
use carapace_diagnostic::{FileId, Span};
use carapace_module::Type;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// A parameter as declared.
#[derive(Debug, Clone)]
pub(super) struct Declared {
    pub(super) name: Arc<str>,
    pub(super) trusted: bool,
    pub(super) secret: bool,
    pub(super) ty: Type,
    pub(super) span: Span,
}

/// Something that can be called, as declared.
#[derive(Debug, Clone, Default)]
pub(super) struct Callable {
    pub(super) name: Arc<str>,
    /// Its name's place.
    pub(super) span: Option<Span>,
    /// Where the triggers of a flow stand.
    pub(super) triggers: Option<Span>,
    pub(super) params: Vec<Declared>,
}

/// All that is asked of declarations, by the numbers of the tree.
#[derive(Debug, Default)]
pub(super) struct Declarations {
    pub(super) functions: Vec<Callable>,
    pub(super) flows: Vec<Callable>,
    pub(super) natives: Vec<Callable>,
    pub(super) effects: Vec<Callable>,
    /// The library's files.
    pub(super) library: FxHashSet<FileId>,
    /// Values within `trust(…, because: …)`, with the whole call.
    pub(super) trusted: FxHashMap<Span, Span>,
}

impl Declarations {
    pub(super) fn of(cx: &Checker<'_>) -> Declarations {
        let program = &cx.program;
        let mut flows = table(cx, program.flows.len(), cx.flows.iter().map(|(id, n)| (*id, n.0)));
        for entry in &cx.graph.entries {
            if let Some(flow) = flows.get_mut(entry.flow.0 as usize) {
                flow.triggers = Some(entry.span);
            }
        }
        Declarations {
            functions: table(cx, program.functions.len(), cx.functions.iter().map(|(id, n)| (*id, n.0))),
            natives: table(cx, program.natives.len(), cx.natives.iter().map(|(id, n)| (*id, n.0))),
            effects: table(cx, program.effects.len(), cx.effects.iter().map(|(id, n)| (*id, n.0))),
            flows,
            library: library(cx),
            trusted: cx.trusted.clone(),
        }
    }
}

fn table(cx: &Checker<'_>, length: usize, ids: impl Iterator<Item = (DefId, u32)>) -> Vec<Callable> {
    let mut all = vec![Callable::default(); length];
    for (id, number) in ids {
        if let Some(slot) = all.get_mut(number as usize) {
            *slot = callable(cx, id);
        }
    }
    all
}

fn callable(cx: &Checker<'_>, id: DefId) -> Callable {
    let def = cx.def(id);
    let params = declared(def.item).map(|parts| parts.params).unwrap_or_default();
    let types = cx.callables.get(id.0 as usize).and_then(Option::as_ref);
    let ty = |at: usize| types.and_then(|sig| sig.params.get(at)).map_or(Type::Error, |p| p.ty.clone());
    Callable {
        name: Arc::from(def.name),
        span: Some(def.span()),
        triggers: None,
        params: params
            .iter()
            .enumerate()
            .map(|(at, param)| Declared {
                name: Arc::from(param.name.text.as_str()),
                trusted: param.trusted,
                secret: param.secret,
                ty: ty(at),
                span: def.at.span(param.name.range),
            })
            .collect(),
    }
}

fn library(cx: &Checker<'_>) -> FxHashSet<FileId> {
    let own: FxHashMap<FileId, bool> =
        cx.sources.modules.iter().map(|module| (module.file, module.origin == Origin::Package)).collect();
    if cx.sources.whole {
        return FxHashSet::default();
    }
    own.into_iter().filter(|(_, own)| !own).map(|(file, _)| file).collect()
}
