//! Warnings about what is allowed and probably not meant: one file a warning.
//!
//! They look at a package without errors only: where a name is unknown or a line did not parse, "nothing uses this" would
//! be a second message for one mistake. What an author means as it is, `// allow W0304: reason` says (`allow`).

mod allow;
mod always_matches;
mod deadline;
mod hiding;
mod never_fires;
mod never_holds;
mod pass;
mod repeated;
mod same;
mod seen;
mod undescribed;
mod unused_item;
mod unused_local;
mod unused_use;
mod walk;

pub(crate) use pass::is_silent;
pub(crate) use seen::Seen;
pub(crate) use walk::{Part, each_part};
