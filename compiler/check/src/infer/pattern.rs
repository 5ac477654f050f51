//! Patterns: a bare name is a tag, `let x` binds, `_` is the rest.

use super::condition::plain;
use super::{Body, Want};
use crate::code;
use crate::tree::{ExprKind, Pattern, PatternKind};
use carapace_diagnostic::TextRange;
use carapace_module::{Type, TypeKind, Value};
use carapace_syntax::ast::{self, FieldPattern, Name, Path};

impl<'a> Body<'_, 'a> {
    /// A pattern for values of that type; none where a mistake was told.
    pub(crate) fn pattern(&mut self, pattern: &'a ast::Pattern, ty: &Type) -> Option<Pattern> {
        use ast::PatternKind as P;
        let kind = match &pattern.kind {
            P::Rest => PatternKind::Rest,
            P::Bind(name) => PatternKind::Bind(self.bind(name, ty)),
            P::None => {
                if !matches!(ty, Type::Optional(_) | Type::Error) {
                    let shown = self.cx.show(ty);
                    return self.no_match(
                        pattern.range,
                        format!("a `{shown}` is never none"),
                        "leave this case out",
                    );
                }
                PatternKind::None
            }
            P::Literal(expr) => self.literal_pattern(expr, plain(ty))?,
            P::Or(alternatives) => self.alternatives(pattern.range, alternatives, ty)?,
            P::Tag { path, fields } => self.tag_pattern(pattern.range, path, fields, plain(ty))?,
            P::Error => return None,
        };
        Some(Pattern { span: self.span(pattern.range), kind })
    }

    /// What `let x` binds: without the `?` where an earlier case took `none`, the type is still the whole one.
    fn bind(&mut self, name: &'a Name, ty: &Type) -> crate::tree::LocalId {
        self.declare(name, ty.clone(), false)
    }

    fn no_match<T>(&mut self, range: TextRange, message: String, help: &str) -> Option<T> {
        let told = self.told(code::PATTERN, range, message).help(help);
        self.report(told);
        None
    }

    fn alternatives(&mut self, range: TextRange, all: &'a [ast::Pattern], ty: &Type) -> Option<PatternKind> {
        let names = self.names.len();
        let mut out = Vec::with_capacity(all.len());
        for pattern in all {
            out.push(self.pattern(pattern, ty));
        }
        if self.names.len() > names {
            let told = self
                .told(code::PATTERN, range, "`let` cannot stand among alternatives")
                .help("write a case for each of them");
            self.report(told);
            self.names.truncate(names);
            return None;
        }
        Some(PatternKind::Or(out.into_iter().collect::<Option<Vec<_>>>()?))
    }

    fn literal_pattern(&mut self, expr: &'a ast::Expr, ty: &Type) -> Option<PatternKind> {
        if let ast::ExprKind::Range(from, to) = &expr.kind {
            if !matches!(ty, Type::Int | Type::Error) {
                let shown = self.cx.show(ty);
                return self.no_match(
                    expr.range,
                    format!("a `{shown}` is never in a range"),
                    "ranges are of `Int`",
                );
            }
            let (from, to) = (self.check(from, &Type::Int), self.check(to, &Type::Int));
            return match (&from.kind, &to.kind) {
                (ExprKind::Const(Value::Int(a)), ExprKind::Const(Value::Int(b))) => {
                    Some(PatternKind::Range(*a, *b))
                }
                _ => None,
            };
        }
        let value = self.infer(expr, Want::Ty(ty));
        if value.ty == Type::Error || *ty == Type::Error {
            return None;
        }
        if crate::ty::fit(&value.ty, ty) == crate::ty::Fit::No {
            let (have, want) = (self.cx.show(&value.ty), self.cx.show(ty));
            return self.no_match(
                expr.range,
                format!("a `{want}` is never equal to this `{have}`"),
                "write a value of that type",
            );
        }
        match crate::constant::constant(self.cx, &value) {
            Some(Value::Int(n)) if *ty == Type::Number => {
                Some(PatternKind::Const(Value::Number(carapace_module::Decimal { mantissa: n, scale: 0 })))
            }
            Some(constant) => Some(PatternKind::Const(constant)),
            None => self.no_match(
                expr.range,
                "a pattern is a value that is known when compiled".to_owned(),
                "bind it with `let x` and compare in an `if` guard",
            ),
        }
    }

    fn tag_pattern(
        &mut self,
        range: TextRange,
        path: &'a Path,
        fields: &'a [FieldPattern],
        ty: &Type,
    ) -> Option<PatternKind> {
        let name = path.names.last()?;
        if *ty == Type::Error || name.text.is_empty() {
            // Names that the patterns bind exist all the same: no second message for their uses.
            for field in fields {
                self.pattern(&field.pattern, &Type::Error);
            }
            return None;
        }
        let is_union = matches!(ty, Type::Declared(id, _)
            if matches!(self.cx.program.types.get(*id).map(|d| &d.kind), Some(TypeKind::Union(_))));
        if !is_union {
            let shown = self.cx.show(ty);
            return self.no_match(
                range,
                format!("a `{shown}` has no tags"),
                &format!("to bind the value write `let {}`", name.text),
            );
        }
        if let [.., qualifier, _] = path.names.as_slice() {
            let written = Path { names: path.names.iter().take(path.names.len() - 1).cloned().collect() };
            let found = self.cx.resolve_type(
                self.at,
                &ast::TypeExpr {
                    id: ast::NodeId(u32::MAX),
                    range: qualifier.range,
                    kind: ast::TypeExprKind::Named { path: written, args: Vec::new() },
                },
                &[],
            );
            if let (Type::Declared(a, _), Type::Declared(b, _)) = (&found, ty)
                && a != b
            {
                let (have, want) = (self.cx.show(&found), self.cx.show(ty));
                return self.no_match(
                    range,
                    format!("a `{want}` is never a tag of `{have}`"),
                    "name a tag of the value's own union",
                );
            }
        }
        let Some(tag) = self.tag_number(ty, &name.text) else {
            self.unknown_tag(ty, name);
            for field in fields {
                self.pattern(&field.pattern, &Type::Error);
            }
            return None;
        };
        self.cx.note_tag(self.at, name, ty);
        let declared = self.tag_fields(ty, tag).unwrap_or_default();
        let mut out: Vec<(u32, Pattern)> = Vec::with_capacity(fields.len());
        let mut sound = true;
        for (index, field) in fields.iter().enumerate() {
            let slot = match &field.name {
                Some(name) => declared.iter().position(|(n, _)| **n == *name.text),
                None => (index < declared.len()).then_some(index),
            };
            let Some((slot, (_, field_ty))) = slot.and_then(|s| Some((s, declared.get(s)?))) else {
                self.no_such_pattern_field(name, &declared, field);
                self.pattern(&field.pattern, &Type::Error);
                sound = false;
                continue;
            };
            if let Some(name) = &field.name {
                self.cx.note_field(self.at, name, ty, Some(tag));
            }
            match self.pattern(&field.pattern, field_ty) {
                Some(pattern) => out.push((u32::try_from(slot).unwrap_or(0), pattern)),
                None => sound = false,
            }
        }
        sound.then_some(PatternKind::Tag(tag, out))
    }

    fn no_such_pattern_field(
        &mut self,
        tag: &Name,
        declared: &[(std::sync::Arc<str>, Type)],
        field: &FieldPattern,
    ) {
        let list = declared.iter().map(|(n, _)| format!("`{n}`")).collect::<Vec<_>>().join(", ");
        let (range, message) = match &field.name {
            Some(name) => (name.range, format!("tag `{}` has no field `{}`", tag.text, name.text)),
            None => (field.pattern.range, format!("tag `{}` has {} fields", tag.text, declared.len())),
        };
        let near = field
            .name
            .as_ref()
            .and_then(|n| carapace_diagnostic::suggest(&n.text, declared.iter().map(|(n, _)| &**n)))
            .map(str::to_owned);
        let mut told = self.suggesting(code::UNKNOWN_FIELD, range, message, near.as_deref());
        if near.is_none() {
            told = told.help(if list.is_empty() {
                "leave the parentheses out".to_owned()
            } else {
                format!("it has {list}")
            });
        }
        self.report(told);
    }
}
