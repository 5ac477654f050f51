//! Calls: what is called decides the family.

use super::name::union_of;
use super::{Body, Want};
use crate::code;
use crate::collect::{DefId, DefKind};
use crate::facts::Role;
use crate::names::Found;
use crate::needs::Node;
use crate::tree::{Expr, ExprKind, LocalId};
use carapace_diagnostic::{TextRange, suggest};
use carapace_module::Type;
use carapace_syntax::ast::{self, Arg, ItemKind, Name, TypeExpr};

/// A call as written, apart from what is called.
#[derive(Clone, Copy)]
pub(crate) struct Written<'a> {
    pub(crate) range: TextRange,
    pub(crate) type_args: &'a [TypeExpr],
    pub(crate) args: &'a [Arg],
}

impl<'a> Body<'_, 'a> {
    /// `f(x)`, `x.f(y)`, `paid(amount: 3)`.
    pub(crate) fn call(
        &mut self,
        whole: &'a ast::Expr,
        callee: &'a ast::Expr,
        type_args: &'a [TypeExpr],
        args: &'a [Arg],
        want: Want<'_>,
    ) -> Expr {
        let written = Written { range: whole.range, type_args, args };
        match &callee.kind {
            ast::ExprKind::Paren(inner) => self.call(whole, inner, type_args, args, want),
            ast::ExprKind::Name(name) => self.call_name(name, written, want),
            ast::ExprKind::Field { base, optional, name } => {
                self.call_field(callee, base, *optional, name, written, want)
            }
            ast::ExprKind::Error => self.give_up(written),
            _ => {
                let callee = self.infer(callee, Want::Any);
                self.not_callable(&callee, written)
            }
        }
    }

    fn call_name(&mut self, name: &'a Name, written: Written<'a>, want: Want<'_>) -> Expr {
        if name.text.is_empty() {
            return self.give_up(written);
        }
        if let Some(local) = self.find_local(&name.text) {
            self.note_local(name, local, Role::Use);
            return self.call_local(local, name, written);
        }
        if let Some(ty) = want.ty().and_then(union_of)
            && let Some(tag) = self.tag_number(ty, &name.text)
        {
            let ty = ty.clone();
            return self.tag_call(written.range, &ty, tag, name, written.args);
        }
        let found = self.find_global(&name.text);
        self.note_found(name, found);
        match found {
            Found::Item(id) => self.call_item(id, None, written, want),
            Found::Module(_) => {
                let told = self
                    .told(
                        code::NOT_CALLABLE,
                        name.range,
                        format!("`{}` is a module, not a function", name.text),
                    )
                    .help(format!("name a function of it: `{}.…(…)`", name.text));
                self.report(told);
                self.give_up(written)
            }
            _ => {
                self.unknown_name(name);
                self.give_up(written)
            }
        }
    }

    fn call_field(
        &mut self,
        callee: &'a ast::Expr,
        base: &'a ast::Expr,
        optional: bool,
        name: &'a Name,
        written: Written<'a>,
        want: Want<'_>,
    ) -> Expr {
        match self.find_path(base) {
            Found::Told => return self.give_up(written),
            Found::Module(_) => {
                return match self.find_path(callee) {
                    Found::Item(id) => self.call_item(id, None, written, want),
                    _ => self.give_up(written),
                };
            }
            Found::Item(id) => match self.cx.def(id).kind {
                DefKind::Type(ty) => {
                    let ty = self.instance(ty, want);
                    return match self.tag_number(&ty, &name.text) {
                        Some(tag) => self.tag_call(written.range, &ty, tag, name, written.args),
                        None => {
                            self.unknown_tag(&ty, name);
                            self.give_up(written)
                        }
                    };
                }
                DefKind::Agent | DefKind::Channel | DefKind::Room | DefKind::Group | DefKind::Connection => {
                    if let Some(effect) = self.effect_on_slot(id, &name.text) {
                        self.cx.note_item(self.at, name, effect);
                        return self.effect_call(effect, Some(id), None, written, want);
                    }
                    if matches!(self.cx.def(id).kind, DefKind::Agent | DefKind::Connection) {
                        self.unknown_on_slot(id, name);
                        return self.give_up(written);
                    }
                }
                _ => {}
            },
            Found::Nothing => {}
        }
        if let ast::ExprKind::Name(buffer) = &base.kind
            && let Some(local) = self.find_local(&buffer.text)
            && let Some(event) = self.info.get(local.0 as usize).and_then(|i| i.listen.clone())
        {
            self.note_local(buffer, local, Role::Use);
            return self.listen_next(local, event, name, written);
        }
        let receiver = self.infer_value(base);
        self.method_call(receiver, optional, name, written, want)
    }

    /// The effect of that name which is declared for such a slot: `on agent`, `on channel`, `on connection postgres`.
    pub(crate) fn effect_on_slot(&self, slot: DefId, name: &str) -> Option<DefId> {
        let def = self.cx.def(slot);
        let (word, kind) = match &def.item.kind {
            ItemKind::Agent(_) => ("agent", None),
            ItemKind::Channel(_) => ("channel", None),
            ItemKind::Room(_) => ("room", None),
            ItemKind::Group(_) => ("group", None),
            ItemKind::Connection(c) => ("connection", Some(c.kind.text.as_str())),
            _ => return None,
        };
        let known = kind.and_then(|kind| self.cx.effects_on.get(&(kind, name)));
        if let Some(effect) = known.or_else(|| self.cx.effects_on.get(&(word, name))) {
            return Some(*effect);
        }
        // Of a kind that there is not, which was told: what its effects may be is not told again.
        let kinds = self.cx.connection_kinds();
        let unknown = kind.is_some_and(|kind| !kinds.contains(&kind));
        kinds.into_iter().filter(|_| unknown).find_map(|kind| self.cx.effects_on.get(&(kind, name)).copied())
    }

    /// An agent or a connection that is asked for what it does not do.
    fn unknown_on_slot(&mut self, slot: DefId, name: &'a Name) {
        let def = self.cx.def(slot);
        let kind = match &def.item.kind {
            ItemKind::Connection(connection) => Some(connection.kind.text.as_str()),
            _ => None,
        };
        let on = |word: &str| word == "agent" && kind.is_none() || word == "connection" || Some(word) == kind;
        let mut known: Vec<&str> =
            self.cx.effects_on.keys().filter(|(word, _)| on(word)).map(|(_, name)| *name).collect();
        known.sort_unstable();
        let near = suggest(&name.text, known.iter().copied()).map(str::to_owned);
        let message = format!("`{}` is {}, which has no `{}`", def.name, def.kind.noun(), name.text);
        let mut told = self.suggesting(code::UNKNOWN_METHOD, name.range, message, near.as_deref());
        if near.is_none() && !known.is_empty() {
            let list = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            told = told.help(format!("it has {list}"));
        }
        self.report(told);
    }

    fn listen_next(&mut self, local: LocalId, event: Type, name: &Name, written: Written<'a>) -> Expr {
        if name.text != "next" {
            let told = self
                .told(
                    code::UNKNOWN_METHOD,
                    name.range,
                    format!("what a `listen` collects has no `{}`", name.text),
                )
                .help("take the next event: `.next()`");
            self.report(told);
            return self.give_up(written);
        }
        if !self.may_act(written.range, "next") {
            return self.give_up(written);
        }
        self.waits += 1;
        self.make(written.range, event, ExprKind::ListenNext(local, Box::default()))
    }

    fn call_local(&mut self, local: LocalId, name: &Name, written: Written<'a>) -> Expr {
        let callee = self.read(name.range, local);
        let Type::Fn(params, result) = callee.ty.clone() else { return self.not_callable(&callee, written) };
        if written.args.len() != params.len() {
            let told = self
                .told(
                    code::MISSING_ARGUMENT,
                    written.range,
                    format!(
                        "`{}` takes {} arguments, but {} are given",
                        name.text,
                        params.len(),
                        written.args.len()
                    ),
                )
                .help("give one for each");
            self.report(told);
            return self.give_up(written);
        }
        let args = written.args.iter().zip(params.iter()).map(|(a, ty)| self.check(&a.value, ty)).collect();
        self.make(written.range, (*result).clone(), ExprKind::CallClosure(Box::new(callee), args))
    }

    fn not_callable(&mut self, callee: &Expr, written: Written<'a>) -> Expr {
        if callee.ty != Type::Error {
            let shown = self.cx.show(&callee.ty);
            let told = carapace_diagnostic::Diagnostic::new(
                code::NOT_CALLABLE,
                callee.span,
                format!("this is a `{shown}`, which cannot be called"),
            )
            .help("only functions, effects, sub-flows and tags with fields are called");
            self.report(told);
        }
        self.give_up(written)
    }

    /// The call is wrong as a whole: its arguments are still looked at.
    pub(crate) fn give_up(&mut self, written: Written<'a>) -> Expr {
        for arg in written.args {
            if !matches!(
                arg.value.kind,
                ast::ExprKind::Lambda(_) | ast::ExprKind::Any | ast::ExprKind::Name(_)
            ) {
                self.infer(&arg.value, Want::Any);
            }
        }
        self.error(written.range)
    }

    /// Calls an item; `receiver` is the value before the dot of a method call.
    pub(crate) fn call_item(
        &mut self,
        id: DefId,
        receiver: Option<Expr>,
        written: Written<'a>,
        want: Want<'_>,
    ) -> Expr {
        let def = self.cx.def(id);
        self.cx.seen.item(id);
        match def.kind {
            DefKind::Fn => {
                let Some(function) = self.cx.function(id) else { return self.give_up(written) };
                let (args, result, _) = self.arguments(id, receiver, written, want);
                self.calls(Node::Function(function), written.range);
                self.make(written.range, result, ExprKind::Call(function, args))
            }
            DefKind::ExternFn if &*self.cx.module(def.at.module).path == "std/intrinsics" => {
                self.intrinsic(def.name, id, receiver, written)
            }
            DefKind::ExternFn => {
                let Some(native) = self.cx.native(id) else { return self.give_up(written) };
                let (args, result, _) = self.arguments(id, receiver, written, want);
                self.note_read_address(&args, &result);
                self.make(written.range, result, ExprKind::CallNative(native, args))
            }
            DefKind::Effect => self.effect_call(id, None, receiver, written, want),
            DefKind::Tool | DefKind::Flow => self.flow_call(id, receiver, written, want),
            DefKind::Broken => self.give_up(written),
            _ => {
                let told = self
                    .told(
                        code::NOT_CALLABLE,
                        written.range,
                        format!("`{}` is {}, which cannot be called", def.name, def.kind.noun()),
                    )
                    .also(def.span(), "declared here")
                    .help(match def.kind {
                        DefKind::Agent => format!("ask it something: `{}.chat(…)`", def.name),
                        DefKind::Type(_) => {
                            format!("a record is written `{} {{ … }}`, a tag `{}.…`", def.name, def.name)
                        }
                        _ => "leave the parentheses out".to_owned(),
                    });
                self.report(told);
                self.give_up(written)
            }
        }
    }

    /// Calls a sub-flow or tool and waits for it.
    pub(crate) fn flow_call(
        &mut self,
        id: DefId,
        receiver: Option<Expr>,
        written: Written<'a>,
        want: Want<'_>,
    ) -> Expr {
        match self.flow_target(id, receiver, written, want) {
            Some((flow, args, result)) => {
                self.waits += 1;
                self.make(written.range, result, ExprKind::CallFlow(flow, args, Box::default()))
            }
            None => self.error(written.range),
        }
    }

    fn flow_target(
        &mut self,
        id: DefId,
        receiver: Option<Expr>,
        written: Written<'a>,
        want: Want<'_>,
    ) -> Option<(crate::tree::FlowId, Vec<Expr>, Type)> {
        let def = self.cx.def(id);
        if let ItemKind::Flow(flow) = &def.item.kind
            && !flow.header.triggers.is_empty()
        {
            let told = self
                .told(code::NOT_CALLABLE, written.range, format!("`{}` starts by itself and is not called", def.name))
                .also(def.span(), "has a trigger")
                .help(if self.mode == super::Mode::Test {
                    "let it start: `when …`, with an event that it is about".to_owned()
                } else {
                    format!("move what both need into a sub-flow: `flow name(…) -> T {{ … }}`, and call that from `{}` too", def.name)
                });
            self.report(told);
            self.give_up(written);
            return None;
        }
        if !self.may_act(written.range, def.name) {
            self.give_up(written);
            return None;
        }
        let (args, result, _) = self.arguments(id, receiver, written, want);
        let flow = self.cx.flow(id)?;
        self.calls(Node::Flow(flow), written.range);
        if self.cx.is_package(def.at.module) {
            let (word, full) =
                (if def.kind == DefKind::Tool { "tool" } else { "flow" }, self.cx.full_name(id));
            self.touch(format!("{word} {full}"));
        }
        Some((flow, args, result))
    }

    /// `start f(x)`.
    pub(crate) fn start(&mut self, range: TextRange, call: &'a ast::Expr) -> Expr {
        let ast::ExprKind::Call { callee, type_args, args } = &call.kind else {
            if !matches!(call.kind, ast::ExprKind::Error) {
                let told = self
                    .told(code::NOT_CALLABLE, call.range, "`start` starts a sub-flow")
                    .help("write `start name(…)`");
                self.report(told);
            }
            return self.error(range);
        };
        let written = Written { range: call.range, type_args, args };
        let found = match self.find_path(callee) {
            Found::Item(id) => Some(id),
            _ => None,
        };
        match found.map(|id| (id, self.cx.def(id).kind)) {
            Some((id, DefKind::Flow | DefKind::Tool)) => match self.flow_target(id, None, written, Want::Any)
            {
                Some((flow, args, _)) => {
                    let ty = crate::collect::World::ty(self.cx.world.run);
                    self.waits += 1;
                    self.make(range, ty, ExprKind::Start(flow, args))
                }
                None => self.error(range),
            },
            other => {
                // The call itself tells where the name is unknown.
                let made = self.call(call, callee, type_args, args, Want::Any);
                if other.is_some() && made.ty != Type::Error {
                    let told = self
                        .told(code::NOT_CALLABLE, callee.range, "`start` starts a sub-flow, and this is none")
                        .help("leave `start` out, or make it a sub-flow");
                    self.report(told);
                }
                self.error(range)
            }
        }
    }
}
