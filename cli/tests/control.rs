//! `carapace runs`, `carapace outbox` and the commands about versions: looking into a runtime and steering it, while it
//! runs, while it is stopped, and after a power cut.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

#[path = "control/asked.rs"]
mod asked;
mod server;
mod talk;

#[path = "control/access.rs"]
mod access;
#[path = "control/lens.rs"]
mod lens;
#[path = "control/look.rs"]
mod look;
#[path = "control/outbox.rs"]
mod outbox;
#[path = "control/session.rs"]
mod session;
#[path = "control/socket.rs"]
mod socket;
#[path = "control/steer.rs"]
mod steer;
#[path = "control/versions.rs"]
mod versions;
