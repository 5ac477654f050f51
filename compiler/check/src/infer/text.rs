//! Texts: interpolation, and tagged text.

use super::{Body, Want};
use crate::code;
use crate::tree::{Expr, ExprKind, NativeId, Part};
use carapace_diagnostic::TextRange;
use carapace_module::value::Text;
use carapace_module::{Field, Type, TypeId, TypeKind, TypeTable, Value};
use carapace_syntax::ast::{self, InterpolationPart, ItemKind, Name};
use std::sync::Arc;

/// A text as a value.
pub(crate) fn text_value(text: &str) -> Value {
    Value::Text(Arc::new(Text(Box::from(text))))
}

impl<'a> Body<'_, 'a> {
    /// `"…{x}…"`.
    pub(crate) fn text(&mut self, range: TextRange, parts: &'a [InterpolationPart]) -> Expr {
        match parts {
            [] => return self.make(range, Type::Text, ExprKind::Const(text_value(""))),
            [InterpolationPart::Literal(text)] => {
                return self.make(range, Type::Text, ExprKind::Const(text_value(text)));
            }
            _ => {}
        }
        let parts = self.parts(parts);
        self.make(range, Type::Text, ExprKind::Text(parts))
    }

    fn parts(&mut self, parts: &'a [InterpolationPart]) -> Vec<Part> {
        let mut out = Vec::with_capacity(parts.len());
        for part in parts {
            out.push(match part {
                InterpolationPart::Literal(text) => Part::Literal(Arc::from(text.as_str())),
                InterpolationPart::Expr(expr) => Part::Value(self.shown(expr)),
            });
        }
        out
    }

    /// A value that stands in a text.
    fn shown(&mut self, expr: &'a ast::Expr) -> Expr {
        let value = self.infer(expr, Want::Any);
        if crate::ty::is_showable(&self.cx.program.types, &value.ty) {
            return value;
        }
        let shown = self.cx.show(&value.ty);
        let told = match &value.ty {
            Type::Secret => self
                .told(code::SECRET_SHOWN, expr.range, "a secret cannot stand in a text")
                .help("hand it to a parameter that is declared `secret`; nothing else ever sees it"),
            Type::Optional(_) => self
                .told(code::MAY_BE_NONE, expr.range, "this may be none, and a text has to say something")
                .label(format!("is `{shown}`"))
                .help("say what to write then: `{x ?? \"…\"}`"),
            Type::Nothing => self
                .told(code::NO_VALUE, expr.range, "this gives no value to write")
                .help("leave it out of the text"),
            _ => self
                .told(
                    code::NOT_SHOWABLE,
                    expr.range,
                    format!("there is no one way to write a `{shown}` in a text"),
                )
                .help("name the field that is meant, or write a function that makes a text of it"),
        };
        self.report(told);
        self.error(expr.range)
    }

    /// `re"…"`, `url"…{id}"`.
    pub(crate) fn tagged(&mut self, range: TextRange, tag: &'a Name, parts: &'a [InterpolationPart]) -> Expr {
        if tag.text == "re" {
            if let Some(id) = self.cx.text_tags.get("re").copied() {
                self.cx.note_item(self.at, tag, id);
            }
            return self.regex(range, parts);
        }
        let Some(id) = self.cx.text_tags.get(tag.text.as_str()).copied() else {
            let near = carapace_diagnostic::suggest(
                &tag.text,
                self.cx.text_tags.keys().copied().chain(std::iter::once("re")),
            );
            let span = self.span(tag.range);
            let told = self.told(
                code::UNKNOWN_TEXT_TAG,
                tag.range,
                format!("there is no tagged text `{}\"…\"`", tag.text),
            );
            let told = match near {
                Some(near) => told.help(format!("did you mean `{near}`?")).fix(
                    format!("replace with `{near}`"),
                    span,
                    near,
                ),
                None => told.help("the library declares `re\"…\"` and `url\"…\"`"),
            };
            self.report(told);
            for part in parts {
                if let InterpolationPart::Expr(e) = part {
                    self.infer(e, Want::Any);
                }
            }
            return self.error(range);
        };
        let def = self.cx.def(id);
        self.cx.note_item(self.at, tag, id);
        self.note_host(tag, parts);
        let parts = self.parts(parts);
        let ItemKind::Tag(decl) = &def.item.kind else { return self.error(range) };
        let ty = self.cx.resolve_type(def.at, &decl.result, &[]);
        let native = decl
            .by
            .as_ref()
            .and_then(|by| self.cx.module(def.at.module).names.get(by.text.as_str()).copied())
            .and_then(|native| self.cx.native(native));
        match native {
            Some(native) => {
                if let Some(reason) = self.refused_template(native, &parts) {
                    let message = format!("this is not what `{}\"…\"` takes: {reason}", tag.text);
                    let told = self.told(code::TEMPLATE, range, message);
                    self.report(
                        told.help("what is put in is only a part of it, and never changes what it is"),
                    );
                    return self.error(range);
                }
                self.make(range, ty, ExprKind::Template(native, parts))
            }
            None => self.make(range, ty, ExprKind::Text(parts)),
        }
    }

    /// Why the template is refused whatever is put in: it is made once here, with a word for each value.
    fn refused_template(&self, native: NativeId, parts: &[Part]) -> Option<String> {
        let native = self.cx.program.natives.get(native.0 as usize)?;
        let native = carapace_natives::lookup(&native.name, native.version)?;
        let mut literals = vec![String::new()];
        for part in parts {
            match (part, literals.last_mut()) {
                (Part::Literal(text), Some(last)) => last.push_str(text),
                _ => literals.push(String::new()),
            }
        }
        let values = vec![text_value("x"); literals.len().saturating_sub(1)];
        let literals = literals.into_iter().map(Value::text).collect();
        let made = (native.body)(&[Value::list(literals), Value::list(values)]);
        made.err().map(|error| error.to_string())
    }

    /// An address that comes from elsewhere (a setting, a state, an event, whoever calls) may be of any host.
    pub(crate) fn note_address(&mut self, ty: &Type) {
        if holds_address(&self.cx.program.types, ty, &mut Vec::new()) {
            self.touch("host *".to_owned());
        }
    }

    /// One that a function of the library reads out of something that holds none.
    pub(crate) fn note_read_address(&mut self, args: &[Expr], result: &Type) {
        let types = &self.cx.program.types;
        if !args.iter().any(|arg| holds_address(types, &arg.ty, &mut Vec::new())) {
            self.note_address(result);
        }
    }

    /// The host that a `url"…"` names, for the manifest. One that is put in is `*`.
    fn note_host(&mut self, tag: &Name, parts: &[InterpolationPart]) {
        if tag.text != "url" {
            return;
        }
        let Some(InterpolationPart::Literal(first)) = parts.first() else {
            self.touch("host *".to_owned());
            return;
        };
        let Some((_, rest)) = first.split_once("://") else { return };
        let end = rest.find(['/', '?', '#']);
        let host = rest.get(..end.unwrap_or(rest.len())).unwrap_or(rest);
        let open = end.is_none() && parts.len() > 1;
        self.touch(if open || host.is_empty() { format!("host {host}*") } else { format!("host {host}") });
    }
}

/// Whether a value of the type may hold an address.
fn holds_address(types: &TypeTable, ty: &Type, seen: &mut Vec<TypeId>) -> bool {
    match ty {
        Type::Template(tag) => &**tag == "url",
        Type::List(a) | Type::Optional(a) => holds_address(types, a, seen),
        Type::Map(a, b) => holds_address(types, a, seen) || holds_address(types, b, seen),
        Type::Declared(id, args) => {
            if seen.contains(id) {
                return false;
            }
            seen.push(*id);
            let fields: Vec<&Field> = match types.get(*id).map(|definition| &definition.kind) {
                Some(TypeKind::Record(fields)) => fields.iter().collect(),
                Some(TypeKind::Union(tags)) => tags.iter().flat_map(|tag| &tag.fields).collect(),
                None => Vec::new(),
            };
            args.iter().any(|arg| holds_address(types, arg, seen))
                || fields.iter().any(|field| holds_address(types, &field.ty, seen))
        }
        _ => false,
    }
}
