//! WebChat: a chat network of our own, a page that the runtime serves.
//!
//! A visitor is a session: a token of 256 random bits that the server makes, the page keeps and the server stores
//! only as a hash. Over one WebSocket the page speaks the frames of [`frames`]; everything said stands in one
//! append-only log per conversation, so that a page that comes back, also after a restart of the server, is told what
//! it missed from the last event it saw. What a visitor says is durable before it is acknowledged, and is pushed
//! to the engine until the engine has it.
//!
//! | file in the data directory | what |
//! |---|---|
//! | `index.jsonl` | sessions (hashed), names, conversations and who is in them, files |
//! | `inbox.jsonl` | events the engine has not taken yet |
//! | `logs/N.jsonl` | one conversation |
//! | `files/ID` | one file |
//!
//! The page is plain HTML, CSS and modules in `page/`, embedded; README.md says how another site shows it.
//!
//! Deliberately not here: accounts with passwords, and anything that needs a build step for the page.

mod options;

mod limits;
mod token;

mod files;
mod inbox;
mod index;
mod journal;
mod record;
mod view;

mod forget;
pub mod frames;
mod hub;
mod speaker;
mod visitor;

mod assets;
mod page;

mod pump;
mod routes;
mod socket;

mod webchat;

pub use limits::{Limits, Rate};
pub use options::{Options, Room};
pub use webchat::WebChat;
