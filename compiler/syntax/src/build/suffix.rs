//! Suffix clauses: each at most once, in one order.

use super::{Builder, Pair};
use crate::ast::{Delivery, Else, Expr, ExprKind, Retry, Suffixes, UnaryOp, Undo, Within};
use crate::codes;
use crate::grammar::Rule;
use carapace_diagnostic::TextRange;

/// The order of the suffixes, as the language gives it.
const ORDER: &str = "`retry`, `within` or `until`, `undo`, `at most once`, `on unknown`, `else`, `as`";

impl Builder<'_> {
    pub(super) fn suffixes(&mut self, pairs: Vec<Pair<'_>>) -> Suffixes {
        let mut out = Suffixes::default();
        let mut last: Option<(usize, &'static str)> = None;
        for pair in pairs {
            let (rank, word) = rank(pair.as_rule());
            let range = self.range(&pair);
            let range = TextRange::new(range.start, range.start + first_word(self.slice(range)));
            match last {
                Some((before, _)) if before == rank => {
                    self.problem(codes::SUFFIX_ORDER, range, format!("a second `{word}` on the same call"))
                        .help = Some("a call has each suffix once".to_owned());
                    continue;
                }
                Some((before, other)) if before > rank => {
                    self.problem(codes::SUFFIX_ORDER, range, format!("`{word}` stands before `{other}`"))
                        .help = Some(format!("the order is {ORDER}"));
                }
                _ => last = Some((rank, word)),
            }
            self.suffix(pair, &mut out);
        }
        out
    }

    fn suffix(&mut self, pair: Pair<'_>, out: &mut Suffixes) {
        match pair.as_rule() {
            Rule::s_retry => {
                let mut parts = self.keys(pair).into_iter();
                let count = parts.next();
                let backoff = parts.next().zip(parts.next());
                out.retry = count.map(|count| Retry { count, backoff });
            }
            Rule::s_within => out.within = self.only_expr(pair).map(Within::For),
            Rule::s_until => out.within = self.only_expr(pair).map(Within::Until),
            Rule::s_undo => {
                out.undo = pair
                    .into_inner()
                    .find(|p| p.as_rule() == Rule::block)
                    .map(|p| Undo { body: self.block(p) });
            }
            Rule::s_delivery => {
                let range = self.range(&pair);
                let most = pair.into_inner().any(|p| p.as_rule() == Rule::k_most);
                out.delivery = Some((if most { Delivery::AtMostOnce } else { Delivery::AtLeastOnce }, range));
            }
            Rule::s_unknown => {
                out.on_unknown =
                    pair.into_inner().find(|p| p.as_rule() == Rule::block).map(|p| self.block(p));
            }
            Rule::s_else => out.otherwise = self.otherwise(pair),
            Rule::s_as => {
                out.label = pair.into_inner().find(|p| p.as_rule() == Rule::name).map(|p| self.name(&p));
            }
            _ => {}
        }
    }

    fn otherwise(&mut self, pair: Pair<'_>) -> Option<Else> {
        let (mut error, mut value, mut minus) = (None, None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => error = Some(self.name(&part)),
                Rule::minus => minus = Some(self.range(&part)),
                Rule::block => value = Some(self.block_expr(part)),
                Rule::operand_plain => value = Some(self.expr(part)),
                _ => {}
            }
        }
        let mut value: Expr = value?;
        if let Some(range) = minus {
            let whole = range.cover(value.range);
            value = self.expr_node(whole, ExprKind::Unary(UnaryOp::Neg, Box::new(value)));
        }
        Some(Else { error, value })
    }
}

fn first_word(text: &str) -> u32 {
    text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len()) as u32
}

fn rank(rule: Rule) -> (usize, &'static str) {
    match rule {
        Rule::s_retry => (0, "retry"),
        Rule::s_within => (1, "within"),
        Rule::s_until => (1, "until"),
        Rule::s_undo => (2, "undo"),
        Rule::s_delivery => (3, "at"),
        Rule::s_unknown => (4, "on unknown"),
        Rule::s_else => (5, "else"),
        _ => (6, "as"),
    }
}
