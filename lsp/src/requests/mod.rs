//! From the protocol to a feature and back: one file a method or family of methods, named as the feature it asks.

pub(crate) mod lifecycle;

pub(crate) mod documents;

pub(crate) mod actions;
pub(crate) mod calls;
pub(crate) mod commands;
pub(crate) mod completion;
pub(crate) mod configuration;
pub(crate) mod definition;
pub(crate) mod diagnostics;
pub(crate) mod folding;
pub(crate) mod formatting;
pub(crate) mod graph;
pub(crate) mod hints;
pub(crate) mod hover;
pub(crate) mod lenses;
pub(crate) mod linked;
pub(crate) mod links;
pub(crate) mod references;
pub(crate) mod rename;
pub(crate) mod selection;
pub(crate) mod signature;
pub(crate) mod symbols;
pub(crate) mod tests;
pub(crate) mod tokens;
