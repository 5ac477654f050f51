//! The one HTTP server of a runtime: it serves the channels' routes and says whether it lives.
//!
//! It answers only to names that are its own, so that a page of a stranger cannot reach it through a name it made point here; and
//! it listens where other machines reach it only where somebody has a token ([`auth`]). Channels check for themselves who talks
//! to them.
//!
//! Beside it, [`local`] lets the person who runs the runtime look into it and steer it, through a socket in its data
//! directory.
//!
//! [`webhooks`] takes requests of other machines in, for flows; [`openai`] lets agents be asked as if they were models; `routes` are what can be asked over HTTP: resources, JSON-RPC, also
//! over WebSocket, what happens, whether every channel hears, and figures.
//!
//! Deliberately not here: encryption, which a proxy does. Not yet: the Control UI.

pub mod audit;
pub mod auth;
mod error;
mod figures;
mod host;
#[cfg(unix)]
pub mod local;
mod methods;
mod notices;
pub mod openai;
mod options;
mod routes;
mod rpc;
pub mod webhooks;

mod connections;
mod door;
mod pace;
mod places;
mod service;

pub use error::Error;
pub use figures::{Figures, JournalFigures, SpanFigures, Times};
pub use host::{Host, NoHost, Sources};
pub use methods::{
    About, AccessListed, Account, AccountAccess, Approved, Back, Became, ChatPage, CheckedChannel, Collected,
    Copied, Deployed, DeployedAll, Deployments, ForgetReport, Gates, Hidden, KeptByChannel, KeptCount,
    LogsRead, LogsWanted, MessageNamed, Methods, Moves, OfferedTool, PROTOCOL, Package, Refused, Request,
    RunNamed, ServerTool, ServerTrusted, ServersListed, SessionNamed, Started, ToolOutcome, ToolServer,
    ToolStands, ToolsListed,
};
pub use notices::Notices;
pub use options::Options;
pub use pace::Pace;
pub use routes::{Hears, Listeners, Requests, Routes, document};
pub use service::{Handle, RESERVED, Service};
