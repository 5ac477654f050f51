//! Arithmetic on values, checked: nothing wraps, nothing converts by itself.

use super::{Decimal, MoneyValue, Value};
use std::sync::Arc;

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Why there is no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Too large or too small.
    #[error("the result does not fit")]
    Overflow,
    /// By zero.
    #[error("division by zero")]
    DivisionByZero,
    /// Money of two currencies.
    #[error("the amounts are of different currencies")]
    Currency,
    /// These do not go together; the checker lets none of it through.
    #[error("these values do not go together")]
    Types,
}

/// `+ - * / %`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `+`; also of texts and lists.
    Add,
    /// `-`; of times and dates a duration.
    Sub,
    /// `*`.
    Mul,
    /// `/`; of Int toward zero.
    Div,
    /// `%`: the sign of the left side.
    Rem,
}

/// `left op right`.
pub fn calculate(op: Operation, left: &Value, right: &Value) -> Result<Value, Error> {
    use Operation::{Add, Div, Mul, Sub};
    Ok(match (left, right) {
        (Value::Int(a), Value::Int(b)) => Value::Int(int(op, *a, *b)?),
        (Value::Number(a), Value::Number(b)) => Value::Number(number(op, *a, *b)?),
        (Value::Text(a), Value::Text(b)) if op == Add => Value::text(format!("{}{}", a.0, b.0)),
        (Value::List(a), Value::List(b)) if op == Add => {
            let mut list = Arc::clone(a);
            let items = Arc::make_mut(&mut list);
            b.items.iter().for_each(|item| items.push(item.clone()));
            Value::List(list)
        }
        (Value::Duration(a), Value::Duration(b)) if op == Div => Value::Int(int(op, *a, *b)?),
        (Value::Duration(a), Value::Duration(b)) if op != Mul => Value::Duration(int(op, *a, *b)?),
        (Value::Duration(a), Value::Int(b)) => Value::Duration(int(op, *a, *b)?),
        (Value::Time(a), Value::Time(b)) if op == Sub => Value::Duration(int(op, *a, *b)?),
        (Value::Time(a), Value::Duration(b)) if matches!(op, Add | Sub) => Value::Time(int(op, *a, *b)?),
        (Value::Date(a), Value::Date(b)) if op == Sub => {
            Value::Duration(int(Mul, i64::from(*a) - i64::from(*b), DAY)?)
        }
        (Value::Date(a), Value::Int(b)) if matches!(op, Add | Sub) => date(op, *a, *b)?,
        (Value::Date(a), Value::Duration(b)) if matches!(op, Add | Sub) => date(op, *a, *b / DAY)?,
        (Value::Money(a), Value::Money(b)) => {
            if { a.currency } != { b.currency } {
                return Err(Error::Currency);
            }
            let result = number(op, a.amount(), b.amount())?;
            if op == Div { Value::Number(result) } else { Value::Money(a.with(result)) }
        }
        (Value::Money(a), Value::Int(b)) if !matches!(op, Add | Sub) => money(op, *a, Decimal::from_int(*b))?,
        (Value::Money(a), Value::Number(b)) if !matches!(op, Add | Sub) => money(op, *a, *b)?,
        _ => return Err(Error::Types),
    })
}

/// `-x`.
pub fn negate(value: &Value) -> Result<Value, Error> {
    Ok(match value {
        Value::Int(i) => Value::Int(i.checked_neg().ok_or(Error::Overflow)?),
        Value::Duration(d) => Value::Duration(d.checked_neg().ok_or(Error::Overflow)?),
        Value::Number(n) => Value::Number(n.checked_neg().ok_or(Error::Overflow)?),
        Value::Money(m) => Value::Money(m.with(m.amount().checked_neg().ok_or(Error::Overflow)?)),
        _ => return Err(Error::Types),
    })
}

/// Of integers.
pub fn int(op: Operation, a: i64, b: i64) -> Result<i64, Error> {
    let result = match op {
        Operation::Add => a.checked_add(b),
        Operation::Sub => a.checked_sub(b),
        Operation::Mul => a.checked_mul(b),
        Operation::Div | Operation::Rem if b == 0 => return Err(Error::DivisionByZero),
        Operation::Div => a.checked_div(b),
        Operation::Rem => a.checked_rem(b),
    };
    result.ok_or(Error::Overflow)
}

fn number(op: Operation, a: Decimal, b: Decimal) -> Result<Decimal, Error> {
    let result = match op {
        Operation::Add => a.checked_add(b),
        Operation::Sub => a.checked_sub(b),
        Operation::Mul => a.checked_mul(b),
        Operation::Div | Operation::Rem if b == Decimal::ZERO => return Err(Error::DivisionByZero),
        Operation::Div => a.checked_div(b),
        Operation::Rem => a.checked_rem(b),
    };
    result.ok_or(Error::Overflow)
}

fn money(op: Operation, a: MoneyValue, b: Decimal) -> Result<Value, Error> {
    Ok(Value::Money(a.with(number(op, a.amount(), b)?)))
}

fn date(op: Operation, date: i32, days: i64) -> Result<Value, Error> {
    let day = int(op, i64::from(date), days)?;
    i32::try_from(day).map(Value::Date).map_err(|_| Error::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Operation::{Add, Div, Mul, Rem, Sub};

    #[test]
    fn nothing_wraps() {
        assert_eq!(calculate(Add, &Value::Int(i64::MAX), &Value::Int(1)), Err(Error::Overflow));
        assert_eq!(calculate(Div, &Value::Int(i64::MIN), &Value::Int(-1)), Err(Error::Overflow));
        assert_eq!(calculate(Rem, &Value::Int(1), &Value::Int(0)), Err(Error::DivisionByZero));
        assert_eq!(negate(&Value::Int(i64::MIN)), Err(Error::Overflow));
    }

    #[test]
    fn mixed_forms() {
        let eur = |text: &str| Value::Money(MoneyValue::parse(text).unwrap());
        assert_eq!(calculate(Mul, &eur("2.5 EUR"), &Value::Int(2)), Ok(eur("5 EUR")));
        assert_eq!(calculate(Add, &eur("1 EUR"), &eur("1 USD")), Err(Error::Currency));
        assert_eq!(calculate(Sub, &Value::Date(3), &Value::Date(1)), Ok(Value::Duration(2 * DAY)));
        assert_eq!(calculate(Add, &Value::Date(3), &Value::Int(8)), Ok(Value::Date(11)));
        assert_eq!(calculate(Add, &Value::Int(3), &Value::text("x")), Err(Error::Types));
    }
}
