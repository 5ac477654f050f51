//! Relations between types: how they are shown, when one may stand for another, what two branches have in common, and
//! type parameters.

mod generic;
mod relate;
mod show;

pub(crate) use generic::{bind, has_param, substitute};
pub(crate) use relate::{Fit, comparable, fit, is_comparable_order, is_keyable, is_showable, join, optional};
pub(crate) use show::show;
