//! Who asks, and what they may.
//!
//! What is served beside the channels' own routes is guarded: a request reaches it with a [`Caller`], and each route says which
//! [`Scope`] it wants. The gateway listens on this machine only, so whoever reaches it is the person at this machine; a page that
//! a browser there shows is not, which its `Origin` says.

mod caller;
mod guard;
mod scope;

pub use caller::Caller;
pub(crate) use guard::guard;
pub use scope::Scope;
