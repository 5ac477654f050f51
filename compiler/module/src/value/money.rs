//! `Money`: a decimal of one currency.

use super::Decimal;
use std::fmt;

/// An amount of a currency. Canonical as [`Decimal`] is, and packed for the same reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(C, packed)]
pub struct MoneyValue {
    /// ISO 4217, upper case.
    pub currency: [u8; 3],
    /// Digits behind the point.
    pub scale: u8,
    /// All digits.
    pub mantissa: i64,
}

impl MoneyValue {
    /// So much of that.
    pub const fn new(amount: Decimal, currency: [u8; 3]) -> MoneyValue {
        MoneyValue { currency, scale: amount.scale, mantissa: amount.mantissa }
    }

    /// The amount.
    pub const fn amount(self) -> Decimal {
        Decimal { mantissa: self.mantissa, scale: self.scale }
    }

    /// The currency's three letters.
    pub fn code(&self) -> String {
        self.currency.iter().map(|b| char::from(*b)).collect()
    }

    /// `50 EUR`.
    pub fn parse(text: &str) -> Option<MoneyValue> {
        let (amount, code) = text.trim().split_once(' ')?;
        Some(MoneyValue::new(Decimal::parse(amount)?, currency_code(code.trim())?))
    }

    /// Same currency, changed amount.
    pub fn with(self, amount: Decimal) -> MoneyValue {
        MoneyValue::new(amount, self.currency)
    }
}

/// Three upper-case letters.
fn currency_code(code: &str) -> Option<[u8; 3]> {
    let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
    bytes.iter().all(u8::is_ascii_uppercase).then_some(bytes)
}

impl fmt::Display for MoneyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.code())
    }
}
