//! Statements that look into values: loops over entries, cases, what may be none, captures.

use super::choices::Choices;
use super::expr::expr;
use super::flow::Body;
use super::scope::{Scope, Ty};

impl Body {
    pub(super) fn while_(&mut self, c: &mut Choices<'_>, scope: &Scope, depth: u32) {
        let mut inner = scope.clone();
        let name = self.declare(&mut inner, Ty::Int, false);
        self.line(&format!("var {name} = 0"));
        self.line(&format!("while {name} < {} {{", 1 + c.below(3)));
        self.line(&format!("  {name} = {name} + 1"));
        self.block(c, inner, depth - 1, true);
        self.line("}");
    }

    pub(super) fn each_entry(&mut self, c: &mut Choices<'_>, scope: &Scope, depth: u32) {
        let map = expr(c, scope, Ty::Counts, 1);
        let (entry, mut inner) = (self.name(), scope.clone());
        self.line(&format!("for {entry} in {map} {{"));
        let key = self.declare(&mut inner, Ty::Text, false);
        let value = self.declare(&mut inner, Ty::Int, false);
        self.line(&format!("  let {key} = {entry}.key"));
        self.line(&format!("  let {value} = {entry}.value"));
        self.block(c, inner, depth - 1, true);
        self.line("}");
    }

    pub(super) fn cases(&mut self, c: &mut Choices<'_>, scope: &Scope, depth: u32, looped: bool) {
        let shape = expr(c, scope, Ty::Shape, 1);
        self.line(&format!("match {shape} {{"));
        let mut inner = scope.clone();
        let size = self.declare(&mut inner, Ty::Int, false);
        let guard = if c.one_in(2) { format!(" if {size} > {}", c.below(4)) } else { String::new() };
        self.line(&format!("  circle(r: let {size}){guard} => {{"));
        self.block(c, inner, depth - 1, looped);
        self.line("  }");
        self.line("  frame(w: 1..3, h: 4) | frame(w: 4, _) => {");
        self.block(c, scope.clone(), depth - 1, looped);
        self.line("  }");
        self.line("  _ => {");
        self.block(c, scope.clone(), depth - 1, looped);
        self.line("  }");
        self.line("}");
    }

    /// What may be none, and what is taken then.
    pub(super) fn otherwise(&mut self, c: &mut Choices<'_>, scope: &mut Scope) {
        let (value, rest) = (expr(c, scope, Ty::MaybeInt, 1), expr(c, scope, Ty::Int, 1));
        let name = self.declare(scope, Ty::Int, false);
        if c.one_in(2) {
            self.line(&format!("let {name} = {value} else {{"));
            self.line("  wait(1s)");
            self.line(&format!("  {rest}"));
            self.line("}");
        } else {
            self.line(&format!("let {name} = {value} else ({rest})"));
        }
    }

    pub(super) fn captured(&mut self, c: &mut Choices<'_>, scope: &Scope, depth: u32, looped: bool) {
        let text = expr(c, scope, Ty::Text, 1);
        let (found, mut inner) = (self.name(), scope.clone());
        self.line(&format!("if {text} matches re\"(?<first>[A-Z])(?<second>[a-z])?\" as {found} {{"));
        let first = self.declare(&mut inner, Ty::Text, false);
        self.line(&format!("  let {first} = \"{{{found}.first}}{{{found}.second ?? \"-\"}}\""));
        self.block(c, inner, depth - 1, looped);
        self.line("}");
    }
}
