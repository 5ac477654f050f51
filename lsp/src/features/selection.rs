//! What is selected when a selection grows.

use crate::workspace::Snapshot;
use carapace_diagnostic::{FileId, TextRange};

/// The ranges around an offset, from the innermost to the whole file. Each holds the one before it, and more.
pub fn ranges(snapshot: &Snapshot, file: FileId, offset: u32) -> Vec<TextRange> {
    let end = u32::try_from(snapshot.text(file).len()).unwrap_or(u32::MAX);
    let mut out = vec![TextRange::new(0, end)];
    if let Some(placed) = snapshot.item_at(file, offset) {
        let inside = carapace_syntax::walk::path_at(&placed.item, offset.saturating_sub(placed.offset));
        for range in inside.into_iter().map(|node| node.range().shift(placed.offset)) {
            let within =
                out.last().is_some_and(|l| l.start <= range.start && range.end <= l.end && *l != range);
            if within && !range.is_empty() {
                out.push(range);
            }
        }
    }
    out.reverse();
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixture::fixture;

    #[test]
    fn a_selection_grows_from_the_name_to_the_file() {
        let f = fixture("const a = 1\nfn f(n: Int) -> Int = n * (n$0 + 1)\n");
        let found: Vec<&str> =
            ranges(&f.snapshot, f.file, f.offset).into_iter().map(|r| f.slice(r)).collect();
        assert_eq!(found.first(), Some(&"n"));
        assert!(found.contains(&"n + 1") && found.contains(&"n * (n + 1)"), "{found:?}");
        assert_eq!(found.last().map(|t| t.len()), Some(f.snapshot.text(f.file).len()));
        assert!(found.windows(2).all(|w| w[0].len() < w[1].len()));
    }

    #[test]
    fn between_items_it_is_the_file() {
        let f = fixture("const a = 1\n\n$0\n\nconst b = 2\n");
        assert_eq!(ranges(&f.snapshot, f.file, f.offset).len(), 1);
    }
}
