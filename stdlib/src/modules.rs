//! The standard library, embedded: declarations of every effect, trigger and channel kind, and the functions of the
//! built-in types, as `.flow` text. Reading and checking them is the driver's business, not this crate's.

/// A module of the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Module {
    /// `std/chat`: what stands behind `use`.
    pub path: &'static str,
    /// The file it stands in, from the root of this crate.
    pub file: &'static str,
    /// Its source.
    pub text: &'static str,
    /// Whether its declarations are in scope everywhere without `use`.
    pub prelude: bool,
}

macro_rules! modules {
    ($($folder:literal / $name:literal, $prelude:literal;)*) => {
        &[$(Module {
            path: concat!("std/", $name),
            file: concat!($folder, "/", $name, ".flow"),
            text: include_str!(concat!("../", $folder, "/", $name, ".flow")),
            prelude: $prelude,
        }),*]
    };
}

/// All of them, in an order in which nothing depends on what comes later more than it must. `tests/modules.rs` holds the
/// list against the folders.
pub const MODULES: &[Module] = modules! {
    "prelude" / "world", true;
    "prelude" / "intrinsics", true;
    "prelude" / "tags", true;
    "prelude" / "agent", true;
    "prelude" / "bytes", true;
    "prelude" / "chat", true;
    "prelude" / "date", true;
    "prelude" / "duration", true;
    "prelude" / "event", true;
    "prelude" / "int", true;
    "prelude" / "json", true;
    "prelude" / "list", true;
    "prelude" / "log", true;
    "prelude" / "map", true;
    "prelude" / "mcp", true;
    "prelude" / "money", true;
    "prelude" / "number", true;
    "prelude" / "run", true;
    "prelude" / "text", true;
    "prelude" / "time", true;
    "prelude" / "webhook", true;
    "kinds" / "discord", true;
    "kinds" / "google_chat", true;
    "kinds" / "imessage", true;
    "kinds" / "line", true;
    "kinds" / "matrix", true;
    "kinds" / "messenger", true;
    "kinds" / "signal", true;
    "kinds" / "skype", true;
    "kinds" / "slack", true;
    "kinds" / "teams", true;
    "kinds" / "telegram", true;
    "kinds" / "terminal", true;
    "kinds" / "viber", true;
    "kinds" / "voice", true;
    "kinds" / "webchat", true;
    "kinds" / "wechat", true;
    "kinds" / "whatsapp", true;
    "kinds" / "zalo", true;
    "kinds" / "zalo_oa", true;
    "std" / "crypto", false;
    "std" / "exchange", false;
    "std" / "http", false;
    "std" / "i18n", false;
    "std" / "id", false;
    "std" / "memory", false;
    "std" / "regex", false;
    "std" / "table", false;
    "std" / "template", false;
    "std" / "url", false;
};

/// The module of this path.
pub fn module(path: &str) -> Option<&'static Module> {
    MODULES.iter().find(|module| module.path == path)
}
