//! Lines of the journal, a bounded number of them at a time.

use crate::record::{Seen, read};
use carapace_store::{Error, Past, Position};
use std::ops::ControlFlow;

/// Lines that one look goes through at most.
const LINES: u64 = 2_000;

/// Some lines, as much of them as may be told.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Each with its number, its time and its records; those that say nothing are left out.
    pub(crate) lines: Vec<(u64, i64, Vec<Seen>)>,
    /// The last line that was looked at.
    pub(crate) through: u64,
    /// How many lines are kept no longer.
    pub(crate) gone: u64,
}

impl Page {
    /// The lines behind `after`, up to `until`.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub(crate) fn read<J: Past + ?Sized>(journal: &J, after: u64, until: u64) -> Result<Page, Error> {
        let mut page = Page { through: after, ..Page::default() };
        loop {
            let begun = page.through;
            let visited = journal.lines(Position(begun), &mut |line| {
                if line.seq.0 > until || line.seq.0.saturating_sub(begun) > LINES {
                    return ControlFlow::Break(());
                }
                page.through = line.seq.0;
                let seen: Vec<Seen> = line.records.iter().filter_map(|record| read(record.get())).collect();
                if !seen.is_empty() {
                    page.lines.push((line.seq.0, line.at, seen));
                }
                ControlFlow::Continue(())
            });
            match visited {
                Err(Error::Truncated { gone }) if gone.0 > page.through => {
                    page.gone = page.gone.saturating_add(gone.0.saturating_sub(page.through));
                    page.through = gone.0;
                }
                visited => return visited.map(|()| page),
            }
        }
    }
}
