//! The language server: what an editor asks about flows, answered while they are being written.
//!
//! Three layers. [`workspace`](crate::Host) knows which files are open and which packages they belong to, and checks them.
//! `features/x.rs` answers one question each, from offsets to data, and knows no protocol. `requests/x.rs`, of the same
//! names, and `server/` translate from and to the protocol; nothing else mentions its types. Deliberately not here: reading
//! disks, running tests, looking into a runtime. Those are handed in, through [`Host`], [`Tests`] and [`Live`].

mod host;
mod workspace;

pub mod features;

mod requests;
mod server;

pub use host::{Host, Live, PackageRoot, TestOutcome, TestPlace, Tests};
pub use server::{Error, Options, serve};
pub use workspace::{Encoding, Lines, Place, Snapshot};
