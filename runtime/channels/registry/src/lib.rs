//! From configuration to channels: the one place that knows which kinds there are.
//!
//! [`Settings`] are what a configuration says about an account, parsed once; [`open`] makes the channel of it. A kind
//! that this binary was built without is still known by name, so that the error can say so.
//!
//! Deliberately not here: reading configuration files, and what a kind can do (`stdlib/*.flow` says that).

mod error;
mod settings;

mod open;

pub use error::Error;
pub use open::{KINDS, left, open};
pub use settings::{
    Announcer, Attended, RoomSettings, Settings, Surroundings, TelegramSettings, TerminalSettings,
    WebchatSettings,
};
