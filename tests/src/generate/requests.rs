//! Effects with their suffixes, events, runs.

use super::choices::Choices;
use super::expr::expr;
use super::flow::Body;
use super::scope::{Scope, Ty};
use std::fmt::Write;

impl Body {
    /// One effect's call, with suffixes, and what it gives.
    pub(super) fn request(&mut self, c: &mut Choices<'_>, scope: &Scope) -> (Option<Ty>, String) {
        let text = expr(c, scope, Ty::Text, 1);
        let (ty, mut call) = match c.below(5) {
            0 => (Some(Ty::Text), format!("desk.ask({text})")),
            1 => (Some(Ty::Int), format!("desk.extract<Int>({text})")),
            2 | 3 => (None, format!("send({text}, to: oncall)")),
            _ => {
                let label = if c.one_in(3) { format!(" as {}", self.name()) } else { String::new() };
                return (None, format!("wait(5m){label}"));
            }
        };
        call.push_str(&self.suffixes(c, scope, None));
        // How often it may happen is said of one effect alone.
        if c.one_in(8) {
            call.push_str(if c.one_in(2) { " at most once" } else { " at least once" });
        }
        match ty {
            Some(ty) if c.one_in(2) => {
                let _ = write!(call, " else {}", if ty == Ty::Int { "-1" } else { "\"else\"" });
            }
            None if c.one_in(5) => call.push_str(" else { wait(1s) }"),
            _ => {}
        }
        (ty, call)
    }

    /// Suffixes, but for `else`. `bound`: the name of the result, which an undo knows as what may be none.
    pub(super) fn suffixes(
        &mut self,
        c: &mut Choices<'_>,
        scope: &Scope,
        bound: Option<(&str, Ty)>,
    ) -> String {
        let mut out = String::new();
        if c.one_in(4) {
            out.push_str(
                c.pick(&[" retry 2", " retry 1 backoff 1s..10s", " retry 0"]).copied().unwrap_or_default(),
            );
        }
        if c.one_in(4) {
            out.push_str(
                c.pick(&[" within 30s", " until now() + 1m", " within 0s"]).copied().unwrap_or_default(),
            );
        }
        if c.one_in(3) {
            let known = expr(c, scope, Ty::Text, 1);
            let result = match bound {
                Some((name, Ty::Int)) => format!(" {{{name} ?? 0}}"),
                Some((name, Ty::Text)) => format!(" {{{name} ?? \"none\"}}"),
                _ => String::new(),
            };
            let more = match c.below(5) {
                3 => "; wait(1s)".to_owned(),
                4 => "; fail(\"not undone\")".to_owned(),
                _ => String::new(),
            };
            let _ = write!(
                out,
                " undo {{ send(\"back {{{known}}}{result}\", to: oncall){} }}",
                more.replace("; ", "\n      ")
            );
        }
        out
    }

    pub(super) fn effect(&mut self, c: &mut Choices<'_>, scope: &mut Scope) {
        let (ty, call) = self.request(c, scope);
        match ty {
            Some(ty) => {
                let name = self.declare(scope, ty, false);
                self.line(&format!("let {name} = {call}"));
            }
            // What nobody can know goes another way than what failed.
            None if c.one_in(6) && call.starts_with("send") && !call.contains(" else ") => {
                self.line(&format!("{call} on unknown {{ wait(2s) }}"));
            }
            None => self.line(&call),
        }
    }

    /// A request that gives something.
    pub(super) fn result(&mut self, c: &mut Choices<'_>, scope: &Scope) -> (Ty, String) {
        let text = expr(c, scope, Ty::Text, 1);
        if c.one_in(2) {
            (Ty::Int, format!("desk.extract<Int>({text})"))
        } else {
            (Ty::Text, format!("desk.ask({text})"))
        }
    }

    pub(super) fn await_event(&mut self, c: &mut Choices<'_>, scope: &mut Scope) {
        let condition = if c.one_in(2) {
            format!(" where it.payload > {}", expr(c, scope, Ty::Int, 1))
        } else {
            String::new()
        };
        let within = if c.one_in(3) { " within 1m" } else { "" };
        let event = self.name();
        let name = self.declare(scope, Ty::Int, false);
        if c.one_in(3) {
            self.line(&format!("var {name} = 0"));
            self.line("do {");
            self.line(&format!("  let {event} = await event(\"told\", Int){condition}{within}"));
            self.line(&format!("  {name} = {event}.payload"));
            self.line("} else { wait(1s) }");
        } else {
            self.line(&format!("let {event} = await event(\"told\", Int){condition}{within}"));
            self.line(&format!("let {name} = {event}.payload"));
        }
    }

    pub(super) fn listen(&mut self, c: &mut Choices<'_>, scope: &Scope, depth: u32) {
        let heard = self.name();
        let mut inner = scope.clone();
        self.line(&format!("listen event(\"told\", Int) as {heard} {{"));
        for _ in 0..1 + c.below(2) {
            let event = self.name();
            let within = if c.one_in(3) { " within 1m" } else { "" };
            self.line(&format!("  let {event} = {heard}.next(){within}"));
            let name = self.declare(&mut inner, Ty::Int, false);
            self.line(&format!("  let {name} = {event}.payload"));
        }
        self.block(c, inner, depth - 1, false);
        self.line("}");
    }

    pub(super) fn start(&mut self, c: &mut Choices<'_>, scope: &mut Scope) {
        let Some(flow) = c.pick(&scope.flows).cloned() else { return self.effect(c, scope) };
        let args: Vec<String> = flow.params.iter().map(|ty| expr(c, scope, *ty, 1)).collect();
        let run = self.name();
        self.line(&format!("let {run} = start {}({})", flow.name, args.join(", ")));
        let name = self.declare(scope, Ty::Text, false);
        self.line(&format!("let {name} = {run}.id"));
    }
}
