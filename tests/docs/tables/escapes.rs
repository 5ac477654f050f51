//! The escapes: what each stands for, and that there are no others.

use super::Table;
use super::parsing::expression;
use carapace_syntax::ast::{ExprKind, InterpolationPart};
use libtest_mimic::Failed;

pub(super) fn agree(table: &Table) -> Result<(), Failed> {
    let escapes: Vec<&String> = table.rows.iter().filter_map(|row| row[0].first()).collect();
    for escape in &escapes {
        let expected = match escape.as_str() {
            "\\n" => '\n',
            "\\r" => '\r',
            "\\t" => '\t',
            "\\u{1F600}" => '\u{1F600}',
            other => other.chars().nth(1).ok_or("an escape without a character")?,
        };
        if meaning(escape).as_deref() != Some(expected.to_string().as_str()) {
            return Err(format!("`{escape}` is {:?}", meaning(escape)).into());
        }
    }
    for letter in (' '..='~').filter(|c| *c != 'u') {
        let escape = format!("\\{letter}");
        if meaning(&escape).is_some() != escapes.iter().any(|known| **known == escape) {
            return Err(format!("`{escape}` is {:?}", meaning(&escape)).into());
        }
    }
    Ok(())
}

/// What a text of this escape says; none where it is a mistake.
fn meaning(escape: &str) -> Option<String> {
    match expression(&format!("\"{escape}\""))?.kind {
        ExprKind::Text(parts) => match parts.as_slice() {
            [InterpolationPart::Literal(text)] => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}
