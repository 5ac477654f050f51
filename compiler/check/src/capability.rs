//! The capability manifest: everything that a flow may touch, over all that it calls.

use crate::collect::Checker;
use crate::needs::Node;
use crate::tree::FlowId;
use carapace_module::signature::Capabilities;
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Checker<'_> {
    /// One entry for each flow and tool, in their order, lines sorted.
    pub(crate) fn collect_capabilities(&mut self) {
        let mut all = Vec::with_capacity(self.program.flows.len());
        for (index, flow) in self.program.flows.iter().enumerate() {
            let node = Node::Flow(FlowId(u32::try_from(index).unwrap_or(u32::MAX)));
            let mut lines = BTreeSet::new();
            self.gather(node, &mut FxHashSet::default(), &mut lines);
            all.push(Capabilities { flow: flow.name.clone(), touches: lines.into_iter().collect() });
        }
        self.program.capabilities = all;
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
