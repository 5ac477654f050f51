//! The few conversions that need no word: Int to Number, `T` to `T?`, text to content, a place to a target.

use super::{Body, Want};
use crate::code;
use crate::collect::World;
use crate::tree::{Expr, ExprKind};
use crate::ty::{Fit, fit};
use carapace_diagnostic::Diagnostic;
use carapace_module::{Type, TypeKind, Value};
use carapace_syntax::ast;
use std::sync::Arc;

impl<'a> Body<'_, 'a> {
    /// The expression as a value of that type; a mistake is told.
    pub(crate) fn check(&mut self, expr: &'a ast::Expr, ty: &Type) -> Expr {
        let value = self.infer(expr, Want::Ty(ty));
        self.convert(value, ty)
    }

    /// The value as one of that type; a mistake is told.
    pub(crate) fn convert(&mut self, value: Expr, ty: &Type) -> Expr {
        match self.try_convert(value, ty) {
            Ok(value) => value,
            Err(value) => {
                self.mismatch(&value, ty);
                Expr { ty: Type::Error, span: value.span, kind: ExprKind::Error }
            }
        }
    }

    /// The same for a place that holds the value.
    pub(crate) fn convert_in_place(&mut self, value: &mut Expr, ty: &Type) {
        let span = value.span;
        let taken = std::mem::replace(value, Expr { ty: Type::Error, span, kind: ExprKind::Error });
        *value = self.convert(taken, ty);
    }

    /// The value as one of that type, or the value back.
    pub(crate) fn try_convert(&mut self, value: Expr, ty: &Type) -> Result<Expr, Box<Expr>> {
        let span = value.span;
        match fit(&value.ty, ty) {
            Fit::Same => {
                // What never comes, and mistakes, keep their type: blocks are judged by it.
                if matches!(value.ty, Type::Never | Type::Error) || matches!(ty, Type::Error) {
                    return Ok(value);
                }
                Ok(Expr { ty: ty.clone(), ..value })
            }
            Fit::Widen => {
                let inner = Expr { ty: Type::Number, span, kind: ExprKind::IntToNumber(Box::new(value)) };
                Ok(Expr { ty: ty.clone(), ..inner })
            }
            Fit::WidenOptional => Ok(self.optional_chain(value, ty.clone(), |_, inner| Expr {
                ty: Type::Number,
                span: inner.span,
                kind: ExprKind::IntToNumber(Box::new(inner)),
            })),
            Fit::No => self.convert_world(value, ty),
        }
    }

    fn convert_world(&mut self, value: Expr, ty: &Type) -> Result<Expr, Box<Expr>> {
        let plain = match ty {
            Type::Optional(inner) => &**inner,
            other => other,
        };
        let span = value.span;
        if World::is(plain, self.cx.world.content) && matches!(value.ty, Type::Text | Type::Template(_)) {
            return Ok(Expr { ty: ty.clone(), span, kind: ExprKind::TextToContent(Box::new(value)) });
        }
        if World::is(plain, self.cx.world.target) {
            let name = if World::is(&value.ty, self.cx.world.room) {
                "to_room"
            } else if World::is(&value.ty, self.cx.world.conversation) {
                "to_conversation"
            } else if World::is(&value.ty, self.cx.world.user) {
                "to_user"
            } else if World::is(&value.ty, self.cx.world.group) {
                "to_group"
            } else {
                return Err(Box::new(value));
            };
            if let Some(tag) = self.tag_number(plain, name) {
                return Ok(Expr { ty: ty.clone(), span, kind: ExprKind::Tag(tag, vec![value]) });
            }
        }
        Err(Box::new(value))
    }

    /// The number of a union's tag.
    pub(crate) fn tag_number(&self, ty: &Type, name: &str) -> Option<u32> {
        let Type::Declared(id, _) = ty else { return None };
        match &self.cx.program.types.get(*id)?.kind {
            TypeKind::Union(tags) => {
                tags.iter().position(|t| *t.name == *name).and_then(|n| u32::try_from(n).ok())
            }
            TypeKind::Record(_) => None,
        }
    }

    /// `x?.…`: none stays none, else what `f` makes of the value. `ty` is the whole's type.
    pub(crate) fn optional_chain(
        &mut self,
        base: Expr,
        ty: Type,
        f: impl FnOnce(&mut Self, Expr) -> Expr,
    ) -> Expr {
        let span = base.span;
        let inner = match &base.ty {
            Type::Optional(inner) => (**inner).clone(),
            other => other.clone(),
        };
        let local = self.hidden("", inner.clone(), false);
        let body = f(self, Expr { ty: inner, span, kind: ExprKind::Local(local) });
        let kind = ExprKind::OptionalChain { base: Box::new(base), local, body: Box::new(body) };
        Expr { ty, span, kind }
    }

    fn mismatch(&mut self, value: &Expr, ty: &Type) {
        let (have, want) = (self.cx.show(&value.ty), self.cx.show(ty));
        let told = match (&value.ty, ty) {
            (Type::Nothing, _) => Diagnostic::new(
                code::NO_VALUE,
                value.span,
                format!("this gives no value, but a `{want}` is needed"),
            )
            .help("every way through has to end with a value of that type"),
            (Type::Secret, _) => {
                Diagnostic::new(code::SECRET_PASSED, value.span, format!("a secret cannot become a `{want}`"))
                    .help("hand it to a parameter that is declared `secret`; nothing else ever sees it")
            }
            (Type::Optional(inner), _) if self.fits(inner, ty) => Diagnostic::new(
                code::MAY_BE_NONE,
                value.span,
                format!("this may be none, but a `{want}` is needed"),
            )
            .label(format!("is `{have}`"))
            .help("say what holds then: `… ?? other`, `… else { return }`, or ask `is some` before"),
            (Type::Bool, Type::Nothing) | (_, Type::Nothing) => Diagnostic::new(
                code::MISMATCH,
                value.span,
                format!("nothing is wanted here, but this gives a `{have}`"),
            )
            .help("say the result's type in the header: `-> …`, or leave the value out"),
            (_, Type::Text) => {
                let told = Diagnostic::new(
                    code::MISMATCH,
                    value.span,
                    format!("a `Text` is needed, but this is a `{have}`"),
                );
                if crate::ty::is_showable(&self.cx.program.types, &value.ty) {
                    told.help("write it into a text: `\"{…}\"`")
                } else {
                    told.help("nothing converts by itself; name the field that is meant")
                }
            }
            (Type::Text, Type::Int | Type::Number) => Diagnostic::new(
                code::MISMATCH,
                value.span,
                format!("a `{want}` is needed, but this is a `Text`"),
            )
            .help(if *ty == Type::Int {
                "read it: `x.to_int()`, which is `Int?`"
            } else {
                "read it: `x.to_number()`, which is `Number?`"
            }),
            (Type::Number, Type::Int) => Diagnostic::new(
                code::MISMATCH,
                value.span,
                "an `Int` is needed, but this is a `Number`".to_owned(),
            )
            .help("say how: `x.floor()`, `x.ceil()` or `x.truncate()`"),
            _ => {
                let told = Diagnostic::new(
                    code::MISMATCH,
                    value.span,
                    format!("a `{want}` is needed, but this is a `{have}`"),
                );
                match self.tag_in_quotes(value, ty) {
                    Some(tag) => told.help("a tag is no text").fix(
                        format!("write `{tag}` without quotes"),
                        value.span,
                        &*tag,
                    ),
                    None => match (&value.kind, ty) {
                        (ExprKind::Const(Value::Int(number)), Type::Duration) => told
                            .help(format!("say in what: `{number}s`, `{number}m`, `{number}h`, `{number}d`")),
                        _ => told.help("nothing converts by itself"),
                    },
                }
            }
        };
        self.report(told);
    }

    /// The tag of the wanted type that a text names, where the text is one in quotes.
    fn tag_in_quotes(&self, value: &Expr, wanted: &Type) -> Option<Arc<str>> {
        let ExprKind::Const(Value::Text(text)) = &value.kind else { return None };
        let Type::Declared(id, _) = wanted else { return None };
        let TypeKind::Union(variants) = &self.cx.program.types.get(*id)?.kind else { return None };
        let tag = variants.iter().find(|variant| *variant.name == *text.0 && variant.fields.is_empty())?;
        Some(tag.name.clone())
    }

    fn fits(&self, from: &Type, to: &Type) -> bool {
        fit(from, to) != Fit::No
            || (World::is(to, self.cx.world.content) && *from == Type::Text)
            || World::is(to, self.cx.world.target)
    }
}
