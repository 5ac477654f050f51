//! Branches: with blocks of statements in them, and suffixes behind them.

use super::choices::Choices;
use super::expr::expr;
use super::flow::Body;
use super::scope::{Scope, Ty};

impl Body {
    /// Statements in a branch, which may not return from the flow, and what they come to.
    fn branch_block(&mut self, c: &mut Choices<'_>, scope: &Scope, depth: u32, value: Option<&str>) {
        let result = self.result.take();
        self.block(c, scope.frozen(), depth.saturating_sub(1), false);
        if let Some(value) = value {
            self.line(&format!("  {value}"));
        }
        self.result = result;
    }

    pub(super) fn parallel(&mut self, c: &mut Choices<'_>, scope: &mut Scope, depth: u32) {
        let frozen = scope.frozen();
        let (ty, b) = self.result(c, &frozen);
        let both = self.name();
        self.line(&format!("let {both} = parallel {{"));
        if c.one_in(2) {
            self.line("{");
            self.branch_block(c, scope, depth, None);
            self.line("}");
        } else {
            let (_, a) = self.request(c, &frozen);
            self.line(&format!("  {a}"));
        }
        self.line(&format!("  b: {b}"));
        let named = c.one_in(2);
        if named {
            let value = expr(c, &frozen, Ty::Int, 1);
            self.line("n: {");
            self.branch_block(c, scope, depth, Some(&value));
            self.line("}");
        }
        let within = if c.one_in(4) { " within 2m" } else { "" };
        self.line(&format!("}}{within}"));
        let name = self.declare(scope, ty, false);
        self.line(&format!("let {name} = {both}.b"));
        if named {
            let name = self.declare(scope, Ty::Int, false);
            self.line(&format!("let {name} = {both}.n"));
        }
    }

    pub(super) fn race(&mut self, c: &mut Choices<'_>, scope: &mut Scope, depth: u32) {
        let frozen = scope.frozen();
        let won = self.name();
        self.line(&format!("let {won} = race {{"));
        let ty = if c.one_in(2) {
            let value = expr(c, &frozen, Ty::Int, 1);
            self.line("a: {");
            self.branch_block(c, scope, depth, Some(&value));
            self.line("}");
            Ty::Int
        } else {
            let (ty, a) = self.result(c, &frozen);
            self.line(&format!("  a: {a}"));
            ty
        };
        if c.one_in(2) {
            self.line("  late: wait(1m)");
        } else {
            // Without a value, whatever is in it.
            self.line("late: {");
            self.branch_block(c, scope, depth, Some("wait(1m)"));
            self.line("}");
        }
        self.line("}");
        let name = self.declare(scope, ty, false);
        let (rest, value) = (if ty == Ty::Int { "0" } else { "\"late\"" }, self.name());
        self.line(&format!("let {name} = match {won} {{"));
        self.line(&format!("  a(value: let {value}) => {value}"));
        self.line(&format!("  late => {rest}"));
        self.line("}");
    }

    pub(super) fn each_parallel(&mut self, c: &mut Choices<'_>, scope: &mut Scope, depth: u32) {
        let list = expr(c, scope, Ty::Ints, 1);
        let limit = 1 + c.below(3);
        let mut frozen = scope.frozen();
        let item = self.declare(&mut frozen, Ty::Int, false);
        let name = self.declare(scope, Ty::Ints, false);
        self.line(&format!("let {name} = for {item} in {list} parallel {limit} {{"));
        let value = expr(c, &frozen, Ty::Int, 1);
        if c.one_in(2) {
            self.branch_block(c, &frozen, depth, Some(&value));
        } else {
            let (_, effect) = self.request(c, &frozen);
            self.line(&format!("  {effect}"));
            self.line(&format!("  {value}"));
        }
        self.line("}");
    }
}
