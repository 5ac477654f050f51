//! What a module says about itself, in lines: slots, flows with their headers, state, settings, agents, waits, branches.

use crate::code::{Fork, Module, Wait};
use crate::signature::{
    Busy, Delivery, FlowSignature, FunctionId, Mark, Slot, SlotKind, Trigger, TriggerSpec,
};
use crate::value::duration_text;
use crate::{Type, TypeTable};
use std::fmt::{Result, Write};

/// Everything above the code.
pub(super) fn header(out: &mut String, module: &Module) -> Result {
    let types = &module.types;
    writeln!(out, "package {}", module.package)?;
    for slot in &module.slots {
        writeln!(out, "{}", slot_line(slot))?;
    }
    for (number, setting) in module.settings.iter().enumerate() {
        write!(out, "setting {number} {}: {}", setting.name, type_text(&setting.ty, types))?;
        writeln!(out, "{}", setting.default.map_or_else(String::new, |id| format!(" = f{}", id.0)))?;
    }
    for (number, state) in module.states.iter().enumerate() {
        let keys: Vec<String> = state.keys.iter().map(|key| type_text(key, types)).collect();
        let by = if keys.is_empty() { String::new() } else { format!(" by {}", keys.join(", ")) };
        let keep = state.keep.map_or_else(String::new, |ms| format!(" keep {}", duration_text(ms)));
        let ty = type_text(&state.ty, types);
        writeln!(out, "state {number} {}: {ty} = f{}{by}{keep}", state.name, state.init.0)?;
        for migration in &state.migrations {
            writeln!(out, "  migrate {} = f{}", type_text(&migration.from, types), migration.function.0)?;
        }
    }
    for agent in &module.agents {
        writeln!(out, "agent {}", agent.name)?;
        for (name, value) in &agent.properties {
            writeln!(out, "  {name}: {value}")?;
        }
        for tool in &agent.tools {
            let group = agent.approve.iter().find(|(known, _)| known == tool).map(|(_, group)| group);
            writeln!(
                out,
                "  tool {tool}{}",
                group.map_or_else(String::new, |group| format!(", approved by {group}"))
            )?;
        }
    }
    for flow in &module.flows {
        flow_lines(out, flow, types)?;
    }
    for test in &module.tests {
        writeln!(out, "test {:?} = f{}", test.title, test.body.0)?;
    }
    for (number, wait) in module.waits.iter().enumerate() {
        writeln!(out, "wait {number} {}", wait_text(wait, types))?;
    }
    for (number, fork) in module.forks.iter().enumerate() {
        writeln!(out, "fork {number} {}", fork_text(fork))?;
    }
    Ok(())
}

fn slot_line(slot: &Slot) -> String {
    let (word, of) = match slot.kind {
        SlotKind::Channel => ("channel", format!(": {}", slot.of)),
        SlotKind::Room => ("room", format!(": {}", slot.of)),
        SlotKind::Group => ("group", String::new()),
        SlotKind::Connection => ("connection", format!(": {}", slot.of)),
    };
    format!("{word} {}{of}", slot.name)
}

/// The flow's first line is its name and its code; its clauses stand below it.
fn flow_lines(out: &mut String, flow: &FlowSignature, types: &TypeTable) -> Result {
    let what = if flow.tool { "tool" } else { "flow" };
    let params: Vec<String> =
        flow.params.iter().map(|(name, ty)| format!("{name}: {}", type_text(ty, types))).collect();
    let params = if flow.triggers.is_empty() { format!("({})", params.join(", ")) } else { String::new() };
    writeln!(out, "{what} {}{params} -> {} = f{}", flow.name, type_text(&flow.result, types), flow.body.0)?;
    for trigger in &flow.triggers {
        writeln!(out, "  on {}{}", trigger_text(&trigger.spec, types), needed_text(trigger))?;
    }
    if let Some(FunctionId(id)) = flow.guard {
        let late = if flow.guard_reads_state { ", judged when it leaves its lane" } else { "" };
        writeln!(out, "  where f{id}{late}")?;
    }
    for limit in &flow.limits {
        let per = limit.per.map_or_else(String::new, |ms| format!(" per {}", duration_text(ms)));
        let rest = limit.otherwise.map_or_else(String::new, |id| format!(" else f{}", id.0));
        writeln!(out, "  limit {}{per} by f{}{rest}", limit.count, limit.key.0)?;
    }
    if let Some((ms, FunctionId(key))) = flow.debounce {
        writeln!(out, "  debounce {} by f{key}", duration_text(ms))?;
    }
    if let Some((FunctionId(key), ms)) = flow.dedupe {
        writeln!(out, "  dedupe f{key} for {}", duration_text(ms))?;
    }
    if let Some((lane, FunctionId(key), busy)) = &flow.serial {
        let busy = match busy {
            Busy::Queue => "",
            Busy::Drop => " or drop",
            Busy::Replace => " or replace",
        };
        writeln!(out, "  serial {lane} by f{key}{busy}")?;
    }
    if let Some(ms) = flow.timeout {
        writeln!(out, "  timeout {}", duration_text(ms))?;
    }
    if flow.priority != 0 {
        writeln!(out, "  priority {}", flow.priority)?;
    }
    for (holds, word) in [(flow.exclusive, "exclusive"), (flow.observes, "observes"), (flow.filter, "filter")]
    {
        if holds {
            writeln!(out, "  {word}")?;
        }
    }
    if !flow.cancellable.is_empty() {
        writeln!(out, "  cancellable by {:?}", flow.cancellable)?;
    }
    for (word, id) in [("on failure", flow.on_failure), ("on cancel", flow.on_cancel)] {
        if let Some(FunctionId(id)) = id {
            writeln!(out, "  {word} f{id}")?;
        }
    }
    Ok(())
}

