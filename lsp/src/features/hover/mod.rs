//! What the thing under the cursor is: in words, with its type, its labels and its documentation.

mod amount;
mod callable;
mod cron;
mod name;
mod question;
mod regex;
mod word;

pub use amount::{duration_words, money_words};
pub use cron::{describe as cron_words, next as cron_next};
pub use question::{Hover, hover};
pub use word::{builtin, listed, other, sentence};
