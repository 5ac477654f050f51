//! Statements.

use crate::code;
use crate::facts::Role;
use crate::infer::{Body, Mode, Want};
use crate::lint::{Part, each_part};
use crate::tree::{Expr, ExprKind, LocalId, Stmt, StmtKind};
use carapace_diagnostic::{TextRange, suggest};
use carapace_module::Type;
use carapace_syntax::ast::{self, Name, TypeExpr};

impl<'a> Body<'_, 'a> {
    /// A statement; none for one that did not parse.
    pub(crate) fn stmt(&mut self, stmt: &'a ast::Stmt) -> Option<Stmt> {
        use ast::StmtKind as S;
        let range = stmt.range;
        let kind = match &stmt.kind {
            S::Let { name, ty, value } => self.binding(name, ty.as_ref(), value, false),
            S::Var { name, ty, value } => self.binding(name, ty.as_ref(), value, true),
            S::Assign { name, value } => self.assign(name, value),
            S::Set { target, key, value } => self.set(range, target, key.as_ref(), value)?,
            S::While { cond, body } => {
                self.forget_variables();
                let (cond, shown) = self.cond(cond);
                let body = self.looped(body.range, |inner| {
                    inner.learn(&shown.yes);
                    inner.block(body, Want::Discard).0
                });
                StmtKind::While(cond, body)
            }
            S::Repeat { count, body } => {
                let count = self.check(count, &Type::Int);
                self.forget_variables();
                StmtKind::Repeat(count, self.looped(body.range, |inner| inner.block(body, Want::Discard).0))
            }
            S::Break => self.leave_loop(range, "break", ExprKind::Break),
            S::Continue => self.leave_loop(range, "continue", ExprKind::Continue),
            S::Return(value) => self.return_(range, value.as_ref()),
            S::Listen(listen) => self.listen(range, listen)?,
            S::Expr(expr) => self.statement_expr(expr),
            S::Test(step) => return self.test_stmt(range, step),
            S::Error => return None,
        };
        Some(Stmt { span: self.span(range), kind })
    }

    fn looped<T>(&mut self, range: TextRange, f: impl FnOnce(&mut Self) -> T) -> T {
        self.loops += 1;
        let out = self.scoped_in(range, f);
        self.loops -= 1;
        out
    }

    /// `for x in xs { … }`.
    pub(crate) fn for_loop(&mut self, range: TextRange, each: &'a ast::For) -> Stmt {
        let (items, item) = self.elements(&each.items);
        self.forget_variables();
        let (var, body) = self.looped(each.body.range, |inner| {
            let var = inner.declare(&each.var, item, false);
            (var, inner.block(&each.body, Want::Discard).0)
        });
        Stmt { span: self.span(range), kind: StmtKind::For(var, items, body) }
    }

    fn statement_expr(&mut self, expr: &'a ast::Expr) -> StmtKind {
        if let ast::ExprKind::For(each) = &expr.kind
            && each.parallel.is_none()
        {
            return self.for_loop(expr.range, each).kind;
        }
        let made = self.infer(expr, Want::Discard);
        if !matches!(made.ty, Type::Nothing | Type::Never | Type::Error) && !acts(&made) {
            let told = self
                .told(code::UNUSED_VALUE, expr.range, "this value is computed and thrown away")
                .help(match &made.kind {
                    ExprKind::Compare { op: crate::tree::Compare::Eq, .. } => {
                        "an assignment is written with one `=`"
                    }
                    _ => "keep it with `let`, or take it out",
                });
            self.report(told);
        }
        StmtKind::Expr(made)
    }

    fn binding(
        &mut self,
        name: &'a Name,
        ty: Option<&'a TypeExpr>,
        value: &'a ast::Expr,
        mutable: bool,
    ) -> StmtKind {
        let written = ty.map(|ty| {
            let resolved = self.cx.resolve_type(self.at, ty, self.type_params);
            self.cx.refuse_function_type(self.at, &resolved, ty.range);
            resolved
        });
        if matches!(value.kind, ast::ExprKind::Suffixed { .. }) {
            self.let_name = Some(name);
        }
        self.last_place = None;
        let made = match &written {
            Some(ty) => self.check(value, ty),
            None => self.infer_value(value),
        };
        self.let_name = None;
        let ty = match written {
            Some(ty) => ty,
            None if unsettled(&made.ty) => {
                let told = self
                    .told(
                        code::CANNOT_INFER,
                        value.range,
                        format!("nothing says what type `{}` has", name.text),
                    )
                    .help(format!(
                        "write it: `{} {}: List<Text> = …`",
                        if mutable { "var" } else { "let" },
                        name.text
                    ));
                self.report(told);
                Type::Error
            }
            None => made.ty.clone(),
        };
        let ty = if ty == Type::Never { Type::Error } else { ty };
        let place = if matches!(made.kind, ExprKind::Effect(_)) { self.last_place } else { None };
        let read = self.states_read(&made);
        let local = self.declare(name, ty, mutable);
        self.cx.notes.local_from(self.at.file, value.range.end);
        if let Some(info) = self.info.get_mut(local.0 as usize) {
            info.place = place;
            info.read = read;
        }
        StmtKind::Let(local, made)
    }

    fn assign(&mut self, name: &'a Name, value: &'a ast::Expr) -> StmtKind {
        let Some(local) = self.names.iter().rev().find(|(n, _)| **n == *name.text).map(|(_, id)| *id) else {
            self.not_assignable(name);
            let made = self.infer(value, Want::Any);
            return StmtKind::Expr(made);
        };
        self.note_local(name, local, Role::Write);
        let declared = self.info.get(local.0 as usize).and_then(|i| i.span);
        let mutable = self.locals.get(local.0 as usize).is_some_and(|l| l.mutable);
        if !mutable {
            let mut told = self
                .told(
                    code::NOT_ASSIGNABLE,
                    name.range,
                    format!("`{}` does not change: it is no `var`", name.text),
                )
                .help("declare it with `var`, or give the new value another name");
            if let Some(span) = declared {
                told = told.also(span, "declared here");
            }
            self.report(told);
        }
        let depth = self.info.get(local.0 as usize).map_or(0, |i| i.depth);
        if let Some(frame) = self.frames.get(depth)
            && mutable
        {
            let what = frame.what;
            let mut told = self
                .told(
                    code::BRANCH_ASSIGNS,
                    name.range,
                    format!("{what} may not assign `{}`, which is declared outside of it", name.text),
                )
                .help("give the new value as the result, and assign it where all have come together");
            if let Some(span) = declared {
                told = told.also(span, "declared here");
            }
            self.report(told);
        }
        let ty = self.local_type(local);
        let made = self.check(value, &ty);
        self.forget(local);
        let read = self.states_read(&made);
        if let Some(info) = self.info.get_mut(local.0 as usize) {
            info.read.extend(read);
        }
        StmtKind::Assign(local, made)
    }

    fn not_assignable(&mut self, name: &'a Name) {
        if name.text.is_empty() {
            return;
        }
        match self.find_global(&name.text) {
            crate::names::Found::Item(id) => {
                let def = self.cx.def(id);
                let told = self
                    .told(
                        code::NOT_ASSIGNABLE,
                        name.range,
                        format!("`{}` is {}, which is not assigned", name.text, def.kind.noun()),
                    )
                    .also(def.span(), "declared here");
                let told = if def.kind == crate::collect::DefKind::State {
                    told.help(format!("a durable write looks like one: `set {} = …`", name.text)).fix(
                        "write `set`",
                        carapace_diagnostic::Span::new(
                            self.at.file,
                            TextRange::new(name.range.start, name.range.start).shift(self.at.offset),
                        ),
                        "set ",
                    )
                } else {
                    told.help("only a `var` is")
                };
                self.report(told);
            }
            _ => {
                let vars: Vec<&str> = self.names.iter().rev().map(|(n, _)| &**n).collect();
                let near = suggest(&name.text, vars).map(str::to_owned);
                let message = format!("there is no `{}` to assign to", name.text);
                let mut told = self.suggesting(code::UNKNOWN_NAME, name.range, message, near.as_deref());
                if near.is_none() {
                    told = told.help(format!("declare it: `var {} = …`", name.text));
                }
                self.report(told);
            }
        }
    }

    fn leave_loop(&mut self, range: TextRange, word: &str, kind: ExprKind) -> StmtKind {
        if self.loops == 0 {
            let told = self.told(code::NO_LOOP, range, format!("`{word}` stands in no loop"));
            let told = match self.frames.last() {
                Some(frame) if frame.loops > 0 => {
                    let what = frame.what;
                    told.help(format!("{what} cannot leave the loop around it"))
                }
                Some(frame) if frame.what.starts_with("`for") => {
                    told.help("each step runs by itself: use `if … { … }` around what shall not happen")
                }
                _ => told.help("to leave the flow write `return`"),
            };
            self.report(told);
        }
        StmtKind::Expr(self.make(range, Type::Never, kind))
    }

    fn return_(&mut self, range: TextRange, value: Option<&'a ast::Expr>) -> StmtKind {
        let blocked = self.frames.last().map(|f| f.what);
        let Some(result) = self.result.clone().filter(|_| blocked.is_none()) else {
            let message = match blocked {
                Some(what) => format!("{what} cannot return from what stands around it"),
                None if self.mode == Mode::Test => "a test returns nothing".to_owned(),
                None => "there is nothing to return from here".to_owned(),
            };
            let told = self.told(code::RETURN, range, message).help(if blocked.is_some() {
                "end with the value, and decide after all have come together"
            } else {
                "take it out"
            });
            self.report(told);
            if let Some(value) = value {
                self.infer(value, Want::Any);
            }
            return StmtKind::Expr(self.make(range, Type::Never, ExprKind::Return(None)));
        };
        let value = match (value, &result) {
            (None, Type::Nothing | Type::Error) => None,
            (None, ty) => {
                if !self.is_verdict(ty) {
                    let shown = self.cx.show(ty);
                    let told = self
                        .told(code::MISSING_RETURN, range, format!("`return` needs a `{shown}`"))
                        .help("write the value behind it");
                    self.report(told);
                }
                None
            }
            (Some(value), Type::Nothing) => {
                let made = self.infer(value, Want::Any);
                if !matches!(made.ty, Type::Nothing | Type::Error | Type::Never) {
                    let shown = self.cx.show(&made.ty);
                    let told = self
                        .told(
                            code::RETURN,
                            value.range,
                            format!("nothing is returned here, but this is a `{shown}`"),
                        )
                        .help("write `return` alone; a sub-flow says in its header what it returns: `-> …`");
                    self.report(told);
                }
                Some(Box::new(made))
            }
            (Some(value), ty) => Some(Box::new(self.check(value, ty))),
        };
        let value = match value {
            Some(value) if self.is_verdict(&result) => Some(Box::new(self.verdict(*value))),
            other => other,
        };
        StmtKind::Expr(self.make(range, Type::Never, ExprKind::Return(value)))
    }
}

