//! Commands that flows listen to.

/// A command that flows listen to, for networks that show them in a menu.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Command {
    /// Without the slash. It may be of several words.
    pub name: String,
    /// What it does, in a few words; may be empty.
    pub description: String,
}
