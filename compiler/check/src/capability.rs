//! The capability manifest: everything that a flow may touch, over all that it calls.

use crate::collect::Checker;
use crate::needs::Node;
use crate::tree::{FlowId, Trust};
use carapace_module::signature::Capabilities;
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Checker<'_> {
    /// One entry for each flow and tool, in their order, lines sorted.
    pub(crate) fn collect_capabilities(&mut self) {
        let mut all = Vec::with_capacity(self.program.flows.len());
        let mut trusts = Vec::new();
        for (index, flow) in self.program.flows.iter().enumerate() {
            let node = Node::Flow(FlowId(u32::try_from(index).unwrap_or(u32::MAX)));
            let mut lines = BTreeSet::new();
            let mut seen = FxHashSet::default();
            self.gather(node, &mut seen, &mut lines);
            let mut own: Vec<Trust> = seen
                .iter()
                .filter_map(|node| self.graph.nodes.get(node))
                .flat_map(|touched| &touched.trusts)
                .map(|(reason, span)| Trust { flow: flow.name.clone(), reason: reason.clone(), span: *span })
                .collect();
            own.sort_by_key(|trust| trust.span);
            own.dedup();
            trusts.extend(own);
            all.push(Capabilities {
                flow: flow.name.clone(),
                touches: lines.into_iter().collect(),
                hosts: true,
            });
        }
        self.program.capabilities = all;
        self.program.trusts = trusts;
    }

    fn gather(&self, node: Node, seen: &mut FxHashSet<Node>, lines: &mut BTreeSet<Arc<str>>) {
        if !seen.insert(node) {
            return;
        }
        let Some(touched) = self.graph.nodes.get(&node) else { return };
        lines.extend(touched.lines.iter().cloned());
        for (callee, _) in &touched.calls {
            self.gather(*callee, seen, lines);
        }
    }
}
