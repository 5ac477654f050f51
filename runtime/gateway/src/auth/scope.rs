//! What somebody may do.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What somebody may do. Each is a permission of its own: none contains another.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Look at runs, messages, sessions, deployments and logs.
    Read,
    /// Talk to flows and agents.
    Chat,
    /// Call the tools that are offered.
    Call,
    /// Steer runs and messages: cancel, retry, resolve, start by hand.
    Operate,
    /// Change what is deployed.
    Deploy,
    /// Everything about people and access: forget somebody, give out tokens.
    Admin,
}

/// A word that is no permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no permission: there is `read`, `chat`, `call`, `operate`, `deploy` and `admin`")]
pub struct NoScope(String);

impl Scope {
    /// All of them.
    pub const ALL: [Scope; 6] =
        [Scope::Read, Scope::Chat, Scope::Call, Scope::Operate, Scope::Deploy, Scope::Admin];

    /// How it is written.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Chat => "chat",
            Scope::Call => "call",
            Scope::Operate => "operate",
            Scope::Deploy => "deploy",
            Scope::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scope {
    type Err = NoScope;

    fn from_str(text: &str) -> Result<Scope, NoScope> {
        let known = Scope::ALL.into_iter().find(|scope| scope.name() == text);
        known.ok_or_else(|| NoScope(text.chars().take(40).collect()))
    }
}
