//! Codes that people read to each other.

/// Letters and digits that are not taken for one another.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// A code of eight letters, which is 40 bits, made of random bytes.
pub(super) fn code(bytes: [u8; 8]) -> String {
    let letters = bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32)));
    let mut code: String = letters.map(|letter| char::from(*letter)).collect();
    code.insert(4, '-');
    code
}

/// The code that somebody typed: in any case, with or without the hyphen.
pub(super) fn normal(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_as_it_is_typed() {
        let made = code([0, 1, 2, 3, 31, 63, 255, 40]);
        assert_eq!(made, "ABCD-999J");
        assert_eq!(normal(&made), normal(" abcd999j "));
    }
}
