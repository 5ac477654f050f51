//! Statements of a flow: with effects, waits, branches and suffixes.

use super::choices::Choices;
use super::expr::expr;
use super::scope::{Scope, Ty, Variable};
use std::fmt::Write;

/// A flow's statements, being written.
pub(super) struct Body {
    pub(super) out: String,
    /// What the flow returns; none in a branch, which may not.
    pub(super) result: Option<Ty>,
    names: usize,
    indent: usize,
}

impl Body {
    pub(super) fn new(result: Option<Ty>) -> Body {
        Body { out: String::new(), result, names: 0, indent: 1 }
    }

    pub(super) fn line(&mut self, text: &str) {
        let indent = "  ".repeat(self.indent);
        // Writing to a String does not fail.
        let _ = writeln!(self.out, "{indent}{text}");
    }

    pub(super) fn name(&mut self) -> String {
        self.names += 1;
        format!("v{}", self.names)
    }

    /// Some statements; what they declare is in scope afterwards.
    pub(super) fn statements(&mut self, c: &mut Choices<'_>, scope: &mut Scope, depth: u32, looped: bool) {
        let count = 1 + c.below(4);
        for _ in 0..count {
            if !c.more() {
                return;
            }
            self.statement(c, scope, depth, looped);
        }
    }

    pub(super) fn declare(&mut self, scope: &mut Scope, ty: Ty, mutable: bool) -> String {
        let name = self.name();
        scope.variables.push(Variable { name: name.clone(), ty, mutable });
        name
    }

    fn statement(&mut self, c: &mut Choices<'_>, scope: &mut Scope, depth: u32, looped: bool) {
        match c.below(32) {
            0 | 1 => {
                let ty = c.pick(&Ty::ALL).copied().unwrap_or(Ty::Int);
                let value = expr(c, scope, ty, 2);
                let word = if c.one_in(2) { "var" } else { "let" };
                let name = self.declare(scope, ty, word == "var");
                self.line(&format!("{word} {name}: {} = {value}", ty.name()));
            }
            2 => self.assign(c, scope),
            3 | 4 => self.effect(c, scope),
            5 if depth > 0 => self.branch(c, scope, depth, looped),
            6 if depth > 0 => self.repeat(c, scope, depth),
            7 if depth > 0 => self.each(c, scope, depth),
            8 | 16 | 17 if depth > 0 => self.attempt(c, scope, depth),
            9 | 10 | 18 if depth > 0 => self.parallel(c, scope, depth),
            11 | 19 if depth > 0 => self.race(c, scope, depth),
            12 | 20 if depth > 0 => self.each_parallel(c, scope, depth),
            13 | 21 => self.call(c, scope),
            14 if c.one_in(3) => {
                let condition = expr(c, scope, Ty::Bool, 1);
                let word = if c.one_in(3) { "cancel" } else { "fail" };
                self.line(&format!("if {condition} {{ {word}(\"given up\") }}"));
            }
            15 if looped => {
                let condition = expr(c, scope, Ty::Bool, 1);
                let word = if c.one_in(2) { "continue" } else { "break" };
                self.line(&format!("if {condition} {{ {word} }}"));
            }
            22 => self.await_event(c, scope),
            23 if depth > 0 => self.listen(c, scope, depth),
            24 => self.start(c, scope),
            25 if depth > 0 => self.while_(c, scope, depth),
            26 if depth > 0 => self.each_entry(c, scope, depth),
            27 if depth > 0 => self.cases(c, scope, depth, looped),
            28 => self.otherwise(c, scope),
            29 if depth > 0 => self.captured(c, scope, depth, looped),
            30 if c.one_in(4) => self.leave(c, scope),
            _ => self.effect(c, scope),
        }
    }

