//! The repairs that diagnostics bring with them.

use super::catalog::{Offer, anywhere};
use super::change::Change;
use super::{ActionKind, Here};
use crate::features::formatting::Replacement;
use carapace_diagnostic::{Diagnostic, FileId, Fix};

pub(super) const OFFERS: &[Offer] = &[
    anywhere(
        "fix",
        ActionKind::Fix,
        "makes the repair that a mistake or a warning at the place brings with it",
        fixes,
    ),
    anywhere(
        "fix-all-of-code",
        ActionKind::Fix,
        "makes all repairs of the file that are of the same code as the one at the place",
        all_of_code,
    ),
    anywhere("fix-all", ActionKind::FixAll, "makes all repairs of the file that can be made together", all),
];

/// A repair for each mistake at the place that has one.
fn fixes(here: Here<'_>) -> Vec<Change> {
    at_place(here).filter_map(|d| Some(repair(d, d.fix.as_ref()?))).collect()
}

fn repair(told: &Diagnostic, fix: &Fix) -> Change {
    let mut change: Option<Change> = None;
    for edit in &fix.edits {
        let replacement = vec![Replacement { range: edit.span.range, text: edit.text.clone() }];
        change = Some(match change {
            Some(so_far) => so_far.and(edit.span.file, replacement),
            None => Change::of(edit.span.file, fix.title.clone(), replacement),
        });
    }
    let change = change.unwrap_or_else(|| Change::of(told.primary.span.file, fix.title.clone(), Vec::new()));
    change.mending(vec![told.code.0]).dropping_comments()
}

fn all_of_code(here: Here<'_>) -> Vec<Change> {
    let mut codes: Vec<&'static str> = at_place(here).filter(|d| d.fix.is_some()).map(|d| d.code.0).collect();
    codes.dedup();
    let made = codes.into_iter().filter_map(|code| {
        let (edits, count) = together(here, &|d| d.code.0 == code);
        let title = format!("repair all {count} of {code} in this file");
        (count > 1).then(|| Change::of(here.file, title, edits).mending(vec![code]).dropping_comments())
    });
    made.collect()
}

fn all(here: Here<'_>) -> Vec<Change> {
    let (edits, count) = together(here, &|_| true);
    let title = format!("repair everything in this file that can be ({count})");
    (count > 0).then(|| Change::of(here.file, title, edits).dropping_comments()).into_iter().collect()
}

/// Repairs that touch this file only and not each other; how many they are.
fn together(here: Here<'_>, wanted: &dyn Fn(&Diagnostic) -> bool) -> (Vec<Replacement>, usize) {
    let (mut chosen, mut count): (Vec<Replacement>, usize) = (Vec::new(), 0);
    for told in here.snapshot.checked.diagnostics.iter().filter(|d| wanted(d)) {
        let Some(fix) = &told.fix else { continue };
        let own = |file: FileId| file == here.file;
        let free = fix.edits.iter().all(|edit| {
            let range = edit.span.range;
            own(edit.span.file)
                && chosen.iter().all(|r| range.end < r.range.start || r.range.end < range.start)
        });
        if free && !fix.edits.is_empty() {
            chosen
                .extend(fix.edits.iter().map(|e| Replacement { range: e.span.range, text: e.text.clone() }));
            count = count.saturating_add(1);
        }
    }
    (chosen, count)
}

/// What is told of the place.
pub(super) fn at_place(here: Here<'_>) -> impl Iterator<Item = &Diagnostic> {
    here.snapshot.checked.diagnostics.iter().filter(move |d| {
        let span = d.primary.span;
        let meets = span.range.touches(here.selection.start) || here.selection.touches(span.range.start);
        span.file == here.file && meets
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::actions::actions;
    use crate::features::fixture::fixture;

    #[test]
    fn nothing_is_mended_where_nothing_is_wrong() {
        let f = fixture("chan$0nel chat: any\nflow a on chat.message { repl(\"x\") }\n");
        let here = Here { snapshot: &f.snapshot, file: f.file, selection: f.selection };
        assert!(actions(here).iter().all(|a| a.kind != ActionKind::Fix));
    }
}
