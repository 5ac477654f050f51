//! Patterns.

use super::{Builder, Pair, text::Literal};
use crate::ast::{Expr, ExprKind, FieldPattern, Path, Pattern, PatternKind, UnaryOp};
use crate::grammar::Rule;
use carapace_diagnostic::TextRange;

impl Builder<'_> {
    pub(super) fn error_pattern(&mut self, range: TextRange) -> Pattern {
        Pattern { id: self.id(), range, kind: PatternKind::Error }
    }

    pub(super) fn pattern(&mut self, pair: Pair<'_>) -> Pattern {
        let range = self.range(&pair);
        let id = self.id();
        let mut alternatives: Vec<Pattern> = pair.into_inner().map(|p| self.pattern_one(p)).collect();
        match (alternatives.len(), alternatives.pop()) {
            (1, Some(only)) => Pattern { id, ..only },
            (_, Some(last)) => {
                alternatives.push(last);
                Pattern { id, range, kind: PatternKind::Or(alternatives) }
            }
            (_, None) => Pattern { id, range, kind: PatternKind::Error },
        }
    }

    fn pattern_one(&mut self, pair: Pair<'_>) -> Pattern {
        let (id, range) = (self.id(), self.range(&pair));
        let kind = match pair.as_rule() {
            Rule::pat_rest => PatternKind::Rest,
            Rule::pat_none => PatternKind::None,
            Rule::pat_let => match pair.into_inner().find(|p| p.as_rule() == Rule::name) {
                Some(name) => PatternKind::Bind(self.name(&name)),
                None => PatternKind::Error,
            },
            Rule::pat_lit => self.literal_pattern(pair, range),
            _ => self.tag_pattern(pair),
        };
        Pattern { id, range, kind }
    }

    fn literal_pattern(&mut self, pair: Pair<'_>, range: TextRange) -> PatternKind {
        let mut ends: Vec<Expr> = pair.into_inner().map(|p| self.scalar(p)).collect();
        let Some(last) = ends.pop() else { return PatternKind::Error };
        match ends.pop() {
            Some(first) => {
                let kind = ExprKind::Range(Box::new(first), Box::new(last));
                PatternKind::Literal(self.expr_node(range, kind))
            }
            None => PatternKind::Literal(last),
        }
    }

    fn scalar(&mut self, pair: Pair<'_>) -> Expr {
        let range = self.range(&pair);
        let mut minus = false;
        let mut kind = ExprKind::Error;
        let mut inner_range = range;
        for part in pair.into_inner() {
            inner_range = self.range(&part);
            kind = match part.as_rule() {
                Rule::minus => {
                    minus = true;
                    continue;
                }
                Rule::k_true => ExprKind::Bool(true),
                Rule::k_false => ExprKind::Bool(false),
                Rule::text => ExprKind::Text(self.text_parts(part)),
                _ => match self.number(&part) {
                    Literal::Int(value) => ExprKind::Int(value),
                    Literal::Number(text) => ExprKind::Number(text),
                    Literal::Duration(ms) => ExprKind::Duration(ms),
                    Literal::Money(amount, currency) => ExprKind::Money(amount, currency),
                },
            };
        }
        let value = self.expr_node(inner_range, kind);
        if minus { self.expr_node(range, ExprKind::Unary(UnaryOp::Neg, Box::new(value))) } else { value }
    }

    fn tag_pattern(&mut self, pair: Pair<'_>) -> PatternKind {
        let mut path = Path { names: Vec::new() };
        let mut fields = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::path => path = self.path(part),
                _ => fields = part.into_inner().filter_map(|f| self.field_pattern(f)).collect(),
            }
        }
        PatternKind::Tag { path, fields }
    }

    fn field_pattern(&mut self, pair: Pair<'_>) -> Option<FieldPattern> {
        let (mut name, mut pattern) = (None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::word => name = Some(self.name(&part)),
                _ => pattern = Some(self.pattern(part)),
            }
        }
        Some(FieldPattern { name, pattern: pattern? })
    }
}
