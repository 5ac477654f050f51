//! `std/money`.

use crate::Error;
use crate::args::{Answer, money, number, text};
use carapace_module::{MoneyValue, Value};

pub(crate) fn amount(args: &[Value]) -> Answer {
    Ok(Value::Number(money(args, 0)?.amount()))
}

pub(crate) fn currency(args: &[Value]) -> Answer {
    Ok(Value::text(money(args, 0)?.code()))
}

pub(crate) fn money_of(args: &[Value]) -> Answer {
    let code = text(args, 1)?;
    match <[u8; 3]>::try_from(code.as_bytes()) {
        Ok(bytes) if bytes.iter().all(u8::is_ascii_uppercase) => {
            Ok(Value::Money(MoneyValue::new(number(args, 0)?, bytes)))
        }
        _ => Err(Error::refused(format!("`{code}` is no currency: it has three capitals"))),
    }
}
