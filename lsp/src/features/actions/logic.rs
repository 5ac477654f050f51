//! Conditions, said in another way.

use super::ActionKind::Rewrite;
use super::catalog::{Offer, inside};
use super::change::Change;
use super::place::{Place, is_single};
use carapace_check::NameKind;
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_syntax::ast::{BinaryOp, CondOp, Expr, ExprKind, UnaryOp};
use carapace_syntax::walk::Node;

pub(super) const OFFERS: &[Offer] = &[
    inside("flip-comparison", Rewrite, "changes the sides of a comparison", flip),
    inside(
        "apply-de-morgan",
        Rewrite,
        "turns `not (a and b)` into `not a or not b`, and the other way round",
        de_morgan,
    ),
    inside("negate-comparison", Rewrite, "turns `not a == b` into `a != b`, and its kin", negate_comparison),
    inside(
        "say-is-none",
        Rewrite,
        "turns `x == none` into `x is none`, and `x == \"\"` into `x is empty`",
        is_none,
    ),
    inside("say-in", Rewrite, "turns `x == a or x == b` into `x in [a, b]`", say_in),
    inside("say-or", Rewrite, "turns `x in [a, b]` into `x == a or x == b`", say_or),
    inside("say-between", Rewrite, "turns `x >= a and x <= b` into `x between a and b`", say_between),
    inside("say-both-ends", Rewrite, "turns `x between a and b` into `x >= a and x <= b`", both_ends),
    inside("ignore-case", Rewrite, "lets a comparison of texts ignore upper and lower case", ignore_case),
];

/// How tight a condition holds together, loosest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tight {
    Or,
    And,
    Not,
    Comparison,
}

/// What is to be said instead, and how tight it is.
pub(super) struct Said {
    text: String,
    tight: Tight,
}

impl Said {
    /// Its text.
    pub(super) fn alone(self) -> String {
        self.text
    }

    fn at_least(self, tight: Tight) -> String {
        if self.tight < tight { format!("({})", self.text) } else { self.text }
    }
}

fn tightness(expr: &Expr) -> Tight {
    match &expr.kind {
        ExprKind::Binary(BinaryOp::Or, ..) => Tight::Or,
        ExprKind::Binary(BinaryOp::And, ..) => Tight::And,
        ExprKind::Unary(UnaryOp::Not, _) => Tight::Not,
        _ => Tight::Comparison,
    }
}

fn as_it_is(place: &Place<'_>, expr: &Expr) -> Said {
    Said { text: place.slice(expr.range).to_owned(), tight: tightness(expr) }
}

/// An operand of `and`, with parentheses where it needs them.
pub(super) fn of_and(place: &Place<'_>, expr: &Expr) -> String {
    as_it_is(place, expr).at_least(Tight::And)
}

/// The opposite of a condition. None where it names what it found: the opposite finds nothing.
pub(super) fn negated(place: &Place<'_>, expr: &Expr) -> Option<Said> {
    let not = |text: String| Said { text: format!("not {text}"), tight: Tight::Not };
    Some(match &expr.kind {
        ExprKind::Unary(UnaryOp::Not, inner) => as_it_is(place, plain(inner)),
        ExprKind::Bool(value) => Said { text: (!value).to_string(), tight: Tight::Comparison },
        ExprKind::Paren(inner) => negated(place, inner)?,
        ExprKind::Binary(BinaryOp::And, a, b) => {
            let (a, b) = (negated(place, a)?, negated(place, b)?);
            Said { text: format!("{} or {}", a.text, b.text), tight: Tight::Or }
        }
        ExprKind::Binary(BinaryOp::Or, a, b) => {
            let (a, b) = (negated(place, a)?.at_least(Tight::And), negated(place, b)?.at_least(Tight::And));
            Said { text: format!("{a} and {b}"), tight: Tight::And }
        }
        ExprKind::Cond { op: CondOp::Matches(_, Some(_)), .. } => return None,
        ExprKind::Cond { .. } => match opposite(place, expr) {
            Some(text) => Said { text, tight: Tight::Comparison },
            None => not(place.slice(expr.range).to_owned()),
        },
        _ if is_single(expr) => not(place.slice(expr.range).to_owned()),
        _ => not(format!("({})", place.slice(expr.range))),
    })
}

