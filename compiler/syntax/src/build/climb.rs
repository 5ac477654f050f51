//! Precedence: a flat row of operands and operators to a tree.
//!
//! The grammar accepts `prefix* operand (tail | infix prefix* operand)*`; here the levels are told apart. Iterative
//! over operators of one level, recursive only from level to level.

use super::{Builder, Pair};
use crate::ast::{BinaryOp, CondOp, Expr, ExprKind, UnaryOp};
use crate::codes;
use crate::grammar::Rule;
use carapace_diagnostic::TextRange;
use std::iter::Peekable;
use std::vec::IntoIter;

/// The levels, loosest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Or,
    And,
    Not,
    Compare,
    Range,
    Add,
    Mul,
    Coalesce,
    Operand,
}

pub(super) type Row<'p> = Peekable<IntoIter<Pair<'p>>>;

impl Builder<'_> {
    /// The whole row.
    pub(super) fn climb<'p>(&mut self, row: &mut Row<'p>) -> Expr {
        self.level(row, Level::Or)
    }

    fn level<'p>(&mut self, row: &mut Row<'p>, level: Level) -> Expr {
        match level {
            Level::Or => self.left(row, Level::And, or_op),
            Level::And => self.left(row, Level::Not, and_op),
            Level::Not => self.not(row),
            Level::Compare => self.compare(row),
            Level::Range => self.range_expr(row),
            Level::Add => self.left(row, Level::Mul, add_op),
            Level::Mul => self.left(row, Level::Coalesce, mul_op),
            Level::Coalesce => self.left(row, Level::Operand, coalesce_op),
            Level::Operand => self.negated(row),
        }
    }

    fn left<'p>(&mut self, row: &mut Row<'p>, tighter: Level, op: fn(&str) -> Option<BinaryOp>) -> Expr {
        let mut left = self.level(row, tighter);
        while let Some(found) = peek_infix(row).and_then(op) {
            row.next();
            let right = self.level(row, tighter);
            let range = left.range.cover(right.range);
            left = self.expr_node(range, ExprKind::Binary(found, Box::new(left), Box::new(right)));
        }
        left
    }

    fn not<'p>(&mut self, row: &mut Row<'p>) -> Expr {
        let mut starts = Vec::new();
        while let Some(pair) = row.next_if(|p| p.as_rule() == Rule::k_not) {
            starts.push((self.id(), self.range(&pair)));
        }
        let mut inner = self.level(row, Level::Compare);
        for (id, start) in starts.into_iter().rev() {
            let range = start.cover(inner.range);
            inner = Expr { id, range, kind: ExprKind::Unary(UnaryOp::Not, Box::new(inner)) };
        }
        inner
    }

    fn negated<'p>(&mut self, row: &mut Row<'p>) -> Expr {
        let mut starts = Vec::new();
        while let Some(pair) = row.next_if(|p| matches!(p.as_rule(), Rule::minus | Rule::k_not)) {
            let range = self.range(&pair);
            if pair.as_rule() == Rule::k_not {
                self.problem(codes::NOT_PLACE, range, "`not` stands behind an operator").help =
                    Some("put parentheses around it: `a == (not b)`".to_owned());
            } else {
                starts.push((self.id(), range));
            }
        }
        let mut inner = match row.next_if(|p| is_operand(p.as_rule())) {
            Some(pair) => self.operand(pair),
            None => self.error_expr(TextRange::default()),
        };
        for (id, start) in starts.into_iter().rev() {
            let range = start.cover(inner.range);
            inner = Expr { id, range, kind: ExprKind::Unary(UnaryOp::Neg, Box::new(inner)) };
        }
        inner
    }

    fn range_expr<'p>(&mut self, row: &mut Row<'p>) -> Expr {
        let from = self.level(row, Level::Add);
        if peek_infix(row) != Some("..") {
            return from;
        }
        row.next();
        let to = self.level(row, Level::Add);
        let range = from.range.cover(to.range);
        self.expr_node(range, ExprKind::Range(Box::new(from), Box::new(to)))
    }

    /// One comparison. A second one in the row is told and dropped.
    fn compare<'p>(&mut self, row: &mut Row<'p>) -> Expr {
        let mut subject = self.level(row, Level::Range);
        let mut compared = false;
        while let Some(start) = row.peek().filter(|p| is_comparison(p)).map(|p| self.range(p)) {
            let mut ignoring_case = start_ignores(row);
            let Some((op, end)) = self.cond_op(row) else { break };
            let mut range = subject.range.cover(end);
            if let Some(words) = row.next_if(|p| p.as_rule() == Rule::t_ignoring) {
                ignoring_case = true;
                range = range.cover(self.range(&words));
            }
            if compared {
                self.problem(codes::CHAINED, start, "comparisons cannot be chained").help =
                    Some("say which goes first with parentheses, or join two with `and`".to_owned());
                subject.range = range;
                continue;
            }
            compared = true;
            let kind = ExprKind::Cond { subject: Box::new(subject), op, ignoring_case };
            subject = self.expr_node(range, kind);
        }
        if let Some(words) = row.next_if(|p| p.as_rule() == Rule::t_ignoring) {
            let range = self.range(&words);
            self.problem(codes::IGNORING, range, "`ignoring case` belongs to a comparison of texts").help =
                Some("write it right behind the comparison: `a == b ignoring case`".to_owned());
        }
        subject
    }

    fn cond_op<'p>(&mut self, row: &mut Row<'p>) -> Option<(CondOp, TextRange)> {
        let pair = row.next()?;
        let mut range = self.range(&pair);
        let op = match pair.as_rule() {
            Rule::t_is => self.is_op(pair)?,
            Rule::t_matches => {
                let (mut pattern, mut name) = (None, None);
                for part in pair.into_inner() {
                    match part.as_rule() {
                        Rule::name => name = Some(self.name(&part)),
                        Rule::operand_plain => pattern = Some(self.expr(part)),
                        _ => {}
                    }
                }
                CondOp::Matches(Box::new(pattern?), name)
            }
            _ => {
                let text = pair.as_str().to_owned();
                let right = Box::new(self.level(row, Level::Range));
                range = range.cover(right.range);
                self.infix_cond(&text, right, row, &mut range)
            }
        };
        Some((op, range))
    }

    fn infix_cond<'p>(
        &mut self,
        text: &str,
        right: Box<Expr>,
        row: &mut Row<'p>,
        range: &mut TextRange,
    ) -> CondOp {
        match text {
            "==" => CondOp::Eq(right),
            "!=" => CondOp::Ne(right),
            "<" => CondOp::Lt(right),
            "<=" => CondOp::Le(right),
            ">" => CondOp::Gt(right),
            ">=" => CondOp::Ge(right),
            "contains" => CondOp::Contains(right),
            "in" => CondOp::In(right),
            "between" => self.between(right, row, range),
            _ if text.starts_with("starts") => CondOp::StartsWith(right),
            _ if text.starts_with("ends") => CondOp::EndsWith(right),
            _ => CondOp::NotIn(right),
        }
    }

    fn between<'p>(&mut self, low: Box<Expr>, row: &mut Row<'p>, range: &mut TextRange) -> CondOp {
        if peek_infix(row) != Some("and") {
            self.problem(codes::BETWEEN, *range, "`between` has only one end").help =
                Some("write `x between low and high`; both ends belong to it".to_owned());
            let high = self.error_expr(low.range);
            return CondOp::Between(low, Box::new(high));
        }
        row.next();
        let high = self.level(row, Level::Range);
        *range = range.cover(high.range);
        CondOp::Between(low, Box::new(high))
    }

    fn is_op(&mut self, pair: Pair<'_>) -> Option<CondOp> {
        let what = pair.into_inner().find(|p| p.as_rule() != Rule::k_is)?;
        Some(match what.as_rule() {
            Rule::is_not_empty => CondOp::IsNotEmpty,
            Rule::k_empty => CondOp::IsEmpty,
            Rule::k_none => CondOp::IsNone,
            Rule::k_some => CondOp::IsSome,
            _ => CondOp::IsTag(self.path(what)),
        })
    }
}

