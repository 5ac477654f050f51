//! Numbers, lengths of time and texts, written in another way.

use super::ActionKind::Rewrite;
use super::catalog::{Offer, inside};
use super::change::Change;
use super::place::Place;
use carapace_diagnostic::{FileId, TextRange};
use carapace_module::Type;
use carapace_syntax::ast::{BinaryOp, Expr, ExprKind, InterpolationPart, ItemKind};
use carapace_syntax::walk::Node;

pub(super) const OFFERS: &[Offer] = &[
    inside("shorten-duration", Rewrite, "turns `60m` into `1h`", shorten_duration),
    inside("group-digits", Rewrite, "turns `20000` into `20_000`", group),
    inside("ungroup-digits", Rewrite, "turns `20_000` into `20000`", ungroup),
    inside("concatenation-to-text", Rewrite, "turns `\"a \" + b` into `\"a {b}\"`", interpolate),
    inside(
        "text-to-block",
        Rewrite,
        "turns a text with `\\n` into one of several lines between `\"\"\"`",
        to_block,
    ),
    inside("text-to-line", Rewrite, "turns a text between `\"\"\"` into one line", to_line),
];

const UNITS: [(&str, i64); 5] =
    [("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)];

fn shorten_duration(place: &Place<'_>) -> Vec<Change> {
    let Some((expr, _)) = place.exprs().next() else { return Vec::new() };
    let ExprKind::Duration(ms) = expr.kind else { return Vec::new() };
    let weeks = place.slice(expr.range).ends_with(['d', 'w']);
    let fits = |(_, of): &&(&str, i64)| ms > 0 && ms.checked_rem(*of) == Some(0);
    // Seven days are seldom meant to be a week.
    let best = UNITS
        .iter()
        .filter(|(unit, _)| *unit != "w" || weeks && place.slice(expr.range).ends_with('w'))
        .find(fits);
    let Some((unit, of)) = best else { return Vec::new() };
    let text = format!("{}{unit}", ms.checked_div(*of).unwrap_or_default());
    if text.len() >= place.slice(expr.range).len() {
        return Vec::new();
    }
    vec![place.replace(format!("write `{text}`"), expr.range, text)]
}

/// The number at the cursor: its place, without a unit.
fn digits<'a>(place: &Place<'a>) -> Option<(TextRange, &'a str)> {
    let (expr, _) = place.exprs().next()?;
    if !matches!(expr.kind, ExprKind::Int(_) | ExprKind::Number(_) | ExprKind::Money(..)) {
        return None;
    }
    let text = place.slice(expr.range);
    let len = text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
    let range = TextRange::new(expr.range.start, expr.range.start.saturating_add(u32::try_from(len).ok()?));
    Some((range, place.slice(range)))
}

fn group(place: &Place<'_>) -> Vec<Change> {
    let Some((range, digits)) = digits(place).filter(|(_, d)| d.len() >= 5 && !d.contains('_')) else {
        return Vec::new();
    };
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len().saturating_sub(index).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    vec![place.replace(format!("write `{text}`"), range, text)]
}

fn ungroup(place: &Place<'_>) -> Vec<Change> {
    let Some((range, digits)) = digits(place).filter(|(_, d)| d.contains('_')) else { return Vec::new() };
    let text = digits.replace('_', "");
    vec![place.replace(format!("write `{text}`"), range, text)]
}

/// The parts of a sum of texts, as the inside of one.
fn summed(place: &Place<'_>, expr: &Expr, out: &mut String) -> Option<()> {
    match &expr.kind {
        ExprKind::Binary(BinaryOp::Add, a, b) => {
            summed(place, a, out)?;
            summed(place, b, out)
        }
        ExprKind::Text(_) => {
            let text = place.slice(expr.range);
            let inner = text.strip_prefix('"')?.strip_suffix('"')?;
            (!text.starts_with("\"\"\"")).then(|| out.push_str(inner))
        }
        _ => {
            let text = place.slice(expr.range);
            let fits = place.type_of(expr.range) == Some(&Type::Text) && !text.contains('\n');
            fits.then(|| out.push_str(&format!("{{{text}}}")))
        }
    }
}

fn interpolate(place: &Place<'_>) -> Vec<Change> {
    // The outermost sum.
    let sums = place.exprs().filter(|(expr, _)| {
        matches!(expr.kind, ExprKind::Binary(BinaryOp::Add, ..))
            && place.type_of(expr.range) == Some(&Type::Text)
    });
    let Some((expr, _)) = sums.last() else { return Vec::new() };
    let mut inner = String::new();
    let literal = place.slice(expr.range).contains('"');
    if !literal || summed(place, expr, &mut inner).is_none() {
        return Vec::new();
    }
    vec![place.replace("write it as one text", expr.range, format!("\"{inner}\""))]
}

/// The text at the cursor.
fn text<'a>(place: &Place<'a>) -> Option<(&'a Expr, &'a [InterpolationPart])> {
    let found = place.exprs().next().map(|(expr, _)| expr)?;
    let tagged =
        place.path.iter().any(|node| matches!(node, Node::Expr(Expr { kind: ExprKind::Tagged { .. }, .. })));
    match &found.kind {
        ExprKind::Text(parts) if !tagged => Some((found, parts)),
        _ => None,
    }
}

