//! What can be chosen about a terminal.

use carapace_channel_api::AccountId;
use std::path::PathBuf;

/// What can be chosen about a terminal.
#[derive(Debug, Clone)]
pub struct Options {
    /// The account's name in the deployment.
    pub account: AccountId,
    /// Who speaks where no other person is named.
    pub person: String,
    /// The longest line taken as a message, in bytes. Longer ones are skipped, with a notice.
    pub longest_line: usize,
    /// Where files that a flow sends are put, under a name that is free; without it they are refused.
    pub files: Option<PathBuf>,
}

impl Options {
    /// What a terminal is when nothing is said.
    pub fn new(account: impl Into<AccountId>) -> Options {
        Options { account: account.into(), person: "you".to_owned(), longest_line: 1 << 20, files: None }
    }
}