/// Whether a value is there for what it does.
fn acts(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Effect(_)
        | ExprKind::CallFlow(..)
        | ExprKind::Start(..)
        | ExprKind::Await(..)
        | ExprKind::ListenNext(..)
        | ExprKind::Parallel(..)
        | ExprKind::Race(..)
        | ExprKind::ForParallel { .. }
        | ExprKind::Do(..)
        | ExprKind::Error => true,
        ExprKind::OptionalChain { body, .. } => acts(body),
        ExprKind::Coalesce(_, other) => acts(other) || other.ty == Type::Never,
        ExprKind::Block(_) | ExprKind::If(..) | ExprKind::Match(..) => true,
        _ => false,
    }
}

/// Whether a type says nothing about what it holds: `[]` and `none` alone.
fn unsettled(ty: &Type) -> bool {
    match ty {
        Type::List(a) | Type::Optional(a) => **a == Type::Never || unsettled(a),
        Type::Map(a, b) => **a == Type::Never || **b == Type::Never,
        _ => false,
    }
}

/// The locals and states that a value is computed from. What happens on the way (an effect, another flow) gives a value
/// of its own, whatever it was told.
pub(crate) fn reads(part: Part<'_>, found: &mut Vec<LocalId>, states: &mut Vec<crate::tree::StateId>) {
    if let Part::Expr(expr) = part {
        match &expr.kind {
            ExprKind::Local(id) => found.push(*id),
            ExprKind::StateGet(id, _) => states.push(*id),
            ExprKind::Effect(_) | ExprKind::CallFlow(..) | ExprKind::Start(..) | ExprKind::Await(..) => {
                return;
            }
            ExprKind::Parallel(..) | ExprKind::Race(..) | ExprKind::ForParallel { .. } => return,
            // What a function looks at to choose among others (`filter`) is not what it gives.
            ExprKind::Do(..) | ExprKind::Lambda(_) => return,
            _ => {}
        }
    }
    each_part(part, &mut |_, inner| reads(inner, found, states));
}
