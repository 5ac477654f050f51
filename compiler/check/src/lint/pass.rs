//! The order of the warnings, and what they are told about.

use super::walk::{Part, each_part};
use super::{always_matches, deadline, never_holds, repeated};
use crate::check::Scope;
use crate::collect::{Checker, World};
use crate::sources::Origin;
use crate::tree::{Block, Expr, Program};
use carapace_diagnostic::{Diagnostic, FileId};
use carapace_module::{Type, TypeId};
use rustc_hash::FxHashSet;

/// Whether the author says with the name itself that it may stand unused.
pub(crate) fn is_silent(name: &str) -> bool {
    name.is_empty() || name.starts_with('_')
}

/// The program as the warnings see it: what is the author's, and what there is to say.
pub(super) struct Lint<'p> {
    pub(super) program: &'p Program,
    own: FxHashSet<FileId>,
    /// The library's `Target`.
    target: Option<TypeId>,
    pub(super) told: Vec<Diagnostic>,
}

impl Lint<'_> {
    /// Whether the file is the author's.
    pub(super) fn is_own(&self, file: FileId) -> bool {
        self.own.contains(&file)
    }

    /// Whether a value of the type says where something goes.
    pub(super) fn is_target(&self, ty: &Type) -> bool {
        World::is(ty, self.target)
    }
}

impl Checker<'_> {
    /// Says what is probably not meant, and leaves out what the author allowed.
    pub(crate) fn lint(&mut self) {
        if self.sources.intact && !self.diagnostics.iter().any(Diagnostic::is_error) {
            self.lint_each();
            self.scope = Scope::Package;
            self.unused_items();
            self.unused_uses();
            self.hidden_items();
            self.undescribed_tools();
            self.lint_with(deadline::look);
        }
        self.apply_allowances();
        self.hidden_items_once();
    }

    /// The same of what was looked at alone: whether the rest of the package is right, the caller knows.
    pub(crate) fn lint_items(&mut self) {
        self.lint_each();
        self.scope = Scope::Package;
        self.apply_allowances();
    }

    /// What can be said of an item without the others.
    fn lint_each(&mut self) {
        self.scope = Scope::Style;
        self.unused_locals();
        self.hidden_names();
        self.schedules_that_never_fire();
        self.lint_with(look_at_bodies);
    }

    fn lint_with(&mut self, look: fn(&mut Lint<'_>)) {
        let modules = self.sources.modules.iter();
        let own = modules.filter(|m| self.sources.whole || m.origin == Origin::Package).map(|m| m.file);
        let mut lint =
            Lint { program: &self.program, own: own.collect(), target: self.world.target, told: Vec::new() };
        look(&mut lint);
        for told in lint.told {
            self.report(told);
        }
    }
}

fn look_at_bodies(lint: &mut Lint<'_>) {
    let program = lint.program;
    for part in bodies(program) {
        if lint.is_own(part.file()) {
            look(lint, part);
        }
    }
    for guard in program.flows.iter().filter_map(|flow| flow.guard.as_ref()) {
        never_holds::condition(lint, guard);
    }
}

fn look(lint: &mut Lint<'_>, part: Part<'_>) {
    never_holds::look(lint, part);
    if let Part::Expr(expr) = part {
        always_matches::look(lint, expr);
        repeated::look(lint, expr);
    }
    each_part(part, &mut |_, inner| look(lint, inner));
}

/// Everything with code in it.
pub(super) fn bodies(program: &Program) -> Vec<Part<'_>> {
    fn block(block: &Block) -> Part<'_> {
        Part::Block(block)
    }
    fn expr(expr: &Expr) -> Part<'_> {
        Part::Expr(expr)
    }
    let mut parts = Vec::new();
    parts.extend(program.functions.iter().map(|f| block(&f.body)));
    parts.extend(program.tests.iter().map(|t| block(&t.body)));
    for state in &program.states {
        parts.push(expr(&state.init));
        parts.extend(state.migrations.iter().map(|m| expr(&m.value)));
    }
    parts.extend(program.settings.iter().filter_map(|s| s.default.as_ref()).map(expr));
    for flow in &program.flows {
        parts.push(block(&flow.body));
        parts.extend(flow.guard.as_ref().map(expr));
        for limit in &flow.limits {
            parts.extend(limit.key.iter().map(expr));
            parts.extend(limit.otherwise.as_ref().map(block));
        }
        let keys = flow.debounce.iter().flat_map(|d| &d.1).chain(flow.serial.iter().flat_map(|s| &s.1));
        parts.extend(keys.chain(flow.dedupe.iter().map(|d| &d.0)).map(expr));
        parts.extend(flow.on_failure.as_ref().map(|f| block(&f.1)));
        parts.extend(flow.on_cancel.as_ref().map(block));
    }
    parts
}
