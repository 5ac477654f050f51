//! Every name of every example gets another name, everywhere it is meant: what is right stays right.
//!
//! A use that was forgotten would lead nowhere, and one too many would lead to something else.

use crate::asked::LIBRARY;
use crate::coverage::{blocks, packages};
use crate::support;
use carapace_check::{DefinitionSite, Facts, NameKind};
use carapace_diagnostic::Span;
use std::collections::BTreeMap;

#[test]
fn every_name_of_the_examples_can_have_another() {
    let mut count = 0;
    for package in packages().into_iter().chain(blocks()) {
        let modules: Vec<(&str, &str)> = package.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
        let (checked, before) = support::check_modules(&LIBRARY, &modules);
        let texts = renamed(&checked.facts, &modules, &mut count);
        let modules: Vec<(&str, &str)> =
            modules.iter().zip(&texts).map(|((path, _), text)| (*path, text.as_str())).collect();
        let (_, after) = support::check_modules(&LIBRARY, &modules);
        let told: Vec<String> = after
            .iter()
            .filter(|d| d.is_error() || before.is_empty())
            .map(|d| format!("{} {}", d.code, d.message))
            .collect();
        assert!(told.is_empty(), "{told:#?}\n{}", texts.join("\n----\n"));
    }
    assert!(count > 1000, "{count}");
}

/// The texts with a new name for everything that they declare.
fn renamed(facts: &Facts, modules: &[(&str, &str)], count: &mut usize) -> Vec<String> {
    let own =
        |site: DefinitionSite| site.span.file.0 as usize >= LIBRARY.len() && !site.span.range.is_empty();
    let mut names: BTreeMap<DefinitionSite, String> = BTreeMap::new();
    let mut at: BTreeMap<Span, Vec<(NameKind, Option<String>)>> = BTreeMap::new();
    for item in &facts.items {
        for reference in &item.references {
            let next = names.len();
            let name = own(reference.site).then(|| {
                let upper = matches!(reference.kind, NameKind::Type | NameKind::TypeParam);
                let made = || if upper { format!("Zz{next}") } else { format!("zz_{next}") };
                names.entry(reference.site).or_insert_with(made).clone()
            });
            // `it` and `trigger` are words of the language.
            let name = name.filter(|_| reference.kind != NameKind::It);
            at.entry(Span::new(item.file, reference.range.shift(item.offset)))
                .or_default()
                .push((reference.kind, name));
        }
    }
    let mut texts: Vec<String> = modules.iter().map(|(_, text)| (*text).to_owned()).collect();
    for (span, meanings) in at.into_iter().rev() {
        let index = span.file.0 as usize - LIBRARY.len();
        let range = span.range.start as usize..span.range.end as usize;
        let written = texts[index][range.clone()].to_owned();
        let as_of = |field: bool| {
            let found = meanings.iter().find(|(kind, _)| (*kind == NameKind::Field) == field);
            found.map(|(_, name)| name.clone().unwrap_or_else(|| written.clone()))
        };
        let text = match (as_of(true), as_of(false)) {
            (Some(field), Some(value)) => format!("{field}: {value}"),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => continue,
        };
        *count += usize::from(text != written);
        texts[index].replace_range(range, &text);
    }
    texts
}
