//! Every place that means the same.

use super::definition::names_at;
use crate::workspace::Snapshot;
use carapace_check::{NameKind, Role};
use carapace_diagnostic::{FileId, Span};

/// A place where something is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The name.
    pub span: Span,
    /// What happens to it there.
    pub role: Role,
}

/// All places of the package that mean what stands at an offset. With `declaration`, its declaration among them, wherever it
/// stands.
pub fn references(snapshot: &Snapshot, file: FileId, offset: u32, declaration: bool) -> Vec<Place> {
    let mut places = Vec::new();
    for (_, reference) in names_at(snapshot, file, offset) {
        let of_it = snapshot.checked.facts.places_of(reference.site);
        places.extend(of_it.map(|(span, r)| Place { span, role: r.role }));
        if reference.kind != NameKind::Module {
            places.push(Place { span: reference.site.span, role: Role::Declaration });
        }
    }
    places.retain(|place| declaration || place.role != Role::Declaration);
    places.sort();
    places.dedup_by_key(|place| place.span);
    places
}

/// The same, in the file alone.
pub fn highlights(snapshot: &Snapshot, file: FileId, offset: u32) -> Vec<Place> {
    let mut places = references(snapshot, file, offset, true);
    places.retain(|place| place.span.file == file);
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixture::fixture;

    const TEXT: &str = "use orders
state count: Int = 0
channel chat: any
flow a on chat.message {
  set count$0 = count + orders.step()
  reply(\"{count}\")
}
//- orders.flow
fn step() -> Int = 1
";

    #[test]
    fn all_places_are_found_with_what_happens_there() {
        let f = fixture(TEXT);
        let roles = |declaration| -> Vec<Role> {
            references(&f.snapshot, f.file, f.offset, declaration).iter().map(|p| p.role).collect()
        };
        assert_eq!(roles(true), [Role::Declaration, Role::Write, Role::Use, Role::Use]);
        assert_eq!(roles(false), [Role::Write, Role::Use, Role::Use]);
    }

    #[test]
    fn in_other_files_too() {
        let f = fixture(&TEXT.replace("count$0 =", "count =").replace("orders.step()", "orders.st$0ep()"));
        let found = references(&f.snapshot, f.file, f.offset, true);
        let files: Vec<&str> =
            found.iter().map(|p| f.snapshot.module(p.span.file).unwrap().name.as_ref()).collect();
        assert_eq!(files, ["main.flow", "orders.flow"]);
        assert_eq!(highlights(&f.snapshot, f.file, f.offset).len(), 1);
    }
}
