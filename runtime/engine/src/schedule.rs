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

fn cron(expression: &str, zone: &str, instant: i64) -> Option<i64> {
    let cron = Cron::from_str(expression).ok()?;
    let zone = TimeZone::get(zone).ok()?;
    let from = Local(Timestamp::from_millisecond(instant).ok()?.to_zoned_datetime(zone));
    let next = cron.find_next_occurrence(&from, false).ok()?;
    Some(next.0.timestamp().as_millisecond())
}

/// A zoned time as croner wants to see it: its own bridge is to another version of jiff than ours.
#[derive(Clone)]
struct Local(ZonedDateTime);

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
