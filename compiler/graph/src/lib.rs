//! A flow as a picture: its triggers, branches, effects and waits.
//!
//! [`graph_of`] reads the syntax tree, so that a flow that does not check yet can be looked at as well;
//! [`mermaid`] and [`svg`] draw it. Deliberately not here: types, and anything that a run did.

mod build;
mod layout;
mod mermaid;
mod model;
mod svg;
mod words;

pub use build::graph_of;
pub use mermaid::mermaid;
pub use model::{Edge, Graph, Node, NodeKind};
pub use svg::svg;
