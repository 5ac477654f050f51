//! Which addresses are called.

mod address;
mod policy;
mod target;

pub(crate) use policy::Admitted;
pub use policy::{Hosts, Pattern, Place, Policy};
pub(crate) use target::Target;
