//! W0312: a schedule that never fires.

use crate::code;
use crate::collect::Checker;
use carapace_diagnostic::{Diagnostic, Span};
use croner::Cron;
use croner::parser::{CronParser, Seconds};
use croner::time::Weekday;
use std::sync::Arc;

/// After so many years the calendar repeats itself, days of the week included.
const CYCLE: i32 = 400;
/// A year that begins a cycle; years that a schedule names lie in it.
const FIRST: i32 = 2000;

impl Checker<'_> {
    /// Tells the schedules that name a day which no year has.
    pub(super) fn schedules_that_never_fire(&mut self) {
        let schedules: Vec<(Arc<str>, Span)> = std::mem::take(&mut self.seen.schedules);
        for (expression, span) in schedules {
            let parser = CronParser::builder().seconds(Seconds::Optional).build();
            let Ok(cron) = parser.parse(&expression) else { continue };
            if fires(&cron) {
                continue;
            }
            self.report(
                Diagnostic::new(
                    code::NEVER_FIRES,
                    span,
                    format!("`{expression}` never comes: no year has such a day"),
                )
                .help("look at the day and the month: February has 29 days at most; `L` is the last day of a month"),
            );
        }
    }
}

/// Whether any day of the calendar is one of the schedule's. Whatever the day, its hours and minutes come.
fn fires(cron: &Cron) -> bool {
    let mut weekday = Weekday::Saturday;
    for year in FIRST..FIRST.saturating_add(CYCLE) {
        for month in 1..=12 {
            for day in 1..=days(year, month) {
                let hit = cron.pattern.year_match(year).unwrap_or(true)
                    && cron.pattern.month_match(month).unwrap_or(true)
                    && cron.pattern.day_match(year, month, day, weekday).unwrap_or(true);
                if hit {
                    return true;
                }
                weekday = weekday.shift(1);
            }
        }
    }
    false
}

fn days(year: i32, month: u32) -> u32 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
