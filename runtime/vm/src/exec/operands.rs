//! Registers: reading them, writing them, and what an instruction may take for granted of a value.
//!
//! The verifier has proven that every register is there, and the checker that its value is of the type that is wanted;
//! asking anyway costs a branch that is never taken, and lets no module reach a panic.

use crate::fault::Fault;
use carapace_module::Value;

const NO_REGISTER: Fault = Fault::unsound("a register is missing");

/// A register.
#[inline(always)]
pub(super) fn get(registers: &[Value], register: u16) -> Result<&Value, Fault> {
    registers.get(usize::from(register)).ok_or(NO_REGISTER)
}

/// Writes a register.
#[inline(always)]
pub(super) fn put(registers: &mut [Value], register: u16, value: Value) -> Result<(), Fault> {
    let place = registers.get_mut(usize::from(register)).ok_or(NO_REGISTER)?;
    if is_plain(place) {
        // There is nothing to drop, and the compiler cannot know.
        std::mem::forget(std::mem::replace(place, value));
    } else {
        exchange(place, value);
    }
    Ok(())
}

/// Writes an Int: most registers that receive one held one before.
#[inline(always)]
pub(super) fn put_int(registers: &mut [Value], register: u16, int: Option<i64>) -> Result<(), Fault> {
    let int = int.ok_or(Fault::Overflow)?;
    if let Some(Value::Int(old)) = registers.get_mut(usize::from(register)) {
        *old = int;
        return Ok(());
    }
    put(registers, register, Value::Int(int))
}

/// Writes a Bool, likewise.
#[inline(always)]
pub(super) fn put_bool(registers: &mut [Value], register: u16, holds: bool) -> Result<(), Fault> {
    if let Some(Value::Bool(old)) = registers.get_mut(usize::from(register)) {
        *old = holds;
        return Ok(());
    }
    put(registers, register, Value::Bool(holds))
}

/// Writes a copy of a value that may be in a register itself. An Int and a Bool are copied by what they hold: a value that
/// was just written in two halves is slow to read as a whole.
macro_rules! put_copy {
    ($registers:expr, $register:expr, $value:expr) => {
        match $value {
            Value::Int(int) => {
                let int = *int;
                put_int($registers, $register, Some(int))
            }
            Value::Bool(holds) => {
                let holds = *holds;
                put_bool($registers, $register, holds)
            }
            other => {
                let other = shared(other);
                put($registers, $register, other)
            }
        }
    };
}
pub(super) use put_copy;

#[inline(never)]
pub(super) fn shared(value: &Value) -> Value {
    value.clone()
}

/// Makes registers none.
pub(crate) fn clear(registers: &mut [Value]) {
    for place in registers.iter_mut().filter(|place| !is_plain(place)) {
        exchange(place, Value::None);
    }
}

#[inline(never)]
fn exchange(place: &mut Value, value: Value) {
    *place = value;
}

/// Whether nothing is behind a pointer in it.
#[inline(always)]
const fn is_plain(value: &Value) -> bool {
    matches!(
        value,
        Value::None
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Number(_)
            | Value::Time(_)
            | Value::Date(_)
            | Value::Duration(_)
            | Value::Money(_)
    )
}

/// An Int in a register.
#[inline(always)]
pub(super) fn int_in(registers: &[Value], register: u16) -> Result<i64, Fault> {
    match registers.get(usize::from(register)) {
        Some(Value::Int(int)) => Ok(*int),
        _ => Err(Fault::unsound("an Int was promised")),
    }
}

/// A Bool in a register.
#[inline(always)]
pub(super) fn truth_in(registers: &[Value], register: u16) -> Result<bool, Fault> {
    match registers.get(usize::from(register)) {
        Some(Value::Bool(holds)) => Ok(*holds),
        _ => Err(Fault::unsound("a Bool was promised")),
    }
}

pub(crate) fn int(value: &Value) -> Result<i64, Fault> {
    match value {
        Value::Int(i) => Ok(*i),
        _ => Err(Fault::unsound("an Int was promised")),
    }
}

pub(crate) fn text(value: &Value) -> Result<&str, Fault> {
    match value {
        Value::Text(t) | Value::Regex(t) => Ok(&t.0),
        _ => Err(Fault::unsound("a Text was promised")),
    }
}

pub(crate) fn list(value: &Value) -> Result<&[Value], Fault> {
    match value {
        Value::List(list) => Ok(&list.items),
        _ => Err(Fault::unsound("a List was promised")),
    }
}

/// A field of a record or of a tag.
#[inline(always)]
pub(super) fn slot(value: &Value, slot: u16) -> Result<&Value, Fault> {
    match value {
        Value::Record(slots) | Value::TagWith(_, slots) => {
            slots.items.get(usize::from(slot)).ok_or(Fault::unsound("a field is missing"))
        }
        // A branch of a `race` that gave none: the tag has a field, and nothing is in it.
        Value::Tag(_) => Ok(&Value::None),
        _ => Err(Fault::unsound("a record was promised")),
    }
}

/// What a path leads to ([`carapace_module::code::Path`]).
#[inline(always)]
pub(super) fn field(value: &Value, path: u16) -> Result<&Value, Fault> {
    const NONE: u16 = 0xff;
    let (first, second) = (path & NONE, path >> 8);
    let value = if first == NONE { value } else { slot(value, first)? };
    if second == NONE { Ok(value) } else { slot(value, second) }
}

/// Whether the Bool that a path leads to holds.
#[inline(always)]
pub(super) fn field_holds(registers: &[Value], register: u16, path: u16) -> Result<bool, Fault> {
    match field(get(registers, register)?, path)? {
        Value::Bool(holds) => Ok(*holds),
        _ => Err(Fault::unsound("a Bool was promised")),
    }
}