/// What dispatch looks an event up by.
fn needed_text(trigger: &Trigger) -> String {
    if trigger.required_marks.is_empty() {
        let words = &trigger.required_words;
        return if words.is_empty() { String::new() } else { format!(" with one of {words:?}") };
    }
    let mark = |mark: &Mark| match mark {
        Mark::Word(word) => format!("{word:?}"),
        Mark::Field { path, is } => format!("{} {is:?}", path.join(".")),
    };
    format!(" with one of [{}]", trigger.required_marks.iter().map(mark).collect::<Vec<_>>().join(", "))
}

/// A trigger as a person would write it, with full names: `main.support.message`.
pub fn trigger_text(spec: &TriggerSpec, types: &TypeTable) -> String {
    match spec {
        TriggerSpec::Channel { channel, event } => format!("{channel}.{event}"),
        TriggerSpec::Command { channel, name, args } => {
            let args: String =
                args.iter().map(|(name, ty)| format!(", {name}: {}", type_text(ty, types))).collect();
            format!("{channel}.command({name:?}{args})")
        }
        TriggerSpec::Cron { expression, zone, missed } => {
            let missed = format!("{missed:?}").to_lowercase();
            format!("cron({expression:?}, zone: {zone:?}, missed: {missed})")
        }
        TriggerSpec::Every(ms) => format!("every({})", duration_text(*ms)),
        TriggerSpec::At(ms) => {
            format!("at({})", crate::value::display(&crate::Value::Time(*ms), &Type::Time, types))
        }
        TriggerSpec::Webhook { path, method, body, signature, with } => {
            let with: String = with.iter().map(|(name, text)| format!(", {name}: {text:?}")).collect();
            let signed = signature
                .as_ref()
                .map_or_else(String::new, |(check, secret)| format!(", signature: {check}({secret}{with})"));
            format!("webhook({path:?}, {method:?}, {}{signed})", type_text(body, types))
        }
        TriggerSpec::Event { name, payload } => format!("event({name:?}, {})", type_text(payload, types)),
        TriggerSpec::Started => "started".to_owned(),
        TriggerSpec::Failed { flow } => format!("failed({flow})"),
        TriggerSpec::Manual { input } => format!("manual({})", type_text(input, types)),
    }
}

fn wait_text(wait: &Wait, types: &TypeTable) -> String {
    let from = match wait.from {
        crate::code::From::Sender => "",
        crate::code::From::Anyone => " from anyone",
        crate::code::From::Operand => " from a person",
    };
    let place = if wait.conversation { " in a conversation" } else { "" };
    let condition = wait.condition.map_or_else(String::new, |(id, _)| format!(" where f{}", id.0));
    format!("{}{from}{place}{condition}", trigger_text(&wait.trigger, types))
}

fn fork_text(fork: &Fork) -> String {
    let (what, ids): (&str, Vec<u32>) = match fork {
        Fork::All(branches) => ("all", branches.iter().map(|(b, _)| b.function.0).collect()),
        Fork::Race(branches) => ("race", branches.iter().map(|b| b.function.0).collect()),
        Fork::Each(branch) => ("each", vec![branch.function.0]),
    };
    let ids: Vec<String> = ids.iter().map(|id| format!("f{id}")).collect();
    format!("{what} {}", ids.join(" "))
}

/// An effect's call: what, for which type, and what the author said about it.
pub(super) fn effect_text(module: &Module, number: u16) -> String {
    let Some(call) = module.effect_calls.get(usize::from(number)) else { return "?".to_owned() };
    let Some(effect) = module.effects.get(call.effect as usize) else { return "?".to_owned() };
    let of =
        call.type_arg.as_ref().map_or_else(String::new, |ty| format!("<{}>", type_text(ty, &module.types)));
    let delivery = match call.delivery {
        Delivery::Default => "",
        Delivery::AtMostOnce => " at most once",
        Delivery::AtLeastOnce => " at least once",
    };
    let label = call.label.as_ref().map_or_else(String::new, |label| format!(" as {label}"));
    format!("{}@{}{of}{delivery}{label}", effect.name, effect.version)
}

/// A type as one would write it; declared ones by their full names.
pub(super) fn type_text(ty: &Type, types: &TypeTable) -> String {
    match ty {
        Type::List(item) => format!("List<{}>", type_text(item, types)),
        Type::Map(key, value) => format!("Map<{}, {}>", type_text(key, types), type_text(value, types)),
        Type::Optional(inner) => format!("{}?", type_text(inner, types)),
        Type::Template(tag) => tag.to_string(),
        Type::Declared(id, args) => {
            let name = types.get(*id).map_or("?", |def| &*def.name);
            // Those of branches and captures have no name.
            let name = if name.is_empty() { format!("type {}", id.0) } else { name.to_owned() };
            if args.is_empty() {
                return name;
            }
            let args: Vec<String> = args.iter().map(|arg| type_text(arg, types)).collect();
            format!("{name}<{}>", args.join(", "))
        }
        Type::Param(number) => format!("T{number}"),
        Type::Fn(params, result) => {
            let params: Vec<String> = params.iter().map(|param| type_text(param, types)).collect();
            format!("fn({}) -> {}", params.join(", "), type_text(result, types))
        }
        plain => format!("{plain:?}"),
    }
}
