//! What was found out about items as a whole.

use super::{Header, ItemFacts};
use crate::collect::{Checker, DefId, DefKind};
use crate::needs::Node;
use carapace_module::Type;
use rustc_hash::FxHashSet;

impl Checker<'_> {
    /// Gives flows, tools, functions, constants and agents their headers.
    pub(super) fn note_headers(&mut self, pauses: &FxHashSet<Node>, items: &mut [ItemFacts]) {
        for index in 0..self.defs.len() {
            let id = DefId(u32::try_from(index).unwrap_or(u32::MAX));
            let def = self.def(id);
            let key = (def.at.file, def.at.offset);
            let Ok(at) = items.binary_search_by_key(&key, |item| (item.file, item.offset)) else { continue };
            let header = self.header_of(id, pauses);
            if let Some(item) = items.get_mut(at) {
                item.header = header;
            }
        }
    }

    fn header_of(&mut self, id: DefId, pauses: &FxHashSet<Node>) -> Option<Header> {
        let (node, result) = match self.def(id).kind {
            DefKind::Fn => (Node::Function(*self.functions.get(&id)?), self.callable(id)?.result.clone()),
            DefKind::Const => (Node::Function(*self.functions.get(&id)?), self.const_type(id)),
            DefKind::Flow | DefKind::Tool => (
                Node::Flow(*self.flows.get(&id)?),
                self.callable(id).map_or(Type::Nothing, |c| c.result.clone()),
            ),
            // Of an agent: whether a turn of it may wait, for a yes or in a tool.
            DefKind::Agent => (Node::Agent(id), Type::Nothing),
            _ => return None,
        };
        let capabilities = match node {
            Node::Flow(flow) => self.program.capabilities.get(flow.0 as usize).map(|c| c.touches.clone()),
            _ => None,
        };
        let waits = self.waits(node, pauses, &mut FxHashSet::default());
        Some(Header { capabilities: capabilities.unwrap_or_default(), waits, result })
    }

    fn waits(&self, node: Node, pauses: &FxHashSet<Node>, seen: &mut FxHashSet<Node>) -> bool {
        if pauses.contains(&node) {
            return true;
        }
        if !seen.insert(node) {
            return false;
        }
        let Some(touched) = self.graph.nodes.get(&node) else { return false };
        touched.calls.iter().any(|(callee, _)| self.waits(*callee, pauses, seen))
    }
}
