//! Bytes as senders write them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Hexadecimal digits, two a byte, in either case.
pub(super) fn of_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |b: &u8| char::from(*b).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, odd) = text.as_bytes().as_chunks::<2>();
    if !odd.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
}

/// Base64 with its padding.
pub(super) fn of_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_bytes_are_read() {
        assert_eq!(of_hex("00fFa0"), Some(vec![0, 255, 160]));
        assert_eq!(of_hex(""), Some(Vec::new()));
        for text in ["0", "0g", "+1", " 1", "é1", "0x00"] {
            assert_eq!(of_hex(text), None, "{text}");
        }
        assert_eq!(of_base64("AP8="), Some(vec![0, 255]));
        assert_eq!(of_base64("AP8"), None);
    }
}
