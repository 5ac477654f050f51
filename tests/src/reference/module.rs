//! The page of a module.

use super::source::{Declared, Module};
use super::{MADE, Page};
use carapace_syntax::ast::{Effect, EffectClause, ItemKind, Name};
use std::fmt::Write;

pub(super) fn page(module: &Module) -> Page {
    let mut out = format!("{MADE}# `{}`\n\n", module.path);
    if !module.about.is_empty() {
        let _ = writeln!(out, "{}\n", module.about);
    }
    let _ = writeln!(out, "{}", scope(module));
    whole(&mut out, "Effects", module, |kind| matches!(kind, ItemKind::Effect(_)));
    whole(&mut out, "Triggers", module, |kind| matches!(kind, ItemKind::Trigger(_)));
    whole(&mut out, "Types", module, |kind| matches!(kind, ItemKind::Type(_)));
    listed(&mut out, "Tagged text", module, |kind| matches!(kind, ItemKind::Tag(_)));
    listed(&mut out, "Constants", module, |kind| matches!(kind, ItemKind::Const(_)));
    listed(&mut out, "Flows", module, |kind| matches!(kind, ItemKind::Flow(_) | ItemKind::Tool(_)));
    listed(&mut out, "Functions", module, |kind| matches!(kind, ItemKind::Fn(_) | ItemKind::ExternFn(_)));
    Page { file: module.file(), text: out }
}

fn scope(module: &Module) -> String {
    if module.prelude {
        return "In scope everywhere.".to_owned();
    }
    format!("By `use {}`; then `{}.…`.", module.path, module.name)
}

/// A section of declarations that are shown whole.
fn whole(out: &mut String, title: &str, module: &Module, of: impl Fn(&ItemKind) -> bool) {
    let mut first = true;
    for item in module.items.iter().filter(|item| of(&item.kind)) {
        if std::mem::take(&mut first) {
            let _ = writeln!(out, "\n## {title}");
        }
        let _ = writeln!(out, "\n### `{}`\n\n{}\n\n```flow part\n{}\n```", item.name, item.docs, item.text);
        if let ItemKind::Effect(effect) = &item.kind {
            let _ = writeln!(out, "\n{}", in_words(effect));
        }
    }
}

/// A section of declarations of which a line each says everything.
fn listed(out: &mut String, title: &str, module: &Module, of: impl Fn(&ItemKind) -> bool) {
    let items: Vec<&Declared> = module.items.iter().filter(|item| of(&item.kind)).collect();
    if items.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n## {title}\n\n| | |\n|---|---|");
    for item in items {
        let _ = writeln!(out, "| `{}` | {} |", cell(&item.signature()), cell(&item.docs));
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// What an effect's clauses say.
fn in_words(effect: &Effect) -> String {
    let mut said = Vec::new();
    if let Some(on) = effect.on.as_ref().and_then(|path| path.names.first()) {
        said.push(format!("Called on {}: `name.…(…)`.", article(&on.text)));
    }
    for clause in &effect.clauses {
        said.push(match clause {
            EffectClause::Needs(names) => format!("The run needs {}.", list(names, article)),
            EffectClause::Requires(names) => {
                format!("Only where the channel's kind can {}.", list(names, |name| format!("`{name}`")))
            }
            EffectClause::RequiresFor(parameter, capability) => {
                format!("With `{}`, only where it can `{}`.", parameter.text, capability.text)
            }
            EffectClause::Engine => "The engine does it itself.".to_owned(),
            EffectClause::Delivery(line) => match line.class.text.as_str() {
                "read" => "It may be repeated freely.".to_owned(),
                "keyed" => "The other side knows a repetition by its key.".to_owned(),
                "probe" => "The other side can be asked whether it happened.".to_owned(),
                "of" => {
                    "Whether a repetition is harmless is up to the [channel's kind](kinds.md).".to_owned()
                }
                _ => "Nobody can tell a repetition from a second one.".to_owned(),
            },
        });
    }
    said.join(" ")
}

fn list(names: &[Name], each: impl Fn(&str) -> String) -> String {
    names.iter().map(|name| each(&name.text)).collect::<Vec<_>>().join(", ")
}

fn article(word: &str) -> String {
    let vowel = word.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {word}", if vowel { "an" } else { "a" })
}
