//! Runs the stages: [`Sources`] → [`Parsed`] → [`Checked`] → [`Compiled`], a struct each, so that nothing can be emitted that was not checked. [`Project`] is a package while somebody edits it.
//!
//! Reading goes through [`Files`], so that the driver itself touches no disk. Deliberately not here: terminals, watching,
//! and what a person typed on the command line.

mod files;
mod library;
mod package;

mod parsed;

mod checked;
mod visible;

mod repair;

mod project;

pub use carapace_check::Scope;
pub use checked::{Checked, Compiled, ModuleFile};
pub use files::{Files, MemoryFiles, ReadProblem};
pub use package::{LARGEST_FILE, SourceFile, Sources};
pub use parsed::Parsed;
pub use project::{Known, Project, Quick, Snapshot, Whole};
pub use repair::{Done, Repaired, repair, with_edits};
