//! `Number`: decimals of 18 digits and a bit, checked.

use std::cmp::Ordering;
use std::fmt;

/// The most digits behind the point.
pub(super) const MAX_SCALE: u8 = 18;

/// A decimal: `mantissa * 10^-scale`, `scale` at most 18, without trailing zeros in the fraction (so that equal
/// numbers are equal values). Packed, because a [`super::Value`] of two words holds it; read the fields by value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(C, packed)]
pub struct Decimal {
    /// All digits.
    pub mantissa: i64,
    /// How many of them stand behind the point.
    pub scale: u8,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Decimal = Decimal { mantissa: 0, scale: 0 };

    /// `mantissa * 10^-scale`, in the one canonical form; none where it does not fit. Digits that do not fit behind
    /// the point are rounded half to even.
    pub fn new(mantissa: i128, scale: u32) -> Option<Decimal> {
        let (mut m, mut s) = (mantissa, scale);
        let mut drop = s.saturating_sub(u32::from(MAX_SCALE));
        loop {
            let (kept, scale) = (round(m, drop)?, s - drop);
            if let Ok(mantissa) = i64::try_from(kept) {
                (m, s) = (i128::from(mantissa), scale);
                break;
            }
            // Give up digits of the fraction before giving up.
            drop += 1;
            if drop > s {
                return None;
            }
        }
        while s > 0 && m % 10 == 0 {
            m /= 10;
            s -= 1;
        }
        Some(Decimal { mantissa: i64::try_from(m).ok()?, scale: u8::try_from(s).ok()? })
    }

    /// An integer.
    pub const fn from_int(int: i64) -> Decimal {
        Decimal { mantissa: int, scale: 0 }
    }

    /// `3.5`, `-20`, `1e3`. Digits beyond what fits are an error, not rounded away.
    pub fn parse(text: &str) -> Option<Decimal> {
        let (digits, exponent) = match text.find(['e', 'E']) {
            Some(at) => (text.get(..at)?, text.get(at + 1..)?.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, digits) = match digits.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, digits),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let fraction_digits = i32::try_from(fraction.len()).ok()?;
        if whole.is_empty() || (digits.contains('.') && fraction.is_empty()) {
            return None;
        }
        let mut mantissa: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return None;
            }
            mantissa = mantissa.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
        }
        let mut scale = fraction_digits.checked_sub(exponent)?;
        while scale > 0 && mantissa % 10 == 0 && mantissa != 0 {
            mantissa /= 10;
            scale -= 1;
        }
        if mantissa == 0 {
            return Some(Decimal::ZERO);
        }
        if scale < 0 {
            mantissa = mantissa.checked_mul(10i128.checked_pow(u32::try_from(-scale).ok()?)?)?;
            scale = 0;
        }
        let mantissa = i64::try_from(if negative { -mantissa } else { mantissa }).ok()?;
        let scale = u8::try_from(scale).ok().filter(|s| *s <= MAX_SCALE)?;
        Some(Decimal { mantissa, scale })
    }

    /// Both with the larger scale.
    fn aligned(self, other: Decimal) -> (i128, i128, u32) {
        let scale = self.scale.max(other.scale);
        let up = |d: Decimal| i128::from(d.mantissa) * 10i128.pow(u32::from(scale - d.scale));
        (up(self), up(other), u32::from(scale))
    }

    /// `+`.
    pub fn checked_add(self, other: Decimal) -> Option<Decimal> {
        let (a, b, scale) = self.aligned(other);
        Decimal::new(a.checked_add(b)?, scale)
    }

    /// `-`.
    pub fn checked_sub(self, other: Decimal) -> Option<Decimal> {
        let (a, b, scale) = self.aligned(other);
        Decimal::new(a.checked_sub(b)?, scale)
    }

    /// `*`.
    pub fn checked_mul(self, other: Decimal) -> Option<Decimal> {
        let product = i128::from(self.mantissa) * i128::from(other.mantissa);
        Decimal::new(product, u32::from(self.scale) + u32::from(other.scale))
    }

    /// `/`, rounded half to even at 18 digits behind the point (fewer where they do not fit).
    pub fn checked_div(self, other: Decimal) -> Option<Decimal> {
        let (a, b, _) = self.aligned(other);
        divide(a, b)
    }

    /// `%`: the sign of the left side.
    pub fn checked_rem(self, other: Decimal) -> Option<Decimal> {
        let (a, b, scale) = self.aligned(other);
        Decimal::new(a.checked_rem(b)?, scale)
    }

    /// `-x`.
    pub fn checked_neg(self) -> Option<Decimal> {
        Some(Decimal { mantissa: self.mantissa.checked_neg()?, scale: self.scale })
    }

    /// Rounded half to even to `digits` behind the point.
    pub fn round(self, digits: u32) -> Option<Decimal> {
        let scale = u32::from(self.scale);
        let drop = scale.saturating_sub(digits);
        Decimal::new(round(i128::from(self.mantissa), drop)?, scale - drop)
    }

    /// The whole part, toward zero.
    pub fn truncate(self) -> i64 {
        let power = 10i128.pow(u32::from(self.scale.min(MAX_SCALE)));
        i64::try_from(i128::from(self.mantissa) / power).unwrap_or(self.mantissa)
    }

    /// The nearest binary number.
    pub fn to_f64(self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The shortest decimal that the binary number is printed as; none where that does not fit.
    pub fn from_f64(number: f64) -> Option<Decimal> {
        if !number.is_finite() {
            return None;
        }
        Decimal::parse(&format!("{number:e}"))
    }
}

