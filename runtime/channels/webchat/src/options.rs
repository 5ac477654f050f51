//! What can be chosen about a WebChat.

use crate::Limits;
use carapace_channel_api::{AccountId, Media, NoMedia, Scratch};
use std::path::PathBuf;
use std::sync::Arc;

/// What can be chosen about a WebChat.
#[derive(Clone)]
pub struct Options {
    /// The account's name in the deployment.
    pub account: AccountId,
    /// The folder that is its own.
    pub data: PathBuf,
    /// Where it is served: `/webchat`.
    pub path: String,
    /// What the page is called, and who answers there.
    pub title: String,
    /// What stands where nothing was said yet.
    pub greeting: String,
    /// Origins whose pages may connect besides the server's own: `https://shop.example`.
    pub origins: Vec<String>,
    /// Sites that may show it in a frame: `https://shop.example`. Without any, only pages of the server itself.
    pub frames: Vec<String>,
    /// Conversations that every visitor is in.
    pub rooms: Vec<Room>,
    /// How much is too much.
    pub limits: Limits,
    /// Who looks at files, and makes small pictures of large ones.
    pub media: Arc<dyn Media>,
    /// Where files lie while they come; a folder of its own where nothing is said.
    pub scratch: Option<Scratch>,
}

/// A conversation that every visitor is in.
#[derive(Debug, Clone)]
pub struct Room {
    /// Its name; the conversation's id is `#name`.
    pub name: String,
    /// Its title.
    pub title: String,
}

impl Options {
    /// What a WebChat is when nothing is said.
    pub fn new(account: impl Into<AccountId>, data: impl Into<PathBuf>) -> Options {
        Options {
            account: account.into(),
            data: data.into(),
            path: "/webchat".to_owned(),
            title: "Carapace".to_owned(),
            greeting: "Write something to begin.".to_owned(),
            origins: Vec::new(),
            frames: Vec::new(),
            rooms: Vec::new(),
            limits: Limits::default(),
            media: Arc::new(NoMedia),
            scratch: None,
        }
    }
}
