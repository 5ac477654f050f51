//! Arguments to parameters: by position, by name, by default; type parameters learnt on the way.

use super::call::Written;
use super::{Body, Want};
use crate::code;
use crate::collect::{Callable, Checker, DefId, DefKind, World};
use crate::facts::{Call, DefinitionSite};
use crate::tree::Expr;
use crate::ty::{bind, has_param, substitute};
use carapace_diagnostic::suggest;
use carapace_module::Type;
use carapace_syntax::ast::{self, Arg, ItemKind};

/// What stands for a parameter.
enum Slot<'a> {
    Missing,
    Written(&'a ast::Expr),
    Ready(Expr),
}

impl<'a> Body<'_, 'a> {
    /// One expression a parameter, the result's type, and what the type parameters stand for.
    pub(crate) fn arguments(
        &mut self,
        id: DefId,
        receiver: Option<Expr>,
        written: Written<'a>,
        want: Want<'_>,
    ) -> (Vec<Expr>, Type, Vec<Option<Type>>) {
        let Some(sig) = self.cx.callable(id) else { return (Vec::new(), Type::Error, Vec::new()) };
        let mut bound: Vec<Option<Type>> = vec![None; sig.type_params];
        self.explicit(&sig, id, written, &mut bound);
        let method = receiver.is_some();
        let mut slots = self.place(&sig, id, receiver, written);
        for (slot, param) in slots.iter_mut().zip(&sig.params) {
            match slot {
                Slot::Ready(value) => bind(&param.ty, &value.ty, &mut bound),
                Slot::Written(expr) if !is_lambda(expr) => {
                    let partly = substitute(&param.ty, &bound);
                    let value = self.infer(expr, Want::Ty(&partly));
                    let value = if has_param(&partly) || (param.secret && value.ty == Type::Secret) {
                        value
                    } else {
                        self.convert(value, &partly)
                    };
                    bind(&param.ty, &value.ty, &mut bound);
                    *slot = Slot::Ready(value);
                }
                _ => {}
            }
        }
        self.bind_result(&sig, id, want, &mut bound);
        for (slot, param) in slots.iter_mut().zip(&sig.params) {
            if let Slot::Written(expr) = slot {
                let partly = substitute(&param.ty, &bound);
                let value = self.lambda(expr, &partly);
                bind(&param.ty, &value.ty, &mut bound);
                *slot = Slot::Ready(value);
            }
        }
        let args = self.fill(&sig, id, slots, written, &bound);
        let result = substitute(&sig.result, &bound);
        self.note_call(id, &sig, &bound, method, written, &result);
        if has_param(&result) && self.type_params.is_empty() {
            return (args, self.cannot_infer(id, written), bound);
        }
        (args, result, bound)
    }

    /// Notes the call, for editors.
    fn note_call(
        &mut self,
        id: DefId,
        sig: &Callable,
        bound: &[Option<Type>],
        method: bool,
        written: Written<'a>,
        result: &Type,
    ) {
        let (at, def) = (self.span(written.range), self.cx.def(id));
        self.cx.notes.call(at, || Call {
            range: written.range,
            site: DefinitionSite { span: def.span() },
            kind: Checker::name_kind(def.kind),
            method,
            params: sig.params.iter().map(|param| substitute(&param.ty, bound)).collect(),
            result: result.clone(),
            args: Vec::new(),
        });
    }

    fn explicit(&mut self, sig: &Callable, id: DefId, written: Written<'a>, bound: &mut [Option<Type>]) {
        if written.type_args.is_empty() {
            return;
        }
        if written.type_args.len() != sig.type_params {
            let name = self.cx.def(id).name;
            let Some(first) = written.type_args.first() else { return };
            let told = self
                .told(
                    code::TYPE_ARGUMENTS,
                    first.range,
                    format!(
                        "`{name}` takes {} type arguments, but {} are given",
                        sig.type_params,
                        written.type_args.len()
                    ),
                )
                .help("leave out what stands between `<` and `>`");
            self.report(told);
            return;
        }
        for (slot, ty) in bound.iter_mut().zip(written.type_args) {
            *slot = Some(self.cx.resolve_type(self.at, ty, self.type_params));
        }
    }

    fn place(
        &mut self,
        sig: &Callable,
        id: DefId,
        receiver: Option<Expr>,
        written: Written<'a>,
    ) -> Vec<Slot<'a>> {
        let mut slots: Vec<Slot<'a>> = sig.params.iter().map(|_| Slot::Missing).collect();
        let mut next = 0;
        if let Some(receiver) = receiver {
            if let Some(slot) = slots.first_mut() {
                *slot = Slot::Ready(receiver);
            }
            next = 1;
        }
        for arg in written.args {
            let at = match &arg.name {
                Some(name) => match sig.params.iter().position(|p| *p.name == *name.text) {
                    Some(at) => {
                        self.cx.note_param(self.at, name, id);
                        at
                    }
                    None => {
                        self.unknown_parameter(sig, id, arg);
                        continue;
                    }
                },
                None => {
                    next += 1;
                    next - 1
                }
            };
            let call = self.span(written.range);
            self.cx.notes.argument(call, arg.value.range, at);
            match slots.get_mut(at) {
                Some(slot @ Slot::Missing) => *slot = Slot::Written(&arg.value),
                Some(_) => self.given_twice(sig, at, arg),
                None => self.too_many(sig, id, arg),
            }
        }
        slots
    }

    fn given_twice(&mut self, sig: &Callable, at: usize, arg: &'a Arg) {
        let name = sig.params.get(at).map_or("", |p| &p.name).to_owned();
        let told = self
            .told(code::TWICE, arg.value.range, format!("parameter `{name}` is given twice"))
            .help("leave one of them out");
        self.report(told);
        self.infer_loose(&arg.value);
    }

    fn too_many(&mut self, sig: &Callable, id: DefId, arg: &'a Arg) {
        let name = self.cx.def(id).name;
        let message = match sig.params.len() {
            0 => format!("`{name}` takes no arguments"),
            1 => format!("`{name}` takes one argument"),
            n => format!("`{name}` takes {n} arguments"),
        };
        let told = self
            .told(code::TOO_MANY_ARGUMENTS, arg.value.range, message)
            .also(self.cx.def(id).span(), "declared here")
            .help("leave this one out");
        self.report(told);
        self.infer_loose(&arg.value);
    }

    fn unknown_parameter(&mut self, sig: &Callable, id: DefId, arg: &'a Arg) {
        if let Some(name) = arg.name.as_ref().filter(|n| !n.text.is_empty()) {
            let near = suggest(&name.text, sig.params.iter().map(|p| &*p.name)).map(str::to_owned);
            let callee = self.cx.def(id).name;
            let message = format!("`{callee}` has no parameter `{}`", name.text);
            let mut told = self.suggesting(code::UNKNOWN_PARAMETER, name.range, message, near.as_deref());
            if near.is_none() {
                let list = sig.params.iter().map(|p| format!("`{}`", p.name)).collect::<Vec<_>>().join(", ");
                told = told.help(if list.is_empty() {
                    "it has none".to_owned()
                } else {
                    format!("it has {list}")
                });
            }
            self.report(told);
        }
        self.infer_loose(&arg.value);
    }

    /// Looks at an argument that has no parameter.
    fn infer_loose(&mut self, value: &'a ast::Expr) {
        if !is_lambda(value) {
            self.infer(value, Want::Any);
        }
    }

    /// What the call is wanted for may say what its arguments did not. An effect that asks gives a text then.
    fn bind_result(&mut self, sig: &Callable, id: DefId, want: Want<'_>, bound: &mut [Option<Type>]) {
        if !has_param(&sig.result) {
            return;
        }
        if let Some(wanted) = want.ty().filter(|w| !has_param(w)) {
            let mut hints = vec![None; bound.len()];
            bind(&sig.result, wanted, &mut hints);
            for (slot, hint) in bound.iter_mut().zip(hints) {
                if slot.is_none() || matches!(slot, Some(Type::Never)) {
                    // `T` from `T?` is the answer itself: absence is what `else` is for.
                    *slot = match hint {
                        Some(Type::Optional(inner)) if matches!(sig.result, Type::Param(_)) => {
                            Some((*inner).clone())
                        }
                        // `reply(ask("Who?"))`: people answer with a text, and that becomes what is said.
                        Some(ty) if World::is(&ty, self.cx.world.content) => Some(Type::Text),
                        other => other,
                    };
                }
            }
        }
        if self.cx.def(id).kind == DefKind::Effect {
            for slot in bound.iter_mut().filter(|s| s.is_none()) {
                *slot = Some(Type::Text);
            }
        }
    }

    fn fill(
        &mut self,
        sig: &Callable,
        id: DefId,
        slots: Vec<Slot<'a>>,
        written: Written<'a>,
        bound: &[Option<Type>],
    ) -> Vec<Expr> {
        let mut args = Vec::with_capacity(slots.len());
        let mut missing = Vec::new();
        for (index, (slot, param)) in slots.into_iter().zip(&sig.params).enumerate() {
            let ty = substitute(&param.ty, bound);
            args.push(match slot {
                Slot::Ready(value) if param.secret && value.ty == Type::Secret => value,
                Slot::Ready(value) => self.convert(value, &ty),
                _ if param.has_default => self.parameter_default(id, index, &ty),
                // What may be absent may be left out.
                _ if matches!(param.ty, Type::Optional(_)) => {
                    self.make(written.range, ty, crate::tree::ExprKind::Const(carapace_module::Value::None))
                }
                _ => {
                    missing.push(format!("`{}`", param.name));
                    self.error(written.range)
                }
            });
        }
        if !missing.is_empty() {
            let name = self.cx.def(id).name;
            let list = missing.join(", ");
            let told = self
                .told(code::MISSING_ARGUMENT, written.range, format!("`{name}` needs {list}"))
                .also(self.cx.def(id).span(), "declared here")
                .help(match missing.as_slice() {
                    [one] => format!("give it: `{}: …`", one.trim_matches('`')),
                    _ => "give them by position or by name".to_owned(),
                });
            self.report(told);
        }
        args
    }

    fn parameter_default(&mut self, id: DefId, index: usize, ty: &Type) -> Expr {
        let def = self.cx.def(id);
        let default = match &def.item.kind {
            ItemKind::Fn(f) => f.params.get(index),
            ItemKind::ExternFn(f) => f.params.get(index),
            ItemKind::Effect(e) => e.params.get(index),
            ItemKind::Tool(t) => t.params.get(index),
            ItemKind::Flow(f) => f.params.as_ref().and_then(|p| p.get(index)),
            _ => None,
        }
        .and_then(|p| p.default.as_ref());
        match default {
            Some(default) => self.take_default(id, default, ty),
            None => self.error(carapace_diagnostic::TextRange::default()),
        }
    }

    /// A default, with what it touches.
    pub(crate) fn take_default(&mut self, owner: DefId, default: &'a ast::Expr, ty: &Type) -> Expr {
        let (value, touched) = self.cx.default_value(owner, default, ty);
        touched.lines.iter().for_each(|line| self.touch(line.to_string()));
        for (node, span) in touched.calls {
            if !self.touched.calls.iter().any(|(known, _)| *known == node) {
                self.touched.calls.push((node, span));
            }
        }
        self.touched.trusts.extend(touched.trusts);
        value
    }

    fn cannot_infer(&mut self, id: DefId, written: Written<'a>) -> Type {
        let name = self.cx.def(id).name;
        let told = self
            .told(code::CANNOT_INFER, written.range, format!("nothing says what type `{name}` gives here"))
            .help(format!("say it: `{name}<Text>(…)`, or give the `let` a type"));
        self.report(told);
        Type::Error
    }
}

/// Whether the argument is a lambda, in parentheses or not.
pub(crate) fn is_lambda(expr: &ast::Expr) -> bool {
    match &expr.kind {
        ast::ExprKind::Lambda(_) => true,
        ast::ExprKind::Paren(inner) => is_lambda(inner),
        _ => false,
    }
}
