//! One flow.

use super::action::Body;
use super::condition::{Judged, judge};
use super::module::Module;
use super::place::Place;
use super::text::literal;
use super::variables::Variables;
use crate::old::{Flow, Trigger};

/// What stands in front of a flow's body.
struct Head {
    name: String,
    /// `on …`, or parameters.
    begins: String,
    guard: Vec<String>,
    notes: Vec<String>,
    /// Why it can never start.
    never: Option<String>,
}

/// A flow that starts by itself.
pub(super) fn triggered(module: &mut Module<'_>, flow: &Flow, name: &str) -> String {
    let mut head = Head {
        name: name.to_owned(),
        begins: String::new(),
        guard: Vec::new(),
        notes: Vec::new(),
        never: None,
    };
    let (place, begins) = begins(module, &flow.trigger, &mut head);
    head.begins = begins;
    for condition in &flow.conditions {
        match judge(module, &place, condition) {
            Judged::Is(expression) => head.guard.push(expression),
            Judged::Left(why) => head.notes.push(why),
            Judged::Never(why) => head.never = Some(why),
        }
    }
    write(module, flow, &place, head)
}

/// A flow that others call.
pub(super) fn called(module: &mut Module<'_>, flow: &Flow, name: &str, answers: bool) -> String {
    let head = Head {
        name: name.to_owned(),
        begins: "(input: Map<Text, Text>)".to_owned(),
        guard: Vec::new(),
        notes: Vec::new(),
        never: None,
    };
    write(module, flow, &Place::Called { answers }, head)
}

fn write(module: &mut Module<'_>, flow: &Flow, place: &Place, mut head: Head) -> String {
    if !flow.enabled {
        head.notes.push("the flow was not enabled: take the `//` away to have it again".to_owned());
    }
    if let Some(why) = &head.never {
        head.notes.push(format!("{why}: it never started, and is left out"));
    }
    let mut notes = String::new();
    for note in &head.notes {
        notes.push_str(&format!("// note: {}\n", module.note(&head.name, note.clone())));
    }
    let mut body = Body { module, place, flow: &head.name, variables: Variables::of(&flow.actions) };
    let mut lines = Vec::new();
    for (old, new) in body.variables.known_from_the_start() {
        let value = body.before_set(&old);
        lines.push(format!("var {new} = {value}"));
    }
    lines.extend(body.actions(&flow.actions));
    let mut out = String::new();
    for line in documentation(flow).lines() {
        out.push_str(&format!("/// {}\n", line.trim()));
    }
    let header = header(flow, place, &head);
    let text = format!("{header} {{\n{}\n}}\n", lines.join("\n"));
    if !flow.enabled || head.never.is_some() {
        // What is formatted stands alone: a comment keeps its lines as they are.
        let whole = carapace_syntax::format(&format!("{out}{text}"));
        let commented: String =
            whole.lines().map(|line| format!("// {line}").trim_end().to_owned() + "\n").collect();
        return format!("{notes}{commented}");
    }
    format!("{notes}{out}{text}")
}

fn documentation(flow: &Flow) -> String {
    let text = [&flow.description, &flow.name, &flow.id].into_iter().find(|text| !text.trim().is_empty());
    let text = text.map_or("A flow of the first carapace.", |text| text.trim());
    text.lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

fn header(flow: &Flow, place: &Place, head: &Head) -> String {
    let mut header = match place {
        Place::Called { .. } => return format!("flow {}{}", head.name, head.begins),
        _ => format!("flow {} on {}", head.name, head.begins),
    };
    if !head.guard.is_empty() {
        header.push_str(&format!("\n  where {}", head.guard.join(" and ")));
    }
    if flow.priority != 0 {
        header.push_str(&format!("\n  priority {}", flow.priority));
    }
    header
}

/// What starts it.
fn begins(module: &mut Module<'_>, trigger: &Trigger, head: &mut Head) -> (Place, String) {
    match trigger {
        Trigger::ChannelMessage { channel } => {
            if channel == "*" {
                head.notes.push("the old engine knew no `*`; now it is every channel".to_owned());
            }
            let slot = module.channel(channel);
            (Place::Message { old: channel.clone() }, format!("{slot}.message"))
        }
        Trigger::Command { command } => {
            let name = command.trim().trim_start_matches(['!', '/']).to_lowercase();
            head.notes.push(format!(
                "it is written `/{name}` now; `!{name}`, with whatever came behind it, started it before"
            ));
            (Place::Command, format!("{}.command({})", module.everywhere(), literal(&name)))
        }
        Trigger::Webhook { path } => {
            let path = if path.starts_with('/') { path.clone() } else { format!("/{path}") };
            head.notes
                .push("anybody can call it: `signature:` says how a caller proves who they are".to_owned());
            (Place::Webhook, format!("webhook({})", literal(&path)))
        }
        Trigger::Schedule { cron } => {
            head.notes.push("the old engine never ran schedules".to_owned());
            (Place::Schedule, format!("cron({}, zone: \"UTC\")", literal(&five_fields(cron))))
        }
        Trigger::Event { event_type } => {
            head.notes.push("the old engine never ran it: `emit` of another flow does".to_owned());
            (Place::Custom, format!("event({}, Map<Text, Text>)", literal(event_type)))
        }
        Trigger::UserJoin { channel } => member(module, channel, "joined", head),
        Trigger::UserLeave { channel } => member(module, channel, "left", head),
        Trigger::Manual {} => {
            head.notes.push("the old engine never ran it; `carapace runs start` does".to_owned());
            (Place::Hand, "manual(Map<Text, Text>)".to_owned())
        }
    }
}

fn member(module: &mut Module<'_>, channel: &str, what: &str, head: &mut Head) -> (Place, String) {
    head.notes.push("the old engine ran it for each message there; now it is what it says".to_owned());
    if module.special_channel(channel) {
        head.notes.push("not every network tells of members: say which one this is".to_owned());
    }
    let slot = module.channel(channel);
    (Place::Member { old: channel.to_owned() }, format!("{slot}.{what}"))
}

/// Without the seconds that some programs put in front.
fn five_fields(cron: &str) -> String {
    let fields: Vec<&str> = cron.split_whitespace().collect();
    match &fields[..] {
        ["0" | "00", rest @ ..] if rest.len() == 5 => rest.join(" "),
        _ => fields.join(" "),
    }
}
