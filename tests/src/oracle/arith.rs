//! Arithmetic and comparison, each rule written out.

use super::data::{canonical, items, list, text};
use super::exit::{Exit, Fault, broken};
use super::text::fold;
use carapace_check::tree::{Arith, Compare};
use carapace_module::{Decimal, MoneyValue, Value};
use std::cmp::Ordering;

/// Digits behind the point, at most.
const SCALE: u8 = 18;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// An Int as a Number.
pub(super) fn number(int: i64) -> Decimal {
    Decimal { mantissa: int, scale: 0 }
}

/// `-x`.
pub(super) fn negate(value: &Value) -> Result<Value, Exit> {
    let flip = |i: &i64| i.checked_neg().ok_or(Exit::Fault(Fault::Overflow));
    Ok(match value {
        Value::Int(i) => Value::Int(flip(i)?),
        Value::Duration(d) => Value::Duration(flip(d)?),
        Value::Number(n) => Value::Number(Decimal { mantissa: flip(&{ n.mantissa })?, ..*n }),
        Value::Money(m) => Value::Money(MoneyValue { mantissa: flip(&{ m.mantissa })?, ..*m }),
        other => return Err(broken(format!("- of {}", canonical(other)))),
    })
}

/// `a op b`.
pub(super) fn calculate(op: Arith, a: &Value, b: &Value) -> Result<Value, Exit> {
    Ok(match (a, b) {
        (Value::Int(a), Value::Int(b)) => Value::Int(int(op, *a, *b)?),
        (Value::Number(a), Value::Number(b)) => Value::Number(decimal(op, *a, *b)?),
        (Value::Text(a), Value::Text(b)) if op == Arith::Add => text(&format!("{}{}", a.0, b.0)),
        (Value::List(a), Value::List(b)) if op == Arith::Add => {
            list(a.items.iter().chain(&b.items).cloned().collect())
        }
        (Value::Duration(a), Value::Duration(b)) if op == Arith::Div => Value::Int(int(op, *a, *b)?),
        (Value::Duration(a), Value::Duration(b) | Value::Int(b)) => Value::Duration(int(op, *a, *b)?),
        (Value::Time(a), Value::Time(b)) if op == Arith::Sub => Value::Duration(int(op, *a, *b)?),
        (Value::Time(a), Value::Duration(b)) => Value::Time(int(op, *a, *b)?),
        (Value::Date(a), Value::Date(b)) if op == Arith::Sub => {
            Value::Duration(int(Arith::Mul, i64::from(*a) - i64::from(*b), DAY)?)
        }
        (Value::Date(a), Value::Int(b)) => date(op, *a, *b)?,
        (Value::Date(a), Value::Duration(b)) => date(op, *a, *b / DAY)?,
        (Value::Money(a), Value::Money(b)) => {
            if a.currency != b.currency {
                return Err(Fault::Currency.into());
            }
            let amount = decimal(op, amount(a), amount(b))?;
            if op == Arith::Div { Value::Number(amount) } else { money(a, amount) }
        }
        (Value::Money(a), Value::Int(b)) => money(a, decimal(op, amount(a), number(*b))?),
        (Value::Money(a), Value::Number(b)) => money(a, decimal(op, amount(a), *b)?),
        _ => return Err(broken(format!("{op:?} of {} and {}", canonical(a), canonical(b)))),
    })
}

fn date(op: Arith, date: i32, days: i64) -> Result<Value, Exit> {
    let day = int(op, i64::from(date), days)?;
    i32::try_from(day).map(Value::Date).map_err(|_| Fault::Overflow.into())
}

fn amount(money: &MoneyValue) -> Decimal {
    Decimal { mantissa: money.mantissa, scale: money.scale }
}

fn money(like: &MoneyValue, amount: Decimal) -> Value {
    Value::Money(MoneyValue { mantissa: amount.mantissa, scale: amount.scale, currency: like.currency })
}

fn int(op: Arith, a: i64, b: i64) -> Result<i64, Exit> {
    if b == 0 && matches!(op, Arith::Div | Arith::Rem) {
        return Err(Fault::DivisionByZero.into());
    }
    let result = match op {
        Arith::Add => a.checked_add(b),
        Arith::Sub => a.checked_sub(b),
        Arith::Mul => a.checked_mul(b),
        Arith::Div => a.checked_div(b),
        Arith::Rem => a.checked_rem(b),
    };
    result.ok_or(Exit::Fault(Fault::Overflow))
}

fn decimal(op: Arith, a: Decimal, b: Decimal) -> Result<Decimal, Exit> {
    let overflow = || Exit::Fault(Fault::Overflow);
    let scale = a.scale.max(b.scale);
    let level = |d: Decimal| i128::from(d.mantissa).checked_mul(power(scale - d.scale));
    if b.mantissa == 0 && matches!(op, Arith::Div | Arith::Rem) {
        return Err(Fault::DivisionByZero.into());
    }
    match op {
        Arith::Mul => {
            let mantissa = i128::from(a.mantissa) * i128::from(b.mantissa);
            fit(mantissa, u32::from(a.scale) + u32::from(b.scale))
        }
        Arith::Div => {
            let (a, b) = (level(a).ok_or_else(overflow)?, level(b).ok_or_else(overflow)?);
            divided(a, b).ok_or_else(overflow)
        }
        Arith::Add | Arith::Sub | Arith::Rem => {
            let (a, b) = (level(a).ok_or_else(overflow)?, level(b).ok_or_else(overflow)?);
            let result = match op {
                Arith::Add => a.checked_add(b),
                Arith::Sub => a.checked_sub(b),
                _ => a.checked_rem(b),
            };
            fit(result.ok_or_else(overflow)?, u32::from(scale))
        }
    }
}

