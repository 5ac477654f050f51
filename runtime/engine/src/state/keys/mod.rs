//! What events are recognised by when they come again.
//!
//! A runtime that is talked to all day sees millions of events within the window of one, and almost none of them again.
//! So in memory stays, for each, what tells that it may be known and on which page of the shelf that stands; the page itself
//! is written once and read when an event comes again.

mod day;
mod key;
mod page;
mod prints;
mod table;

pub use key::EventKey;
pub use table::EventKeys;

pub(super) use page::PageName;
pub(super) use table::WrittenKeys;
