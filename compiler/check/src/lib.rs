//! Names, types, labels and capabilities: answers questions about a tree, never rewrites it.
//!
//! The answer to "what does this program mean" is [`tree::Program`]: every name resolved, every argument in its place,
//! every conversion spelled out. `emit` turns it into a module; the oracle evaluator of the tests runs it as it is.

pub mod tree;