/// The exact quotient, rounded half to even at the most digits behind the point, up to 18, with which it fits.
fn divided(a: i128, b: i128) -> Option<Decimal> {
    let (x, y) = (a.unsigned_abs(), b.unsigned_abs());
    // Digits behind the point, and what is left after each.
    let (mut digits, mut rests) = (Vec::new(), vec![x % y]);
    for _ in 0..SCALE {
        let ten = rests.last()?.checked_mul(10)?;
        digits.push(ten / y);
        rests.push(ten % y);
    }
    for scale in (0..=usize::from(SCALE)).rev() {
        let written =
            digits.iter().take(scale).try_fold(x / y, |sum, digit| sum.checked_mul(10)?.checked_add(*digit));
        let (Some(mut mantissa), Some(rest)) = (written, rests.get(scale)) else { continue };
        match rest.checked_mul(2)?.cmp(&y) {
            Ordering::Greater => mantissa += 1,
            Ordering::Equal => mantissa += mantissa % 2,
            Ordering::Less => {}
        }
        let Ok(mantissa) = i64::try_from(mantissa) else { continue };
        let signed = if (a < 0) == (b < 0) { mantissa } else { -mantissa };
        return fit(i128::from(signed), u32::try_from(scale).ok()?).ok();
    }
    None
}

/// Brings a mantissa into 64 bits, without trailing zeros. Digits behind the point that do not fit are rounded away,
/// in one step from the exact value; digits before it that do not fit are an overflow.
fn fit(exact: i128, scale: u32) -> Result<Decimal, Exit> {
    let least = scale.saturating_sub(u32::from(SCALE));
    for dropped in least..=scale {
        let divisor = 10_i128.checked_pow(dropped).ok_or(Exit::Fault(Fault::Overflow))?;
        let Ok(mut mantissa) = i64::try_from(divide_even(exact, divisor)) else { continue };
        let mut scale = scale - dropped;
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        return Ok(Decimal { mantissa, scale: u8::try_from(scale).unwrap_or(SCALE) });
    }
    Err(Fault::Overflow.into())
}

fn power(exponent: u8) -> i128 {
    10_i128.pow(u32::from(exponent))
}

fn divide_even(a: i128, b: i128) -> i128 {
    let (quotient, rest) = (a / b, a % b);
    let away = if (a < 0) == (b < 0) { 1 } else { -1 };
    match (rest.abs() * 2).cmp(&b.abs()) {
        Ordering::Less => quotient,
        Ordering::Greater => quotient + away,
        Ordering::Equal => quotient + if quotient % 2 == 0 { 0 } else { away },
    }
}

/// `a op b` as a condition.
pub(super) fn compare(op: Compare, a: &Value, b: &Value, ignoring_case: bool) -> Result<bool, Exit> {
    if matches!(op, Compare::Eq | Compare::Ne) {
        return Ok(equal(a, b, ignoring_case)? == (op == Compare::Eq));
    }
    let order = order(a, b, ignoring_case)?;
    Ok(match op {
        Compare::Lt => order.is_lt(),
        Compare::Le => order.is_le(),
        Compare::Gt => order.is_gt(),
        _ => order.is_ge(),
    })
}

fn equal(a: &Value, b: &Value, ignoring_case: bool) -> Result<bool, Exit> {
    Ok(match (a, b) {
        (Value::Text(a), Value::Text(b)) if ignoring_case => fold(&a.0) == fold(&b.0),
        (Value::Map(left), Value::Map(right)) => {
            // Maps are equal where they say the same of the same keys, in whatever order.
            left.entries.len() == right.entries.len()
                && left.entries.iter().all(|(key, value)| {
                    right
                        .entries
                        .iter()
                        .any(|(k, v)| canonical(k) == canonical(key) && canonical(v) == canonical(value))
                })
        }
        (Value::List(x), Value::List(y)) if x.items.len() == y.items.len() => {
            for (x, y) in items(a)?.iter().zip(items(b)?) {
                if !equal(x, y, false)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Money(a), Value::Money(b)) => a.currency == b.currency && amounts(a, b).is_eq(),
        _ => canonical(a) == canonical(b),
    })
}

fn amounts(a: &MoneyValue, b: &MoneyValue) -> Ordering {
    decimals(amount(a), amount(b))
}

fn decimals(a: Decimal, b: Decimal) -> Ordering {
    let scale = a.scale.max(b.scale);
    let level = |d: Decimal| i128::from(d.mantissa) * power(scale - d.scale);
    level(a).cmp(&level(b))
}

fn order(a: &Value, b: &Value, ignoring_case: bool) -> Result<Ordering, Exit> {
    Ok(match (a, b) {
        (Value::Int(a), Value::Int(b))
        | (Value::Time(a), Value::Time(b))
        | (Value::Duration(a), Value::Duration(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => decimals(*a, *b),
        (Value::Text(a), Value::Text(b)) if ignoring_case => fold(&a.0).cmp(&fold(&b.0)),
        (Value::Text(a), Value::Text(b)) => a.0.chars().cmp(b.0.chars()),
        (Value::Money(a), Value::Money(b)) if a.currency == b.currency => amounts(a, b),
        (Value::Money(_), Value::Money(_)) => return Err(Fault::Currency.into()),
        _ => return Err(broken(format!("an order of {} and {}", canonical(a), canonical(b)))),
    })
}
