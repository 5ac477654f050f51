//! `parallel`, `race`, `for … parallel`, `do`: pieces of a flow that run as tasks, or under suffixes.

use super::{Body, Want};
use crate::code;
use crate::facts::{NameKind, Role};
use crate::tree::{Block, Branch, Expr, ExprKind, Suffixes};
use carapace_diagnostic::TextRange;
use carapace_module::Type;
use carapace_syntax::ast;
use std::sync::Arc;

/// What the frames are called in messages.
const PARALLEL: &str = "a branch of `parallel`";
const RACE: &str = "a branch of `race`";
const EACH: &str = "`for … parallel`";

impl<'a> Body<'_, 'a> {
    /// `parallel { a: f()  g() }`: a record of the named results.
    pub(crate) fn parallel(&mut self, range: TextRange, branches: &'a [ast::Branch], want: Want<'_>) -> Expr {
        if !self.may_act(range, "parallel") {
            return self.error(range);
        }
        let written = branches;
        let (branches, types) = self.branches(PARALLEL, branches);
        let fields: Vec<(Arc<str>, Type)> = branches
            .iter()
            .zip(&types)
            .filter(|(b, _)| !b.name.is_empty())
            .map(|(b, ty)| (b.name.clone(), ty.clone()))
            .collect();
        self.waits += 1;
        let ty = match want {
            Want::Discard => Type::Nothing,
            _ if fields.is_empty() => Type::Nothing,
            _ => self.cx.unnamed_record(fields),
        };
        self.note_branches(written, &ty, NameKind::Field);
        self.make(range, ty, ExprKind::Parallel(branches, Box::default()))
    }

    /// `race { a: f()  b: g() }`: a union of the branch names.
    pub(crate) fn race(&mut self, range: TextRange, branches: &'a [ast::Branch], want: Want<'_>) -> Expr {
        if !self.may_act(range, "race") {
            return self.error(range);
        }
        let written = branches;
        let (branches, types) = self.branches(RACE, branches);
        self.waits += 1;
        let ty = match want {
            Want::Discard => Type::Nothing,
            _ => {
                let tags = branches
                    .iter()
                    .zip(types)
                    .enumerate()
                    .map(|(index, (branch, ty))| {
                        let name = match &*branch.name {
                            "" => Arc::from(format!("branch_{}", index + 1)),
                            _ => branch.name.clone(),
                        };
                        (name, (!matches!(ty, Type::Nothing | Type::Never)).then_some(ty))
                    })
                    .collect();
                self.cx.unnamed_union(tags)
            }
        };
        self.note_branches(written, &ty, NameKind::Tag);
        self.make(range, ty, ExprKind::Race(branches, Box::default()))
    }

    /// The branches' names declare the fields or tags of what they come to.
    fn note_branches(&mut self, branches: &'a [ast::Branch], ty: &Type, kind: NameKind) {
        if !self.cx.notes.wants(self.at.file) {
            return;
        }
        for name in branches.iter().filter_map(|branch| branch.name.as_ref()) {
            let own = self.span(name.range);
            let site = match ty {
                Type::Declared(id, _) => self.cx.notes.unnamed(*id, &Arc::from(name.text.as_str()), own),
                _ => own,
            };
            self.cx.notes.name(own, site, kind, Role::Declaration);
        }
    }

    fn branches(&mut self, what: &'static str, branches: &'a [ast::Branch]) -> (Vec<Branch>, Vec<Type>) {
        let mut out: Vec<Branch> = Vec::with_capacity(branches.len());
        let mut types = Vec::with_capacity(branches.len());
        for branch in branches {
            if let Some(name) = &branch.name
                && !name.text.is_empty()
                && out.iter().any(|b| *b.name == *name.text)
            {
                self.cx.twice(self.at, name, "branch");
            }
            // What a branch without a name comes to, nobody keeps.
            let want = if branch.name.is_some() { Want::Any } else { Want::Discard };
            let ((block, ty), captures) =
                self.framed(what, branch.body.range, |body| body.block_of(&branch.body, want));
            let name = branch.name.as_ref().map_or("", |n| &n.text);
            out.push(Branch { name: Arc::from(name), captures, input: None, body: block });
            types.push(if ty == Type::Never { Type::Nothing } else { ty });
        }
        (out, types)
    }

    /// `for` as an expression: `parallel` gives a list, a loop nothing.
    pub(crate) fn for_parallel_or_loop(
        &mut self,
        range: TextRange,
        each: &'a ast::For,
        want: Want<'_>,
    ) -> Expr {
        let Some(limit) = &each.parallel else {
            let stmt = self.for_loop(range, each);
            let span = self.span(range);
            let block = Block { stmts: vec![stmt], value: None, span };
            return self.make(range, Type::Nothing, ExprKind::Block(block));
        };
        if !self.may_act(range, "for … parallel") {
            return self.error(range);
        }
        let (items, item) = self.elements(&each.items);
        let limit = limit.as_ref().map(|l| Box::new(self.check(l, &Type::Int)));
        let wanted = match want.ty() {
            Some(Type::List(item)) if !crate::ty::has_param(item) => Some((**item).clone()),
            _ => None,
        };
        let ((var, mut body, ty), captures) = self.framed(EACH, each.body.range, |inner| {
            let var = inner.declare(&each.var, item, false);
            let want = match (&want, &wanted) {
                (Want::Discard, _) => Want::Discard,
                (_, Some(ty)) => Want::Ty(ty),
                _ => Want::Any,
            };
            let (body, ty) = inner.block(&each.body, want);
            (var, body, ty)
        });
        let item = match &wanted {
            Some(wanted) => {
                self.convert_block(&mut body, &ty, wanted);
                wanted.clone()
            }
            None => ty,
        };
        self.waits += 1;
        let ty = match (want, &item) {
            (Want::Discard, _) | (_, Type::Nothing | Type::Never) => Type::Nothing,
            _ => Type::list(item),
        };
        let kind = ExprKind::ForParallel {
            var,
            items: Box::new(items),
            limit,
            body,
            captures,
            suffixes: Box::new(Suffixes::default()),
        };
        self.make(range, ty, kind)
    }

    /// What `for` goes through, and the type of each.
    pub(crate) fn elements(&mut self, items: &'a ast::Expr) -> (Expr, Type) {
        let value = self.infer_value(items);
        let item = match &value.ty {
            Type::List(item) => (**item).clone(),
            Type::Map(key, of) => {
                let fields = vec![(Arc::from("key"), (**key).clone()), (Arc::from("value"), (**of).clone())];
                self.cx.unnamed_record(fields)
            }
            Type::Error | Type::Never => Type::Error,
            other => {
                let shown = self.cx.show(other);
                let told = self
                    .told(code::NOT_ITERABLE, items.range, format!("`for` cannot go through a `{shown}`"))
                    .help(match other {
                        Type::Optional(_) => "it may be none: say what holds then, `… ?? []`",
                        Type::Int => "count with a range: `1..n`, or `repeat n { … }`",
                        Type::Text => "take it apart first: `.letters()`, `.words()` or `.lines()`",
                        Type::Json => "take its items first: `.items() ?? []`",
                        _ => "it goes through lists, maps and ranges",
                    });
                self.report(told);
                Type::Error
            }
        };
        (value, item)
    }

    /// `do { … }`.
    pub(crate) fn do_(&mut self, range: TextRange, block: &'a ast::Block, want: Want<'_>) -> Expr {
        let (block, ty) = self.block(block, want);
        let ty = if matches!(want, Want::Discard) && ty != Type::Never { Type::Nothing } else { ty };
        if matches!(self.mode, super::Mode::Flow) {
            return self.make(range, ty, ExprKind::Do(block, Box::default()));
        }
        self.make(range, ty, ExprKind::Block(block))
    }
}
