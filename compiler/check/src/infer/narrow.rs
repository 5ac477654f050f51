//! What conditions show: after `x is some` the name `x` has its value, after `p is paid` the union has that tag.

use super::Body;
use crate::tree::{Expr, ExprKind, LocalId};
use carapace_module::Type;

/// A value that is reached from a local by fields, the same as long as the local is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) local: LocalId,
    pub(crate) slots: Vec<u32>,
}

/// What is known about a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Known {
    /// The optional has a value.
    Some(Place),
    /// The union has this tag.
    Tag(Place, u32),
    /// A name that has a value only here (`as found`).
    Name(LocalId),
    /// Was known until the variable was assigned.
    Forgotten,
}

/// What a condition shows where it holds, and where it does not.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    pub(crate) yes: Vec<Known>,
    pub(crate) no: Vec<Known>,
}

impl Shown {
    /// The condition turned round.
    pub(crate) fn not(self) -> Shown {
        Shown { yes: self.no, no: self.yes }
    }
}

/// The place that an expression reads, if it reads one.
pub(crate) fn place(expr: &Expr) -> Option<Place> {
    match &expr.kind {
        ExprKind::Local(local) => Some(Place { local: *local, slots: Vec::new() }),
        ExprKind::Field(base, slot) => {
            let mut place = place(base)?;
            place.slots.push(*slot);
            Some(place)
        }
        ExprKind::Narrow(inner) => place(inner),
        _ => None,
    }
}

impl Body<'_, '_> {
    /// The expression, as its value where the optional is known to have one.
    pub(crate) fn narrowed(&self, expr: Expr) -> Expr {
        let Type::Optional(inner) = &expr.ty else { return expr };
        if self.known.is_empty() {
            return expr;
        }
        let Some(place) = place(&expr) else { return expr };
        if !self.known.iter().any(|k| matches!(k, Known::Some(p) if *p == place)) {
            return expr;
        }
        let (ty, span) = ((**inner).clone(), expr.span);
        Expr { ty, span, kind: ExprKind::Narrow(Box::new(expr)) }
    }

    /// The tag that the union is known to have.
    pub(crate) fn known_tag(&self, expr: &Expr) -> Option<u32> {
        let place = place(expr)?;
        self.known.iter().rev().find_map(|k| match k {
            Known::Tag(p, tag) if *p == place => Some(*tag),
            _ => None,
        })
    }

    /// From here to the end of the scope this holds.
    pub(crate) fn learn(&mut self, known: &[Known]) {
        for fact in known {
            if let Known::Name(local) = fact {
                self.bring(*local);
            }
            self.known.push(fact.clone());
        }
    }

    /// The variable gets another value: what was known about it is not.
    pub(crate) fn forget(&mut self, local: LocalId) {
        for known in &mut self.known {
            if matches!(known, Known::Some(p) | Known::Tag(p, _) if p.local == local) {
                *known = Known::Forgotten;
            }
        }
    }

    /// Before a body that may run again: what is known about a `var` may not hold the second time.
    pub(crate) fn forget_variables(&mut self) {
        let locals = &self.locals;
        for known in &mut self.known {
            if let Known::Some(p) | Known::Tag(p, _) = known
                && locals.get(p.local.0 as usize).is_some_and(|l| l.mutable)
            {
                *known = Known::Forgotten;
            }
        }
    }
}
