//! Literals.

use super::{Body, Want};
use crate::code;
use crate::tree::{Expr, ExprKind};
use carapace_diagnostic::TextRange;
use carapace_module::value::{Decimal, MoneyValue};
use carapace_module::{Type, Value};
use carapace_syntax::ast;
use std::sync::Arc;

impl<'a> Body<'_, 'a> {
    /// `42`: a Number where one is wanted.
    pub(crate) fn int(&mut self, range: TextRange, value: i64, want: Want<'_>) -> Expr {
        let number = match want.ty() {
            Some(Type::Number) => true,
            Some(Type::Optional(inner)) => **inner == Type::Number,
            _ => false,
        };
        if number {
            let value = normal(value, 0);
            return self.make(range, Type::Number, ExprKind::Const(Value::Number(value)));
        }
        self.make(range, Type::Int, ExprKind::Const(Value::Int(value)))
    }

    /// `3.5`.
    pub(crate) fn number(&mut self, range: TextRange, text: &str) -> Expr {
        match decimal(text) {
            Some((mantissa, scale)) => {
                let value = normal(mantissa, scale);
                self.make(range, Type::Number, ExprKind::Const(Value::Number(value)))
            }
            None => self.bad_literal(
                range,
                format!("`{text}` has more digits than a `Number` keeps"),
                "keep to 18 digits",
            ),
        }
    }

    /// `50 EUR`.
    pub(crate) fn money(&mut self, range: TextRange, amount: &str, currency: &str) -> Expr {
        let letters: Result<[u8; 3], _> = currency.as_bytes().try_into();
        let Some(currency) = letters.ok().filter(|c| c.iter().all(u8::is_ascii_uppercase)) else {
            return self.bad_literal(
                range,
                format!("`{currency}` is not the code of a currency"),
                "write its three capital letters: `50 EUR`",
            );
        };
        match decimal(amount) {
            Some((mantissa, scale)) => {
                let value = normal(mantissa, scale);
                let value = MoneyValue { currency, scale: value.scale, mantissa: value.mantissa };
                self.make(range, Type::Money, ExprKind::Const(Value::Money(value)))
            }
            None => self.bad_literal(
                range,
                format!("`{amount}` has more digits than `Money` keeps"),
                "keep to 18 digits",
            ),
        }
    }

    fn bad_literal(&mut self, range: TextRange, message: String, help: &str) -> Expr {
        let told = self.told(code::LITERAL, range, message).help(help);
        self.report(told);
        self.error(range)
    }

    /// `[a, b]`.
    pub(crate) fn list(&mut self, range: TextRange, items: &'a [ast::Expr], want: Want<'_>) -> Expr {
        let wanted = match want.ty() {
            Some(Type::List(item)) => Some((**item).clone()),
            Some(Type::Optional(inner)) => match &**inner {
                Type::List(item) => Some((**item).clone()),
                _ => None,
            },
            _ => None,
        };
        if let Some(item) = wanted.filter(|t| !crate::ty::has_param(t) && *t != Type::Never) {
            let items = items.iter().map(|e| self.check(e, &item)).collect();
            return self.make(range, Type::list(item), ExprKind::List(items));
        }
        let mut out: Vec<Expr> = items.iter().map(|e| self.infer_value(e)).collect();
        let item = self.join_all(&mut out, "the elements of a list");
        self.make(range, Type::list(item), ExprKind::List(out))
    }

    /// `["k": v]`.
    pub(crate) fn map(
        &mut self,
        range: TextRange,
        entries: &'a [(ast::Expr, ast::Expr)],
        want: Want<'_>,
    ) -> Expr {
        let wanted = match want.ty() {
            Some(Type::Map(k, v)) if !crate::ty::has_param(k) && !crate::ty::has_param(v) => {
                Some(((**k).clone(), (**v).clone()))
            }
            _ => None,
        };
        self.refuse_twin_keys(entries);
        let (key, value, out) = match wanted {
            Some((key, value)) => {
                let out = entries.iter().map(|(k, v)| (self.check(k, &key), self.check(v, &value))).collect();
                (key, value, out)
            }
            None => {
                let mut keys: Vec<Expr> = Vec::with_capacity(entries.len());
                let mut values: Vec<Expr> = Vec::with_capacity(entries.len());
                for (k, v) in entries {
                    keys.push(self.infer_value(k));
                    values.push(self.infer_value(v));
                }
                let key = self.join_all(&mut keys, "the keys of a map");
                let value = self.join_all(&mut values, "the values of a map");
                (key, value, keys.into_iter().zip(values).collect())
            }
        };
        if !crate::ty::is_keyable(&self.cx.program.types, &key) {
            let shown = self.cx.show(&key);
            let told = self
                .told(code::KEY, range, format!("a `{shown}` cannot be the key of a map"))
                .help("use a text, a number, a time, or a tag without fields");
            self.report(told);
        }
        self.make(range, Type::Map(Arc::new(key), Arc::new(value)), ExprKind::Map(out))
    }

    fn refuse_twin_keys(&mut self, entries: &'a [(ast::Expr, ast::Expr)]) {
        let mut seen: Vec<&ast::ExprKind> = Vec::new();
        for (key, _) in entries {
            let literal = match &key.kind {
                ast::ExprKind::Int(_) => true,
                ast::ExprKind::Text(parts) => {
                    matches!(parts.as_slice(), [] | [ast::InterpolationPart::Literal(_)])
                }
                _ => false,
            };
            if !literal || seen.len() > 64 {
                continue;
            }
            if seen.contains(&&key.kind) {
                let told = self
                    .told(code::TWICE, key.range, "this key stands in the map twice")
                    .help("leave one of them out");
                self.report(told);
            }
            seen.push(&key.kind);
        }
    }

    /// The type that all have in common; each is made one of it.
    pub(crate) fn join_all(&mut self, exprs: &mut [Expr], what: &str) -> Type {
        let mut joint = Type::Never;
        for expr in exprs.iter() {
            match crate::ty::join(&joint, &expr.ty) {
                Some(ty) => joint = ty,
                None => {
                    let (a, b) = (self.cx.show(&joint), self.cx.show(&expr.ty));
                    let told = carapace_diagnostic::Diagnostic::new(
                        code::MISMATCH,
                        expr.span,
                        format!("{what} have one type, but this is a `{b}` among `{a}`"),
                    )
                    .help("make a union of them: `type Either = one(value: …) | other(value: …)`");
                    self.report(told);
                    return Type::Error;
                }
            }
        }
        for expr in exprs {
            self.convert_in_place(expr, &joint);
        }
        joint
    }
}

/// Digits of a decimal, and how many of them stand behind the point.
fn decimal(text: &str) -> Option<(i64, u8)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = fraction.trim_end_matches('0');
    let scale = u8::try_from(fraction.len()).ok().filter(|s| *s <= 18)?;
    let mantissa: i64 = format!("{whole}{fraction}").parse().ok()?;
    Some((mantissa, scale))
}

/// Without zeros at the fraction's end.
fn normal(mut mantissa: i64, mut scale: u8) -> Decimal {
    while scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    Decimal { mantissa, scale }
}
