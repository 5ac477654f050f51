//! The state of checking one body: its locals, what is in scope, where it may wait, what it touches.

use super::Known;
use crate::collect::{At, Checker};
use crate::facts::{DefinitionSite, LocalName, NameKind, Role};
use crate::needs::{Node, Touched};
use crate::tree::{Expr, ExprKind, Local, LocalId};
use carapace_diagnostic::{Code, Diagnostic, Span, TextRange};
use carapace_module::Type;
use carapace_syntax::ast::Name;
use std::sync::Arc;

/// What an expression is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Want<'t> {
    /// A value of whatever type.
    Any,
    /// Its effect; a value is thrown away.
    Discard,
    /// A value of this type, if possible: the caller compares.
    Ty(&'t Type),
}

impl<'t> Want<'t> {
    /// The wanted type, where there is one.
    pub(crate) fn ty(self) -> Option<&'t Type> {
        match self {
            Want::Ty(ty) => Some(ty),
            _ => None,
        }
    }
}

/// What a body may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Compute only. Says what it is: `a function`, `a guard`.
    Pure(&'static str),
    /// Compute, and read `state`: guards and keys of flows, expectations.
    Guard(&'static str),
    /// Everything.
    Flow,
    /// Test statements, and pure computing.
    Test,
}

/// A piece of code that runs apart from what stands around it: a task, an `undo`, a lambda.
#[derive(Debug)]
pub(crate) struct Frame {
    /// What it is, with its article.
    pub(crate) what: &'static str,
    /// Locals of the outside that it reads.
    pub(crate) captures: Vec<LocalId>,
    /// Loops around it, put back afterwards.
    pub(crate) loops: u32,
}

/// What is known about a local beside its type.
#[derive(Debug, Clone, Default)]
pub(crate) struct LocalInfo {
    /// How many frames are around its declaration.
    pub(crate) depth: usize,
    /// Where it is declared.
    pub(crate) span: Option<Span>,
    /// Of a field of an event: where the library declares it.
    pub(crate) site: Option<Span>,
    /// What an editor calls it, where that is not a plain local.
    pub(crate) kind: Option<NameKind>,
    /// States that its value was computed from, and the number of waits before that.
    pub(crate) read: Vec<(crate::tree::StateId, u32)>,
    /// Of a `listen` buffer: the type of its events.
    pub(crate) listen: Option<Type>,
    /// Of what a send to a slot gave: that slot, so that its kind is known when the message is edited.
    pub(crate) place: Option<crate::collect::DefId>,
    /// Whether anything reads it.
    pub(crate) used: bool,
}

/// Checks one body.
pub(crate) struct Body<'c, 'a> {
    pub(crate) cx: &'c mut Checker<'a>,
    pub(crate) at: At,
    pub(crate) mode: Mode,
    pub(crate) locals: Vec<Local>,
    pub(crate) info: Vec<LocalInfo>,
    /// Names in scope, innermost last.
    pub(crate) names: Vec<(Arc<str>, LocalId)>,
    /// What conditions have shown, innermost last.
    pub(crate) known: Vec<Known>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) loops: u32,
    /// What `return` gives; none where there is nothing to return from.
    pub(crate) result: Option<Type>,
    /// Waits so far, in source order.
    pub(crate) waits: u32,
    /// The names that waits have, `as cooling`.
    pub(crate) labels: Vec<&'a Name>,
    pub(crate) reads_state: bool,
    /// Whether it waits for something that may take its time: a person, an event, the clock.
    pub(crate) pauses: bool,
    /// Of a `filter`, which decides at once.
    pub(crate) no_waits: bool,
    /// Where the effect looked at last went, if to a slot.
    pub(crate) last_place: Option<crate::collect::DefId>,
    pub(crate) touched: Touched,
    pub(crate) type_params: &'a [Name],
    /// The name of the `let` whose value is being looked at, for `undo`.
    pub(crate) let_name: Option<&'a Name>,
    /// Where what is brought into scope may be used.
    pub(crate) extent: TextRange,
}

impl<'c, 'a> Body<'c, 'a> {
    /// A body at that item.
    pub(crate) fn new(cx: &'c mut Checker<'a>, at: At, mode: Mode) -> Body<'c, 'a> {
        Body {
            cx,
            at,
            mode,
            locals: Vec::new(),
            info: Vec::new(),
            names: Vec::new(),
            known: Vec::new(),
            frames: Vec::new(),
            loops: 0,
            result: None,
            waits: 0,
            labels: Vec::new(),
            reads_state: false,
            pauses: false,
            no_waits: false,
            last_place: None,
            touched: Touched::default(),
            type_params: &[],
            let_name: None,
            extent: TextRange::new(0, u32::MAX),
        }
    }

