//! Pure items: `fn`, `const`, `extern fn`, defaults. Bodies are looked at when something reaches them.

use crate::code;
use crate::collect::{Checker, DefId, DefKind};
use crate::infer::{Body, Mode, Want};
use crate::needs::{Node, Touched};
use crate::tree::{Block, Expr, ExprKind, Function, FunctionRef, Native, NativeId};
use carapace_diagnostic::Diagnostic;
use carapace_module::Type;
use carapace_syntax::ast::{self, FnBody, ItemKind};
use std::sync::Arc;

impl<'a> Checker<'a> {
    /// The number of a `fn` or `const`; its body is put on the list when first asked for.
    pub(crate) fn function(&mut self, id: DefId) -> Option<FunctionRef> {
        if let Some(known) = self.functions.get(&id) {
            return Some(*known);
        }
        let def = self.def(id);
        if !matches!(def.kind, DefKind::Fn | DefKind::Const) {
            return None;
        }
        let made = FunctionRef(u32::try_from(self.program.functions.len()).unwrap_or(u32::MAX));
        let span = def.at.span(def.item.range);
        self.functions.insert(id, made);
        self.function_defs.push(id);
        self.function_done.push(false);
        let name = self.full_name(id);
        self.program.functions.push(Function {
            name,
            params: Vec::new(),
            locals: Vec::new(),
            body: Block { stmts: Vec::new(), value: None, span },
            result: Type::Error,
            span,
        });
        self.queue.push(id);
        Some(made)
    }

    /// Looks at a function's body, once.
    pub(crate) fn lower_function(&mut self, id: DefId) {
        let Some(function) = self.function(id) else { return };
        let index = function.0 as usize;
        match self.function_done.get_mut(index) {
            Some(done @ false) => *done = true,
            _ => return,
        }
        let def = self.def(id);
        let (params, locals, body, result) = match &def.item.kind {
            ItemKind::Fn(decl) => self.lower_fn(id, function, decl),
            ItemKind::Const(decl) => {
                let ty = self.const_type(id);
                let mut body = Body::new(self, def.at, Mode::Pure("a constant"));
                let value = body.check(&decl.value, &ty);
                let block = Block { stmts: Vec::new(), span: value.span, value: Some(Box::new(value)) };
                (Vec::new(), body.finish(Some(Node::Function(function))), block, ty)
            }
            _ => return,
        };
        if let Some(entry) = self.program.functions.get_mut(index) {
            entry.params = params;
            entry.locals = locals;
            entry.body = body;
            entry.result = result;
        }
    }

    fn lower_fn(
        &mut self,
        id: DefId,
        function: FunctionRef,
        decl: &'a ast::Fn,
    ) -> (Vec<crate::tree::LocalId>, Vec<crate::tree::Local>, Block, Type) {
        let def = self.def(id);
        let Some(sig) = self.callable(id) else {
            return (
                Vec::new(),
                Vec::new(),
                Block { stmts: Vec::new(), value: None, span: def.span() },
                Type::Error,
            );
        };
        let mut body = Body::new(self, def.at, Mode::Pure("a function"));
        body.type_params = &decl.type_params;
        body.result = Some(sig.result.clone());
        let params = decl
            .params
            .iter()
            .zip(&sig.params)
            .map(|(p, s)| body.parameter(&p.name, s.ty.clone(), false))
            .collect();
        let block = match &decl.body {
            FnBody::Expr(expr) => {
                let value = body.check(expr, &sig.result);
                Block { stmts: Vec::new(), span: value.span, value: Some(Box::new(value)) }
            }
            FnBody::Block(block) => body.result_block(block, &sig.result),
        };
        let locals = body.finish(Some(Node::Function(function)));
        (params, locals, block, sig.result.clone())
    }

    /// A constant's type: as written, or that of its value.
    pub(crate) fn const_type(&mut self, id: DefId) -> Type {
        if let Some(known) = self.const_types.get(&id) {
            // Without a type yet it needs itself: told as a cycle.
            return known.clone().unwrap_or(Type::Error);
        }
        let def = self.def(id);
        let ItemKind::Const(decl) = &def.item.kind else { return Type::Error };
        self.const_types.insert(id, None);
        let ty = match &decl.ty {
            Some(ty) => self.resolve_type(def.at, ty, &[]),
            None => {
                let node = self.functions.get(&id).map(|f| Node::Function(*f));
                let mut body = Body::new(self, def.at, Mode::Pure("a constant"));
                let value = body.infer(&decl.value, Want::Any);
                body.finish(node);
                value.ty
            }
        };
        self.const_types.insert(id, Some(ty.clone()));
        ty
    }

    /// The number of an `extern fn`; entered when first called.
    pub(crate) fn native(&mut self, id: DefId) -> Option<NativeId> {
        if let Some(known) = self.natives.get(&id) {
            return Some(*known);
        }
        let def = self.def(id);
        let ItemKind::ExternFn(decl) = &def.item.kind else { return None };
        let sig = self.callable(id)?;
        let made = NativeId(u32::try_from(self.program.natives.len()).unwrap_or(u32::MAX));
        self.program.natives.push(Native {
            name: self.short_name(id),
            version: decl.version,
            params: sig.params.iter().map(|p| p.ty.clone()).collect(),
            result: sig.result.clone(),
        });
        self.natives.insert(id, made);
        Some(made)
    }

