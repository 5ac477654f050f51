//! Rhai.

use crate::cases::Case;

/// Rhai as its book says to embed it: a syntax tree, optimised as far as it goes by itself.
pub(crate) struct Rhai {
    engine: ::rhai::Engine,
    tree: ::rhai::AST,
    size: i64,
}

impl Rhai {
    pub(crate) fn new(case: &Case) -> Rhai {
        let engine = ::rhai::Engine::new();
        let tree = engine.compile(case.rhai).unwrap();
        Rhai { engine, tree, size: case.size }
    }

    pub(crate) fn run(&mut self) -> String {
        let value: ::rhai::Dynamic =
            self.engine.call_fn(&mut ::rhai::Scope::new(), &self.tree, "work", (self.size,)).unwrap();
        value.to_string()
    }
}
