//! Type parameters of library functions: matched against arguments, replaced by what was found.

use carapace_module::Type;
use std::sync::Arc;

/// Whether a type parameter occurs.
pub(crate) fn has_param(ty: &Type) -> bool {
    match ty {
        Type::Param(_) => true,
        Type::List(a) | Type::Optional(a) => has_param(a),
        Type::Map(a, b) => has_param(a) || has_param(b),
        Type::Declared(_, args) => args.iter().any(has_param),
        Type::Fn(params, result) => params.iter().any(has_param) || has_param(result),
        _ => false,
    }
}

/// Learns from an argument's type what the parameters in the wanted type stand for. What does not agree is left to the
/// ordinary comparison afterwards.
pub(crate) fn bind(wanted: &Type, given: &Type, bound: &mut [Option<Type>]) {
    match (wanted, given) {
        (Type::Param(n), _) => {
            let Some(slot) = bound.get_mut(*n as usize) else { return };
            if matches!(given, Type::Error) && slot.is_some() {
                return;
            }
            *slot = match slot.take() {
                None => Some(given.clone()),
                Some(old) => super::join(&old, given).or(Some(old)),
            };
        }
        (Type::List(a), Type::List(b)) | (Type::Optional(a), Type::Optional(b)) => bind(a, b, bound),
        (Type::Optional(a), b) => bind(a, b, bound),
        (Type::Map(a, b), Type::Map(c, d)) => {
            bind(a, c, bound);
            bind(b, d, bound);
        }
        (Type::Declared(a, xs), Type::Declared(b, ys)) if a == b => {
            for (x, y) in xs.iter().zip(ys.iter()) {
                bind(x, y, bound);
            }
        }
        (Type::Fn(ps, r), Type::Fn(qs, s)) => {
            for (p, q) in ps.iter().zip(qs.iter()) {
                bind(p, q, bound);
            }
            bind(r, s, bound);
        }
        _ => {}
    }
}

/// The type with its parameters replaced; those that are not known stay.
pub(crate) fn substitute(ty: &Type, bound: &[Option<Type>]) -> Type {
    if !has_param(ty) {
        return ty.clone();
    }
    match ty {
        Type::Param(n) => bound.get(*n as usize).cloned().flatten().unwrap_or_else(|| ty.clone()),
        Type::List(a) => Type::List(Arc::new(substitute(a, bound))),
        Type::Optional(a) => super::relate::optional(substitute(a, bound)),
        Type::Map(a, b) => Type::Map(Arc::new(substitute(a, bound)), Arc::new(substitute(b, bound))),
        Type::Declared(id, args) => Type::Declared(*id, args.iter().map(|a| substitute(a, bound)).collect()),
        Type::Fn(params, result) => Type::Fn(
            params.iter().map(|p| substitute(p, bound)).collect(),
            Arc::new(substitute(result, bound)),
        ),
        other => other.clone(),
    }
}
