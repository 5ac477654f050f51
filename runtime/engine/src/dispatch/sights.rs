//! How flows see events: what is the same for many of them is found out once.

use carapace_module::signature::{FlowSignature, TriggerSpec};
use carapace_module::{Module, Type};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// How the triggers of a deployment see events.
#[derive(Debug, Default)]
pub(crate) struct Sights {
    flows: Vec<Sight>,
}

/// How a flow sees events.
#[derive(Debug)]
struct Sight {
    /// Slots of the event's record that its guard reads; none: it may read all.
    guard: Option<Vec<u16>>,
    /// Of each trigger: the same number where an event gives the same record; none for commands, whose arguments stand
    /// in the text.
    records: Vec<Option<u32>>,
}

impl Sights {
    pub(crate) fn build(module: &Module) -> Sights {
        let mut known = FxHashMap::default();
        let sight = |flow| Sight {
            guard: guard_reads(module, flow),
            records: flow
                .triggers
                .iter()
                .map(|trigger| number(&mut known, &trigger.spec, &trigger.fields))
                .collect(),
        };
        Sights { flows: module.flows.iter().map(sight).collect() }
    }

    /// The number of the record that a trigger sees; none where it has one of its own.
    pub(crate) fn record(&self, flow: u32, trigger: u32) -> Option<u32> {
        *self.flows.get(flow as usize)?.records.get(trigger as usize)?
    }

    /// The slots that a flow's guard reads; none: it may read all.
    pub(crate) fn guard(&self, flow: u32) -> Option<&[u16]> {
        self.flows.get(flow as usize)?.guard.as_deref()
    }
}

fn guard_reads(module: &Module, flow: &FlowSignature) -> Option<Vec<u16>> {
    module.slots_of_argument(flow.guard?)
}

type Known<'m> = FxHashMap<(Option<&'m str>, &'m [(Arc<str>, Type)]), u32>;

fn number<'m>(known: &mut Known<'m>, spec: &'m TriggerSpec, fields: &'m [(Arc<str>, Type)]) -> Option<u32> {
    let channel = match spec {
        TriggerSpec::Command { .. } => return None,
        TriggerSpec::Channel { channel, .. } => Some(&**channel),
        _ => None,
    };
    let next = u32::try_from(known.len()).ok()?;
    Some(*known.entry((channel, fields)).or_insert(next))
}
