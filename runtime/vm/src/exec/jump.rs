//! What jumps do that do more than jump.

use super::operands::{field, get, int_in, list, put, put_bool, put_copy, put_int, shared, text};
use crate::fault::Fault;
use carapace_module::Value;
use carapace_module::code::{Instr, TextTest};
use carapace_module::value::{
    contains_ignoring_case, ends_ignoring_case, same_ignoring_case, starts_ignoring_case,
};

/// The next item of a list; false where there is none.
#[inline(always)]
pub(super) fn next_item(i: Instr, regs: &mut [Value]) -> Result<bool, Fault> {
    let next = int_in(regs, i.a.saturating_add(1))?;
    let item = list(get(regs, i.a)?)?.get(usize::try_from(next).unwrap_or(usize::MAX));
    let Some(item) = item else { return Ok(false) };
    put_copy!(regs, i.b, item)?;
    put_int(regs, i.a.saturating_add(1), next.checked_add(1))?;
    Ok(true)
}

/// The next Int of a range; false where there is none. The last one that there is may be the last of all Ints.
#[inline(always)]
pub(super) fn next_in_range(i: Instr, regs: &mut [Value]) -> Result<bool, Fault> {
    let (next, last) = (int_in(regs, i.a)?, int_in(regs, i.a.saturating_add(1))?);
    if next > last {
        return Ok(false);
    }
    put_int(regs, i.b, Some(next))?;
    match next.checked_add(1) {
        Some(next) => put_int(regs, i.a, Some(next))?,
        None => put_int(regs, i.a.saturating_add(1), Some(next - 1))?,
    }
    Ok(true)
}

/// Whether a text passes the test of a `JumpIfText` or `JumpUnlessText`, and what it costs to find out.
pub(super) fn text_passes(
    i: Instr,
    ext: Instr,
    regs: &[Value],
    constants: &[Value],
) -> Result<(bool, u64), Fault> {
    let left = field(get(regs, i.a)?, i.b)?;
    let right = constants.get(ext.wide_operand() as usize).ok_or(Fault::unsound("a constant is missing"))?;
    let (test, ignoring_case) = TextTest::of_operand(ext.a).ok_or(Fault::unsound("an unknown test"))?;
    let cost = match test {
        _ if ignoring_case => left.size().saturating_add(right.size()) / 4,
        TextTest::Equals => likeness(left, right),
        _ => left.size() / 16,
    };
    let (left, right) = (text(left)?, text(right)?);
    let passes = match (test, ignoring_case) {
        (TextTest::Equals, false) => left == right,
        (TextTest::Contains, false) => left.contains(right),
        (TextTest::StartsWith, false) => left.starts_with(right),
        (TextTest::EndsWith, false) => left.ends_with(right),
        (TextTest::Equals, true) => same_ignoring_case(left, right),
        (TextTest::Contains, true) => contains_ignoring_case(left, right),
        (TextTest::StartsWith, true) => starts_ignoring_case(left, right),
        (TextTest::EndsWith, true) => ends_ignoring_case(left, right),
    };
    Ok((passes, cost))
}

/// What it costs to find out whether two values are equal: nothing for scalars, else what the smaller one is.
#[inline]
pub(super) fn likeness(left: &Value, right: &Value) -> u64 {
    match (left, right) {
        (Value::Text(a), Value::Text(b)) => a.0.len().min(b.0.len()) as u64 / 16,
        (
            Value::List(_)
            | Value::Record(_)
            | Value::TagWith(..)
            | Value::Map(_)
            | Value::Json(_)
            | Value::Bytes(_),
            _,
        ) => left.size().min(right.size()) / 16,
        _ => 0,
    }
}