fn plain(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Paren(inner) => plain(inner),
        _ => expr,
    }
}

/// A comparison that has an opposite, as that.
fn opposite(place: &Place<'_>, expr: &Expr) -> Option<String> {
    let ExprKind::Cond { subject, op, .. } = &expr.kind else { return None };
    let (words, from) = match op {
        CondOp::Eq(right) => ("!=", Some(right)),
        CondOp::Ne(right) => ("==", Some(right)),
        CondOp::Lt(right) => (">=", Some(right)),
        CondOp::Le(right) => (">", Some(right)),
        CondOp::Gt(right) => ("<=", Some(right)),
        CondOp::Ge(right) => ("<", Some(right)),
        CondOp::In(right) => ("not in", Some(right)),
        CondOp::NotIn(right) => ("in", Some(right)),
        CondOp::IsEmpty => ("is not empty", None),
        CondOp::IsNotEmpty => ("is empty", None),
        CondOp::IsNone => ("is some", None),
        CondOp::IsSome => ("is none", None),
        _ => return None,
    };
    let rest = from.map_or(String::new(), |right| {
        format!(" {}", place.slice(TextRange::new(right.range.start, expr.range.end)))
    });
    Some(format!("{} {words}{rest}", place.slice(subject.range)))
}

/// The comparison at the cursor.
fn comparison<'a>(place: &Place<'a>) -> Option<(&'a Expr, Node<'a>)> {
    place.exprs().find(|(expr, _)| matches!(expr.kind, ExprKind::Cond { .. }))
}

fn flip(place: &Place<'_>) -> Vec<Change> {
    let Some((expr, _)) = comparison(place) else { return Vec::new() };
    let ExprKind::Cond { subject, op, .. } = &expr.kind else { return Vec::new() };
    let (word, right) = match op {
        CondOp::Eq(right) => ("==", right),
        CondOp::Ne(right) => ("!=", right),
        CondOp::Lt(right) => (">", right),
        CondOp::Le(right) => (">=", right),
        CondOp::Gt(right) => ("<", right),
        CondOp::Ge(right) => ("<=", right),
        _ => return Vec::new(),
    };
    let operator = TextRange::new(subject.range.end, right.range.start);
    let plain = |e: &Expr| match &e.kind {
        ExprKind::None | ExprKind::List(_) | ExprKind::Map(_) | ExprKind::Any => false,
        ExprKind::Name(name) => {
            !place.references().iter().any(|r| r.range == name.range && r.kind == NameKind::Tag)
        }
        _ => true,
    };
    let in_an_expect = place.path.iter().any(|node| matches!(node, Node::Test(_)));
    if !place.within(operator) || !plain(subject) || !plain(right) || in_an_expect {
        return Vec::new();
    }
    let edits = vec![
        place.edit(subject.range, place.slice(right.range)),
        place.edit(operator, format!(" {word} ")),
        place.edit(right.range, place.slice(subject.range)),
    ];
    vec![place.change("change the sides", edits)]
}

fn de_morgan(place: &Place<'_>) -> Vec<Change> {
    let not = place.exprs().find_map(|(expr, parent)| match &expr.kind {
        ExprKind::Unary(UnaryOp::Not, inner) => match &plain(inner).kind {
            ExprKind::Binary(BinaryOp::And | BinaryOp::Or, ..) => Some((expr, plain(inner), parent)),
            _ => None,
        },
        _ => None,
    });
    if let Some((expr, inner, parent)) = not {
        let Some(said) = negated(place, inner) else { return Vec::new() };
        return vec![place.replace("say what must not be, one by one", expr.range, inside_of(parent, said))];
    }
    let both = place.exprs().find_map(|(expr, parent)| match &expr.kind {
        ExprKind::Binary(BinaryOp::And | BinaryOp::Or, a, b)
            if place.within(TextRange::new(a.range.end, b.range.start)) && negative(a) && negative(b) =>
        {
            Some((expr, parent))
        }
        _ => None,
    });
    let Some((expr, _)) = both else { return Vec::new() };
    let Some(said) = negated(place, expr) else { return Vec::new() };
    vec![place.replace("say `not` once", expr.range, format!("not ({})", said.text))]
}

