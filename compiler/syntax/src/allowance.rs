//! `// allow W0309: reason`: a comment with which an author says that a warning is known and meant.

/// What such a comment says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance<'t> {
    /// The code, as written.
    pub code: &'t str,
    /// Why; empty where it is missing.
    pub reason: &'t str,
}

/// Reads a comment, slashes included. A comment that only begins with the word (`// allow guests in`) is none: behind it
/// stands a letter with digits.
pub fn allowance(comment: &str) -> Option<Allowance<'_>> {
    let text = comment.strip_prefix("//").filter(|rest| !rest.starts_with('/'))?;
    let rest = text.trim_start().strip_prefix("allow ")?.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let (code, rest) = rest.split_at_checked(end)?;
    let digits = code.strip_prefix(|c: char| c.is_ascii_alphabetic())?;
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(Allowance { code, reason: rest.trim_start().strip_prefix(':').unwrap_or_default().trim() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_and_a_reason() {
        let told = |comment| allowance(comment).map(|a| (a.code, a.reason));
        assert_eq!(told("// allow W0309: she always answers"), Some(("W0309", "she always answers")));
        assert_eq!(told("//allow  W0309 :  why "), Some(("W0309", "why")));
        assert_eq!(told("// allow W0309"), Some(("W0309", "")));
        assert_eq!(told("// allow W0309 because"), Some(("W0309", "")));
        assert_eq!(told("// allow w03"), Some(("w03", "")));
        for prose in [
            "// allow guests in",
            "// W0309: why",
            "/// allow W0309: why",
            "// allow",
            "// allow W: x",
            "//// allow W1: x",
        ] {
            assert_eq!(told(prose), None, "{prose}");
        }
    }
}
