//! `carapace.json5`: what a runtime is configured with, from text to typed values, with the place of everything.
//!
//! [`Document`] is the text of one file as a tree with places, however broken the text is. [`schema`] describes every key
//! once: what is checked, the JSON Schema, the page of the documentation and what editors propose are made of it.
//! [`Loaded`] is a file with those that it includes, and [`Config`] the values. Deliberately not here: disks and the
//! environment, which are handed in, and what a value does to the runtime.

mod document;
pub mod schema;

mod check;
mod config;
mod cursor;
mod environment;
mod load;
mod mcp;
mod media;
mod migrate;
mod models;
mod routes;
mod secret;
mod time;

pub use check::check_text;
pub use config::{AccountConfig, Config, LogConfig, NetConfig, OtlpConfig, Placed, VaultConfig, VaultKey};
pub use cursor::{Choice, Cursor, hover};
pub use document::{Document, Member, Name, Node, Number, Text, Value};
pub use environment::Environment;
pub use load::{Files, Loaded};
pub use mcp::{McpConfig, McpServerConfig};
pub use media::MediaConfig;
pub use migrate::{Migrated, VERSION, migrate};
pub use models::{ModelsConfig, PriceConfig, ProviderConfig};
pub use routes::RESERVED;
pub use time::{HOUR, milliseconds};

/// What the file is called.
pub const FILE_NAME: &str = "carapace.json5";
