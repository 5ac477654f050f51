//! The way in for people at this machine: JSON-RPC 2.0, one JSON object a line, over a Unix domain socket.
//!
//! [`Methods`](crate::Methods) say what can be asked and know no transport; [`Service`] is the socket. Only the user who runs the
//! runtime gets in: the file is theirs alone, and whoever connects is asked for their user id.

mod lines;
mod options;
mod service;
mod socket;

pub use options::Options;
pub use service::Service;
pub use socket::{Error, address};
