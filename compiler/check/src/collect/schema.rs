//! What is known about a declared type beyond what the module carries.

use super::DefId;
use carapace_syntax::ast;

/// A field's declaration, for its default.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FieldSig<'a> {
    pub(crate) default: Option<&'a ast::Expr>,
}

/// Beside each entry of the type table.
#[derive(Debug, Clone, Default)]
pub(crate) struct TypeInfo<'a> {
    /// None for unnamed types.
    pub(crate) def: Option<DefId>,
    /// Of a record: beside its fields.
    pub(crate) fields: Vec<FieldSig<'a>>,
    /// Of a union: beside each tag's fields.
    pub(crate) variants: Vec<Vec<FieldSig<'a>>>,
}
