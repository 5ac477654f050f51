//! Numbers: `12`, `-0.5`, `.5`, `5.`, `0xff`, `1e3`, `Infinity`, `NaN`.

use super::Number;

/// A number as it is written; none where it is none.
pub(super) fn read(text: &str) -> Option<Number> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits == "Infinity" || digits == "NaN" {
        return Some(Number(None));
    }
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        if hex.is_empty() || !hex.chars().all(|c| c.is_ascii_hexdigit()) {
            return None;
        }
        let whole = i128::from_str_radix(hex, 16).ok();
        return Some(Number(whole.and_then(|whole| number(if negative { -whole } else { whole }))));
    }
    decimal(digits)?;
    let signed = if negative { format!("-{digits}") } else { digits.to_owned() };
    if digits.chars().all(|c| c.is_ascii_digit())
        && let Some(whole) = signed.parse().ok().and_then(number)
    {
        return Some(Number(Some(whole)));
    }
    Some(Number(signed.parse().ok().and_then(serde_json::Number::from_f64)))
}

fn number(whole: i128) -> Option<serde_json::Number> {
    serde_json::Number::from_i128(whole)
}

/// Whether it is `12`, `1.5`, `.5`, `5.` or one of these with an exponent; no zeros in front.
fn decimal(text: &str) -> Option<()> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let some = !whole.is_empty() || !part.is_empty();
    let plain = whole == "0" || !whole.starts_with('0');
    let power = exponent.is_none_or(|e| {
        let e = e.strip_prefix(['+', '-']).unwrap_or(e);
        !e.is_empty() && digits(e)
    });
    (some && plain && power && digits(whole) && digits(part)).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_json5_and_nothing_else() {
        for (text, json) in [
            ("12", "12"),
            ("-12", "-12"),
            ("+1", "1"),
            ("0", "0"),
            (".5", "0.5"),
            ("5.", "5.0"),
            ("0xFF", "255"),
            ("-0x10", "-16"),
            ("1e3", "1000.0"),
            ("18446744073709551615", "18446744073709551615"),
            ("0.1", "0.1"),
        ] {
            assert_eq!(read(text).unwrap().0.unwrap().to_string(), json, "{text}");
        }
        for text in ["Infinity", "-Infinity", "NaN", "1e999"] {
            assert_eq!(read(text), Some(Number(None)), "{text}");
        }
        for text in ["", "-", ".", "012", "1.2.3", "0x", "1e", "12a", "1_000", "--1"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
