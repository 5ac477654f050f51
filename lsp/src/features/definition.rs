//! Where what stands at the cursor comes from: its declaration, that of its type, and what carries it out.

use crate::workspace::Snapshot;
use carapace_check::{DefinitionSite, NameKind, Outline, Reference};
use carapace_diagnostic::{FileId, Span, TextRange};
use carapace_module::Type;

/// The places that something leads to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// What was asked about, in the file.
    pub origin: TextRange,
    /// Where it leads.
    pub places: Vec<Span>,
}

/// The names at an offset; several where one word means two things (`Pair { left }`).
pub(crate) fn names_at(snapshot: &Snapshot, file: FileId, offset: u32) -> Vec<(TextRange, Reference)> {
    let Some(item) = snapshot.checked.facts.item_at(file, offset) else { return Vec::new() };
    let at = offset.saturating_sub(item.offset);
    let mut found: Vec<(TextRange, Reference)> =
        item.references_at(at).map(|r| (r.range.shift(item.offset), *r)).collect();
    // Between two names that touch, the one that begins here is meant.
    if let Some(begins) = found.iter().map(|(range, _)| range.start).max() {
        found.retain(|(range, _)| range.start == begins);
    }
    found
}

/// Where the names at an offset are declared.
pub fn definition(snapshot: &Snapshot, file: FileId, offset: u32) -> Found {
    let names = names_at(snapshot, file, offset);
    found(&names, names.iter().map(|(_, r)| r.site.span).collect())
}

/// Where the types of what stands at an offset are declared.
pub fn type_definition(snapshot: &Snapshot, file: FileId, offset: u32) -> Found {
    let names = names_at(snapshot, file, offset);
    let outline = &snapshot.checked.outline;
    let mut places = Vec::new();
    for (range, reference) in &names {
        if reference.kind == NameKind::Type {
            places.push(reference.site.span);
            continue;
        }
        if let Some(ty) =
            type_at(snapshot, file, *range).or_else(|| outline.item(reference.site).map(|i| i.ty.clone()))
        {
            sites(outline, &ty, &mut places);
        }
    }
    found(&names, places)
}

/// What carries out what stands at an offset: for a channel or its kind, the kind's declaration, which says what the adapter
/// can do; for an effect, trigger or capability, the kinds of channels that can do it; for everything else, its body.
pub fn implementation(snapshot: &Snapshot, file: FileId, offset: u32) -> Found {
    let names = names_at(snapshot, file, offset);
    let outline = &snapshot.checked.outline;
    let mut places = Vec::new();
    for (range, reference) in &names {
        let item = outline.item(reference.site);
        match reference.kind {
            NameKind::Channel | NameKind::Room | NameKind::Connection => {
                let kind = item.and_then(|i| i.of.as_ref()).and_then(|of| outline.kind(of));
                places.extend(kind.and_then(|k| k.site).map(|s| s.span));
            }
            NameKind::Effect | NameKind::Trigger => {
                let needed = item.map(|i| i.requires.as_slice()).unwrap_or_default();
                let able = outline.kinds().iter().filter(|k| needed.iter().all(|n| k.can.contains(n)));
                places.extend(able.filter_map(|k| k.site).map(|s| s.span));
            }
            NameKind::Capability => {
                let word =
                    snapshot.text(file).get(range.start as usize..range.end as usize).unwrap_or_default();
                let able = outline.kinds().iter().filter(|k| k.can.iter().any(|can| **can == *word));
                places.extend(able.filter_map(|k| k.site).map(|s| s.span));
            }
            _ => places.push(reference.site.span),
        }
    }
    found(&names, places)
}

/// The type of exactly that range of a file.
pub(crate) fn type_at(snapshot: &Snapshot, file: FileId, range: TextRange) -> Option<Type> {
    let item = snapshot.checked.facts.item_at(file, range.start)?;
    let back = |at: u32| at.saturating_sub(item.offset);
    item.type_of(TextRange::new(back(range.start), back(range.end))).cloned()
}

fn sites(outline: &Outline, ty: &Type, places: &mut Vec<Span>) {
    match ty {
        Type::Optional(inner) | Type::List(inner) => sites(outline, inner, places),
        Type::Map(key, value) => {
            sites(outline, key, places);
            sites(outline, value, places);
        }
        Type::Declared(id, args) => {
            let same = |found: &Type| matches!(found, Type::Declared(other, _) if other == id);
            let item = outline.of_kind(NameKind::Type).find(|item| same(&item.ty));
            places.extend(item.map(|item| item.site.span));
            for arg in args.iter() {
                sites(outline, arg, places);
            }
        }
        _ => {}
    }
}

fn found(names: &[(TextRange, Reference)], mut places: Vec<Span>) -> Found {
    places.sort();
    places.dedup();
    Found { origin: names.first().map(|(range, _)| *range).unwrap_or_default(), places }
}

/// What a site is called, as it stands in its file.
pub(crate) fn name_of(snapshot: &Snapshot, site: DefinitionSite) -> &str {
    let range = site.span.range;
    snapshot.text(site.span.file).get(range.start as usize..range.end as usize).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixture::{Fixture, fixture};

    fn lines(f: &Fixture, found: &Found) -> Vec<String> {
        let line = |span: &Span| {
            let text = f.snapshot.text(span.file);
            let begin = text[..span.range.start as usize].rfind('\n').map_or(0, |at| at + 1);
            text[begin..].lines().next().unwrap_or_default().to_owned()
        };
        found.places.iter().map(line).collect()
    }

    fn ask(text: &str, what: fn(&Snapshot, FileId, u32) -> Found) -> Vec<String> {
        let f = fixture(text);
        let found = what(&f.snapshot, f.file, f.offset);
        lines(&f, &found)
    }

    #[test]
    fn names_lead_to_their_declarations() {
        let at = |text| ask(text, definition);
        assert_eq!(at("fn one() -> Int = 1\nconst a = on$0e()\n"), ["fn one() -> Int = 1"]);
        assert_eq!(
            at("const a = { 1 }\nfn f(n: Int) -> Int {\n  let m = n\n  return m$0\n}\n"),
            ["  let m = n"]
        );
        assert_eq!(
            at("use orders\nconst a = orders.o$0ne()\n//- orders.flow\nfn one() -> Int = 1\n"),
            ["fn one() -> Int = 1"]
        );
        assert_eq!(at("type P { x: Int }\nfn f(p: P) -> Int = p.x$0\n"), ["type P { x: Int }"]);
        assert_eq!(at("// $0nothing\n"), [] as [&str; 0]);
    }

    #[test]
    fn the_library_is_reached() {
        let found = ask("channel chat: any\nflow a on chat.message { rep$0ly(\"x\") }\n", definition);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("effect reply@"), "{found:?}");
    }

    #[test]
    fn values_lead_to_their_types() {
        let at = |text| ask(text, type_definition);
        assert_eq!(
            at("type P { x: Int }\nfn f(ps: List<P>) -> Int {\n  let q = p$0s\n  return 1\n}\n"),
            ["type P { x: Int }"]
        );
        assert_eq!(at("const a$0 = 1\n"), [] as [&str; 0]);
    }

    #[test]
    fn a_channel_is_carried_out_by_its_kind() {
        let found =
            ask("channel chat: telegram\nflow a on ch$0at.message { reply(\"x\") }\n", implementation);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("channel kind telegram"), "{found:?}");
    }
}