/// `value / 10^digits`, half to even.
fn round(value: i128, digits: u32) -> Option<i128> {
    if digits == 0 {
        return Some(value);
    }
    if digits > 38 {
        return Some(0);
    }
    let power = 10i128.checked_pow(digits)?;
    let (quotient, rest) = (value / power, (value % power).abs());
    let half = power / 2;
    let up = rest > half || (rest == half && quotient % 2 != 0);
    Some(if up { quotient + value.signum() } else { quotient })
}

/// Long division: at most 18 digits behind the point, as many as fit, the last one rounded half to even.
fn divide(a: i128, b: i128) -> Option<Decimal> {
    if b == 0 {
        return None;
    }
    let negative = (a < 0) != (b < 0);
    let (a, b) = (a.unsigned_abs(), b.unsigned_abs());
    let (mut quotient, mut rest) = (a / b, a % b);
    let mut best = None;
    for scale in 0..=u32::from(MAX_SCALE) {
        let twice = rest.saturating_mul(2);
        let up = twice > b || (twice == b && quotient % 2 == 1);
        match i64::try_from(quotient + u128::from(up)) {
            Ok(mantissa) => best = Some((mantissa, scale)),
            Err(_) => break,
        }
        if rest == 0 {
            break;
        }
        // The rest is below the divisor, which is below 2^64 * 10^18: ten of it fit.
        let ten = rest.checked_mul(10)?;
        quotient = quotient.checked_mul(10)?.checked_add(ten / b)?;
        rest = ten % b;
    }
    let (mantissa, scale) = best?;
    Decimal::new(i128::from(if negative { -mantissa } else { mantissa }), scale)
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Decimal) -> Ordering {
        let (a, b, _) = self.aligned(*other);
        a.cmp(&b)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mantissa, scale) = (self.mantissa, usize::from(self.scale));
        if scale == 0 {
            return write!(f, "{mantissa}");
        }
        let digits = format!("{:0>width$}", mantissa.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        write!(f, "{}{whole}.{fraction}", if mantissa < 0 { "-" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn equal_numbers_are_equal_values() {
        assert_eq!(d("1.50"), d("1.5"));
        assert_eq!(d("0.000"), Decimal::ZERO);
        assert_eq!(d("1e3"), d("1000"));
        assert_eq!(d("-0.5").to_string(), "-0.5");
    }

    #[test]
    fn arithmetic_is_exact_and_checked() {
        assert_eq!(d("0.1").checked_add(d("0.2")), Some(d("0.3")));
        assert_eq!(d("1").checked_div(d("3")).unwrap().to_string(), "0.333333333333333333");
        assert_eq!(d("2").checked_div(d("3")).unwrap().to_string(), "0.666666666666666667");
        assert_eq!(d("100").checked_div(d("3")).unwrap().to_string(), "33.33333333333333333");
        assert_eq!(d("10").checked_div(d("4")), Some(d("2.5")));
        assert_eq!(d("-7").checked_rem(d("2")), Some(d("-1")));
        assert_eq!(d("1").checked_div(Decimal::ZERO), None);
        assert_eq!(Decimal::from_int(i64::MAX).checked_add(Decimal::from_int(1)), None);
        assert_eq!(d("2.5").round(0), Some(d("2")));
        assert_eq!(d("3.5").round(0), Some(d("4")));
    }
}