    fn assign(&mut self, c: &mut Choices<'_>, scope: &mut Scope) {
        if c.one_in(3) && !scope.states.is_empty() {
            let (name, ty) = c.pick(&scope.states).cloned().unwrap_or_default_state();
            let value = expr(c, scope, ty, 2);
            return self.line(&format!("set {name} = {value}"));
        }
        if c.one_in(4) {
            let (key, value) = (expr(c, scope, Ty::Text, 1), expr(c, scope, Ty::Int, 2));
            return self.line(&format!("set tally[{key}] = {value}"));
        }
        let mutable: Vec<Variable> = scope.variables.iter().filter(|v| v.mutable).cloned().collect();
        match c.pick(&mutable) {
            Some(variable) => {
                let value = expr(c, scope, variable.ty, 2);
                self.line(&format!("{} = {value}", variable.name));
            }
            None => self.effect(c, scope),
        }
    }

    /// `return`, on a condition.
    fn leave(&mut self, c: &mut Choices<'_>, scope: &mut Scope) {
        let Some(ty) = self.result else { return self.effect(c, scope) };
        let (condition, value) = (expr(c, scope, Ty::Bool, 1), expr(c, scope, ty, 1));
        self.line(&format!("if {condition} {{ return {value} }}"));
    }

    pub(super) fn block(&mut self, c: &mut Choices<'_>, mut scope: Scope, depth: u32, looped: bool) {
        self.indent += 1;
        let before = self.out.len();
        self.statements(c, &mut scope, depth, looped);
        if self.out.len() == before {
            self.line("wait(1s)");
        }
        self.indent -= 1;
    }

    fn branch(&mut self, c: &mut Choices<'_>, scope: &Scope, depth: u32, looped: bool) {
        let condition = expr(c, scope, Ty::Bool, 2);
        self.line(&format!("if {condition} {{"));
        self.block(c, scope.clone(), depth - 1, looped);
        if c.one_in(2) {
            self.line("} else {");
            self.block(c, scope.clone(), depth - 1, looped);
        }
        self.line("}");
    }

    fn repeat(&mut self, c: &mut Choices<'_>, scope: &Scope, depth: u32) {
        self.line(&format!("repeat {} {{", 1 + c.below(3)));
        self.block(c, scope.clone(), depth - 1, true);
        self.line("}");
    }

    fn each(&mut self, c: &mut Choices<'_>, scope: &Scope, depth: u32) {
        let list = expr(c, scope, Ty::Ints, 1);
        let mut inner = scope.clone();
        let name = self.declare(&mut inner, Ty::Int, false);
        self.line(&format!("for {name} in {list} {{"));
        self.block(c, inner, depth - 1, true);
        self.line("}");
    }

    fn attempt(&mut self, c: &mut Choices<'_>, scope: &Scope, depth: u32) {
        self.line("do {");
        self.block(c, scope.clone(), depth - 1, false);
        let suffixes = self.suffixes(c, scope, None);
        if c.one_in(2) {
            let error = self.name();
            self.line(&format!("}}{suffixes} else {error} {{"));
            self.line(&format!("  send(\"caught {{{error}.kind}} {{{error}.message}}\", to: oncall)"));
            self.line("}");
        } else if c.one_in(2) {
            self.line(&format!("}}{suffixes}"));
        } else {
            self.line(&format!("}}{suffixes} else {{"));
            self.block(c, scope.clone(), depth - 1, false);
            self.line("}");
        }
    }

    fn call(&mut self, c: &mut Choices<'_>, scope: &mut Scope) {
        let Some(flow) = c.pick(&scope.flows).cloned() else { return self.effect(c, scope) };
        let args: Vec<String> = flow.params.iter().map(|ty| expr(c, scope, *ty, 1)).collect();
        let name = self.name();
        let suffixes = self.suffixes(c, scope, Some((&name, flow.result)));
        scope.variables.push(Variable { name: name.clone(), ty: flow.result, mutable: false });
        let otherwise = if c.one_in(2) { " else 0" } else { "" };
        self.line(&format!("let {name} = {}({}){suffixes}{otherwise}", flow.name, args.join(", ")));
    }
}

/// What `pick` gives when there is nothing to pick from cannot happen here; this says so without a panic.
trait OrState {
    fn unwrap_or_default_state(self) -> (String, Ty);
}

impl OrState for Option<(String, Ty)> {
    fn unwrap_or_default_state(self) -> (String, Ty) {
        self.unwrap_or_else(|| ("total".to_owned(), Ty::Int))
    }
}
