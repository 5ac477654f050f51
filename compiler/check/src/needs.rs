//! Who calls whom, and what a run must have for it: a conversation to reply in, a sender to ask, a kind of channel that
//! can do what is asked of it. Known only when all bodies are, because sub-flows and tools reply where their callers do.

use crate::code;
use crate::collect::{Checker, DefId, KindId};
use crate::infer::Size;
use crate::tree::{FlowId, FunctionRef};
use carapace_diagnostic::{Diagnostic, Span};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// What has a body, or brings others with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Node {
    /// A flow, sub-flow or tool.
    Flow(FlowId),
    /// A pure function.
    Function(FunctionRef),
    /// An agent, whose tools it may call.
    Agent(DefId),
}

/// Something that the run must have.
#[derive(Debug, Clone)]
pub(crate) struct Need {
    /// How large what goes there is, as far as the source says.
    pub(crate) size: Size,
    /// `conversation`, `sender`, or another field of the event.
    pub(crate) field: Arc<str>,
    /// What the conversation's kind of channel must be able to do.
    pub(crate) capability: Option<Arc<str>>,
    /// The effect that needs it.
    pub(crate) effect: Arc<str>,
    /// Its call.
    pub(crate) span: Span,
    /// Whether it is a mistake not to have it; else only the kind counts, where there is one.
    pub(crate) required: bool,
}

/// What a body does, directly.
#[derive(Debug, Clone, Default)]
pub(crate) struct Touched {
    /// Lines of the capability manifest.
    pub(crate) lines: Vec<Arc<str>>,
    /// Calls, and where the first of each is.
    pub(crate) calls: Vec<(Node, Span)>,
    /// Needs.
    pub(crate) needs: Vec<Need>,
    /// Reasons of `trust`, each with its place.
    pub(crate) trusts: Vec<(Arc<str>, Span)>,
}

/// What every body does.
#[derive(Debug, Default)]
pub(crate) struct CallGraph {
    pub(crate) nodes: FxHashMap<Node, Touched>,
    /// What a flow that starts by itself has.
    pub(crate) entries: Vec<Entry>,
}

/// A flow with triggers.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) flow: FlowId,
    pub(crate) name: Arc<str>,
    /// Fields that every trigger's event has.
    pub(crate) fields: Vec<Arc<str>>,
    /// Names of the triggers.
    pub(crate) triggers: Vec<Arc<str>>,
    /// Where the triggers stand.
    pub(crate) span: Span,
    /// Kinds of the channels that the triggers are of.
    pub(crate) kinds: Vec<(KindId, Arc<str>)>,
}

impl CallGraph {
    /// Adds what a body does.
    pub(crate) fn add(&mut self, node: Node, touched: Touched) {
        let entry = self.nodes.entry(node).or_default();
        entry.lines.extend(touched.lines);
        entry.calls.extend(touched.calls);
        entry.needs.extend(touched.needs);
        entry.trusts.extend(touched.trusts);
    }
}

impl Checker<'_> {
    /// Tells which flows reach something that their events do not give.
    pub(crate) fn check_needs(&mut self) {
        for entry in std::mem::take(&mut self.graph.entries) {
            let mut seen = FxHashSet::default();
            let mut path = Vec::new();
            let mut found = Vec::new();
            self.walk(Node::Flow(entry.flow), &mut seen, &mut path, &mut found);
            for (need, path) in found {
                if entry.fields.contains(&need.field) || entry.triggers.contains(&need.field) {
                    self.check_kind(&entry, &need);
                } else if need.required {
                    self.missing(&entry, &need, &path);
                }
            }
        }
    }

    fn walk(
        &self,
        node: Node,
        seen: &mut FxHashSet<Node>,
        path: &mut Vec<Span>,
        found: &mut Vec<(Need, Vec<Span>)>,
    ) {
        if !seen.insert(node) {
            return;
        }
        let Some(touched) = self.graph.nodes.get(&node) else { return };
        found.extend(touched.needs.iter().map(|need| (need.clone(), path.clone())));
        for (callee, span) in &touched.calls {
            path.push(*span);
            self.walk(*callee, seen, path, found);
            path.pop();
        }
    }

    fn missing(&mut self, entry: &Entry, need: &Need, path: &[Span]) {
        let at = path.first().copied().unwrap_or(need.span);
        let short = entry.name.rsplit('.').next().unwrap_or(&entry.name).to_owned();
        let message = match &*need.field {
            "conversation" => format!("`{}` has no conversation to go to in `{short}`", need.effect),
            "sender" => format!("`{}` has nobody to go to in `{short}`", need.effect),
            other => format!("`{}` needs a `{other}`, which `{short}` does not have", need.effect),
        };
        let mut told = Diagnostic::new(code::NO_CONVERSATION, at, message)
            .label(if path.is_empty() { "needs one" } else { "this call reaches it" })
            .also(entry.span, format!("`{}` brings no {}", entry.triggers.join("`, `"), need.field));
        for step in path.iter().skip(1) {
            told = told.also(*step, "by way of this call");
        }
        if !path.is_empty() {
            told = told.also(need.span, format!("`{}` is called here", need.effect));
        }
        let told = match &*need.field {
            "conversation" => {
                told.help("name where it goes: `send(\"…\", to: …)` with a room, user or conversation")
            }
            "sender" => told.help("say who is meant: `from:` and `to:`"),
            _ => told.help(format!("call it from a flow whose trigger has `{}`", need.field)),
        };
        self.report(told);
    }

    fn check_kind(&mut self, entry: &Entry, need: &Need) {
        for (kind, channel) in &entry.kinds {
            if self.told_too_large(*kind, channel, &need.effect, need.span, need.size) {
                break;
            }
        }
        let Some(capability) = &need.capability else { return };
        for (kind, channel) in &entry.kinds {
            if !self.kind_can(*kind, capability) {
                let name = self.kinds.get(kind.0 as usize).map_or("", |k| k.name);
                self.kind_cannot(need.span, &need.effect, capability, name, channel);
                return;
            }
        }
    }

    /// Says that a kind of channel lacks a capability, and which kinds have it.
    pub(crate) fn kind_cannot(
        &mut self,
        span: Span,
        effect: &str,
        capability: &str,
        kind: &str,
        channel: &str,
    ) {
        let able = self.kinds_that_can(capability);
        let message = if kind == "any" {
            format!("`{effect}` needs a channel that can {capability}, and not every kind can")
        } else {
            format!("`{effect}` needs a channel that can {capability}, and {kind} cannot")
        };
        let told =
            Diagnostic::new(code::KIND_CANNOT, span, message).label(format!("goes to `{channel}`: {kind}"));
        let told = if able.is_empty() {
            told.help(format!("no kind of channel can {capability}"))
        } else {
            told.help(format!("these kinds can: {}", able.join(", ")))
        };
        self.report(told);
    }
}