fn is_operand(rule: Rule) -> bool {
    matches!(rule, Rule::operand | Rule::operand_plain)
}

fn peek_infix<'p>(row: &mut Row<'p>) -> Option<&'p str> {
    row.peek().filter(|p| matches!(p.as_rule(), Rule::infix | Rule::infix_arith)).map(Pair::as_str)
}

/// `matches re"…" ignoring case as found`: there the words stand inside.
fn start_ignores<'p>(row: &mut Row<'p>) -> bool {
    row.peek()
        .filter(|p| p.as_rule() == Rule::t_matches)
        .is_some_and(|p| p.clone().into_inner().any(|part| part.as_rule() == Rule::t_ignoring))
}

fn is_comparison(pair: &Pair<'_>) -> bool {
    match pair.as_rule() {
        Rule::t_is | Rule::t_matches => true,
        Rule::infix => {
            let text = pair.as_str();
            matches!(text, "==" | "!=" | "<" | "<=" | ">" | ">=" | "contains" | "in" | "between")
                || text.starts_with("starts")
                || text.starts_with("ends")
                || text.starts_with("not")
        }
        _ => false,
    }
}

fn or_op(text: &str) -> Option<BinaryOp> {
    (text == "or").then_some(BinaryOp::Or)
}

fn and_op(text: &str) -> Option<BinaryOp> {
    (text == "and").then_some(BinaryOp::And)
}

fn add_op(text: &str) -> Option<BinaryOp> {
    match text {
        "+" => Some(BinaryOp::Add),
        "-" => Some(BinaryOp::Sub),
        _ => None,
    }
}

fn mul_op(text: &str) -> Option<BinaryOp> {
    match text {
        "*" => Some(BinaryOp::Mul),
        "/" => Some(BinaryOp::Div),
        "%" => Some(BinaryOp::Rem),
        _ => None,
    }
}

fn coalesce_op(text: &str) -> Option<BinaryOp> {
    (text == "??").then_some(BinaryOp::Coalesce)
}
