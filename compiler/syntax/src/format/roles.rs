//! What only the grammar knows about a token: whether `<` opens types, `-` is a sign, `(` belongs to what is before it.

use crate::grammar::Rule;
use pest::iterators::Pairs;
use std::collections::HashMap;

/// What a token at some offset is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// `<` or `>` around types.
    Angle,
    /// `-x`.
    Sign,
    /// A parenthesis or square bracket that stands for itself, not behind a name.
    Primary,
    /// A bracket whose inside cannot be broken into lines with commas.
    Tight,
    /// The first token of a suffix or of a declaration's clause.
    Suffix,
    /// The first token of a branch.
    Branch,
    /// The slash of a path.
    Slash,
}

/// The roles of an item's tokens, by offset.
pub(crate) fn roles(pairs: Pairs<'_, Rule>) -> HashMap<u32, Role> {
    let mut out = HashMap::new();
    for pair in pairs.flatten() {
        let span = pair.as_span();
        let start = span.start() as u32;
        match pair.as_rule() {
            Rule::type_args | Rule::type_params => {
                out.insert(start, Role::Angle);
                out.insert(span.as_str().trim_end().len() as u32 + start - 1, Role::Angle);
            }
            Rule::minus => {
                out.insert(start, Role::Sign);
            }
            Rule::paren | Rule::bracket => {
                out.insert(start, Role::Primary);
            }
            Rule::lambda if span.as_str().starts_with('(') => {
                out.insert(start, Role::Primary);
            }
            Rule::p_index | Rule::set_key => {
                out.insert(start, Role::Tight);
            }
            Rule::type_fn => {
                if let Some(paren) = span.as_str().find('(') {
                    out.insert(start + paren as u32, Role::Tight);
                }
            }
            Rule::use_path => {
                for (at, _) in span.as_str().match_indices('/') {
                    out.insert(start + at as u32, Role::Slash);
                }
            }
            Rule::branch => {
                out.insert(start, Role::Branch);
            }
            Rule::s_retry
            | Rule::s_within
            | Rule::s_until
            | Rule::s_undo
            | Rule::s_delivery
            | Rule::s_unknown
            | Rule::s_else
            | Rule::s_as
            | Rule::state_migrate
            | Rule::e_on
            | Rule::e_needs
            | Rule::e_delivery
            | Rule::e_requires
            | Rule::e_requires_for
            | Rule::e_engine => {
                out.insert(start, Role::Suffix);
            }
            _ => {}
        }
    }
    out
}