fn negative(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Unary(UnaryOp::Not, _))
}

/// A condition in the place of another.
fn inside_of(parent: Node<'_>, said: Said) -> String {
    match parent {
        Node::Expr(Expr { kind: ExprKind::Unary(..), .. }) => said.at_least(Tight::Comparison),
        Node::Expr(Expr { kind: ExprKind::Binary(BinaryOp::And, ..), .. }) => said.at_least(Tight::And),
        Node::Expr(Expr { kind: ExprKind::Binary(BinaryOp::Or, ..), .. }) => said.at_least(Tight::Or),
        Node::Expr(Expr {
            kind: ExprKind::Binary(..) | ExprKind::Cond { .. } | ExprKind::Field { .. },
            ..
        }) => {
            format!("({})", said.text)
        }
        _ => said.text,
    }
}

fn negate_comparison(place: &Place<'_>) -> Vec<Change> {
    let found = place.exprs().find_map(|(expr, parent)| match &expr.kind {
        ExprKind::Unary(UnaryOp::Not, inner) => Some((expr, opposite(place, plain(inner))?, parent)),
        _ => None,
    });
    let Some((expr, text, _)) = found else { return Vec::new() };
    vec![place.replace("say it without `not`", expr.range, text)]
}

fn is_none(place: &Place<'_>) -> Vec<Change> {
    let Some((expr, _)) = comparison(place) else { return Vec::new() };
    let ExprKind::Cond { subject, op, .. } = &expr.kind else { return Vec::new() };
    let (right, equal) = match op {
        CondOp::Eq(right) => (right, true),
        CondOp::Ne(right) => (right, false),
        _ => return Vec::new(),
    };
    let words = match (&right.kind, equal) {
        (ExprKind::None, true) => "is none",
        (ExprKind::None, false) => "is some",
        (ExprKind::Text(_), equal)
            if place.slice(right.range) == "\"\"" && place.type_of(subject.range) == Some(&Type::Text) =>
        {
            if equal {
                "is empty"
            } else {
                "is not empty"
            }
        }
        _ => return Vec::new(),
    };
    let rest = TextRange::new(subject.range.end, expr.range.end);
    vec![place.replace(format!("say `{words}`"), rest, format!(" {words}"))]
}

/// The values that something is compared with in a chain of `or`; none where it is not always the same.
fn alternatives<'a>(place: &Place<'a>, expr: &'a Expr, found: &mut Vec<&'a Expr>) -> Option<&'a str> {
    match &expr.kind {
        ExprKind::Binary(BinaryOp::Or, a, b) => {
            let (left, right) = (alternatives(place, a, found)?, alternatives(place, b, found)?);
            (left == right).then_some(left)
        }
        ExprKind::Cond { subject, op: CondOp::Eq(right), ignoring_case: false } if is_literal(right) => {
            found.push(right);
            is_single(subject).then(|| place.slice(subject.range))
        }
        _ => None,
    }
}

pub(super) fn is_literal(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Int(_) | ExprKind::Number(_) | ExprKind::Duration(_) | ExprKind::Money(..) => true,
        ExprKind::Text(parts) => {
            parts.iter().all(|part| matches!(part, carapace_syntax::ast::InterpolationPart::Literal(_)))
        }
        _ => false,
    }
}

