//! What looks like a secret where the name of one belongs, and how it is kept from being shown.

use crate::document::{Node, Value};
use carapace_diagnostic::Span;

/// The code of a secret where a name belongs.
pub(crate) const SECRET: &str = "E1002";
/// How tokens of well-known services begin.
const BEGINNINGS: [&str; 16] = [
    "sk-",
    "sk_",
    "rk_",
    "pk_",
    "xox",
    "xapp-",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "AKIA",
    "AIza",
    "SG.",
    "eyJ",
    "whsec_",
];
/// So many letters and digits in one go, both among them, are no word.
const LONGEST_WORD: usize = 16;
/// So much of it is shown.
const SHOWN: usize = 4;

/// Whether a text is a secret rather than the name of one: a name is made of words.
pub(crate) fn is_like_a_secret(text: &str) -> bool {
    let known = BEGINNINGS.iter().any(|beginning| text.starts_with(beginning)) && text.len() > LONGEST_WORD;
    // `123456:AAH…` is a token of Telegram.
    let telegram = text.split_once(':').is_some_and(|(number, rest)| {
        number.len() > 4 && number.chars().all(|c| c.is_ascii_digit()) && rest.len() > LONGEST_WORD
    });
    let mixed = |word: &str| {
        word.len() >= LONGEST_WORD
            && word.contains(|c: char| c.is_ascii_digit())
            && word.contains(|c: char| c.is_ascii_alphabetic())
    };
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    known || telegram || text.len() > 64 || words.into_iter().any(mixed)
}

/// The beginning of it, so that a person knows which is meant.
pub(crate) fn shown(text: &str) -> String {
    let begins: String = text.chars().take(SHOWN).collect();
    format!("{begins}…")
}

/// Takes what stands at a place out of a tree.
pub(crate) fn forget(node: &mut Node, span: Span) {
    if node.span == span {
        node.value = Value::Broken;
        return;
    }
    match &mut node.value {
        Value::Object(members) => members.iter_mut().for_each(|member| forget(&mut member.value, span)),
        Value::List(elements) => elements.iter_mut().for_each(|element| forget(element, span)),
        _ => {}
    }
}

/// A text in which what stands at these places, between its quotes, cannot be read.
pub(crate) fn hidden(text: &str, spans: &[Span]) -> String {
    let bytes = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    let mut hidden = text.to_owned();
    for span in spans {
        let inside = bytes(span.range.start).saturating_add(1)..bytes(span.range.end).saturating_sub(1);
        // What is of the environment does not stand there.
        if text.get(inside.clone()).is_some_and(|text| !text.contains("${env:")) {
            let stars = "*".repeat(inside.len());
            hidden.replace_range(inside, &stars);
        }
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_from_their_names() {
        for secret in [
            "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0",
            "sk-proj-abcdefghijklmnop",
            "xoxb-123456789012-abcdefghijkl",
            "8f3c2a9d4e5b60718293a4b5c6d7e8f9",
            "eyJhbGciOiJIUzI1NiJ9.e30.x",
            &"correct horse ".repeat(6),
        ] {
            assert!(is_like_a_secret(secret), "{secret}");
        }
        for name in [
            "support_bot",
            "support_bot_token_production_2",
            "stripe",
            "github-webhook-2026",
            "a.b.c",
            "sk-1",
            "",
        ] {
            assert!(!is_like_a_secret(name), "{name}");
        }
        assert_eq!(shown("123456:AAH"), "1234…");
    }
}
