//! `std/date`.

use crate::Error;
use crate::args::{Answer, date as date_arg, int, optional, text};
use crate::time::{record, zone};
use carapace_module::Value;
use carapace_module::value::arith;
use jiff::civil::{Date, date};
use jiff::{Span, Unit};

/// The value of a day.
pub(crate) fn days(day: Date) -> Option<Value> {
    let span = day.since((Unit::Day, date(1970, 1, 1))).ok()?;
    Some(Value::Date(span.get_days()))
}

/// The day of a value.
fn civil(days: i32) -> Result<Date, Error> {
    let span = Span::new().try_days(days).map_err(|_| arith::Error::Overflow)?;
    date(1970, 1, 1).checked_add(span).map_err(|_| arith::Error::Overflow.into())
}

pub(crate) fn parse_date(args: &[Value]) -> Answer {
    Ok(optional(text(args, 0)?.trim().parse::<Date>().ok().and_then(days)))
}

pub(crate) fn day(args: &[Value]) -> Answer {
    let year = i16::try_from(int(args, 0)?).ok();
    let month = i8::try_from(int(args, 1)?).ok();
    let day = i8::try_from(int(args, 2)?).ok();
    let date = year.zip(month).zip(day).and_then(|((y, m), d)| Date::new(y, m, d).ok());
    Ok(optional(date.and_then(days)))
}

pub(crate) fn parts(args: &[Value]) -> Answer {
    Ok(record(civil(date_arg(args, 0)?)?.at(0, 0, 0, 0)))
}

pub(crate) fn begins(args: &[Value]) -> Answer {
    let midnight = civil(date_arg(args, 0)?)?.at(0, 0, 0, 0);
    // Where midnight does not exist, the day begins at the end of the gap.
    let first = zone(text(args, 1)?)?.to_ambiguous_timestamp(midnight).compatible();
    let first = first.map_err(|_| arith::Error::Overflow)?;
    Ok(Value::Time(first.as_millisecond()))
}

pub(crate) fn days_since(args: &[Value]) -> Answer {
    Ok(Value::Int(i64::from(date_arg(args, 0)?) - i64::from(date_arg(args, 1)?)))
}
