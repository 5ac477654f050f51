//! What a call of an item needs and gives.

use super::{Checker, DefId, DefKind};
use crate::code;
use carapace_diagnostic::Diagnostic;
use carapace_module::Type;
use carapace_syntax::ast::{self, ItemKind, Name, Param, TypeExpr};
use std::rc::Rc;
use std::sync::Arc;

/// A parameter.
#[derive(Debug, Clone)]
pub(crate) struct ParamSig {
    pub(crate) name: Arc<str>,
    pub(crate) ty: Type,
    pub(crate) secret: bool,
    pub(crate) has_default: bool,
}

/// The signature of a `fn`, `extern fn`, effect, sub-flow or tool.
#[derive(Debug, Clone)]
pub(crate) struct Callable {
    pub(crate) type_params: usize,
    pub(crate) params: Vec<ParamSig>,
    pub(crate) result: Type,
}

/// The parts of an item that a signature is made of.
pub(crate) struct Declared<'a> {
    pub(crate) type_params: &'a [Name],
    pub(crate) params: &'a [Param],
    pub(crate) result: Option<&'a TypeExpr>,
}

/// The declaration behind a callable item; none for what cannot be called.
pub(crate) fn declared(item: &ast::Item) -> Option<Declared<'_>> {
    Some(match &item.kind {
        ItemKind::Fn(f) => {
            Declared { type_params: &f.type_params, params: &f.params, result: f.result.as_ref() }
        }
        ItemKind::ExternFn(f) => {
            Declared { type_params: &f.type_params, params: &f.params, result: Some(&f.result) }
        }
        ItemKind::Effect(e) => {
            Declared { type_params: &e.type_params, params: &e.params, result: e.result.as_ref() }
        }
        ItemKind::Tool(t) => Declared { type_params: &[], params: &t.params, result: t.result.as_ref() },
        ItemKind::Flow(f) => Declared {
            type_params: &[],
            params: f.params.as_deref().unwrap_or_default(),
            result: f.result.as_ref(),
        },
        _ => return None,
    })
}

impl Checker<'_> {
    /// The item's signature, worked out the first time it is asked for.
    pub(crate) fn callable(&mut self, id: DefId) -> Option<Rc<Callable>> {
        if let Some(known) = self.callables.get(id.0 as usize)?.clone() {
            return Some(known);
        }
        let def = self.def(id);
        let parts = declared(def.item)?;
        let mut params: Vec<ParamSig> = Vec::with_capacity(parts.params.len());
        for param in parts.params {
            if !param.name.text.is_empty() && params.iter().any(|p| *p.name == *param.name.text) {
                self.twice(def.at, &param.name, "parameter");
            }
            let ty = self.resolve_type(def.at, &param.ty, parts.type_params);
            if !matches!(def.kind, DefKind::Fn | DefKind::ExternFn) {
                self.refuse_function_type(def.at, &ty, param.ty.range);
            }
            params.push(ParamSig {
                name: Arc::from(param.name.text.as_str()),
                ty,
                secret: param.secret,
                has_default: param.default.is_some(),
            });
        }
        let result = match parts.result {
            Some(ty) => {
                let resolved = self.resolve_type(def.at, ty, parts.type_params);
                self.refuse_function_type(def.at, &resolved, ty.range);
                resolved
            }
            None if def.kind == DefKind::Fn => {
                self.report(
                    Diagnostic::new(
                        code::NO_RESULT_TYPE,
                        def.span(),
                        format!("`{}` does not say what it gives", def.name),
                    )
                    .help(format!("write the type of its result: `fn {}(…) -> Int`", def.name)),
                );
                Type::Error
            }
            None => Type::Nothing,
        };
        let made = Rc::new(Callable { type_params: parts.type_params.len(), params, result });
        if let Some(slot) = self.callables.get_mut(id.0 as usize) {
            *slot = Some(made.clone());
        }
        Some(made)
    }
}
