//! `std/number`.

use crate::Error;
use crate::args::{Answer, int, number};
use carapace_module::value::arith;
use carapace_module::{Decimal, Value};

fn digits(args: &[Value], n: usize) -> Result<u32, Error> {
    u32::try_from(int(args, n)?.clamp(0, 18)).map_err(|_| Error::Types)
}

pub(crate) fn round(args: &[Value]) -> Answer {
    let rounded = number(args, 0)?.round(digits(args, 1)?).ok_or(arith::Error::Overflow)?;
    Ok(Value::Number(rounded))
}

pub(crate) fn floor(args: &[Value]) -> Answer {
    whole(number(args, 0)?, -1)
}

pub(crate) fn ceil(args: &[Value]) -> Answer {
    whole(number(args, 0)?, 1)
}

/// The next whole number that way.
fn whole(number: Decimal, way: i64) -> Answer {
    let toward_zero = number.truncate();
    let rest = number.scale > 0 && { number.mantissa }.signum() == way;
    let whole = if rest { toward_zero.checked_add(way) } else { Some(toward_zero) };
    Ok(Value::Int(whole.ok_or(arith::Error::Overflow)?))
}

pub(crate) fn fixed(args: &[Value]) -> Answer {
    let digits = digits(args, 1)?;
    let rounded = number(args, 0)?.round(digits).ok_or(arith::Error::Overflow)?;
    let mut text = rounded.to_string();
    let have = u32::from(rounded.scale);
    if have == 0 && digits > 0 {
        text.push('.');
    }
    (have..digits).for_each(|_| text.push('0'));
    Ok(Value::text(text))
}