fn say_in(place: &Place<'_>) -> Vec<Change> {
    // The outermost chain that is one.
    let chains = place.exprs().filter(|(expr, _)| matches!(expr.kind, ExprKind::Binary(BinaryOp::Or, ..)));
    let found = chains.filter_map(|(expr, _)| {
        let mut values = Vec::new();
        alternatives(place, expr, &mut values).map(|subject| (expr, subject, values))
    });
    let Some((expr, subject, values)) = found.last() else { return Vec::new() };
    if place.type_of(values.first().map_or(expr.range, |v| v.range)).is_none() {
        return Vec::new();
    }
    let values: Vec<&str> = values.iter().map(|value| place.slice(value.range)).collect();
    vec![place.replace("say it with `in`", expr.range, format!("{subject} in [{}]", values.join(", ")))]
}

fn say_or(place: &Place<'_>) -> Vec<Change> {
    let Some((expr, parent)) = comparison(place) else { return Vec::new() };
    let ExprKind::Cond { subject, op: CondOp::In(right), ignoring_case: false } = &expr.kind else {
        return Vec::new();
    };
    let ExprKind::List(values) = &right.kind else { return Vec::new() };
    let free = is_single(subject) && !matches!(subject.kind, ExprKind::Call { .. });
    if values.is_empty() || !free || values.iter().any(|value| !is_single(value)) {
        return Vec::new();
    }
    let subject = place.slice(subject.range);
    let all: Vec<String> = values.iter().map(|v| format!("{subject} == {}", place.slice(v.range))).collect();
    let tight = if values.len() == 1 { Tight::Comparison } else { Tight::Or };
    let said = Said { text: all.join(" or "), tight };
    vec![place.replace("say it with `or`", expr.range, inside_of(parent, said))]
}

fn say_between(place: &Place<'_>) -> Vec<Change> {
    let found = place.exprs().find_map(|(expr, _)| match &expr.kind {
        ExprKind::Binary(BinaryOp::And, a, b) => Some((expr, a, b)),
        _ => None,
    });
    let Some((expr, a, b)) = found else { return Vec::new() };
    let (ExprKind::Cond { subject: one, op: low, .. }, ExprKind::Cond { subject: two, op: high, .. }) =
        (&a.kind, &b.kind)
    else {
        return Vec::new();
    };
    let (low, high) = match (low, high) {
        (CondOp::Ge(low), CondOp::Le(high)) | (CondOp::Le(high), CondOp::Ge(low)) => (low, high),
        _ => return Vec::new(),
    };
    let same = place.slice(one.range) == place.slice(two.range);
    if !same || !is_single(one) || !is_single(low) || !is_single(high) {
        return Vec::new();
    }
    let text = format!(
        "{} between {} and {}",
        place.slice(one.range),
        place.slice(low.range),
        place.slice(high.range)
    );
    vec![place.replace("say it with `between`", expr.range, text)]
}

fn both_ends(place: &Place<'_>) -> Vec<Change> {
    let Some((expr, parent)) = comparison(place) else { return Vec::new() };
    let ExprKind::Cond { subject, op: CondOp::Between(low, high), .. } = &expr.kind else {
        return Vec::new();
    };
    if !is_single(subject) || matches!(subject.kind, ExprKind::Call { .. }) {
        return Vec::new();
    }
    let (subject, low, high) = (place.slice(subject.range), place.slice(low.range), place.slice(high.range));
    let said = Said { text: format!("{subject} >= {low} and {subject} <= {high}"), tight: Tight::And };
    vec![place.replace("say both ends", expr.range, inside_of(parent, said))]
}

fn ignore_case(place: &Place<'_>) -> Vec<Change> {
    let Some((expr, _)) = comparison(place) else { return Vec::new() };
    let ExprKind::Cond { subject, op, ignoring_case: false } = &expr.kind else { return Vec::new() };
    let texts = matches!(
        op,
        CondOp::Eq(_)
            | CondOp::Ne(_)
            | CondOp::Contains(_)
            | CondOp::StartsWith(_)
            | CondOp::EndsWith(_)
            | CondOp::Matches(_, None)
    );
    if !texts || place.type_of(subject.range) != Some(&Type::Text) {
        return Vec::new();
    }
    vec![place.change("ignore upper and lower case", vec![place.insert(expr.range.end, " ignoring case")])]
}