    /// Hands over what was learnt: calls and needs to the graph. Gives the locals.
    pub(crate) fn finish(self, node: Option<Node>) -> Vec<Local> {
        if self.cx.is_package(self.at.module) {
            for (local, info) in self.locals.iter().zip(&self.info) {
                if let Some(span) = info.span {
                    self.cx.seen.local(span, &local.name, info.used);
                }
            }
        }
        if let Some(node) = node {
            self.cx.notes.body(node, self.pauses);
            self.cx.graph.add(node, self.touched);
        }
        self.locals
    }

    /// A range of this item as a place in its file.
    pub(crate) fn span(&self, range: TextRange) -> Span {
        self.at.span(range)
    }

    /// Says something.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.cx.report(diagnostic);
    }

    /// A diagnostic at a range of this item.
    pub(crate) fn told(&self, code: Code, range: TextRange, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, self.span(range), message)
    }

    /// What stands at a range of this item, as it is written.
    pub(crate) fn written(&self, range: TextRange) -> &'a str {
        let text = self.cx.sources.modules.get(self.at.module.0 as usize).map_or("", |source| &source.text);
        let place = self.span(range).range;
        text.get(place.start as usize..place.end as usize).unwrap_or_default()
    }

    /// Notes the type of an expression or name.
    pub(crate) fn note_type(&mut self, range: TextRange, ty: &Type) {
        let span = self.span(range);
        self.cx.notes.ty(span, ty);
    }

    /// Notes that a name stands for a local.
    pub(crate) fn note_local(&mut self, name: &Name, local: LocalId, role: Role) {
        if !self.cx.notes.wants(self.at.file) {
            return;
        }
        let Some(info) = self.info.get(local.0 as usize) else { return };
        if let Some(site) = info.span.or(info.site) {
            let (at, kind) = (self.span(name.range), info.kind.unwrap_or(NameKind::Local));
            self.cx.notes.name(at, site, kind, role);
        }
    }

    /// An expression at a range.
    pub(crate) fn make(&self, range: TextRange, ty: Type, kind: ExprKind) -> Expr {
        Expr { ty, span: self.span(range), kind }
    }

    /// What stands for a mistake that was told.
    pub(crate) fn error(&self, range: TextRange) -> Expr {
        self.make(range, Type::Error, ExprKind::Error)
    }

    /// A new local that no name leads to.
    pub(crate) fn hidden(&mut self, name: &str, ty: Type, mutable: bool) -> LocalId {
        let id = LocalId(u32::try_from(self.locals.len()).unwrap_or(u32::MAX));
        self.locals.push(Local { name: Arc::from(name), ty, mutable });
        self.info.push(LocalInfo { depth: self.frames.len(), ..LocalInfo::default() });
        id
    }

    /// A new local in scope under its name.
    pub(crate) fn declare(&mut self, name: &Name, ty: Type, mutable: bool) -> LocalId {
        let span = self.span(name.range);
        self.note_hiding(&name.text, span);
        let kind = if mutable { NameKind::Var } else { NameKind::Local };
        self.named(name, ty, mutable, kind)
    }

    /// The same for what is handed over: it often has the name of what it stands for, a setting or a state.
    pub(crate) fn parameter(&mut self, name: &Name, ty: Type, mutable: bool) -> LocalId {
        self.named(name, ty, mutable, NameKind::Param)
    }

    fn named(&mut self, name: &Name, ty: Type, mutable: bool, kind: NameKind) -> LocalId {
        let span = self.span(name.range);
        self.cx.notes.name(span, span, kind, Role::Declaration);
        self.cx.notes.ty(span, &ty);
        let id = self.hidden(&name.text, ty, mutable);
        if let Some(info) = self.info.last_mut() {
            info.span = Some(span);
            info.kind = Some(kind);
        }
        self.bring(id);
        id
    }

    /// Says where a local without a name of its own in the source comes from, for editors.
    pub(crate) fn comes_from(&mut self, local: LocalId, site: Option<Span>, kind: NameKind) {
        if let Some(info) = self.info.get_mut(local.0 as usize) {
            info.site = site;
            info.kind = Some(kind);
        }
    }

    /// Puts a local's name into scope.
    pub(crate) fn bring(&mut self, id: LocalId) {
        let Some(local) = self.locals.get(id.0 as usize) else { return };
        if !local.name.is_empty() {
            self.names.push((local.name.clone(), id));
            self.note_scope(id);
        }
    }

    /// Notes from where to where a local may be used: in the part of the source that is being looked at.
    fn note_scope(&mut self, id: LocalId) {
        let (At { file, offset, .. }, extent) = (self.at, self.extent);
        let (Some(local), Some(info)) = (self.locals.get(id.0 as usize), self.info.get(id.0 as usize)) else {
            return;
        };
        let own = info.span.filter(|span| span.file == file);
        let behind = own.map_or(0, |span| span.range.end.saturating_sub(offset));
        if let Some(span) = info.span.or(info.site) {
            self.cx.notes.local(file, offset, || LocalName {
                name: local.name.clone(),
                ty: local.ty.clone(),
                site: DefinitionSite { span },
                kind: info.kind.unwrap_or(NameKind::Local),
                visible: TextRange::new(extent.start.max(behind), extent.end),
            });
        }
    }

    /// Runs `f` in a scope of its own, which is that part of the source.
    pub(crate) fn scoped_in<T>(&mut self, range: TextRange, f: impl FnOnce(&mut Self) -> T) -> T {
        let around = std::mem::replace(&mut self.extent, range);
        let out = self.scoped(f);
        self.extent = around;
        out
    }

    /// Runs `f` in a scope of its own.
    pub(crate) fn scoped<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let (names, known) = (self.names.len(), self.known.len());
        let out = f(self);
        self.names.truncate(names);
        self.known.truncate(known);
        out
    }

    /// Runs `f` as a piece of code of its own, standing there; gives also the outer locals that it reads.
    pub(crate) fn framed<T>(
        &mut self,
        what: &'static str,
        range: TextRange,
        f: impl FnOnce(&mut Self) -> T,
    ) -> (T, Vec<LocalId>) {
        let loops = std::mem::take(&mut self.loops);
        self.frames.push(Frame { what, captures: Vec::new(), loops });
        let out = self.scoped_in(range, f);
        let Some(frame) = self.frames.pop() else { return (out, Vec::new()) };
        self.loops = frame.loops;
        (out, frame.captures)
    }

    /// The local of that name, innermost first; noted as captured by the frames between.
    pub(crate) fn find_local(&mut self, name: &str) -> Option<LocalId> {
        let id = self.names.iter().rev().find(|(n, _)| **n == *name).map(|(_, id)| *id)?;
        self.capture(id);
        Some(id)
    }

    /// Notes that a local is read here.
    pub(crate) fn capture(&mut self, id: LocalId) {
        let Some(info) = self.info.get_mut(id.0 as usize) else { return };
        info.used = true;
        let depth = info.depth;
        for frame in self.frames.iter_mut().skip(depth) {
            if !frame.captures.contains(&id) {
                frame.captures.push(id);
            }
        }
    }

    /// The local's data.
    pub(crate) fn local_type(&self, id: LocalId) -> Type {
        self.locals.get(id.0 as usize).map_or(Type::Error, |l| l.ty.clone())
    }

    /// A read of a local, as it is.
    pub(crate) fn read(&self, range: TextRange, id: LocalId) -> Expr {
        self.make(range, self.local_type(id), ExprKind::Local(id))
    }

    /// Whether effects may stand here; tells where not.
    pub(crate) fn may_act(&mut self, range: TextRange, name: &str) -> bool {
        let lambda = self.frames.iter().any(|f| f.what == LAMBDA);
        match self.mode {
            Mode::Flow if !lambda => true,
            Mode::Flow => {
                let told = self
                    .told(crate::code::IMPURE, range, format!("`{name}` is an effect, and a lambda is pure"))
                    .help("use `for … { … }`, or `for … parallel { … }`, where every step may act");
                self.report(told);
                false
            }
            Mode::Pure(what) | Mode::Guard(what) => {
                let told = self
                    .told(crate::code::IMPURE, range, format!("`{name}` is an effect, and {what} is pure"))
                    .help("make it a sub-flow (`flow name(…) -> T { … }`), which may act and wait");
                self.report(told);
                false
            }
            Mode::Test => {
                let told = self
                    .told(crate::code::NOT_IN_TEST, range, format!("a test does not call `{name}` itself"))
                    .help("let the flow do it: send it an event with `when …`, then `expect …`");
                self.report(told);
                false
            }
        }
    }

    /// Notes something for the manifest.
    pub(crate) fn touch(&mut self, line: String) {
        if !self.touched.lines.iter().any(|l| **l == *line) {
            self.touched.lines.push(Arc::from(line));
        }
    }

    /// Notes a call.
    pub(crate) fn calls(&mut self, node: Node, range: TextRange) {
        let span = self.span(range);
        if !self.touched.calls.iter().any(|(n, _)| *n == node) {
            self.touched.calls.push((node, span));
        }
    }
}

/// What a lambda's frame is called.
pub(crate) const LAMBDA: &str = "a lambda";
