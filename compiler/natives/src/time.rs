//! `std/time`, `std/duration`: the calendar is Gregorian, zones are those of the bundled database.

use crate::Error;
use crate::args::{Answer, int, optional, text, time as time_arg, value};
use carapace_module::Value;
use carapace_module::value::arith;
use jiff::civil::DateTime;
use jiff::tz::AmbiguousOffset;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

pub(crate) fn milliseconds(args: &[Value]) -> Answer {
    value(args, 0)?.as_duration().map(Value::Int).ok_or(Error::Types)
}

pub(crate) fn parse(args: &[Value]) -> Answer {
    Ok(optional(instant(text(args, 0)?)))
}

pub(crate) fn moment(args: &[Value]) -> Answer {
    let text = text(args, 0)?;
    instant(text).ok_or_else(|| Error::refused(format!("`{text}` names no instant")))
}

fn instant(text: &str) -> Option<Value> {
    text.trim().parse::<Timestamp>().ok().map(|t| Value::Time(t.as_millisecond()))
}

pub(crate) fn from_unix(args: &[Value]) -> Answer {
    Ok(Value::Time(int(args, 0)?))
}

pub(crate) fn zone(name: &str) -> Result<TimeZone, Error> {
    TimeZone::get(name).map_err(|_| Error::refused(format!("there is no time zone `{name}`")))
}

fn shown(args: &[Value], zone_at: usize) -> Result<ZonedDateTime, Error> {
    let instant = Timestamp::from_millisecond(time_arg(args, 0)?).map_err(|_| arith::Error::Overflow)?;
    Ok(instant.to_zoned_datetime(zone(text(args, zone_at)?)?))
}

pub(crate) fn civil(args: &[Value]) -> Answer {
    Ok(record(shown(args, 1)?.datetime()))
}

/// The library's `Civil`.
pub(crate) fn record(at: DateTime) -> Value {
    let int = |n: i64| Value::Int(n);
    let weekday = u32::from(at.weekday().to_monday_zero_offset().unsigned_abs());
    Value::record(vec![
        int(at.year().into()),
        int(at.month().into()),
        int(at.day().into()),
        int(at.hour().into()),
        int(at.minute().into()),
        int(at.second().into()),
        Value::Tag(weekday),
    ])
}

pub(crate) fn from_civil(args: &[Value]) -> Answer {
    let zone = zone(text(args, 6)?)?;
    let small = |n: usize| Ok::<_, Error>(i8::try_from(int(args, n)?).ok());
    let year = i16::try_from(int(args, 0)?).ok();
    let (month, day, hour, minute, second) = (small(1)?, small(2)?, small(3)?, small(4)?, small(5)?);
    let at = year.zip(month).zip(day).zip(hour).zip(minute).zip(second);
    let at = at.and_then(|(((((y, mo), d), h), mi), s)| DateTime::new(y, mo, d, h, mi, s, 0).ok());
    let instant = at
        .map(|at| zone.to_ambiguous_timestamp(at))
        .filter(|found| !matches!(found.offset(), AmbiguousOffset::Gap { .. }));
    Ok(optional(instant.and_then(|found| found.earlier().ok()).map(|t| Value::Time(t.as_millisecond()))))
}

pub(crate) fn format(args: &[Value]) -> Answer {
    let pattern = text(args, 1)?;
    let text = jiff::fmt::strtime::format(pattern, &shown(args, 2)?)
        .map_err(|e| Error::refused(format!("the pattern `{pattern}` does not work: {e}")))?;
    Ok(Value::text(text))
}

pub(crate) fn date(args: &[Value]) -> Answer {
    Ok(optional(crate::date::days(shown(args, 1)?.date())))
}
