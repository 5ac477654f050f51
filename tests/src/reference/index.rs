//! The index: everything by name.

use super::source::{Declared, Module};
use super::{MADE, Page};
use carapace_syntax::ast::{Field, ItemKind, Param, TriggerDecl};
use std::fmt::Write;

pub(super) fn page(modules: &[Module], kinds: &[Module]) -> Page {
    let mut out = format!(
        "{MADE}# The standard library\n\nEverything that a flow may do is declared in [`stdlib/`](../../../stdlib/README.md), in \
         the language itself; these pages are made\nof it. There are {} modules, and {} [kinds of channels](kinds.md).\n",
        modules.len(),
        kinds.len()
    );
    effects(&mut out, modules);
    triggers(&mut out, modules);
    types(&mut out, modules);
    functions(&mut out, modules);
    Page { file: "README.md".to_owned(), text: out }
}

fn all<'m>(
    modules: &'m [Module],
    of: impl Fn(&ItemKind) -> bool + 'm,
) -> impl Iterator<Item = (&'m Module, &'m Declared)> {
    let items = modules.iter().flat_map(|module| module.items.iter().map(move |item| (module, item)));
    items.filter(move |(_, item)| of(&item.kind))
}

fn effects(out: &mut String, modules: &[Module]) {
    let _ = writeln!(out, "\n## Effects\n\nWhat happens outside of a flow.\n\n| | |\n|---|---|");
    for (module, item) in all(modules, |kind| matches!(kind, ItemKind::Effect(_))) {
        let ItemKind::Effect(effect) = &item.kind else { continue };
        let on = effect.on.as_ref().and_then(|on| on.names.first());
        let front = match on {
            Some(on) => format!("{}.", on.text),
            None if module.prelude => String::new(),
            None => format!("{}.", module.name),
        };
        let call = format!("{front}{}({})", item.name, params(&effect.params));
        let anchor = anchor(&item.name);
        let _ = writeln!(out, "| [`{call}`]({}#{anchor}) | {} |", module.file(), item.first_sentence());
    }
}

fn triggers(out: &mut String, modules: &[Module]) {
    let _ = writeln!(
        out,
        "\n## Triggers\n\nWhat starts a flow, and what is in scope in it. `channel` stands for the name of one.\n\n\
         | `on …` | | in scope |\n|---|---|---|"
    );
    for (module, item) in all(modules, |kind| matches!(kind, ItemKind::Trigger(_))) {
        let ItemKind::Trigger(trigger) = &item.kind else { continue };
        let fields = trigger.fields.iter().map(field).collect::<Vec<_>>().join(" ");
        let anchor = anchor(&item.name);
        let _ = writeln!(
            out,
            "| [`{}`]({}#{anchor}) | {} | {fields} |",
            written(&item.name, trigger),
            module.file(),
            item.first_sentence()
        );
    }
}

/// `channel.command(name)`.
fn written(name: &str, trigger: &TriggerDecl) -> String {
    let on = trigger.on.as_ref().map_or_else(String::new, |on| format!("{}.", on.text));
    if trigger.params.is_empty() {
        format!("{on}{name}")
    } else {
        format!("{on}{name}({})", params(&trigger.params))
    }
}

fn field(field: &Field) -> String {
    format!("`{}`", field.name.text)
}

fn params(params: &[Param]) -> String {
    let one = |param: &Param| match param.default {
        Some(_) => format!("{}: …", param.name.text),
        None => param.name.text.clone(),
    };
    params.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn types(out: &mut String, modules: &[Module]) {
    let _ = writeln!(out, "\n## Types\n\n| | |\n|---|---|");
    for (module, item) in all(modules, |kind| matches!(kind, ItemKind::Type(_))) {
        let front = if module.prelude { String::new() } else { format!("{}.", module.name) };
        let anchor = anchor(&item.name);
        let _ = writeln!(
            out,
            "| [`{front}{}`]({}#{anchor}) | {} |",
            item.name,
            module.file(),
            item.first_sentence()
        );
    }
}

fn functions(out: &mut String, modules: &[Module]) {
    let _ = writeln!(
        out,
        "\n## Functions\n\n`x.f(y)` is the function `f` of the module that declares the type of `x`: `text.upper()`, \
         `list.map(…)`. Without a\nvalue in front they go by their bare names, or, where several modules have that name, behind \
         their module's: `list.count(xs)`.\n\n| module | | functions |\n|---|---|---|"
    );
    for module in modules {
        let of = |item: &&Declared| {
            matches!(
                item.kind,
                ItemKind::Fn(_) | ItemKind::ExternFn(_) | ItemKind::Flow(_) | ItemKind::Tag(_)
            )
        };
        let names: Vec<String> =
            module.items.iter().filter(of).map(|item| format!("`{}`", item.name)).collect();
        if names.is_empty() {
            continue;
        }
        let scope = if module.prelude { "in scope" } else { "by `use`" };
        let _ = writeln!(out, "| [`{}`]({}) | {scope} | {} |", module.path, module.file(), names.join(" "));
    }
}

/// A heading's address.
fn anchor(name: &str) -> String {
    name.to_lowercase()
}
