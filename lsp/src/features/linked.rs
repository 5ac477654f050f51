//! Names that are edited together while they are typed: a local name and its uses.

use super::definition::names_at;
use crate::workspace::Snapshot;
use carapace_check::NameKind;
use carapace_diagnostic::{FileId, TextRange};

/// The ranges that change with the one at an offset; none where changing one alone is what an author means.
pub fn ranges(snapshot: &Snapshot, file: FileId, offset: u32) -> Vec<TextRange> {
    let names = names_at(snapshot, file, offset);
    let [(_, reference)] = names.as_slice() else { return Vec::new() };
    let local =
        matches!(reference.kind, NameKind::Local | NameKind::Var | NameKind::TypeParam | NameKind::WaitLabel);
    let Some(item) = snapshot.checked.facts.item_at(file, offset).filter(|_| local) else {
        return Vec::new();
    };
    let of_it: Vec<_> = item.references.iter().filter(|r| r.site == reference.site).collect();
    // Where the name also stands for a field, the two part ways: that is a rename's business.
    let alone = of_it.iter().all(|r| item.references.iter().filter(|o| o.range == r.range).count() == 1);
    if !alone {
        return Vec::new();
    }
    of_it.into_iter().map(|r| r.range.shift(item.offset)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixture::fixture;

    #[test]
    fn a_local_name_and_its_uses_are_linked() {
        let linked = |text: &str| {
            let f = fixture(text);
            ranges(&f.snapshot, f.file, f.offset).len()
        };
        assert_eq!(linked("fn f() -> Int {\n  let n$0 = 1\n  return n + n\n}\n"), 3);
        assert_eq!(linked("const a$0 = 1\nconst b = a\n"), 0, "what others name is renamed");
        assert_eq!(linked("type P { x: Int }\nfn f() -> P {\n  let x$0 = 1\n  return P { x }\n}\n"), 0);
    }
}
