//! Secrets that somebody would guess.

/// Letters that a secret has at least, where an operator chooses it.
const SHORTEST: usize = 32;
/// Different letters among them.
const DIFFERENT: usize = 10;

/// What people write where a secret should go: in examples, in compose files, in a hurry.
const PLACEHOLDERS: [&str; 26] = [
    "changeme",
    "changethis",
    "replaceme",
    "replacethis",
    "placeholder",
    "example",
    "yourtoken",
    "yoursecret",
    "yourkey",
    "password",
    "passw0rd",
    "secret",
    "letmein",
    "default",
    "dummy",
    "sample",
    "insecure",
    "notsecure",
    "todo",
    "fixme",
    "qwerty",
    "abcdef",
    "123456",
    "deadbeef",
    "xxxxxx",
    "foobar",
];

/// Why a secret would be guessed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// Too few letters.
    #[error(
        "it is too short: a token that you choose has at least {SHORTEST} letters, and `openssl rand -hex 32` makes one"
    )]
    Short,
    /// It stands in examples.
    #[error("it holds `{0}`, which stands in examples: everybody tries that first")]
    Placeholder(&'static str),
    /// A few letters again and again.
    #[error("it repeats itself: there is too little in it that would have to be guessed")]
    Repeating,
}

/// Why a secret would be guessed; nothing where it would not. For wherever an operator chooses a secret.
pub fn weakness(secret: &str) -> Option<Weak> {
    let plain: String =
        secret.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    // Between random letters a word of six is there by chance once in millions; one that says little is part of the whole.
    if let Some(found) = PLACEHOLDERS.iter().find(|word| plain.contains(**word)) {
        let rest = plain.replace(found, "");
        if found.len() > 5 || rest.len() < SHORTEST {
            return Some(Weak::Placeholder(found));
        }
    }
    if secret.chars().count() < SHORTEST {
        return Some(Weak::Short);
    }
    let mut letters: Vec<char> = secret.chars().collect();
    let whole = letters.clone();
    let period = (1..=whole.len() / 2)
        .any(|period| whole.iter().zip(whole.iter().skip(period)).all(|(one, later)| one == later));
    letters.sort_unstable();
    letters.dedup();
    (period || letters.len() < DIFFERENT).then_some(Weak::Repeating)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for (secret, expected) in [
            ("", Weak::Short),
            ("hunter2", Weak::Short),
            ("changeme", Weak::Placeholder("changeme")),
            ("CHANGE-ME-CHANGE-ME-CHANGE-ME-CHANGE-ME", Weak::Placeholder("changeme")),
            ("your_token_here_0123456789abcdefghijk", Weak::Placeholder("yourtoken")),
            ("my-super-secret-token-that-is-long-enough", Weak::Placeholder("secret")),
            ("todo-todo-todo-todo-todo-todo-todo-todo", Weak::Placeholder("todo")),
            ("00000000000000000000000000000000", Weak::Repeating),
            ("a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6", Weak::Repeating),
            ("abababababababababababababababababa7", Weak::Repeating),
        ] {
            assert_eq!(weakness(secret), Some(expected), "{secret}");
        }
    }

    #[test]
    fn what_nobody_guesses_is_taken() {
        for secret in [
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "Zq8vT1mX4cWn7RbY2kLs9HdF3gJp6AeU",
            "Zq8vT1mX4cWn7RbY2kLs9HdF3gJp6AeUtodo",
        ] {
            assert_eq!(weakness(secret), None, "{secret}");
        }
    }
}
