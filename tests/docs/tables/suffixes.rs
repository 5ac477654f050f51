//! The suffixes, in the one order.

use super::Table;
use super::parsing::codes;
use carapace_syntax::ast::Suffixes;
use libtest_mimic::Failed;

pub(super) fn agree(table: &Table) -> Result<(), Failed> {
    let suffixes: Vec<&String> = table.rows.iter().filter_map(|row| row[0].first()).collect();
    // Every suffix but a wait's label: a new one is a compile error here.
    let Suffixes { retry: _, within: _, undo: _, delivery: _, on_unknown: _, otherwise: _, label: _ } =
        Suffixes::default();
    if suffixes.len() != 6 {
        return Err(format!("there are 6, and {} are shown", suffixes.len()).into());
    }
    let with = |suffixes: &[&String]| {
        let words: Vec<&str> = suffixes.iter().map(|s| s.as_str()).collect();
        codes(&format!("flow f() {{\n  g() {}\n}}\n", words.join(" ")))
    };
    let all = with(&suffixes);
    if !all.is_empty() {
        return Err(format!("all of them in their order give {all:?}").into());
    }
    for (index, first) in suffixes.iter().enumerate() {
        for second in suffixes.iter().skip(index) {
            let turned = with(&[second, first]);
            if turned != ["E0009"] {
                return Err(format!("`{second} {first}` gives {turned:?}, and not E0009").into());
            }
        }
    }
    Ok(())
}
