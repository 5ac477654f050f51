//! Pure code of flows that the engine calls: guards, keys, conditions; and the records they are called with.

use crate::machine::{self, Code, Limits};
use crate::state::{Deployment, State, Taken};
use crate::stretch::StretchHost;
use crate::{Event, EventKind};

use crate::{Key, dispatch};
use carapace_module::json::{Renamed, from_json, from_json_renamed};
use carapace_module::signature::{FlowSignature, FunctionId, TriggerSpec};
use carapace_module::{Type, TypeTable, Value};
use serde_json::Value as Json;
use std::sync::Arc;

/// The event record of a flow's trigger.
pub(crate) fn record_of(
    deployment: &Deployment,
    flow: &FlowSignature,
    trigger: u32,
    taken: &Taken,
) -> Result<Value, String> {
    let code = deployment.code.as_ref().map_err(Clone::clone)?;
    let types = &code.module().types;
    let spec = flow.triggers.get(trigger as usize).ok_or("there is no such trigger")?;
    let args = arguments(types, &spec.spec, &taken.event).ok_or("it does not read as that command")?;
    let (event, slot) = (&taken.event, slot_of(&spec.spec));
    let view = View { deployment, types, event, at: taken.at, slot, trigger, args: &args };
    view.record(&spec.fields)
}

/// The arguments of a command, read from the message's text; nothing for other triggers; none if it does not parse.
pub(crate) fn arguments(
    types: &TypeTable,
    spec: &TriggerSpec,
    event: &Event,
) -> Option<Vec<(Arc<str>, Value)>> {
    match spec {
        TriggerSpec::Command { name, args, .. } => {
            dispatch::parse_command(types, name, args, event.text()?).map(|parsed| parsed.args)
        }
        _ => Some(Vec::new()),
    }
}

/// The channel's slot that a trigger names.
pub(crate) fn slot_of(spec: &TriggerSpec) -> Option<&str> {
    match spec {
        TriggerSpec::Channel { channel, .. } | TriggerSpec::Command { channel, .. } => Some(channel),
        _ => None,
    }
}

/// An event as one trigger or wait sees it.
pub(crate) struct View<'a> {
    pub(crate) deployment: &'a Deployment,
    pub(crate) types: &'a TypeTable,
    pub(crate) event: &'a Event,
    pub(crate) at: i64,
    pub(crate) slot: Option<&'a str>,
    pub(crate) trigger: u32,
    pub(crate) args: &'a [(Arc<str>, Value)],
}

impl View<'_> {
    /// The event record with these slots.
    pub(crate) fn record(&self, fields: &[(Arc<str>, Type)]) -> Result<Value, String> {
        let slots = fields.iter().map(|(name, ty)| self.field(name, ty)).collect::<Result<Vec<_>, _>>()?;
        Ok(Value::record(slots))
    }

    /// One slot of it.
    pub(crate) fn field(&self, name: &str, ty: &Type) -> Result<Value, String> {
        if let Some((_, value)) = self.args.iter().find(|(arg, _)| **arg == *name) {
            return Ok(value.clone());
        }
        match (name, &self.event.kind) {
            ("trigger", _) => return Ok(Value::Tag(self.trigger)),
            ("received_at", _) => return Ok(Value::Time(self.event.at.unwrap_or(self.at))),
            ("scheduled_at", EventKind::Slot { slot, .. }) => return Ok(Value::Time(*slot)),
            ("channel", EventKind::Channel { account, .. }) => {
                return Ok(Value::record(vec![Value::text(self.slot.unwrap_or(account))]));
            }
            _ => {}
        }
        let json = self.event.at([name]).unwrap_or(&Json::Null);
        let value = match (&self.event.kind, self.slot) {
            // A slot that stands for several accounts names none of them: the same id may be two people there.
            (EventKind::Channel { account, .. }, Some(slot)) if self.deployment.account(slot).is_some() => {
                read_named(json, ty, self.types, account, slot)
            }
            _ => from_json(json, ty, self.types),
        };
        value.map_err(|e| format!("the event's `{name}`: {e}"))
    }
}

/// Values of the world name the channel they came from by the slot's full name; adapters name the account.
pub(crate) fn read_named(
    json: &Json,
    ty: &Type,
    types: &TypeTable,
    account: &str,
    slot: &str,
) -> Result<Value, carapace_module::json::Error> {
    if account == slot {
        return from_json(json, ty, types);
    }
    from_json_renamed(json, ty, types, Renamed { member: "channel", from: account, to: slot })
}

/// Calls a pure function of a deployment.
pub(crate) fn call(
    state: &State,
    deployment: &Deployment,
    now: i64,
    function: FunctionId,
    args: &[Value],
) -> Result<Value, String> {
    let code: &Arc<dyn Code> = deployment.code.as_ref().map_err(Clone::clone)?;
    let mut host = StretchHost::new(state, deployment, now, 0);
    machine::call_pure(&**code, function, args, &mut host, Limits::PURE)
}

/// Whether a condition holds.
pub(crate) fn holds(
    state: &State,
    deployment: &Deployment,
    now: i64,
    function: FunctionId,
    args: &[Value],
) -> Result<bool, String> {
    match call(state, deployment, now, function, args)? {
        Value::Bool(holds) => Ok(holds),
        _ => Err("a condition that is neither true nor false".to_owned()),
    }
}

/// A key: the list of parts that the function gives.
pub(crate) fn key(
    state: &State,
    deployment: &Deployment,
    now: i64,
    function: FunctionId,
    record: &Value,
) -> Result<Key, String> {
    Ok(match call(state, deployment, now, function, std::slice::from_ref(record))? {
        Value::List(parts) => Key::of(&parts.items),
        other => Key::of(&[other]),
    })
}
