//! Order, and equality that ignores case.

use super::Value;
use std::cmp::Ordering;

/// The order of two values of one ordered type; none where there is none (money of two currencies, other types).
pub fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    Some(match (left, right) {
        (Value::Int(a), Value::Int(b))
        | (Value::Time(a), Value::Time(b))
        | (Value::Duration(a), Value::Duration(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.0.cmp(&b.0),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Tag(a), Value::Tag(b)) => a.cmp(b),
        (Value::Money(a), Value::Money(b)) if { a.currency } == { b.currency } => a.amount().cmp(&b.amount()),
        _ => return None,
    })
}

/// The text with case differences taken away, letter by letter (so its meaning does not depend on a locale). `ß`
/// stays, final sigma is a sigma.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            folded.push(c.to_ascii_lowercase());
        } else {
            folded.push(fold_char(c));
        }
    }
    folded
}

/// Simple folding: up, then down, where each is one letter.
fn fold_char(c: char) -> char {
    let mut upper = c.to_uppercase();
    let up = match (upper.next(), upper.next()) {
        (Some(u), None) => u,
        _ => c,
    };
    let mut lower = up.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(l), None) => l,
        _ => up,
    }
}

/// Equality of two texts that ignores case.
pub fn same_ignoring_case(left: &str, right: &str) -> bool {
    if left.is_ascii() && right.is_ascii() {
        return left.eq_ignore_ascii_case(right);
    }
    left.chars().map(fold_char).eq(right.chars().map(fold_char))
}

/// Whether the text has the part in it, whatever the case.
pub fn contains_ignoring_case(text: &str, part: &str) -> bool {
    with_folded(text, part, |text, part| text.contains(part))
}

/// Whether the text begins with the part, whatever the case.
pub fn starts_ignoring_case(text: &str, part: &str) -> bool {
    with_folded(text, part, |text, part| text.starts_with(part))
}

/// Whether the text ends with the part, whatever the case.
pub fn ends_ignoring_case(text: &str, part: &str) -> bool {
    with_folded(text, part, |text, part| text.ends_with(part))
}

/// Texts of up to so many bytes are folded without anything on the heap: most messages are.
const SHORT: usize = 256;

fn with_folded(left: &str, right: &str, test: impl Fn(&str, &str) -> bool) -> bool {
    let (mut a, mut b) = ([0; SHORT], [0; SHORT]);
    match (fold_short(left, &mut a), fold_short(right, &mut b)) {
        (Some(left), Some(right)) => test(left, right),
        _ => test(&fold(left), &fold(right)),
    }
}

/// The folded text in `space`, where it is short and ASCII.
fn fold_short<'s>(text: &str, space: &'s mut [u8; SHORT]) -> Option<&'s str> {
    let space = space.get_mut(..text.len())?;
    if !text.is_ascii() {
        return None;
    }
    space.copy_from_slice(text.as_bytes());
    space.make_ascii_lowercase();
    std::str::from_utf8(space).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_is_searched_as_a_long_one() {
        let long = "x".repeat(SHORT);
        for (text, part, is_in) in
            [("Need HELP", "help", true), ("Need help", "held", false), ("K", "\u{212a}", true)]
        {
            assert_eq!(contains_ignoring_case(text, part), is_in, "{text} {part}");
            assert_eq!(contains_ignoring_case(&format!("{text}{long}"), part), is_in, "{text} {part}");
        }
        assert!(starts_ignoring_case("Help me", "hELP") && !starts_ignoring_case("Help", "elp"));
        assert!(ends_ignoring_case("Help me", "ME") && !ends_ignoring_case("Help me", "help"));
    }

    #[test]
    fn folding_is_simple_and_total() {
        assert!(same_ignoring_case("ΣΊΣΥΦΟΣ", "σίσυφος"));
        assert!(same_ignoring_case("Straße", "STRAßE"));
        assert!(!same_ignoring_case("Straße", "STRASSE"));
        assert_eq!(fold("ÄÖ K"), "äö k");
    }
}
