//! A cron expression in words, and its next times.

use croner::Cron;
use croner::parser::{CronParser, Seconds};
use croner::time::Weekday;
use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// How far ahead times are looked for: a schedule may name the 29th of February.
const DAYS: u32 = 366 * 9;

/// In words, with the next three times. None for what is no schedule, which a diagnostic says.
pub(super) fn explain(expression: &str, zone: &str, now: i64) -> Option<String> {
    let words = describe(expression)?;
    let zone_of = TimeZone::get(zone).ok()?;
    let times: Vec<String> = next(expression, zone, now, 3)
        .into_iter()
        .filter_map(|ms| Timestamp::from_millisecond(ms).ok())
        .map(|time| {
            let local = time.to_zoned_datetime(zone_of.clone());
            format!("- {}", local.strftime("%A, %-d %B %Y, %H:%M:%S"))
        })
        .map(|line| line.strip_suffix(":00").map_or(line.clone(), str::to_owned))
        .collect();
    let next = if times.is_empty() {
        "It does not come in the next nine years.".to_owned()
    } else {
        format!("Next ({zone}):\n\n{}", times.join("\n"))
    };
    Some(format!("**{words}**\n\n{next}"))
}

fn parsed(expression: &str) -> Option<Cron> {
    CronParser::builder().seconds(Seconds::Optional).build().parse(expression).ok()
}

/// In words.
pub fn describe(expression: &str) -> Option<String> {
    Some(parsed(expression)?.describe().trim_end_matches('.').to_owned())
}

/// The next times after an instant, in milliseconds since 1970. A local time that is skipped comes at the end of the gap,
/// one that comes twice comes the first time.
pub fn next(expression: &str, zone: &str, after: i64, most: usize) -> Vec<i64> {
    let mut found = Vec::new();
    let (Some(cron), Ok(zone), Ok(start)) =
        (parsed(expression), TimeZone::get(zone), Timestamp::from_millisecond(after))
    else {
        return found;
    };
    // A day before: its times may fall behind a gap of the clock.
    let mut day = start.to_zoned_datetime(zone.clone()).date();
    for _ in 0..DAYS {
        if of_day(&cron, day) {
            times(&cron, day, &zone, after, most, &mut found);
            if found.len() >= most {
                break;
            }
        }
        match day.tomorrow() {
            Ok(next) => day = next,
            Err(_) => break,
        }
    }
    found
}

fn of_day(cron: &Cron, day: Date) -> bool {
    let part = |n: i8| u32::try_from(n).unwrap_or_default();
    let weekday = Weekday::from_days_from_sunday(part(day.weekday().to_sunday_zero_offset()));
    let (year, month) = (i32::from(day.year()), part(day.month()));
    let pattern = &cron.pattern;
    pattern.year_match(year).unwrap_or(false)
        && pattern.month_match(month).unwrap_or(false)
        && pattern.day_match(year, month, part(day.day()), weekday).unwrap_or(false)
}

fn times(cron: &Cron, day: Date, zone: &TimeZone, after: i64, most: usize, found: &mut Vec<i64>) {
    let pattern = &cron.pattern;
    for hour in (0..24).filter(|hour| pattern.hour_match(*hour).unwrap_or(false)) {
        for minute in (0..60).filter(|minute| pattern.minute_match(*minute).unwrap_or(false)) {
            for second in (0..60).filter(|second| pattern.second_match(*second).unwrap_or(false)) {
                let part = |n: u32| i8::try_from(n).unwrap_or_default();
                let Some(at) = instant(day, (part(hour), part(minute), part(second)), zone) else { continue };
                if at > after && found.last().is_none_or(|last| at > *last) {
                    found.push(at);
                    if found.len() >= most {
                        return;
                    }
                }
            }
        }
    }
}

fn instant(day: Date, (hour, minute, second): (i8, i8, i8), zone: &TimeZone) -> Option<i64> {
    let ambiguous = zone.to_ambiguous_zoned_datetime(day.at(hour, minute, second, 0));
    let gap = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
    let time = if gap {
        let behind = ambiguous.later().ok()?.timestamp();
        let end = zone.preceding(behind.checked_add(SignedDuration::from_nanos(1)).ok()?).next()?;
        end.timestamp()
    } else {
        ambiguous.earlier().ok()?.timestamp()
    };
    Some(time.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday, 2 March 2026, 12:00 in UTC.
    const NOW: i64 = 1_772_452_800_000;

    fn shown(expression: &str, zone: &str, after: &str) -> Vec<String> {
        let after = after.parse::<Timestamp>().unwrap().as_millisecond();
        let zone_of = TimeZone::get(zone).unwrap();
        next(expression, zone, after, 3)
            .into_iter()
            .map(|ms| Timestamp::from_millisecond(ms).unwrap().to_zoned_datetime(zone_of.clone()))
            .map(|t| t.strftime("%a %F %H:%M").to_string())
            .collect()
    }

    #[test]
    fn a_schedule_has_words_and_times() {
        let said = explain("0 9 * * mon", "Europe/Berlin", NOW).unwrap();
        assert!(said.starts_with("**At 09:00, on Monday**") || said.contains("Monday"), "{said}");
        assert!(
            said.contains("Next (Europe/Berlin):\n\n- Monday, 9 March 2026, 09:00\n- Monday, 16 March"),
            "{said}"
        );
        assert_eq!(explain("never", "UTC", NOW), None);
        assert_eq!(explain("0 9 * * *", "Moon/Crater", NOW), None);
        let leap = shown("0 0 29 2 *", "UTC", "2026-03-02T12:00:00Z");
        assert_eq!(leap, ["Tue 2028-02-29 00:00", "Sun 2032-02-29 00:00"]);
    }

    #[test]
    fn clocks_that_are_set_skip_and_repeat_nothing() {
        let spring = shown("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z");
        assert_eq!(spring, ["Sun 2026-03-29 03:00", "Mon 2026-03-30 02:30", "Tue 2026-03-31 02:30"]);
        let autumn = shown("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z");
        assert_eq!(autumn, ["Sun 2026-10-25 02:30", "Mon 2026-10-26 02:30", "Tue 2026-10-27 02:30"]);
    }
}
