//! Cutting a text that is too long for one message, without losing or changing a byte.

use unicode_segmentation::UnicodeSegmentation as _;

/// How a platform counts a text's length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Unicode scalar values.
    Chars,
    /// UTF-16 code units, as most platforms count that were written in JavaScript, Java or C#.
    Utf16,
    /// UTF-8 bytes.
    Bytes,
}

impl Unit {
    /// The length of `text`.
    pub fn length(self, text: &str) -> usize {
        match self {
            Unit::Chars => text.chars().count(),
            Unit::Utf16 => text.encode_utf16().count(),
            Unit::Bytes => text.len(),
        }
    }
}

/// Cuts `text` into parts of at most `max`; put together again they are the same text, byte for byte. Cuts stand,
/// best first, behind a blank line, a line, a blank, a whole letter as a reader counts them. Only a single letter
/// longer than `max` is cut inside, between scalar values; a scalar value longer than `max` stays whole.
pub fn split(text: &str, max: usize, unit: Unit) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let hard = hard_end(rest, max, unit);
        if hard == rest.len() {
            if !rest.is_empty() || parts.is_empty() {
                parts.push(rest);
            }
            return parts;
        }
        let (part, tail) = rest.split_at(cut(rest, hard));
        parts.push(part);
        rest = tail;
    }
}

/// Where to cut `text`, of which the first `hard` bytes fit: more than 0, at a char boundary.
fn cut(text: &str, hard: usize) -> usize {
    let window = text.get(..hard).unwrap_or(text);
    // A cut in the first half would make many small parts out of one paragraph.
    let late = |at: usize| (at * 2 > hard).then_some(at);
    let behind = |pattern: &str| window.rfind(pattern).map(|at| at + pattern.len()).and_then(late);
    let best = behind("\n\n").or_else(|| behind("\n")).or_else(|| behind(" "));
    letter_end(text, best.unwrap_or(hard))
}

/// The longest prefix of at most `max`, but at least one scalar value.
fn hard_end(text: &str, max: usize, unit: Unit) -> usize {
    let mut used = 0;
    let mut end = 0;
    for c in text.chars() {
        used += match unit {
            Unit::Chars => 1,
            Unit::Utf16 => c.len_utf16(),
            Unit::Bytes => c.len_utf8(),
        };
        if used > max && end > 0 {
            break;
        }
        end += c.len_utf8();
    }
    end
}

/// The last end of a whole letter at or before `hard`, or `hard` where the first letter is longer.
fn letter_end(text: &str, hard: usize) -> usize {
    // The letter that crosses the edge is found without looking at what comes far behind it: such a text may be
    // megabytes long, and each part would walk all of it.
    let mut end = 0;
    for letter in text.graphemes(true) {
        if end + letter.len() > hard {
            break;
        }
        end += letter.len();
    }
    if end == 0 { hard } else { end }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, max: usize, unit: Unit) -> Vec<&str> {
        let parts = split(text, max, unit);
        assert_eq!(parts.concat(), text);
        for part in &parts {
            assert!(unit.length(part) <= max || part.chars().count() == 1, "{part:?} is over {max}");
            assert!(!part.is_empty() || text.is_empty());
        }
        parts
    }

    #[test]
    fn what_fits_stays_whole() {
        assert_eq!(check("hello", 5, Unit::Chars), ["hello"]);
        assert_eq!(check("", 5, Unit::Chars), [""]);
    }

    #[test]
    fn the_best_place_in_the_later_half_wins() {
        assert_eq!(check("one two three", 9, Unit::Chars), ["one two ", "three"]);
        assert_eq!(check("first line\nsecond line", 15, Unit::Chars), ["first line\n", "second line"]);
        assert_eq!(
            check("a b\nccccccccccccc", 8, Unit::Chars),
            ["a b\ncccc", "ccccccccc".get(..8).unwrap(), "c"]
        );
    }

    #[test]
    fn a_letter_is_not_torn() {
        let family = "👩‍👩‍👧‍👦";
        let text = family.repeat(3);
        assert_eq!(check(&text, 20, Unit::Utf16), [family, family, family]);
        assert_eq!(check("e\u{301}e\u{301}e\u{301}", 3, Unit::Chars), ["e\u{301}", "e\u{301}", "e\u{301}"]);
        // Longer than a part: torn, but nothing lost.
        check(family, 3, Unit::Chars);
        check(family, 1, Unit::Bytes);
    }

    #[test]
    fn every_small_text_survives_every_limit() {
        let pool = ["a", " ", "\n", "é", "e\u{301}", "שלום", "🇩🇪", "\u{202e}", "\r\n", "\0", "中文"];
        for seed in 0..400_usize {
            let text: String =
                (0..9).map(|i| pool[(seed * 7 + i * i * 3 + seed / (i + 1)) % pool.len()]).collect();
            for max in 1..12 {
                for unit in [Unit::Chars, Unit::Utf16, Unit::Bytes] {
                    check(&text, max, unit);
                }
            }
        }
    }
}
