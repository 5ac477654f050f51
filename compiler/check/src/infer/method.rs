//! `x.f(y)`: the function `f` of the module that defines the type of `x`.

use super::call::Written;
use super::{Body, Want};
use crate::code;
use crate::collect::{Checker, DefId, DefKind, ModuleId, World};
use crate::tree::Expr;
use carapace_diagnostic::suggest;
use carapace_module::Type;
use carapace_syntax::ast::Name;

impl Checker<'_> {
    /// The module whose functions a value of that type has.
    fn module_of(&self, ty: &Type) -> Option<ModuleId> {
        let path = match ty {
            Type::Declared(id, _) => {
                let def = self.type_info.get(id.0 as usize)?.def?;
                return Some(self.def(def).at.module);
            }
            Type::Template(tag) => {
                let def = self.text_tags.get(&**tag)?;
                return Some(self.def(*def).at.module);
            }
            Type::Bool => "std/bool",
            Type::Int => "std/int",
            Type::Number => "std/number",
            Type::Text => "std/text",
            Type::Bytes => "std/bytes",
            Type::Time => "std/time",
            Type::Date => "std/date",
            Type::Duration => "std/duration",
            Type::Money => "std/money",
            Type::Json => "std/json",
            Type::Regex => "std/regex",
            Type::List(_) => "std/list",
            Type::Map(..) => "std/map",
            Type::Optional(_) => "std/optional",
            _ => return None,
        };
        self.module_by_path.get(path).copied()
    }

    /// The item that `x.name(…)` means.
    pub(crate) fn method(&self, ty: &Type, name: &str) -> Option<DefId> {
        let callable = |id: &DefId| {
            matches!(
                self.def(*id).kind,
                DefKind::Fn | DefKind::ExternFn | DefKind::Effect | DefKind::Flow | DefKind::Tool
            )
        };
        let own = self
            .module_of(ty)
            .and_then(|module| self.module(module).names.get(name))
            .copied()
            .filter(callable);
        if own.is_some() {
            return own;
        }
        if *ty == Type::Int {
            return self.method(&Type::Number, name);
        }
        // The world's types are declared together; their effects (`message.react(…)`) stand beside their kind.
        let Type::Declared(id, _) = ty else { return None };
        let table = self.program.types.get(*id)?;
        let (module, short) = table.name.rsplit_once('.')?;
        if !module.starts_with("std/") {
            return None;
        }
        let on = snake(short);
        self.effects_on
            .get(&(on.as_str(), name))
            .or_else(|| self.prelude.get(name))
            .copied()
            .filter(callable)
            .filter(|id| self.def(*id).name == name)
    }

    fn methods_of(&self, ty: &Type) -> Vec<&str> {
        let Some(module) = self.module_of(ty) else { return Vec::new() };
        let mut names: Vec<&str> = self
            .module(module)
            .names
            .iter()
            .filter(|(_, id)| {
                matches!(
                    self.def(**id).kind,
                    DefKind::Fn | DefKind::ExternFn | DefKind::Effect | DefKind::Flow
                )
            })
            .map(|(name, _)| *name)
            .collect();
        names.sort_unstable();
        names
    }
}

