//! Names that stand alone: locals, items, modules, types, triggers, kinds.

use super::complete::Here;
use super::cursor::Cursor;
use super::modules;
use super::proposal::{Completion, CompletionKind, Docs};
use crate::workspace::Snapshot;
use carapace_check::{ItemOutline, NameKind, Outline};
use carapace_diagnostic::FileId;
use carapace_module::Type;
use carapace_syntax::ast::{Item, ItemKind, Name, TriggerRef};
use carapace_syntax::walk::Node;

/// Everything that has a value, is called, or leads to such things.
pub(super) fn values(here: &Here<'_, '_>) -> Vec<Completion> {
    let (outline, cursor) = (&here.tried.checked.outline, here.cursor);
    let locals = here.facts.locals_at(here.at);
    let wanted = super::expected::wanted(here);
    let fits = |ty: &Type| wanted.as_ref().is_some_and(|wanted| outline.fits(ty, wanted));
    let mut found: Vec<Completion> = locals
        .iter()
        .filter(|local| cursor.may_be(&local.name))
        .map(|local| {
            let made = Completion::local(cursor, outline, local);
            Completion { rank: if fits(&local.ty) { 1 } else { made.rank }, ..made }
        })
        .collect();
    let hidden = |name: &str| locals.iter().any(|local| &*local.name == name);
    let Some(module) = here.tried.module(here.file).map(|m| m.module.clone()) else { return found };
    let kinds = kinds_of_flow(here);
    let intrinsics = outline.module("std/intrinsics").map(|module| module.file);
    for item in outline.in_scope(&module) {
        let unfit = item.kind == NameKind::Broken || (item.starts && !here.test);
        if unfit || !cursor.may_be(&item.name) || hidden(&item.name) {
            continue;
        }
        let own = item.site.span.file == here.file;
        let made = Completion::item(cursor, item, 0);
        let lacking = kinds.iter().find(|kind| !outline.kind_can(Some(kind), item));
        if let Some(kind) = lacking {
            // It is not kept back: a `send` to elsewhere may be meant.
            found.push(Completion { rank: 8, detail: format!("{} (not on {kind})", made.detail), ..made });
            continue;
        }
        let rank = match item.kind {
            NameKind::Type => 5,
            _ if item.callable.is_none() && fits(&item.ty) => 1,
            _ if own => 3,
            _ if is_method(intrinsics, item) => 7,
            _ => 4,
        };
        found.push(Completion { rank, ..made });
    }
    for (name, module) in outline.modules_in_scope(&module) {
        if cursor.may_be(name) && !hidden(name) && module.items.iter().any(is_named) {
            found.push(Completion {
                detail: format!("use {}", module.path),
                rank: 6,
                docs: Docs::Module(module.path.to_string()),
                ..Completion::plain(cursor, &**name, CompletionKind::Name(NameKind::Module))
            });
        }
    }
    found.extend(modules::not_in_scope(here, &module));
    found
}

/// A function that is mostly called behind a dot.
fn is_method(intrinsics: Option<FileId>, item: &ItemOutline) -> bool {
    let takes = item.callable.as_ref().is_some_and(|callable| !callable.params.is_empty());
    let bare = intrinsics == Some(item.site.span.file);
    takes && !bare && matches!(item.kind, NameKind::Fn | NameKind::Native)
}

/// Whether an item is named with its module in front.
fn is_named(item: &ItemOutline) -> bool {
    let free = item.effect.as_ref().is_none_or(|effect| effect.on.is_none());
    free && !matches!(
        item.kind,
        NameKind::ChannelKind | NameKind::TextTag | NameKind::Trigger | NameKind::Broken
    )
}

/// The kinds of the channels whose events start the flow at the cursor.
fn kinds_of_flow(here: &Here<'_, '_>) -> Vec<String> {
    let outline = &here.tried.checked.outline;
    let Some(Node::Item(item)) = here.path.first() else { return Vec::new() };
    let ItemKind::Flow(flow) = &item.kind else { return Vec::new() };
    let kind = |trigger: &TriggerRef| {
        let [.., channel, _] = trigger.path.names.as_slice() else { return None };
        let reference = here.facts.references.iter().find(|r| r.range == channel.range)?;
        outline.item(reference.site)?.of.as_ref().map(|kind| kind.to_string())
    };
    flow.header.triggers.iter().filter_map(kind).collect()
}

/// Items of these kinds.
pub(super) fn of_kinds(here: &Here<'_, '_>, kinds: &[NameKind]) -> Vec<Completion> {
    let Some(module) = here.tried.module(here.file) else { return Vec::new() };
    let items = here.tried.checked.outline.in_scope(module.module);
    let wanted = items.into_iter().filter(|item| kinds.contains(&item.kind));
    wanted
        .map(|item| Completion { snippet: None, rank: 1, ..Completion::item(here.cursor, item, 0) })
        .collect()
}

/// Sub-flows and tools, to be started as runs of their own; modules lead to more of them.
pub(super) fn started(here: &Here<'_, '_>) -> Vec<Completion> {
    let mut found = values(here);
    let called =
        |kind| matches!(kind, CompletionKind::Name(NameKind::Flow | NameKind::Tool | NameKind::Module));
    found.retain(|completion| called(completion.kind));
    found
}

