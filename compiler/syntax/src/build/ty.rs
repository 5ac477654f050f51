//! Types and parameters.

use super::{Builder, Pair};
use crate::ast::{Field, InterpolationPart, Name, Param, Path, TypeExpr, TypeExprKind, Variant};
use crate::grammar::Rule;

impl Builder<'_> {
    /// `type_expr` or `upper_type`.
    pub(super) fn type_expr(&mut self, pair: Pair<'_>) -> TypeExpr {
        let whole = self.range(&pair);
        let mut inner = pair.into_inner();
        let Some(first) = inner.next() else {
            return TypeExpr { id: self.id(), range: whole, kind: TypeExprKind::Error };
        };
        let id = self.id();
        let range = self.range(&first);
        let kind =
            if first.as_rule() == Rule::type_fn { self.type_fn(first) } else { self.type_named(first) };
        let mut ty = TypeExpr { id, range, kind };
        for mark in inner.filter(|p| p.as_rule() == Rule::optional) {
            let range = ty.range.cover(self.range(&mark));
            ty = TypeExpr { id: self.id(), range, kind: TypeExprKind::Optional(Box::new(ty)) };
        }
        ty
    }

    fn type_named(&mut self, pair: Pair<'_>) -> TypeExprKind {
        let mut path = Path { names: Vec::new() };
        let mut args = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::type_args => args = self.type_args(part),
                _ => path = self.path(part),
            }
        }
        TypeExprKind::Named { path, args }
    }

    fn type_fn(&mut self, pair: Pair<'_>) -> TypeExprKind {
        let mut params: Vec<TypeExpr> =
            pair.into_inner().filter(|p| p.as_rule() == Rule::type_expr).map(|p| self.type_expr(p)).collect();
        match params.pop() {
            Some(result) => TypeExprKind::Fn { params, result: Box::new(result) },
            None => TypeExprKind::Error,
        }
    }

    pub(super) fn type_args(&mut self, pair: Pair<'_>) -> Vec<TypeExpr> {
        pair.into_inner().map(|p| self.type_expr(p)).collect()
    }

    /// `<T, U>`.
    pub(super) fn type_params(&self, pair: Pair<'_>) -> Vec<Name> {
        pair.into_inner().map(|p| self.name(&p)).collect()
    }

    pub(super) fn params(&mut self, pair: Pair<'_>) -> Vec<Param> {
        pair.into_inner().filter_map(|p| self.param(p)).collect()
    }

    fn param(&mut self, pair: Pair<'_>) -> Option<Param> {
        let (mut name, mut ty, mut default) = (None, None, None);
        let (mut secret, mut trusted) = (false, false);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::word => name = Some(self.name(&part)),
                Rule::k_secret => secret = true,
                Rule::k_trusted => trusted = true,
                Rule::type_expr => ty = Some(self.type_expr(part)),
                _ => default = Some(self.expr(part)),
            }
        }
        Some(Param { name: name?, secret, trusted, ty: ty?, default })
    }

    pub(super) fn fields(&mut self, pair: Pair<'_>) -> Vec<Field> {
        pair.into_inner().filter(|p| p.as_rule() == Rule::field).filter_map(|p| self.field(p)).collect()
    }

    fn field(&mut self, pair: Pair<'_>) -> Option<Field> {
        let docs = self.docs_before(self.range(&pair).start);
        let (mut name, mut ty, mut json_key, mut default) = (None, None, None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::word => name = Some(self.name(&part)),
                Rule::type_expr => ty = Some(self.type_expr(part)),
                Rule::text => json_key = Some(self.fixed_text(part)),
                Rule::expr => default = Some(self.expr(part)),
                _ => {}
            }
        }
        Some(Field { docs, name: name?, ty: ty?, json_key, default })
    }

    pub(super) fn variants(&mut self, pair: Pair<'_>) -> Vec<Variant> {
        pair.into_inner().filter_map(|p| self.variant(p)).collect()
    }

    fn variant(&mut self, pair: Pair<'_>) -> Option<Variant> {
        let docs = self.docs_before(self.range(&pair).start);
        let mut inner = pair.into_inner();
        let name = self.name(&inner.next()?);
        let fields = inner.filter_map(|p| self.field(p)).collect();
        Some(Variant { docs, name, fields })
    }

    /// A text that may hold nothing but its characters: titles, keys.
    pub(super) fn fixed_text(&mut self, pair: Pair<'_>) -> String {
        let range = self.range(&pair);
        let parts = self.text_parts(pair);
        let mut out = String::new();
        for part in &parts {
            match part {
                InterpolationPart::Literal(text) => out.push_str(text),
                InterpolationPart::Expr(_) => {
                    self.problem(crate::codes::FIXED_TEXT, range, "nothing can be put into this text").help =
                        Some("write `\\{` where a brace is meant".to_owned());
                    break;
                }
            }
        }
        out
    }
}
