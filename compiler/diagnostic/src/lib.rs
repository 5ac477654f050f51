//! The one shape of everything Carapace tells a person about their source.
//!
//! Every stage answers with [`Diagnostic`]s: data first, prose last. The command line, the language server and
//! the gateway render the same value. Deliberately not here: reading files, and terminals.

mod code;
mod diagnostic;
mod span;

pub use code::Code;
pub use diagnostic::{Diagnostic, Edit, Fix, Label, Severity};
pub use span::{FileId, Span, TextRange};