/// `MessageRef` as `message_ref`.
pub(crate) fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 2);
    for (index, c) in name.chars().enumerate() {
        if c.is_uppercase() && index > 0 {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

impl<'a> Body<'_, 'a> {
    /// A method call on a value.
    pub(crate) fn method_call(
        &mut self,
        receiver: Expr,
        optional: bool,
        name: &'a Name,
        written: Written<'a>,
        want: Want<'_>,
    ) -> Expr {
        if receiver.ty == Type::Error || name.text.is_empty() {
            return self.give_up(written);
        }
        if optional {
            return self.optional_method(receiver, name, written);
        }
        if let Some((slot, Type::Fn(..))) = self.function_field(&receiver, &name.text) {
            return self.call_function_field(receiver, slot, written);
        }
        let Some(id) = self.cx.method(&receiver.ty, &name.text) else {
            self.unknown_method(&receiver, name);
            return self.give_up(written);
        };
        self.cx.note_item(self.at, name, id);
        if self.cx.def(id).kind == DefKind::Effect && self.is_receiver_effect(id) {
            return self.effect_call(id, None, Some(receiver), written, want);
        }
        self.call_item(id, Some(receiver), written, want)
    }

    fn function_field(&self, receiver: &Expr, name: &str) -> Option<(u32, Type)> {
        let Type::Declared(id, _) = &receiver.ty else { return None };
        match &self.cx.program.types.get(*id)?.kind {
            carapace_module::TypeKind::Record(fields) => {
                let slot = fields.iter().position(|f| *f.name == *name)?;
                Some((u32::try_from(slot).ok()?, fields.get(slot)?.ty.clone()))
            }
            carapace_module::TypeKind::Union(_) => None,
        }
    }

    /// A function cannot be a field, which was told where the type is declared.
    fn call_function_field(&mut self, _receiver: Expr, _slot: u32, written: Written<'a>) -> Expr {
        self.give_up(written)
    }

    fn optional_method(&mut self, receiver: Expr, name: &'a Name, written: Written<'a>) -> Expr {
        if !matches!(receiver.ty, Type::Optional(_)) {
            let shown = self.cx.show(&receiver.ty);
            let told = self
                .told(
                    code::OPERATOR,
                    written.range,
                    format!("`?.` is for what may be none, and this `{shown}` never is"),
                )
                .help(format!("write `.{}(…)`", name.text));
            self.report(told);
            return self.give_up(written);
        }
        let mut inner_ty = Type::Error;
        let mut chained = self.optional_chain(receiver, Type::Error, |body, inner| {
            let made = body.method_call(inner, false, name, written, Want::Any);
            inner_ty = made.ty.clone();
            made
        });
        chained.ty = inner_ty.optional();
        chained.span = self.span(written.range);
        chained
    }

    /// A channel, room or group in a test is only ever expected to have said something, or asked, …
    fn unknown_verb(&mut self, name: &Name) {
        let verbs = crate::test::VERBS;
        if verbs.contains(&name.text.as_str()) {
            let told = self
                .told(code::EXPECT, name.range, format!("`{}` is something to expect", name.text))
                .help(format!("write `expect` before it: `expect ….{}(…)`", name.text));
            return self.report(told);
        }
        let near = suggest(&name.text, verbs);
        let message = format!("there is no expectation `{}`", name.text);
        let mut told = self.suggesting(code::EXPECT, name.range, message, near);
        if near.is_none() {
            told = told.help(format!("there are {}", verbs.join(", ")));
        }
        self.report(told);
    }

    fn unknown_method(&mut self, receiver: &Expr, name: &Name) {
        let shown = self.cx.show(&receiver.ty);
        if let Type::Optional(inner) = &receiver.ty
            && self.cx.method(inner, &name.text).is_some()
        {
            let told = carapace_diagnostic::Diagnostic::new(
                code::MAY_BE_NONE,
                receiver.span,
                format!("this may be none, which has no `{}`", name.text),
            )
            .label(format!("is `{shown}`"))
            .help(format!("`?.{}(…)` goes on only where there is one; or ask `is some` before", name.text));
            self.report(told);
            return;
        }
        if self.mode == super::Mode::Test
            && [self.cx.world.channel, self.cx.world.room, self.cx.world.group]
                .into_iter()
                .any(|known| World::is(&receiver.ty, known))
        {
            return self.unknown_verb(name);
        }
        let near = suggest(&name.text, self.cx.methods_of(&receiver.ty)).map(str::to_owned);
        let message = format!("`{shown}` has no function `{}`", name.text);
        let mut told = self.suggesting(code::UNKNOWN_METHOD, name.range, message, near.as_deref());
        if near.is_none() {
            told = match self.find_global(&name.text) {
                crate::names::Found::Item(id)
                    if matches!(self.cx.def(id).kind, DefKind::Fn | DefKind::Flow | DefKind::Tool) =>
                {
                    told.help(format!("`{}` is a function of this module: `{}(…)`", name.text, name.text))
                }
                _ => told.help("a value has the functions of the module that defines its type"),
            };
        }
        self.report(told);
    }
}
