//! Taking updates in: one after the other, each durable before Telegram hears that it arrived.

mod albums;
mod cursor;
mod intake;
pub(crate) mod menu;
mod polling;
mod roles;
mod start;
mod webhook;

pub(crate) use albums::{AlbumShelf, Albums};
pub(crate) use cursor::Cursor;
pub(crate) use intake::{Intake, tell_moved};
pub(crate) use polling::poll;
pub(crate) use roles::Roles;
pub(crate) use start::{Begun, begin};
pub(crate) use webhook::{Door, receive};
