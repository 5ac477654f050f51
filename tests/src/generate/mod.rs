//! Random well-typed programs, as source text.
//!
//! A program is written from a stream of bytes, each a choice; when the bytes run out, every further choice is the
//! simplest one. So a shorter or smaller stream is a simpler program, and whatever shrinks bytes shrinks programs.

mod branches;
mod choices;
mod expr;
mod flow;
mod program;
mod requests;
mod scope;
mod shapes;

pub use choices::Choices;
pub use program::{Generated, program};