    /// The value of a default, as the declaring module means it, and what it touches: that is of whoever takes it.
    pub(crate) fn default_value(
        &mut self,
        owner: DefId,
        default: &'a ast::Expr,
        ty: &Type,
    ) -> (Expr, Touched) {
        let at = self.def(owner).at;
        let mut body = Body::new(self, at, Mode::Pure("a default"));
        let value = body.check(default, ty);
        let touched = std::mem::take(&mut body.touched);
        body.finish(None);
        (value, touched)
    }

    /// Constants that need each other, directly or through functions.
    pub(crate) fn refuse_cycles(&mut self) {
        for index in 0..self.function_defs.len() {
            let Some(id) = self.function_defs.get(index).copied() else { continue };
            if self.def(id).kind != DefKind::Const {
                continue;
            }
            let start = FunctionRef(u32::try_from(index).unwrap_or(u32::MAX));
            let mut path = vec![start];
            if self.comes_back(start, start, &mut path, &mut Vec::new()) {
                self.cycle(id, &path);
            }
        }
    }

    fn comes_back(
        &self,
        from: FunctionRef,
        to: FunctionRef,
        path: &mut Vec<FunctionRef>,
        seen: &mut Vec<FunctionRef>,
    ) -> bool {
        let Some(touched) = self.graph.nodes.get(&Node::Function(from)) else { return false };
        for (callee, _) in &touched.calls {
            let Node::Function(next) = callee else { continue };
            if *next == to {
                return true;
            }
            if seen.contains(next) {
                continue;
            }
            seen.push(*next);
            path.push(*next);
            if self.comes_back(*next, to, path, seen) {
                return true;
            }
            path.pop();
        }
        false
    }

    fn cycle(&mut self, id: DefId, path: &[FunctionRef]) {
        // One message for the cycle, at its first member in the order of numbers.
        if path.iter().any(|f| {
            self.function_defs
                .get(f.0 as usize)
                .is_some_and(|d| *d < id && self.def(*d).kind == DefKind::Const)
        }) {
            return;
        }
        let defs: Vec<DefId> =
            path.iter().filter_map(|f| self.function_defs.get(f.0 as usize).copied()).collect();
        let mut names: Vec<String> = defs.iter().map(|d| self.full_name(*d).to_string()).collect();
        names.push(self.full_name(id).to_string());
        let def = self.def(id);
        let mut told =
            Diagnostic::new(code::CYCLE, def.span(), format!("the value of `{}` needs itself", def.name))
                .help(format!("break the circle: {}", names.join(" → ")));
        for other in defs.iter().skip(1) {
            let other = self.def(*other);
            told = told.also(other.span(), format!("by way of `{}`", other.name));
        }
        self.report(told);
    }
}

impl<'a> Body<'_, 'a> {
    /// A body whose value, or `return`, is the result.
    pub(crate) fn result_block(&mut self, block: &'a ast::Block, result: &Type) -> Block {
        if *result == Type::Nothing {
            return self.open_block(block, Want::Discard).0;
        }
        let (mut body, ty) = self.open_block(block, Want::Ty(result));
        match (&body.value, &ty) {
            (Some(_), _) => self.convert_block(&mut body, &ty, result),
            (None, Type::Never | Type::Error) => {}
            (None, _) => {
                if block.stmts.iter().any(|s| matches!(s.kind, ast::StmtKind::Error)) {
                    return body;
                }
                let shown = self.cx.show(result);
                let end =
                    carapace_diagnostic::TextRange::new(block.range.end.saturating_sub(1), block.range.end);
                let told = self
                    .told(code::MISSING_RETURN, end, format!("the end is reached without a `{shown}`"))
                    .help("end with a value, or `return` one on every way");
                self.report(told);
            }
        }
        if let Some(value) = body.value.as_deref()
            && matches!(value.kind, ExprKind::Error)
        {
            // Told already.
            return Block { stmts: body.stmts, value: body.value, span: body.span };
        }
        body
    }

    /// A duration that has to be known when compiled, in milliseconds.
    pub(crate) fn known_duration(&mut self, expr: &'a ast::Expr, what: &str) -> Option<i64> {
        let value = self.check(expr, &Type::Duration);
        match crate::constant::constant(self.cx, &value) {
            Some(carapace_module::Value::Duration(ms)) if ms > 0 => Some(ms),
            Some(carapace_module::Value::Duration(_)) => {
                let told = self
                    .told(code::LITERAL, expr.range, format!("{what} has to be more than nothing"))
                    .help("write a duration such as `30s` or `2d`");
                self.report(told);
                None
            }
            _ => {
                self.not_known(&value, expr.range, what);
                None
            }
        }
    }

    /// A whole number that has to be known when compiled.
    pub(crate) fn known_int(&mut self, expr: &'a ast::Expr, what: &str) -> Option<i64> {
        let value = self.check(expr, &Type::Int);
        match crate::constant::constant(self.cx, &value) {
            Some(carapace_module::Value::Int(n)) => Some(n),
            _ => {
                self.not_known(&value, expr.range, what);
                None
            }
        }
    }

    fn not_known(&mut self, value: &Expr, range: carapace_diagnostic::TextRange, what: &str) {
        if value.ty == Type::Error {
            return;
        }
        let told = self
            .told(code::NOT_CONSTANT, range, format!("{what} has to be known when this is compiled"))
            .help("write it as a literal, or as a `const`");
        self.report(told);
    }
}

/// Keeps the doc comment as the module carries it.
pub(crate) fn docs(item: &ast::Item) -> Option<Arc<str>> {
    item.docs.as_deref().map(Arc::from)
}
