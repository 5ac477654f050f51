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
    /// As people write it: a whole amount without a fraction, any other with all digits of the currency's smaller unit
    /// (`12.50 EUR`), or more where it has more.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = self.amount();
        let missing = match amount.scale {
            0 => 0,
            scale => minor_digits(self.currency).saturating_sub(scale),
        };
        write!(f, "{amount}{} {}", "0".repeat(usize::from(missing)), self.code())
    }
}

/// How many digits the currency's smaller unit has (ISO 4217, table A.1, column "minor unit").
const fn minor_digits(currency: [u8; 3]) -> u8 {
    match &currency {
        b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX"
        | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
        b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
        b"CLF" | b"UYW" => 4,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::MoneyValue;

    #[test]
    fn a_fraction_has_all_digits_of_the_smaller_unit() {
        for (given, shown) in [
            ("12.5 EUR", "12.50 EUR"),
            ("80.00 EUR", "80 EUR"),
            ("-0.5 USD", "-0.50 USD"),
            ("0.125 EUR", "0.125 EUR"),
            ("1.5 KWD", "1.500 KWD"),
            ("1.5 JPY", "1.5 JPY"),
            ("1.5 UYW", "1.5000 UYW"),
        ] {
            let money = MoneyValue::parse(given).unwrap();
            assert_eq!(money.to_string(), shown);
            assert_eq!(MoneyValue::parse(shown), Some(money));
        }
    }
}
