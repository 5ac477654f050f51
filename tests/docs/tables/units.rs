//! The units of durations.

use super::Table;
use super::parsing::expression;
use carapace_syntax::ast::ExprKind;
use libtest_mimic::Failed;

pub(super) fn agree(table: &Table) -> Result<(), Failed> {
    let shown: Vec<&String> = table.rows.iter().filter_map(|row| row[0].first()).collect();
    for row in &table.rows {
        let [unit, length] = [&row[0], &row[1]].map(|cell| cell.concat());
        match expression(&unit).map(|e| e.kind) {
            Some(ExprKind::Duration(ms)) if ms.to_string() == length => {}
            other => return Err(format!("`{unit}` is {other:?}").into()),
        }
    }
    let letters = |c: char| format!("1{c}");
    let mut known: Vec<String> = ('a'..='z').map(letters).filter(|unit| expression(unit).is_some()).collect();
    known.push("1ms".to_owned());
    let missing: Vec<_> = known.iter().filter(|unit| !shown.contains(unit)).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("missing: {missing:?}").into()) }
}
