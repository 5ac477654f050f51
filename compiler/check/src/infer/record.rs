//! `Triage { severity: high }`, and tags with fields.

use super::{Body, Want};
use crate::code;
use crate::collect::DefKind;
use crate::facts::{Call, DefinitionSite, NameKind};
use crate::tree::{Expr, ExprKind};
use carapace_diagnostic::{TextRange, suggest};
use carapace_module::{Type, TypeId, TypeKind};
use carapace_syntax::ast::{self, Arg, FieldInit, Name, Path, TypeExpr, TypeExprKind};
use std::sync::Arc;

/// A field that a value is given for.
struct Given<'a> {
    name: &'a Name,
    value: Option<&'a ast::Expr>,
}

impl<'a> Body<'_, 'a> {
    /// A record literal.
    pub(crate) fn record(
        &mut self,
        range: TextRange,
        path: &'a Path,
        fields: &'a [FieldInit],
        want: Want<'_>,
    ) -> Expr {
        self.cx.note_type_path(self.at, &path.names);
        let written = TypeExpr {
            id: carapace_syntax::ast::NodeId(u32::MAX),
            range: path.range(),
            kind: TypeExprKind::Named { path: path.clone(), args: Vec::new() },
        };
        let ty = match want.ty() {
            // `Page { … }` where a `Page<Order>` is wanted means that one.
            Some(Type::Declared(id, args)) if !args.is_empty() && self.names_type(path, *id) => {
                Type::Declared(*id, args.clone())
            }
            _ => match self.generic_record(path, fields) {
                Some(ty) => ty,
                None => self.cx.resolve_type(self.at, &written, self.type_params),
            },
        };
        let given: Vec<Given<'a>> =
            fields.iter().map(|f| Given { name: &f.name, value: f.value.as_ref() }).collect();
        let Type::Declared(id, args) = &ty else {
            if ty != Type::Error {
                let shown = self.cx.show(&ty);
                let told = self
                    .told(code::WRONG_KIND, path.range(), format!("`{shown}` is not a record"))
                    .help("only types declared with fields are written `Name { … }`");
                self.report(told);
            }
            self.infer_given(&given);
            return self.error(range);
        };
        let bound: Vec<Option<Type>> = args.iter().cloned().map(Some).collect();
        let Some(TypeKind::Record(declared)) = self.cx.program.types.get(*id).map(|d| d.kind.clone()) else {
            let shown = self.cx.show(&ty);
            let told = self
                .told(code::WRONG_KIND, path.range(), format!("`{shown}` is a union, not a record"))
                .help(format!("name one of its tags: `{shown}.…`"));
            self.report(told);
            self.infer_given(&given);
            return self.error(range);
        };
        let fields: Vec<(Arc<str>, Type)> =
            declared.into_iter().map(|f| (f.name, crate::ty::substitute(&f.ty, &bound))).collect();
        let (slots, order) = self.slots(range, *id, None, &fields, &given);
        self.make(range, ty.clone(), ExprKind::Record(slots, order))
    }

    /// `Pair { left: 1, right: "a" }`: what the type's parameters stand for is learnt from the fields.
    fn generic_record(&mut self, path: &'a Path, fields: &'a [FieldInit]) -> Option<Type> {
        let DefKind::Type(id) = self.cx.def(self.cx.find_type(self.at, path)?).kind else { return None };
        let def = self.cx.program.types.get(id)?;
        if def.params == 0 {
            return None;
        }
        let TypeKind::Record(declared) = def.kind.clone() else { return None };
        let mut bound: Vec<Option<Type>> = vec![None; def.params as usize];
        for field in fields {
            let Some(of) = declared.iter().find(|d| *d.name == *field.name.text) else { continue };
            let value = match &field.value {
                Some(value) => self.infer(value, Want::Any),
                None => self.name(&field.name, Want::Any),
            };
            crate::ty::bind(&of.ty, &value.ty, &mut bound);
        }
        Some(Type::Declared(id, bound.into_iter().map(|b| b.unwrap_or(Type::Error)).collect()))
    }

    fn names_type(&self, path: &Path, id: TypeId) -> bool {
        let Some(last) = path.names.last() else { return false };
        self.cx.program.types.get(id).is_some_and(|d| d.name.rsplit('.').next() == Some(last.text.as_str()))
    }

    fn infer_given(&mut self, given: &[Given<'a>]) {
        for field in given {
            if let Some(value) = field.value {
                self.infer(value, Want::Any);
            }
        }
    }

    /// A tag's call: `paid(amount: 3)`, `paid(3)`.
    pub(crate) fn tag_call(
        &mut self,
        range: TextRange,
        ty: &Type,
        tag: u32,
        name: &Name,
        args: &'a [Arg],
    ) -> Expr {
        let (Type::Declared(id, _), Some(fields)) = (ty, self.tag_fields(ty, tag)) else {
            return self.error(range);
        };
        self.note_tag_call(range, ty, name, &fields, args);
        if fields.is_empty() && args.is_empty() {
            let told = self
                .told(code::NOT_CALLABLE, range, format!("tag `{}` has no fields", name.text))
                .help(format!("write `{}`", name.text));
            self.report(told);
            return self.error(range);
        }
        let mut positional: Vec<Option<Expr>> = Vec::new();
        let mut named = Vec::new();
        for (index, arg) in args.iter().enumerate() {
            match (&arg.name, fields.get(index)) {
                (Some(name), _) => named.push(Given { name, value: Some(&arg.value) }),
                (None, Some((_, ty))) => {
                    let value = self.check(&arg.value, ty);
                    positional.push(Some(value));
                }
                (None, None) => {
                    let told = self
                        .told(
                            code::TOO_MANY_ARGUMENTS,
                            arg.value.range,
                            format!("tag `{}` has {} fields", name.text, fields.len()),
                        )
                        .help("leave this one out");
                    self.report(told);
                    self.infer(&arg.value, Want::Any);
                }
            }
        }
        let first = positional.len();
        for given in &named {
            if let Some(at) = fields.iter().position(|(n, _)| **n == *given.name.text)
                && at < first
            {
                self.cx.twice(self.at, given.name, "field");
            }
        }
        named.retain(|g| !fields.iter().take(first).any(|(n, _)| **n == *g.name.text));
        let rest: Vec<(Arc<str>, Type)> = fields.iter().skip(first).cloned().collect();
        let (slots, _) = self.slots(range, *id, Some((tag, first)), &rest, &named);
        let all = positional.into_iter().flatten().chain(slots).collect();
        self.make(range, ty.clone(), ExprKind::Tag(tag, all))
    }

    /// Notes a tag, and which of its fields each argument is for.
    fn note_tag_call(
        &mut self,
        range: TextRange,
        ty: &Type,
        name: &Name,
        fields: &[(Arc<str>, Type)],
        args: &'a [Arg],
    ) {
        self.cx.note_tag(self.at, name, ty);
        let at = self.span(range);
        let Some(site) = self.cx.notes.wants(at.file).then(|| self.cx.tag_site(ty, &name.text)).flatten()
        else {
            return;
        };
        for (index, arg) in args.iter().enumerate() {
            let param = match &arg.name {
                Some(name) => fields.iter().position(|(known, _)| **known == *name.text),
                None => Some(index),
            };
            if let Some(param) = param {
                self.cx.notes.argument(at, arg.value.range, param);
            }
        }
        self.cx.notes.call(at, || Call {
            range,
            site: DefinitionSite { span: site },
            kind: NameKind::Tag,
            method: false,
            params: fields.iter().map(|(_, ty)| ty.clone()).collect(),
            result: ty.clone(),
            args: Vec::new(),
        });
    }

    /// One value a field, and the slots in source order. `tag`: the tag's number, and how many fields are skipped.
    fn slots(
        &mut self,
        range: TextRange,
        id: TypeId,
        tag: Option<(u32, usize)>,
        fields: &[(Arc<str>, Type)],
        given: &[Given<'a>],
    ) -> (Vec<Expr>, Vec<u32>) {
        let mut slots: Vec<Option<Expr>> = vec![None; fields.len()];
        let mut order = Vec::with_capacity(fields.len());
        for field in given {
            if field.name.text.is_empty() {
                continue;
            }
            let Some(at) = fields.iter().position(|(n, _)| **n == *field.name.text) else {
                self.no_such_field(id, fields, field);
                continue;
            };
            let Some((_, ty)) = fields.get(at) else { continue };
            self.cx.note_field(self.at, field.name, &Type::declared(id), tag.map(|(tag, _)| tag));
            let value = match field.value {
                Some(value) => self.check(value, ty),
                None => {
                    let value = self.name(field.name, Want::Ty(ty));
                    self.convert(value, ty)
                }
            };
            match slots.get_mut(at) {
                Some(slot @ None) => {
                    *slot = Some(value);
                    order.push(u32::try_from(at).unwrap_or(0));
                }
                _ => self.cx.twice(self.at, field.name, "field"),
            }
        }
        let mut missing = Vec::new();
        let mut out = Vec::with_capacity(fields.len());
        for (index, ((name, ty), slot)) in fields.iter().zip(slots).enumerate() {
            let value = match slot {
                Some(value) => value,
                None => {
                    order.push(u32::try_from(index).unwrap_or(0));
                    self.field_default(id, tag, index, ty, range).unwrap_or_else(|| {
                        missing.push(format!("`{name}`"));
                        self.error(range)
                    })
                }
            };
            out.push(value);
        }
        if !missing.is_empty() {
            let list = missing.join(", ");
            let told = self
                .told(
                    code::MISSING_FIELD,
                    range,
                    format!(
                        "{} {list} is missing",
                        if missing.len() == 1 { "field" } else { "each of the fields" }
                    ),
                )
                .help("give every field that has no default a value");
            self.report(told);
        }
        (out, order)
    }

    /// The declared default; of an optional field without one, none.
    fn field_default(
        &mut self,
        id: TypeId,
        tag: Option<(u32, usize)>,
        index: usize,
        ty: &Type,
        range: TextRange,
    ) -> Option<Expr> {
        let info = self.cx.type_info.get(id.0 as usize)?;
        let sig = match tag {
            None => info.fields.get(index),
            Some((tag, skipped)) => info.variants.get(tag as usize)?.get(skipped + index),
        };
        let (default, def) = (sig.and_then(|s| s.default), info.def);
        match (default, def) {
            (Some(default), Some(def)) => Some(self.take_default(def, default, ty)),
            _ if matches!(ty, Type::Optional(_)) => {
                Some(self.make(range, ty.clone(), ExprKind::Const(carapace_module::Value::None)))
            }
            _ => None,
        }
    }

    fn no_such_field(&mut self, id: TypeId, fields: &[(Arc<str>, Type)], given: &Given<'a>) {
        if let Some(value) = given.value {
            self.infer(value, Want::Any);
        }
        if fields.is_empty() {
            // Lost to a mistake of syntax that was told.
            return;
        }
        let near = suggest(&given.name.text, fields.iter().map(|(n, _)| &**n)).map(str::to_owned);
        let shown = self.cx.show(&Type::declared(id));
        let message = format!("`{shown}` has no field `{}`", given.name.text);
        let mut told = self.suggesting(code::UNKNOWN_FIELD, given.name.range, message, near.as_deref());
        if near.is_none() {
            let list = fields.iter().map(|(n, _)| format!("`{n}`")).collect::<Vec<_>>().join(", ");
            told = told.help(format!("it has {list}"));
        }
        self.report(told);
    }
}
