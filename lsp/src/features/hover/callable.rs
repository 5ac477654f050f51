//! What is said about things that are called or asked: effects, flows, channels.

use crate::workspace::Snapshot;
use carapace_check::{EffectOutline, ItemOutline, NameKind, Outline};
use carapace_module::signature::DeliveryClass;

/// As many capabilities as anybody reads.
const MOST: usize = 12;

/// What else there is to say of an item, below its signature.
pub(super) fn lines(snapshot: &Snapshot, item: &ItemOutline) -> Vec<String> {
    let outline = &snapshot.checked.outline;
    match (&item.effect, item.kind) {
        (Some(effect), _) => effect_lines(outline, item, effect),
        (None, NameKind::Flow | NameKind::Tool) => flow_lines(snapshot, item),
        (None, NameKind::Trigger) => trigger_lines(outline, item),
        (None, NameKind::Channel | NameKind::Room) => {
            item.of.as_deref().and_then(|kind| kind_line(outline, kind)).into_iter().collect()
        }
        (None, NameKind::ChannelKind) => kind_line(outline, &item.name).into_iter().collect(),
        (None, NameKind::State) => vec!["A state: durable. It is written with `set`.".to_owned()],
        (None, NameKind::Setting) => vec!["A setting: the deployment may give another value.".to_owned()],
        _ => Vec::new(),
    }
}

fn effect_lines(outline: &Outline, item: &ItemOutline, effect: &EffectOutline) -> Vec<String> {
    let mut lines = vec![format!("Effect `{}@{}`. {}", effect.identity, effect.version, class(effect))];
    if !effect.needs.is_empty() {
        lines.push(format!("Needs a run with a {}.", ticked(effect.needs.iter().map(|n| &**n), " and a ")));
    }
    if !item.requires.is_empty() {
        let able = kinds(outline, |kind| item.requires.iter().all(|needed| kind.contains(&&**needed)));
        let needed = ticked(item.requires.iter().map(|n| &**n), ", ");
        lines.push(format!("Needs a channel that can {needed}: {able}."));
    }
    for (param, capability) in &effect.requires_for {
        let able = kinds(outline, |kind| kind.contains(&&**capability));
        lines.push(format!("`{param}` needs a channel that can `{capability}`: {able}."));
    }
    if effect.waits {
        lines.push("It waits, and survives a restart meanwhile.".to_owned());
    }
    lines
}

fn class(effect: &EffectOutline) -> String {
    match effect.class {
        DeliveryClass::Read => "It only reads, so it may be repeated.".to_owned(),
        DeliveryClass::Keyed(i64::MAX) => {
            "The other side knows it again, so a repetition does nothing.".to_owned()
        }
        DeliveryClass::Keyed(ms) => {
            let time = super::duration_words(ms);
            format!("The other side knows it again for {time}, so a repetition does nothing.")
        }
        DeliveryClass::Probe => "Whether it happened can be looked up.".to_owned(),
        DeliveryClass::Blind => {
            "After a crash nobody knows whether it happened: see `on unknown`, `at most once`, `at least once`."
                .to_owned()
        }
        DeliveryClass::OfChannel => "How it is repeated after a crash depends on the kind of channel.".to_owned(),
        DeliveryClass::Engine => "The engine performs it, exactly once.".to_owned(),
    }
}

fn flow_lines(snapshot: &Snapshot, item: &ItemOutline) -> Vec<String> {
    let span = item.site.span;
    let facts = snapshot.checked.facts.item_at(span.file, span.range.start);
    let Some(header) = facts.and_then(|facts| facts.header.as_ref()) else { return Vec::new() };
    let mut lines = Vec::new();
    if header.waits {
        lines.push("It may wait: for a person, an event or the clock.".to_owned());
    }
    if header.capabilities.is_empty() {
        lines.push("It touches nothing outside.".to_owned());
        return lines;
    }
    let mut list: Vec<String> = header.capabilities.iter().map(|line| format!("- `{line}`")).collect();
    let more = list.len().saturating_sub(MOST);
    list.truncate(MOST);
    if more > 0 {
        list.push(format!("- … and {more} more"));
    }
    lines.push(format!("It may touch:\n\n{}", list.join("\n")));
    lines
}

fn trigger_lines(outline: &Outline, item: &ItemOutline) -> Vec<String> {
    let mut lines = Vec::new();
    if !item.fields.is_empty() {
        let fields = item.fields.iter().map(|(name, ty)| match ty {
            carapace_module::Type::Error => format!("`{name}`"),
            ty => format!("`{name}: {}`", outline.show(ty)),
        });
        lines.push(format!("In scope: {}.", fields.collect::<Vec<_>>().join(", ")));
    }
    if !item.requires.is_empty() {
        let able = kinds(outline, |kind| item.requires.iter().all(|needed| kind.contains(&&**needed)));
        lines.push(format!("These kinds of channels tell of it: {able}."));
    }
    lines
}

/// What a kind of channel can do.
pub(super) fn kind_line(outline: &Outline, name: &str) -> Option<String> {
    let kind = outline.kind(name)?;
    let can = ticked(kind.can.iter().map(|n| &**n), ", ");
    let of =
        if name == "any" { "What every kind of channel can do".to_owned() } else { format!("{name} can") };
    let text =
        kind.max_text.map_or_else(String::new, |max| format!(" A message has at most {max} characters."));
    Some(if can.is_empty() { format!("{of}: send texts.{text}") } else { format!("{of}: {can}.{text}") })
}

/// The names of the kinds of channels whose capabilities pass the test.
pub(super) fn kinds(outline: &Outline, test: impl Fn(&[&str]) -> bool) -> String {
    let able: Vec<&str> = outline
        .kinds()
        .iter()
        .filter(|kind| &*kind.name != "any")
        .filter(|kind| test(&kind.can.iter().map(|n| &**n).collect::<Vec<_>>()))
        .map(|kind| &*kind.name)
        .collect();
    if able.is_empty() { "no kind".to_owned() } else { able.join(", ") }
}

fn ticked<'n>(names: impl Iterator<Item = &'n str>, between: &str) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(between)
}
