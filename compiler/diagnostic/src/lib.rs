//! The one shape of everything Carapace tells a person about their source.
//!
//! Every stage answers with [`Diagnostic`]s: data first, prose last. The command line, the language server and
//! the gateway render the same value. Deliberately not here: reading files, and terminals.

mod code;
mod diagnostic;
mod page;
pub mod render;
mod source;
mod span;
mod suggest;

pub use code::Code;
pub use diagnostic::{Diagnostic, Edit, Fix, Label, Severity};
pub use page::{Block, Example, Page, codes, explain, page_text};
pub use source::{Position, SourceFile, SourceMap};
pub use span::{FileId, Span, TextRange};
pub use suggest::suggest;
