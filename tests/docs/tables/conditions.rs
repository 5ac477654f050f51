//! The eighteen conditions, each once.

use super::Table;
use super::parsing::expression;
use carapace_syntax::ast::{CondOp, ExprKind};
use libtest_mimic::Failed;
use std::collections::BTreeSet;

/// How many there are.
const ALL: usize = 18;

pub(super) fn agree(table: &Table) -> Result<(), Failed> {
    let mut seen = BTreeSet::new();
    for row in &table.rows {
        let source = row[0].first().ok_or("a row without an example")?;
        let expr = expression(source).ok_or_else(|| format!("`{source}` does not parse"))?;
        let ExprKind::Cond { op, .. } = expr.kind else {
            return Err(format!("`{source}` is no condition").into());
        };
        if !seen.insert(number(&op)) {
            return Err(format!("`{source}` stands in the table twice").into());
        }
    }
    if seen.len() == ALL {
        Ok(())
    } else {
        Err(format!("there are {ALL}, and {} are shown", seen.len()).into())
    }
}

/// A number for each: a new condition has to get one here.
fn number(op: &CondOp) -> usize {
    match op {
        CondOp::Eq(_) => 0,
        CondOp::Ne(_) => 1,
        CondOp::Lt(_) => 2,
        CondOp::Le(_) => 3,
        CondOp::Gt(_) => 4,
        CondOp::Ge(_) => 5,
        CondOp::Contains(_) => 6,
        CondOp::StartsWith(_) => 7,
        CondOp::EndsWith(_) => 8,
        CondOp::Matches(..) => 9,
        CondOp::In(_) => 10,
        CondOp::NotIn(_) => 11,
        CondOp::Between(..) => 12,
        CondOp::IsEmpty => 13,
        CondOp::IsNotEmpty => 14,
        CondOp::IsNone => 15,
        CondOp::IsSome => 16,
        CondOp::IsTag(_) => 17,
    }
}