/// Types; behind a module's name those of the module.
pub(super) fn types(here: &Here<'_, '_>, front: Option<&Name>) -> Vec<Completion> {
    const BUILTIN: [&str; 15] = [
        "Bool", "Bytes", "Date", "Duration", "Int", "Json", "List", "Map", "Money", "Number", "Nothing",
        "Regex", "Secret", "Text", "Time",
    ];
    let (outline, cursor) = (&here.tried.checked.outline, here.cursor);
    let Some(module) = here.tried.module(here.file) else { return Vec::new() };
    let modules = outline.modules_in_scope(module.module);
    let ty = |item: &ItemOutline, rank: u8| Completion { rank, ..Completion::item(cursor, item, 0) };
    if let Some(front) = front {
        let of = modules.into_iter().find(|(name, _)| ***name == *front.text);
        let items = of.into_iter().flat_map(|(_, module)| &module.items);
        return items.filter(|item| item.kind == NameKind::Type).map(|item| ty(item, 1)).collect();
    }
    let mut found: Vec<Completion> = BUILTIN
        .iter()
        .map(|name| Completion {
            rank: 3,
            docs: Docs::Builtin((*name).to_owned()),
            snippet: match *name {
                "List" => Some("List<${1:Text}>".to_owned()),
                "Map" => Some("Map<${1:Text}, ${2:Int}>".to_owned()),
                _ => None,
            },
            ..Completion::plain(cursor, *name, CompletionKind::Builtin)
        })
        .collect();
    for item in outline.in_scope(module.module).into_iter().filter(|item| item.kind == NameKind::Type) {
        found.push(ty(item, if item.site.span.file == here.file { 2 } else { 4 }));
    }
    let with_types = modules.into_iter().filter(|(_, m)| m.items.iter().any(|i| i.kind == NameKind::Type));
    found.extend(with_types.map(|(name, module)| Completion {
        detail: format!("use {}", module.path),
        rank: 6,
        ..Completion::plain(cursor, &**name, CompletionKind::Name(NameKind::Module))
    }));
    found
}

/// What starts flows and what can be waited for; behind a channel's name, its events.
pub(super) fn triggers(here: &Here<'_, '_>, front: Option<&Name>) -> Vec<Completion> {
    let (outline, cursor) = (&here.tried.checked.outline, here.cursor);
    if let Some(front) = front {
        let site = here.facts.references.iter().find(|r| r.range == front.range).map(|r| r.site);
        let Some(slot) = site.and_then(|site| outline.item(site)) else { return Vec::new() };
        let events = outline.triggers_of(slot).into_iter();
        return events.map(|item| Completion { rank: 1, ..trigger(cursor, item) }).collect();
    }
    let mut found = of_kinds(here, &[NameKind::Channel, NameKind::Room]);
    found.extend(outline.free_triggers().into_iter().map(|item| trigger(cursor, item)));
    found
}

fn trigger(cursor: &Cursor<'_>, item: &ItemOutline) -> Completion {
    let snippet = match &*item.name {
        _ if cursor.called() => None,
        "cron" => Some("cron(\"${1:0 9 * * mon}\", zone: \"${2:UTC}\")".to_owned()),
        "every" => Some("every(${1:15m})".to_owned()),
        "webhook" => Some("webhook(\"/${1:path}\")".to_owned()),
        "event" => Some("event(\"${1:name}\", ${2:Text})".to_owned()),
        "command" => Some("command(\"${1:name}\")".to_owned()),
        "failed" => Some("failed(${1:flow})".to_owned()),
        _ => None,
    };
    Completion { rank: 2, snippet, ..Completion::item(cursor, item, 0) }
}

/// Kinds of channels.
pub(super) fn kinds(snapshot: &Snapshot, cursor: &Cursor<'_>) -> Vec<Completion> {
    let outline: &Outline = &snapshot.checked.outline;
    let kinds = outline.kinds().iter();
    kinds
        .map(|kind| Completion {
            detail: kind.docs.as_ref().map_or_else(String::new, |docs| docs.trim().to_owned()),
            rank: if &*kind.name == "any" { 0 } else { 1 },
            docs: Docs::Text(format!(
                "It can {}.",
                kind.can.iter().map(|can| format!("`{can}`")).collect::<Vec<_>>().join(", ")
            )),
            ..Completion::plain(cursor, &*kind.name, CompletionKind::Name(NameKind::ChannelKind))
        })
        .collect()
}

/// The lanes of this file.
pub(super) fn lanes(here: &Here<'_, '_>) -> Vec<Completion> {
    let lane = |item: &Item| match &item.kind {
        ItemKind::Flow(flow) => flow.header.serial.as_ref()?.lane.as_ref().map(|lane| lane.text.clone()),
        _ => None,
    };
    let mut names: Vec<String> = here.tried.items(here.file).filter_map(|(_, item)| lane(item)).collect();
    names.retain(|name| name != super::blank::BLANK);
    names.sort_unstable();
    names.dedup();
    let kind = CompletionKind::Name(NameKind::Lane);
    let lane = |name| Completion { rank: 1, ..Completion::plain(here.cursor, name, kind) };
    let mut found: Vec<Completion> = names.into_iter().map(lane).collect();
    found.push(Completion::keyword(here.cursor, "by"));
    found
}
