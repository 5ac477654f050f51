//! Who calls whom: flows, sub-flows, tools, functions, and the effects they have.

use super::definition::{name_of, names_at};
use crate::workspace::Snapshot;
use carapace_check::{DefinitionSite, NameKind, Role};
use carapace_diagnostic::{FileId, Span, TextRange};

/// Something that calls or is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callee {
    /// Its name.
    pub name: String,
    /// How its declaration begins.
    pub signature: String,
    /// What it is.
    pub kind: NameKind,
    /// Where its name is declared: the identity of it.
    pub site: DefinitionSite,
    /// All of it.
    pub range: TextRange,
}

/// A caller or callee, and the places of the calls: in the caller's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calls {
    /// Who is at the other end.
    pub other: Callee,
    /// The names that call, in the caller.
    pub places: Vec<Span>,
}

/// What can be asked about at an offset.
pub fn prepare(snapshot: &Snapshot, file: FileId, offset: u32) -> Option<Callee> {
    let (_, reference) = names_at(snapshot, file, offset).into_iter().find(|(_, r)| calls(r.kind))?;
    callee(snapshot, reference.site)
}

/// Who calls it, in the package.
pub fn incoming(snapshot: &Snapshot, site: DefinitionSite) -> Vec<Calls> {
    let mut found: Vec<Calls> = Vec::new();
    for (span, reference) in snapshot.checked.facts.places_of(site) {
        if reference.role == Role::Declaration {
            continue;
        }
        let Some(caller) = owner(snapshot, span) else { continue };
        match found.iter_mut().find(|c| c.other.site == caller.site) {
            Some(calls) => calls.places.push(span),
            None => found.push(Calls { other: caller, places: vec![span] }),
        }
    }
    found
}

/// Whom it calls.
pub fn outgoing(snapshot: &Snapshot, site: DefinitionSite) -> Vec<Calls> {
    let Some(item) = snapshot.checked.facts.item_at(site.span.file, site.span.range.start) else {
        return Vec::new();
    };
    let mut found: Vec<Calls> = Vec::new();
    for reference in item.references.iter().filter(|r| calls(r.kind) && r.role != Role::Declaration) {
        let span = Span::new(item.file, reference.range.shift(item.offset));
        match found.iter_mut().find(|c| c.other.site == reference.site) {
            Some(calls) => calls.places.push(span),
            None => {
                let other = callee(snapshot, reference.site);
                found.extend(other.map(|other| Calls { other, places: vec![span] }));
            }
        }
    }
    found
}

fn calls(kind: NameKind) -> bool {
    matches!(kind, NameKind::Fn | NameKind::Native | NameKind::Tool | NameKind::Flow | NameKind::Effect)
}

fn callee(snapshot: &Snapshot, site: DefinitionSite) -> Option<Callee> {
    let item = snapshot.checked.outline.item(site)?;
    let placed = snapshot.item_at(site.span.file, site.span.range.start)?;
    Some(Callee {
        name: item.name.to_string(),
        signature: item.signature.to_string(),
        kind: item.kind,
        site,
        range: placed.item.range.shift(placed.offset),
    })
}

/// The item in which a place stands. A test has no name: it is called by its title.
fn owner(snapshot: &Snapshot, span: Span) -> Option<Callee> {
    let placed = snapshot.item_at(span.file, span.range.start)?;
    let range = placed.item.range.shift(placed.offset);
    let name = match (&placed.item.kind, &placed.item.name) {
        (carapace_syntax::ast::ItemKind::Test(test), _) => {
            let site =
                DefinitionSite { span: Span::new(span.file, TextRange::new(range.start, range.start)) };
            let name = test.title.clone();
            return Some(Callee { name, signature: "test".to_owned(), kind: NameKind::Flow, site, range });
        }
        (_, Some(name)) => name.range.shift(placed.offset),
        _ => return None,
    };
    let site = DefinitionSite { span: Span::new(span.file, name) };
    let known = callee(snapshot, site);
    known.or_else(|| {
        let name = name_of(snapshot, site).to_owned();
        Some(Callee { name, signature: String::new(), kind: NameKind::Broken, site, range })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixture::fixture;

    #[test]
    fn calls_are_found_in_both_directions() {
        let f = fixture(
            "channel chat: any
flow a on chat.message {
  he$0lp(1)
  help(2)
}
flow b on chat.message {
  help(3)
  reply(\"x\")
}
flow help(n: Int) { reply(\"{twice(n)}\") }
fn twice(n: Int) -> Int = n * 2
",
        );
        let help = prepare(&f.snapshot, f.file, f.offset).unwrap();
        assert_eq!(help.name, "help");
        let callers: Vec<(String, usize)> =
            incoming(&f.snapshot, help.site).into_iter().map(|c| (c.other.name, c.places.len())).collect();
        assert_eq!(callers, [("a".to_owned(), 2), ("b".to_owned(), 1)]);
        let called: Vec<String> =
            outgoing(&f.snapshot, help.site).into_iter().map(|c| c.other.name).collect();
        assert_eq!(called, ["reply", "twice"]);
    }
}
