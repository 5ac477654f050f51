//! Saying that a warning is known and meant.

use super::ActionKind::Fix;
use super::catalog::{Offer, inside};
use super::change::Change;
use super::fixes::at_place;
use super::place::Place;
use carapace_diagnostic::TextRange;
use carapace_syntax::ast::Stmt;
use carapace_syntax::walk::{Node, path_at};

pub(super) const OFFERS: &[Offer] = &[inside(
    "allow-with-reason",
    Fix,
    "says with `// allow CODE: reason` that a warning is known and meant",
    allow,
)];

/// About allowances themselves: these are mended, not allowed.
const OF_ALLOWANCES: [&str; 2] = ["W0313", "W0314"];

fn allow(place: &Place<'_>) -> Vec<Change> {
    let own = place.item.range.shift(place.offset);
    let mut codes: Vec<&str> = Vec::new();
    let mut made = Vec::new();
    for told in at_place(place.here) {
        let (code, at) = (told.code.0, told.primary.span.range.start);
        if told.is_error() || OF_ALLOWANCES.contains(&code) || !own.touches(at) || codes.contains(&code) {
            continue;
        }
        codes.push(code);
        let line = format!("// allow {code}: it is meant so\n");
        let edit = match statement(place, at.saturating_sub(place.offset)) {
            Some((stmt, indent)) => place.insert(stmt.range.start, format!("{line}{indent}")),
            None => place.insert(0, line),
        };
        made.push(place.change(format!("allow {code} here"), vec![edit]).mending(vec![code]));
    }
    made
}

/// The innermost statement around a byte that begins its line, with what stands before it.
fn statement<'a>(place: &Place<'a>, at: u32) -> Option<(&'a Stmt, &'a str)> {
    let path = path_at(place.item, at);
    let stmts = path.windows(2).rev().filter_map(|pair| match pair {
        [Node::Block(_), Node::Stmt(stmt)] => Some(*stmt),
        _ => None,
    });
    stmts
        .filter_map(|stmt| {
            let before = place.slice(TextRange::new(0, stmt.range.start));
            let indent = before.get(before.rfind('\n')?.saturating_add(1)..)?;
            indent.trim().is_empty().then_some((stmt, indent))
        })
        .next()
}
