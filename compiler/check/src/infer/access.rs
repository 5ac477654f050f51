//! `x.f`, `x?.f`, `xs[i]`.

use super::name::union_of;
use super::{Body, Want};
use crate::code;
use crate::collect::DefKind;
use crate::names::Found;
use crate::tree::{Expr, ExprKind};
use carapace_diagnostic::{TextRange, suggest};
use carapace_module::{Type, TypeKind};
use carapace_syntax::ast::{self, Name};
use std::sync::Arc;

impl<'a> Body<'_, 'a> {
    /// `x.f`; also a module's item and a type's tag.
    pub(crate) fn field(
        &mut self,
        whole: &'a ast::Expr,
        base: &'a ast::Expr,
        optional: bool,
        name: &'a Name,
        want: Want<'_>,
    ) -> Expr {
        match self.find_path(base) {
            Found::Module(_) => {
                return match self.find_path(whole) {
                    Found::Item(id) => self.item_value(id, whole.range, want),
                    _ => self.error(whole.range),
                };
            }
            Found::Item(id) => {
                if let DefKind::Type(ty) = self.cx.def(id).kind {
                    let ty = self.instance(ty, want);
                    return self.qualified_tag(&ty, name, whole.range);
                }
            }
            Found::Told => return self.error(whole.range),
            Found::Nothing => {}
        }
        let base = self.infer_value(base);
        self.field_of(base, optional, name, whole.range)
    }

    /// A declared type, with the type arguments of the wanted one where it is the same.
    pub(crate) fn instance(&self, id: carapace_module::TypeId, want: Want<'_>) -> Type {
        match want.ty().and_then(union_of) {
            Some(ty @ Type::Declared(other, _)) if *other == id => ty.clone(),
            _ => Type::declared(id),
        }
    }

    /// A tag with its union in front.
    fn qualified_tag(&mut self, ty: &Type, name: &Name, range: TextRange) -> Expr {
        let Some(tag) = self.tag_number(ty, &name.text) else {
            self.unknown_tag(ty, name);
            return self.error(range);
        };
        self.cx.note_tag(self.at, name, ty);
        let fields = self.tag_fields(ty, tag).unwrap_or_default();
        if fields.is_empty() {
            return self.make(range, ty.clone(), ExprKind::Tag(tag, Vec::new()));
        }
        let list = fields.iter().map(|(n, _)| format!("{n}: …")).collect::<Vec<_>>().join(", ");
        let told = self
            .told(code::MISSING_FIELD, range, format!("tag `{}` has fields", name.text))
            .help(format!("give them: `{}({list})`", name.text));
        self.report(told);
        self.error(range)
    }

    /// Tells that a union has no such tag.
    pub(crate) fn unknown_tag(&mut self, ty: &Type, name: &Name) {
        if name.text.is_empty() || *ty == Type::Error {
            return;
        }
        let shown = self.cx.show(ty);
        let tags: Vec<Arc<str>> = match ty {
            Type::Declared(id, _) => match self.cx.program.types.get(*id).map(|d| &d.kind) {
                Some(TypeKind::Union(tags)) => tags.iter().map(|t| t.name.clone()).collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        if tags.is_empty() {
            let told = self
                .told(
                    code::UNKNOWN_TAG,
                    name.range,
                    format!("`{shown}` has no tag `{}`: it is not a union", name.text),
                )
                .help("only `type T = a | b` has tags");
            self.report(told);
            return;
        }
        let near = suggest(&name.text, tags.iter().map(|t| &**t)).map(str::to_owned);
        let message = format!("`{shown}` has no tag `{}`", name.text);
        let mut told = self.suggesting(code::UNKNOWN_TAG, name.range, message, near.as_deref());
        if near.is_none() {
            let list = tags.iter().map(|t| format!("`{t}`")).collect::<Vec<_>>().join(", ");
            told = told.help(format!("its tags are {list}"));
        }
        self.report(told);
    }

    /// The field of a value.
    pub(crate) fn field_of(&mut self, base: Expr, optional: bool, name: &Name, range: TextRange) -> Expr {
        if name.text.is_empty() || base.ty == Type::Error {
            return self.error(range);
        }
        if optional {
            return self.optional_field(base, name, range);
        }
        if let Type::Optional(_) = base.ty {
            let shown = self.cx.show(&base.ty);
            let told = carapace_diagnostic::Diagnostic::new(
                code::MAY_BE_NONE,
                base.span,
                format!("this may be none, which has no `{}`", name.text),
            )
            .label(format!("is `{shown}`"))
            .help(format!("`?.{}` goes on only where there is one; or ask `is some` before", name.text));
            self.report(told);
            return self.error(range);
        }
        match self.find_field(&base, &name.text) {
            Some((slot, ty)) => {
                let tag = self.known_tag(&base);
                self.cx.note_field(self.at, name, &base.ty, tag);
                let base = if self.is_union(&base.ty) {
                    let (ty, span) = (base.ty.clone(), base.span);
                    Expr { ty, span, kind: ExprKind::Narrow(Box::new(base)) }
                } else {
                    base
                };
                let read = self.make(range, ty, ExprKind::Field(Box::new(base), slot));
                self.narrowed(read)
            }
            None => {
                self.unknown_field(&base, name);
                self.error(range)
            }
        }
    }

    fn optional_field(&mut self, base: Expr, name: &Name, range: TextRange) -> Expr {
        if !matches!(base.ty, Type::Optional(_)) {
            let shown = self.cx.show(&base.ty);
            let told = self
                .told(
                    code::OPERATOR,
                    range,
                    format!("`?.` is for what may be none, and this `{shown}` never is"),
                )
                .help(format!("write `.{}`", name.text));
            self.report(told);
            return self.error(range);
        }
        let mut inner_ty = Type::Error;
        let mut chained = self.optional_chain(base, Type::Error, |body, inner| {
            let made = body.field_of(inner, false, name, range);
            inner_ty = made.ty.clone();
            made
        });
        chained.ty = inner_ty.optional();
        chained.span = self.span(range);
        chained
    }

    fn is_union(&self, ty: &Type) -> bool {
        matches!(ty, Type::Declared(id, _)
            if matches!(self.cx.program.types.get(*id).map(|d| &d.kind), Some(TypeKind::Union(_))))
    }

    /// Slot and type of a record's field, or of a field of the tag that the union is known to have.
    fn find_field(&self, base: &Expr, name: &str) -> Option<(u32, Type)> {
        let Type::Declared(id, args) = &base.ty else { return None };
        let fields = match &self.cx.program.types.get(*id)?.kind {
            TypeKind::Record(fields) => fields,
            TypeKind::Union(tags) => &tags.get(self.known_tag(base)? as usize)?.fields,
        };
        let slot = fields.iter().position(|f| *f.name == *name)?;
        let bound: Vec<Option<Type>> = args.iter().cloned().map(Some).collect();
        let ty = crate::ty::substitute(&fields.get(slot)?.ty, &bound);
        Some((u32::try_from(slot).ok()?, ty))
    }

    fn unknown_field(&mut self, base: &Expr, name: &Name) {
        let shown = self.cx.show(&base.ty);
        let fields: Vec<Arc<str>> = match &base.ty {
            Type::Declared(id, _) => match self.cx.program.types.get(*id).map(|d| &d.kind) {
                // Its fields were lost to a mistake of syntax that was told.
                Some(TypeKind::Record(fields)) if fields.is_empty() => return,
                Some(TypeKind::Record(fields)) => fields.iter().map(|f| f.name.clone()).collect(),
                Some(TypeKind::Union(tags)) => {
                    let tag = tags.iter().find(|t| t.fields.iter().any(|f| *f.name == *name.text));
                    let help = match tag {
                        Some(tag) => {
                            format!("only tag `{}` has it: ask `is {}` first, or `match`", tag.name, tag.name)
                        }
                        None => "tell the tags apart with `match` or `is`".to_owned(),
                    };
                    let told = self
                        .told(
                            code::UNKNOWN_FIELD,
                            name.range,
                            format!("not every `{shown}` has a `{}`", name.text),
                        )
                        .help(help);
                    self.report(told);
                    return;
                }
                None => Vec::new(),
            },
            _ => Vec::new(),
        };
        if self.cx.method(&base.ty, &name.text).is_some() {
            let told = self
                .told(code::UNKNOWN_FIELD, name.range, format!("`{}` of `{shown}` is a function", name.text))
                .help(format!("call it: `.{}(…)`", name.text))
                .fix("call it", self.span(name.range), format!("{}()", name.text));
            self.report(told);
            return;
        }
        let near = suggest(&name.text, fields.iter().map(|f| &**f)).map(str::to_owned);
        let message = format!("`{shown}` has no field `{}`", name.text);
        let mut told = self.suggesting(code::UNKNOWN_FIELD, name.range, message, near.as_deref());
        if near.is_none() {
            told = if base.ty == Type::Json {
                told.help(format!("look it up: `[\"{}\"]`, which may be none", name.text))
            } else if fields.is_empty() {
                told
            } else {
                let list = fields.iter().map(|f| format!("`{f}`")).collect::<Vec<_>>().join(", ");
                told.help(format!("it has {list}"))
            };
        }
        self.report(told);
    }

    /// `xs[i]`, `m[k]`, `json["a"]`, `state[key]`.
    pub(crate) fn index(&mut self, range: TextRange, base: &'a ast::Expr, index: &'a ast::Expr) -> Expr {
        if let Found::Item(id) = self.find_path(base)
            && self.cx.def(id).kind == DefKind::State
            && !self.cx.state_keys(id).is_empty()
        {
            return self.state_read_at(id, range, index);
        }
        let base = self.infer_value(base);
        let (kind, ty) = match &base.ty {
            Type::List(item) => {
                let item = (**item).clone();
                let index = Box::new(self.check(index, &Type::Int));
                (ExprKind::ListIndex(Box::new(base), index), item)
            }
            Type::Map(key, value) => {
                let (key, value) = ((**key).clone(), (**value).clone());
                let index = Box::new(self.check(index, &key));
                (ExprKind::MapIndex(Box::new(base), index), value)
            }
            Type::Json => return self.json_index(range, base, index),
            Type::Optional(inner) if **inner == Type::Json => {
                let span = range;
                let index = self.json_key(index);
                let mut made = self.optional_chain(base, Type::Json.optional(), |body, inner| {
                    body.make(
                        span,
                        Type::Json.optional(),
                        ExprKind::JsonIndex(Box::new(inner), Box::new(index)),
                    )
                });
                made.span = self.span(range);
                return made;
            }
            Type::Error => {
                self.infer(index, Want::Any);
                return self.error(range);
            }
            other => {
                let shown = self.cx.show(other);
                let told = self
                    .told(code::NOT_INDEXABLE, range, format!("a `{shown}` has no elements to look up"))
                    .help("`[…]` looks into lists, maps, JSON and states");
                let told = match other {
                    Type::Optional(_) => {
                        told.help("it may be none: say what holds then with `??` or `else` first")
                    }
                    _ => told,
                };
                self.report(told);
                self.infer(index, Want::Any);
                return self.error(range);
            }
        };
        self.make(range, ty.optional(), kind)
    }

    fn json_index(&mut self, range: TextRange, base: Expr, index: &'a ast::Expr) -> Expr {
        let index = self.json_key(index);
        self.make(range, Type::Json.optional(), ExprKind::JsonIndex(Box::new(base), Box::new(index)))
    }

    fn json_key(&mut self, index: &'a ast::Expr) -> Expr {
        let index = self.infer_value(index);
        if !matches!(index.ty, Type::Text | Type::Int | Type::Error | Type::Never) {
            let shown = self.cx.show(&index.ty);
            let told = carapace_diagnostic::Diagnostic::new(
                code::MISMATCH,
                index.span,
                format!("JSON is looked into with a `Text` or an `Int`, not with a `{shown}`"),
            )
            .help("`json[\"name\"]` or `json[0]`");
            self.report(told);
        }
        index
    }
}
