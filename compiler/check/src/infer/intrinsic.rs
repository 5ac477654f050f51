//! The few functions that the checker knows by name. Their declarations are for docs and completion.

use super::call::Written;
use super::{Body, Mode, Want, text_value};
use crate::code;
use crate::collect::{DefId, DefKind, World};
use crate::constant::constant_text;
use crate::tree::{Expr, ExprKind};
use carapace_module::value::Text;
use carapace_module::{Type, Value};
use std::sync::Arc;

impl<'a> Body<'_, 'a> {
    /// A call of an item of `std/intrinsics`.
    pub(crate) fn intrinsic(
        &mut self,
        name: &'a str,
        id: DefId,
        receiver: Option<Expr>,
        written: Written<'a>,
    ) -> Expr {
        let range = written.range;
        match name {
            "fail" => match self.only(id, written, Some(&Type::Text)) {
                Some(message) if self.mode == Mode::Test || self.may_act(range, name) => {
                    self.make(range, Type::Never, ExprKind::Fail(Box::new(message)))
                }
                _ => Expr { ty: Type::Never, ..self.error(range) },
            },
            "cancel" => self.cancel(id, receiver, written),
            "trust" => self.trust(id, written),
            "secret" => self.secret(id, written),
            "file" => self.file(id, written),
            "now" | "random" => {
                let lambda_free = !matches!(self.mode, Mode::Pure(_) | Mode::Guard(_));
                if !lambda_free && !self.may_act(range, name) {
                    return self.error(range);
                }
                match name {
                    "now" => self.make(range, Type::Time, ExprKind::Now),
                    _ => self.make(range, Type::Int, ExprKind::Random),
                }
            }
            "this_run" => {
                if !self.may_act(range, name) {
                    return self.error(range);
                }
                self.make(range, World::ty(self.cx.world.run), ExprKind::ThisRun)
            }
            _ => {
                // Declared there but unknown here: an ordinary native.
                let (args, result, _) = self.arguments(id, receiver, written, Want::Any);
                match self.cx.native(id) {
                    Some(native) => self.make(range, result, ExprKind::CallNative(native, args)),
                    None => self.error(range),
                }
            }
        }
    }

    /// The one argument of an intrinsic.
    fn only(&mut self, id: DefId, written: Written<'a>, ty: Option<&Type>) -> Option<Expr> {
        let Some(arg) = written.args.first() else {
            let name = self.cx.def(id).name;
            let told = self
                .told(code::MISSING_ARGUMENT, written.range, format!("`{name}` needs an argument"))
                .help(format!("write `{name}(\"…\")`"));
            self.report(told);
            return None;
        };
        for extra in written.args.iter().skip(1) {
            if extra.name.as_ref().is_none_or(|n| n.text != "because") {
                let name = self.cx.def(id).name;
                let told = self
                    .told(code::TOO_MANY_ARGUMENTS, extra.value.range, format!("`{name}` takes one argument"))
                    .help("leave this one out");
                self.report(told);
            }
        }
        Some(match ty {
            Some(ty) => self.check(&arg.value, ty),
            None => self.infer_value(&arg.value),
        })
    }

    /// `cancel("…")` ends this run, `cancel(run)` another one.
    fn cancel(&mut self, id: DefId, receiver: Option<Expr>, written: Written<'a>) -> Expr {
        let range = written.range;
        if !self.may_act(range, "cancel") {
            return self.give_up(written);
        }
        // What is handed over decides which of the two is meant.
        let (value, rest) = match (receiver, written.args.split_first()) {
            (Some(value), _) => (value, written.args),
            (None, Some((first, rest))) => (self.infer_value(&first.value), rest),
            (None, None) => {
                self.only(id, written, None);
                return self.error(range);
            }
        };
        if World::is(&value.ty, self.cx.world.run) {
            let effect = self
                .cx
                .module_by_path
                .get("std/run")
                .and_then(|m| self.cx.module(*m).names.get("cancel").copied())
                .filter(|id| self.cx.def(*id).kind == DefKind::Effect);
            let Some(effect) = effect else { return self.error(range) };
            return self.effect_call(effect, None, Some(value), Written { args: rest, ..written }, Want::Any);
        }
        if let Some(extra) = rest.first() {
            let told = self
                .told(code::TOO_MANY_ARGUMENTS, extra.value.range, "`cancel` takes one argument")
                .help("leave this one out");
            self.report(told);
        }
        let reason = self.convert(value, &Type::Text);
        self.make(range, Type::Never, ExprKind::Cancel(Box::new(reason)))
    }

    /// `trust(value, because: "…")`: the value itself; every use stands in the manifest.
    fn trust(&mut self, id: DefId, written: Written<'a>) -> Expr {
        let because = written.args.iter().find(|a| a.name.as_ref().is_some_and(|n| n.text == "because"));
        let reason = match because {
            Some(arg) => {
                if let Some(name) = &arg.name {
                    self.cx.note_param(self.at, name, id);
                }
                let reason = self.check(&arg.value, &Type::Text);
                constant_text(self.cx, &reason)
            }
            None => None,
        };
        match reason.filter(|reason| !reason.trim().is_empty()) {
            Some(reason) => {
                let span = self.span(written.range);
                self.touched.trusts.push((Arc::from(reason.as_str()), span));
                self.touch(format!("trust: {reason}"));
            }
            None => {
                let told = self.told(code::NO_REASON, written.range, "`trust` needs a reason").help(
                    "say why it is safe: `trust(value, because: \"…\")`; it is shown to whoever deploys this",
                );
                self.report(told);
            }
        }
        let value = self.only(id, written, None).unwrap_or_else(|| self.error(written.range));
        let call = self.span(written.range);
        self.cx.trusted.insert(value.span, call);
        value
    }

    /// `secret("name")`.
    fn secret(&mut self, id: DefId, written: Written<'a>) -> Expr {
        let Some(name) = self.only(id, written, Some(&Type::Text)) else { return self.error(written.range) };
        let Some(name) = self.known_text(&name, "the name of a secret") else {
            return self.error(written.range);
        };
        self.touch(format!("secret {name}"));
        let value = Value::Secret(Arc::new(Text(Box::from(name))));
        self.make(written.range, Type::Secret, ExprKind::Const(value))
    }

    /// `file("…")`: its text, read when compiled.
    fn file(&mut self, id: DefId, written: Written<'a>) -> Expr {
        let Some(path) = self.only(id, written, Some(&Type::Text)) else { return self.error(written.range) };
        let Some(path) = self.known_text(&path, "the path of a file") else {
            return self.error(written.range);
        };
        let inside = !path.starts_with('/') && !path.split('/').any(|p| p == "..");
        match inside.then(|| (self.cx.sources.files)(&path)).flatten() {
            Some(text) => {
                self.touch(format!("file {path}"));
                self.make(written.range, Type::Text, ExprKind::Const(text_value(&text)))
            }
            None => {
                let told = self
                    .told(code::UNKNOWN_FILE, written.range, format!("there is no file `{path}`"))
                    .help("the path counts from the source root, and stays inside it");
                self.report(told);
                self.make(written.range, Type::Text, ExprKind::Const(text_value("")))
            }
        }
    }

    /// A text that has to be known when compiled.
    pub(crate) fn known_text(&mut self, value: &Expr, what: &str) -> Option<String> {
        if value.ty == Type::Error {
            return None;
        }
        let known = constant_text(self.cx, value);
        if known.is_none() {
            let told = carapace_diagnostic::Diagnostic::new(
                code::NOT_CONSTANT,
                value.span,
                format!("{what} has to be known when this is compiled"),
            )
            .help("write it as a plain text, or as a `const`");
            self.report(told);
        }
        known
    }
}
