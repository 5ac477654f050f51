//! Whole programs.

use super::choices::Choices;
use super::expr::expr;
use super::flow::Body;
use super::scope::{Callee, Scope, Ty, Variable};
use std::fmt::Write;

/// A program, and what to start in it.
#[derive(Debug, Clone)]
pub struct Generated {
    /// Its source, of a module `main`.
    pub source: String,
    /// The flow to start: `main.subject(a: Int, b: Text, c: Bool) -> Text`.
    pub flow: &'static str,
}

const HEAD: &str = r#"type Shape = dot | circle(r: Int) | frame(w: Int, h: Int)

type Point {
  x: Int
  y: Int
  note: Text?
}

room oncall: terminal

agent desk {
  model: "test/model"
  instructions: "Answer."
}

setting bonus: Int = 5

state total: Int = 3
state word: Text = "start"
state tally: Int = 1 by Text

"#;

/// A program from a stream of choices.
pub fn program(bytes: &[u8]) -> Generated {
    let mut c = Choices::new(bytes);
    let mut scope = Scope {
        states: vec![("total".to_owned(), Ty::Int), ("word".to_owned(), Ty::Text)],
        ..Scope::default()
    };
    let mut source = HEAD.to_owned();
    for number in 0..c.below(4) {
        function(&mut c, &mut scope, number, &mut source);
    }
    for number in 0..c.below(3) {
        sub_flow(&mut c, &mut scope, number, &mut source);
    }
    let mut inner = scope.clone();
    for (name, ty) in [("a", Ty::Int), ("b", Ty::Text), ("c", Ty::Bool)] {
        inner.variables.push(Variable { name: name.to_owned(), ty, mutable: false });
    }
    let mut body = Body::new(Some(Ty::Text));
    body.statements(&mut c, &mut inner, 2, false);
    let result = expr(&mut c, &inner, Ty::Text, 2);
    // Writing to a String does not fail.
    let _ = write!(
        source,
        "flow subject(a: Int, b: Text, c: Bool) -> Text {{\n{}  return {result}\n}} on failure e {{\n  send(\"failed: {{e.message}}\", to: oncall)\n}}{}\n",
        body.out,
        if c.one_in(2) { " on cancel {\n  send(\"cancelled\", to: oncall)\n}" } else { "" },
    );
    Generated { source, flow: "main.subject" }
}

fn function(c: &mut Choices<'_>, scope: &mut Scope, number: usize, source: &mut String) {
    let result = c.pick(&Ty::ALL).copied().unwrap_or(Ty::Int);
    let params: Vec<Ty> = (0..=c.below(2)).map(|_| c.pick(&Ty::ALL).copied().unwrap_or(Ty::Int)).collect();
    // A pure function sees its parameters and the functions before it; so there is no recursion.
    let mut inner = Scope { functions: scope.functions.clone(), ..Scope::default() };
    let mut written = Vec::new();
    for (i, ty) in params.iter().enumerate() {
        let name = format!("p{i}");
        written.push(format!("{name}: {}", ty.name()));
        inner.variables.push(Variable { name, ty: *ty, mutable: false });
    }
    let body = expr(c, &inner, result, 3);
    let name = format!("f{number}");
    let _ = writeln!(source, "fn {name}({}) -> {} = {body}\n", written.join(", "), result.name());
    scope.functions.push(Callee { name, params, result });
}

fn sub_flow(c: &mut Choices<'_>, scope: &mut Scope, number: usize, source: &mut String) {
    // It sees the sub-flows before it; so there is no recursion.
    let mut inner = Scope { variables: Vec::new(), ..scope.clone() };
    inner.variables.push(Variable { name: "n".to_owned(), ty: Ty::Int, mutable: false });
    let mut body = Body::new(Some(Ty::Int));
    body.statements(c, &mut inner, 1, false);
    let result = expr(c, &inner, Ty::Int, 2);
    let name = format!("sub{number}");
    let timeout = if c.one_in(3) { " timeout 2m" } else { "" };
    let failure =
        if c.one_in(3) { " on failure e {\n  send(\"sub: {e.message} {n}\", to: oncall)\n}" } else { "" };
    let cancel = if c.one_in(3) { " on cancel {\n  send(\"sub cancelled\", to: oncall)\n}" } else { "" };
    let _ = write!(
        source,
        "flow {name}(n: Int) -> Int{timeout} {{\n{}  return {result}\n}}{failure}{cancel}\n\n",
        body.out
    );
    scope.flows.push(Callee { name, params: vec![Ty::Int], result: Ty::Int });
}
