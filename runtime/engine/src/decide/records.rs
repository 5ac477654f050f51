//! The records of one event: each of its fields is read once, however many flows look at it, and only when one does.

use super::judge::{View, record_of, slot_of};
use crate::state::{Deployment, Taken};
use crate::{DeploymentId, Event};
use carapace_module::Value;
use carapace_module::signature::FlowSignature;
use std::cell::RefCell;
use std::sync::Arc;

/// An event as flows see it.
pub(crate) struct Records<'a> {
    event: &'a Arc<Event>,
    /// When it was taken in.
    at: i64,
    read: RefCell<Vec<Read>>,
}

/// What was read of the event for one deployment and one form of record.
struct Read {
    of: (DeploymentId, u32),
    slots: Vec<Option<Result<Value, String>>>,
}

/// A trigger of a deployment.
#[derive(Clone, Copy)]
pub(super) struct Seer<'a> {
    pub(super) deployment: &'a Deployment,
    pub(super) flow: &'a FlowSignature,
    /// The flow's number in its module.
    pub(super) number: u32,
    pub(super) trigger: u32,
}

impl<'a> Records<'a> {
    pub(super) fn new(event: &'a Arc<Event>, at: i64) -> Records<'a> {
        Records { event, at, read: RefCell::default() }
    }

    /// The whole record.
    pub(super) fn whole(&self, seer: Seer<'_>) -> Result<Value, String> {
        self.record(seer, None)
    }

    /// What the flow's guard reads of it; what it does not is none.
    pub(super) fn for_guard(&self, seer: Seer<'_>) -> Result<Value, String> {
        self.record(seer, seer.deployment.index.sights.guard(seer.number))
    }

    fn record(&self, seer: Seer<'_>, wanted: Option<&[u16]>) -> Result<Value, String> {
        let Seer { deployment, flow, trigger, .. } = seer;
        let Some(form) = deployment.index.sights.record(seer.number, trigger) else {
            let taken = Taken::new(self.event.clone(), self.at);
            return record_of(deployment, flow, trigger, &taken);
        };
        let code = deployment.code.as_ref().map_err(Clone::clone)?;
        let spec = flow.triggers.get(trigger as usize).ok_or("there is no such trigger")?;
        let view = View {
            deployment,
            types: &code.module().types,
            event: self.event,
            at: self.at,
            slot: slot_of(&spec.spec),
            trigger,
            args: &[],
        };
        let of = (deployment.record.id, form);
        let mut all = self.read.borrow_mut();
        let at = all.iter().position(|read| read.of == of).unwrap_or_else(|| {
            all.push(Read { of, slots: vec![None; spec.fields.len()] });
            all.len() - 1
        });
        let Some(read) = all.get_mut(at) else { return Err("there is no such record".to_owned()) };
        let mut slots = Vec::with_capacity(spec.fields.len());
        for ((slot, (name, ty)), known) in (0_u16..).zip(&spec.fields).zip(&mut read.slots) {
            slots.push(match wanted {
                Some(wanted) if !wanted.contains(&slot) => Value::None,
                // Which trigger it was is the one thing that differs among those of the same form.
                _ if **name == *"trigger" => view.field(name, ty)?,
                _ => known.get_or_insert_with(|| view.field(name, ty)).clone()?,
            });
        }
        Ok(Value::record(slots))
    }
}
