//! Statements of a flow: with effects, waits, branches and suffixes.

use super::choices::Choices;
use super::expr::expr;
use super::scope::{Scope, Ty, Variable};
use std::fmt::Write;

/// A flow's statements, being written.
pub(super) struct Body {
    pub(super) out: String,
    names: usize,
    indent: usize,
}

impl Body {
    pub(super) fn new() -> Body {
        Body { out: String::new(), names: 0, indent: 1 }
    }

    fn line(&mut self, text: &str) {
        let indent = "  ".repeat(self.indent);
        // Writing to a String does not fail.
        let _ = writeln!(self.out, "{indent}{text}");
    }

    fn name(&mut self) -> String {
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

    fn declare(&mut self, scope: &mut Scope, ty: Ty, mutable: bool) -> String {
        let name = self.name();
        scope.variables.push(Variable { name: name.clone(), ty, mutable });
        name
    }

    fn statement(&mut self, c: &mut Choices<'_>, scope: &mut Scope, depth: u32, looped: bool) {
        match c.below(16) {
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
            8 if depth > 0 => self.attempt(c, scope, depth),
            9 | 10 if depth > 0 => self.parallel(c, scope),
            11 if depth > 0 => self.race(c, scope),
            12 if depth > 0 => self.each_parallel(c, scope),
            13 => self.call(c, scope),
            14 if c.one_in(3) => {
                let condition = expr(c, scope, Ty::Bool, 1);
                self.line(&format!("if {condition} {{ fail(\"given up\") }}"));
            }
            15 if looped => {
                let condition = expr(c, scope, Ty::Bool, 1);
                let word = if c.one_in(2) { "continue" } else { "break" };
                self.line(&format!("if {condition} {{ {word} }}"));
            }
            _ => self.effect(c, scope),
        }
    }

    fn assign(&mut self, c: &mut Choices<'_>, scope: &mut Scope) {
        if c.one_in(3) && !scope.states.is_empty() {
            let (name, ty) = c.pick(&scope.states).cloned().unwrap_or_default_state();
            let value = expr(c, scope, ty, 2);
            return self.line(&format!("set {name} = {value}"));
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

    /// One effect's call, with suffixes, and what it gives.
    fn request(&mut self, c: &mut Choices<'_>, scope: &Scope) -> (Option<Ty>, String) {
        let text = expr(c, scope, Ty::Text, 1);
        let (ty, call) = match c.below(4) {
            0 => (Some(Ty::Text), format!("desk.ask({text})")),
            1 => (Some(Ty::Int), format!("desk.extract<Int>({text})")),
            2 => (None, format!("send({text}, to: oncall)")),
            _ => return (None, "wait(5m)".to_owned()),
        };
        let mut call = call;
        if c.one_in(3) {
            call.push_str(" retry 2");
        }
        if c.one_in(4) {
            call.push_str(" within 30s");
        }
        if c.one_in(4) {
            call.push_str(" undo { send(\"taken back\", to: oncall) }");
        }
        if let Some(ty) = ty
            && c.one_in(2)
        {
            let _ = write!(call, " else {}", if ty == Ty::Int { "-1" } else { "\"else\"" });
        }
        (ty, call)
    }

    fn effect(&mut self, c: &mut Choices<'_>, scope: &mut Scope) {
        let (ty, call) = self.request(c, scope);
        match ty {
            Some(ty) => {
                let name = self.declare(scope, ty, false);
                self.line(&format!("let {name} = {call}"));
            }
            None => self.line(&call),
        }
    }

    fn block(&mut self, c: &mut Choices<'_>, mut scope: Scope, depth: u32, looped: bool) {
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
        let within = if c.one_in(3) { " within 1m" } else { "" };
        if c.one_in(2) {
            let error = self.name();
            self.line(&format!("}}{within} else {error} {{"));
            self.indent += 1;
            self.line(&format!("send(\"caught {{{error}.message}}\", to: oncall)"));
            self.indent -= 1;
            self.line("}");
        } else {
            self.line(&format!("}}{within} else {{"));
            self.block(c, scope.clone(), depth - 1, false);
            self.line("}");
        }
    }

    fn parallel(&mut self, c: &mut Choices<'_>, scope: &mut Scope) {
        let frozen = scope.frozen();
        let (_, a) = self.request(c, &frozen);
        let (ty, b) = self.result(c, &frozen);
        let (_, last) = self.request(c, &frozen);
        let both = self.name();
        self.line(&format!("let {both} = parallel {{"));
        self.line(&format!("  {a}"));
        self.line(&format!("  b: {b}"));
        self.line(&format!("  {last}"));
        self.line("}");
        let name = self.declare(scope, ty, false);
        self.line(&format!("let {name} = {both}.b"));
    }

    fn race(&mut self, c: &mut Choices<'_>, scope: &mut Scope) {
        let frozen = scope.frozen();
        let (ty, a) = self.result(c, &frozen);
        let name = self.declare(scope, ty, false);
        let rest = if ty == Ty::Int { "0" } else { "\"late\"" };
        let value = self.name();
        self.line(&format!("let {name} = match (race {{ a: {a}"));
        self.line("    late: wait(1m) }) {");
        self.line(&format!("  a(value: let {value}) => {value}"));
        self.line(&format!("  late => {rest}"));
        self.line("}");
    }

    fn each_parallel(&mut self, c: &mut Choices<'_>, scope: &mut Scope) {
        let list = expr(c, scope, Ty::Ints, 1);
        let limit = 1 + c.below(3);
        let mut frozen = scope.frozen();
        let item = self.declare(&mut frozen, Ty::Int, false);
        let (_, effect) = self.request(c, &frozen);
        let value = expr(c, &frozen, Ty::Int, 1);
        let name = self.declare(scope, Ty::Ints, false);
        self.line(&format!("let {name} = for {item} in {list} parallel {limit} {{"));
        self.line(&format!("  {effect}"));
        self.line(&format!("  {value}"));
        self.line("}");
    }

    /// A request that gives something.
    fn result(&mut self, c: &mut Choices<'_>, scope: &Scope) -> (Ty, String) {
        let text = expr(c, scope, Ty::Text, 1);
        if c.one_in(2) {
            (Ty::Int, format!("desk.extract<Int>({text})"))
        } else {
            (Ty::Text, format!("desk.ask({text})"))
        }
    }

    fn call(&mut self, c: &mut Choices<'_>, scope: &mut Scope) {
        let Some(flow) = c.pick(&scope.flows).cloned() else { return self.effect(c, scope) };
        let args: Vec<String> = flow.params.iter().map(|ty| expr(c, scope, *ty, 1)).collect();
        let within = if c.one_in(3) { " within 2m" } else { "" };
        let otherwise = if c.one_in(2) { " else 0" } else { "" };
        let name = self.declare(scope, flow.result, false);
        self.line(&format!("let {name} = {}({}){within}{otherwise}", flow.name, args.join(", ")));
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