/// Whether a text means the same as another: it is read, and its parts are compared.
fn same(written: &str, parts: &[InterpolationPart]) -> bool {
    let parsed = carapace_syntax::parse(FileId(0), &format!("const x = {written}\n"));
    let read = parsed.file.items.first().and_then(|placed| match &placed.item.kind {
        ItemKind::Const(constant) => match &constant.value.kind {
            ExprKind::Text(parts) => Some(parts.clone()),
            _ => None,
        },
        _ => None,
    });
    let literal = |part: &InterpolationPart| match part {
        InterpolationPart::Literal(text) => Some(text.clone()),
        InterpolationPart::Expr(_) => None,
    };
    let shape = |parts: &[InterpolationPart]| parts.iter().map(literal).collect::<Vec<_>>();
    parsed.diagnostics.is_empty() && read.is_some_and(|read| shape(&read) == shape(parts))
}

fn to_block(place: &Place<'_>) -> Vec<Change> {
    let Some((expr, parts)) = text(place) else { return Vec::new() };
    let written = place.slice(expr.range);
    let Some(inner) =
        written.strip_prefix('"').and_then(|t| t.strip_suffix('"')).filter(|t| !t.starts_with("\"\""))
    else {
        return Vec::new();
    };
    if !inner.contains("\\n") || inner.contains("\\\\") {
        return Vec::new();
    }
    let lines = inner.replace("\\n", "\n");
    let block = format!("\"\"\"\n{lines}\n\"\"\"");
    if !same(&block, parts) {
        return Vec::new();
    }
    vec![place.replace("write it in several lines", expr.range, block)]
}

fn to_line(place: &Place<'_>) -> Vec<Change> {
    let Some((expr, parts)) = text(place) else { return Vec::new() };
    if !place.slice(expr.range).starts_with("\"\"\"") {
        return Vec::new();
    }
    let mut line = String::from("\"");
    for part in parts {
        match part {
            InterpolationPart::Literal(text) => {
                let text =
                    text.replace('\\', "\\\\").replace('"', "\\\"").replace('{', "\\{").replace('}', "\\}");
                line.push_str(&text.replace('\n', "\\n").replace('\t', "\\t").replace('\r', "\\r"));
            }
            InterpolationPart::Expr(inner) => line.push_str(&format!("{{{}}}", place.slice(inner.range))),
        }
    }
    line.push('"');
    if line.contains('\n') || !same(&line, parts) {
        return Vec::new();
    }
    vec![place.replace("write it in one line", expr.range, line)]
}
