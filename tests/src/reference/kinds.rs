//! The page of the channel kinds: what each can.

use super::source::{Declared, Module};
use super::{MADE, Page};
use carapace_syntax::ast::{ChannelKind, ChannelKindLine, DeliveryLine, Expr, ExprKind, ItemKind, Name};
use std::collections::BTreeMap;
use std::fmt::Write;

pub(super) fn page(modules: &[Module]) -> Page {
    let kinds: Vec<(&Declared, &ChannelKind)> = modules
        .iter()
        .flat_map(|module| &module.items)
        .filter_map(|item| match &item.kind {
            ItemKind::ChannelKind(kind) => Some((item, kind)),
            _ => None,
        })
        .collect();
    let mut out = format!(
        "{MADE}# Channel kinds\n\n`channel name: kind` takes one of these. A channel of kind `any` may be bound to each \
         of them, so only what all of\nthem can do checks.\n\n| kind | | text at most | a repetition is known |\n\
         |---|---|---|---|\n"
    );
    for (item, kind) in &kinds {
        let _ = writeln!(
            out,
            "| [`{0}`](#{0}) | {1} | {2} | {3} |",
            item.name,
            item.docs,
            longest(kind),
            delivery(kind)
        );
    }
    let _ = writeln!(out, "\n## What they can do\n\n| | these can |\n|---|---|");
    for (capability, able) in abilities(&kinds) {
        let all = if able.len() == kinds.len() { "all of them".to_owned() } else { quoted(&able) };
        let _ = writeln!(out, "| `{capability}` | {all} |");
    }
    for (item, kind) in &kinds {
        let _ = writeln!(
            out,
            "\n## `{}`\n\n{}\n\n| | |\n|---|---|\n| can | {} |\n| cannot | {} |",
            item.name,
            item.docs,
            quoted(&named(kind, true)),
            quoted(&named(kind, false))
        );
        for limit in limits(kind) {
            let _ = writeln!(out, "| takes | {limit} |");
        }
        if let Some(window) = redelivery(kind) {
            let _ = writeln!(out, "| comes again | what was not acknowledged, for {window} |");
        }
    }
    Page { file: "kinds.md".to_owned(), text: out }
}

/// The kinds by what they can, in the order in which capabilities are first named.
fn abilities<'k>(kinds: &[(&'k Declared, &'k ChannelKind)]) -> Vec<(&'k str, Vec<&'k str>)> {
    let mut order: Vec<&str> = Vec::new();
    let mut able: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (item, kind) in kinds {
        for capability in named(kind, true) {
            if !order.contains(&capability) {
                order.push(capability);
            }
            able.entry(capability).or_default().push(&item.name);
        }
    }
    order.into_iter().filter_map(|capability| Some((capability, able.remove(capability)?))).collect()
}

fn named(kind: &ChannelKind, can: bool) -> Vec<&str> {
    kind.lines
        .iter()
        .flat_map(|line| match line {
            ChannelKindLine::Can(names) if can => texts(names),
            ChannelKindLine::Cannot(names) if !can => texts(names),
            _ => Vec::new(),
        })
        .collect()
}

fn texts(names: &[Name]) -> Vec<&str> {
    names.iter().map(|name| name.text.as_str()).collect()
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" ")
}

fn longest(kind: &ChannelKind) -> String {
    let max = kind.lines.iter().find_map(|line| match line {
        ChannelKindLine::Max(what, length) if what.text == "text" => Some(length),
        _ => None,
    });
    match max.map(|length| &length.kind) {
        Some(ExprKind::Int(letters)) => letters.to_string(),
        _ => "no limit".to_owned(),
    }
}

/// For how long the network recognises a repeated send, and of what.
fn delivery(kind: &ChannelKind) -> String {
    let lines = kind.lines.iter().filter_map(|line| match line {
        ChannelKindLine::Delivery(lines) => Some(lines),
        _ => None,
    });
    let known: Vec<String> = lines.flatten().filter(|line| line.class.text != "blind").map(one).collect();
    if known.is_empty() { "never".to_owned() } else { known.join(", ") }
}

fn one(line: &DeliveryLine) -> String {
    let window = line.window.as_ref().and_then(duration).map_or_else(String::new, |d| format!(" for {d}"));
    let of = line.effect.as_ref().map_or_else(String::new, |name| format!("`{}`", name.text));
    match line.class.text.as_str() {
        "keyed" if of.is_empty() => format!("everything{window}"),
        "keyed" => format!("{of}{window}"),
        class => format!("{class} {of}{window}"),
    }
}

/// What the network takes in which time.
fn limits(kind: &ChannelKind) -> Vec<String> {
    let limit = |line: &ChannelKindLine| {
        let ChannelKindLine::Limit { most, per, by } = line else { return None };
        let ExprKind::Int(most) = most.kind else { return None };
        let of = if by.text == "account" { "in all" } else { "in one conversation" };
        Some(format!("{most} requests in {} {of}", duration(per)?))
    };
    kind.lines.iter().filter_map(limit).collect()
}

fn redelivery(kind: &ChannelKind) -> Option<String> {
    kind.lines.iter().find_map(|line| match line {
        ChannelKindLine::Redelivers(window) => duration(window),
        _ => None,
    })
}

/// `24h` as it is said.
fn duration(expr: &Expr) -> Option<String> {
    let ExprKind::Duration(ms) = expr.kind else { return None };
    let units = [(86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1_000, "second")];
    let (length, unit) = units.into_iter().find(|(length, _)| ms % length == 0)?;
    let count = ms / length;
    Some(format!("{count} {unit}{}", if count == 1 { "" } else { "s" }))
}
