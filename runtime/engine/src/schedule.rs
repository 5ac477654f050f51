//! When a schedule's next slot is.

use carapace_module::signature::TriggerSpec;
use croner::Cron;
use croner::errors::CronError;
use croner::time::{CivilDate, CivilDateTime, CivilTime, CronDateTime, Resolution, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ZonedDateTime};
use std::cmp::Ordering;
use std::str::FromStr;

/// The first slot after an instant, in milliseconds since 1970 UTC; none when there is none. A local time that comes
/// twice has one slot, the first; one that is skipped has its slot at the gap's end.
pub fn after(spec: &TriggerSpec, instant: i64) -> Option<i64> {
    match spec {
        TriggerSpec::Every(interval) if *interval > 0 => instant.checked_add(*interval),
        TriggerSpec::At(time) => (*time > instant).then_some(*time),
        TriggerSpec::Cron { expression, zone, .. } => cron(expression, zone, instant),
        _ => None,
    }
}

/// The first slot after an instant of the series that has one at `due`.
pub(crate) fn next_in_series(spec: &TriggerSpec, due: i64, instant: i64) -> Option<i64> {
    match spec {
        TriggerSpec::Every(interval) if *interval > 0 => {
            let passed = instant.saturating_sub(due).div_euclid(*interval);
            due.checked_add(passed.checked_add(1)?.checked_mul(*interval)?)
        }
        _ => after(spec, instant.max(due)),
    }
}

/// The last slots, at most so many, of the series that begins at `due` and ends before `end`; oldest first. Takes no
/// longer where there are very many of them.
pub(crate) fn last_in_series(spec: &TriggerSpec, due: i64, end: i64, most: usize) -> Vec<i64> {
    if due >= end || most == 0 {
        return Vec::new();
    }
    if let TriggerSpec::Every(interval) = spec
        && *interval > 0
    {
        let count = end.saturating_sub(1).saturating_sub(due) / interval;
        let first = count.saturating_sub(i64::try_from(most).unwrap_or(i64::MAX) - 1).max(0);
        return (first..=count).filter_map(|n| due.checked_add(n.checked_mul(*interval)?)).collect();
    }
    let mut span = 120_000_i64;
    loop {
        let from = due.saturating_sub(1).max(end.saturating_sub(span));
        let mut slots = if from < due { vec![due] } else { Vec::new() };
        let mut last = from.max(due);
        while let Some(slot) = after(spec, last).filter(|slot| *slot < end) {
            slots.push(slot);
            last = slot;
        }
        if from < due || slots.len() >= most {
            return slots.split_off(slots.len().saturating_sub(most));
        }
        span = span.saturating_mul(4);
    }
}

fn cron(expression: &str, zone: &str, instant: i64) -> Option<i64> {
    let cron = Cron::from_str(expression).ok()?;
    let zone = TimeZone::get(zone).ok()?;
    let mut from = Local(Timestamp::from_millisecond(instant).ok()?.to_zoned_datetime(zone));
    // At most an hour or two of local times come twice, so this ends soon.
    for _ in 0..MOST_DOUBLED {
        from = cron.find_next_occurrence(&from, false).ok()?;
        if !from.is_doubled() {
            return Some(from.0.timestamp().as_millisecond());
        }
    }
    None
}

/// More slots than there are seconds in any time that comes twice.
const MOST_DOUBLED: u32 = 100_000;

/// A zoned time as croner wants to see it: its own bridge is to another version of jiff than ours.
#[derive(Clone)]
struct Local(ZonedDateTime);

impl Local {
    /// Whether its local time was there before: the clock was set back since.
    fn is_doubled(&self) -> bool {
        let zone = self.0.time_zone();
        let first = zone.to_ambiguous_zoned_datetime(self.0.datetime()).earlier();
        first.is_ok_and(|first| first.timestamp() < self.0.timestamp())
    }
}

impl CronDateTime for Local {
    fn to_civil(&self) -> CivilDateTime {
        let part = |n: i8| u32::try_from(n).unwrap_or_default();
        let t = &self.0;
        // Unchecked: both sides count as everybody does, so what one holds the other takes.
        let date = CivilDate::from_parts_unchecked(i32::from(t.year()), part(t.month()), part(t.day()));
        let time = CivilTime::from_parts_unchecked(part(t.hour()), part(t.minute()), part(t.second()));
        CivilDateTime::new(date, time)
    }

    fn civil_weekday(&self) -> Weekday {
        Weekday::from_days_from_sunday(
            u32::try_from(self.0.weekday().to_sunday_zero_offset()).unwrap_or_default(),
        )
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> Result<Resolution<Local>, CronError> {
        let part = |n: u32| i8::try_from(n).map_err(|_| CronError::InvalidDate);
        let datetime = jiff::civil::DateTime::new(
            i16::try_from(civil.year()).map_err(|_| CronError::InvalidDate)?,
            part(civil.month())?,
            part(civil.day())?,
            part(civil.hour())?,
            part(civil.minute())?,
            part(civil.second())?,
            0,
        );
        let ambiguous =
            self.0.time_zone().to_ambiguous_zoned_datetime(datetime.map_err(|_| CronError::InvalidDate)?);
        let invalid = |_| CronError::InvalidTime;
        Ok(match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => {
                Resolution::Single(Local(ambiguous.unambiguous().map_err(invalid)?))
            }
            AmbiguousOffset::Fold { .. } => {
                let earlier = ambiguous.clone().earlier().map_err(invalid)?;
                Resolution::Ambiguous(Local(earlier), Local(ambiguous.later().map_err(invalid)?))
            }
            AmbiguousOffset::Gap { .. } => Resolution::Gap,
        })
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Local> {
        self.0.checked_add(SignedDuration::from_secs(seconds)).ok().map(Local)
    }

    fn cmp_instant(&self, other: &Local) -> Ordering {
        self.0.timestamp().cmp(&other.0.timestamp())
    }
}
