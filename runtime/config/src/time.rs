//! Lengths of time, as people type them.

/// An hour, in milliseconds.
pub const HOUR: i64 = 3_600_000;

/// `90m`, in milliseconds: a whole number and `s`, `m`, `h` or `d`.
pub fn milliseconds(text: &str) -> Option<i64> {
    let unit = text.chars().next_back()?;
    let length = match unit {
        's' => 1_000,
        'm' => 60_000,
        'h' => HOUR,
        'd' => 24 * HOUR,
        _ => return None,
    };
    let count: u32 = text.strip_suffix(unit)?.parse().ok()?;
    i64::from(count).checked_mul(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit() {
        for (text, expected) in [
            ("0s", Some(0)),
            ("90m", Some(90 * 60_000)),
            ("2h", Some(2 * HOUR)),
            ("30d", Some(30 * 24 * HOUR)),
            ("30", None),
            ("d", None),
            ("", None),
            ("-1d", None),
            ("1.5h", None),
            ("99999999999999d", None),
            ("3w", None),
        ] {
            assert_eq!(milliseconds(text), expected, "{text}");
        }
    }
}
