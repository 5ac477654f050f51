//! What a line typed at the prompt means.
//!
//! | line | meaning |
//! |---|---|
//! | `hello` | a message from the person who speaks, in the conversation that is open |
//! | `@ana: hello` | a message from ana: in the open room, or, where none is open, in her own direct conversation |
//! | `#ops: hello` | a message in the room ops |
//! | `@ana #ops: hello` | both |
//! | `@ana:`, `#ops:`, `@ana #ops:` | from now on that person speaks, that room is open |
//! | `#:` | back to the direct conversation |
//! | `1`, `mine` | where the last question offered choices: the first, or the one called so |
//! | `+👍`, `-👍` | puts a reaction on the last answer, or takes it away |
//! | `\1`, `\@ana: hello` | the rest as it stands |
//!
//! Whether `1` is a choice depends on what was asked and is decided by the ledger; the rest is decided here.

/// Who speaks, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speaker {
    /// The person.
    pub person: String,
    /// The room, without its `#`; none for the direct conversation.
    pub room: Option<String>,
}

impl Speaker {
    /// The id of the conversation that is meant: `#ops`, or `@ana`, a direct one being each person's own.
    pub fn conversation(&self) -> String {
        match &self.room {
            Some(room) => format!("#{room}"),
            None => format!("@{}", self.person),
        }
    }
}

/// What a line means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Nothing was typed.
    Empty,
    /// From now on this one speaks, here.
    Switch(Speaker),
    /// Something was said.
    Said {
        /// By whom, and where.
        speaker: Speaker,
        /// What.
        text: String,
        /// Whether it was marked as to be taken as it stands.
        literal: bool,
    },
    /// A reaction to the last answer.
    React {
        /// By whom, and where.
        speaker: Speaker,
        /// The emoji.
        emoji: String,
        /// Whether it is taken away.
        remove: bool,
    },
}

/// Reads a `line`, typed while `current` speaks.
pub fn parse(line: &str, current: &Speaker) -> Line {
    let (speaker, rest, named) = match head(line, current) {
        Some((speaker, rest)) => (speaker, rest, true),
        None => (current.clone(), line, false),
    };
    if rest.trim().is_empty() {
        return if named { Line::Switch(speaker) } else { Line::Empty };
    }
    if let Some((emoji, remove)) = reaction(rest) {
        return Line::React { speaker, emoji: emoji.to_owned(), remove };
    }
    match rest.strip_prefix('\\') {
        Some(text) if !text.is_empty() => Line::Said { speaker, text: text.to_owned(), literal: true },
        _ => Line::Said { speaker, text: rest.to_owned(), literal: false },
    }
}

/// The part before the colon, where it names a person, a room or both; and what follows the colon.
fn head<'a>(line: &'a str, current: &Speaker) -> Option<(Speaker, &'a str)> {
    let (head, rest) = line.split_once(':')?;
    let mut speaker = current.clone();
    let mut words = head.split(' ').peekable();
    let first = words.peek()?;
    if let Some(person) = first.strip_prefix('@') {
        if !is_name(person) {
            return None;
        }
        person.clone_into(&mut speaker.person);
        words.next();
    }
    if let Some(word) = words.next() {
        let room = word.strip_prefix('#')?;
        if !room.is_empty() && !is_name(room) {
            return None;
        }
        speaker.room = (!room.is_empty()).then(|| room.to_owned());
    }
    if words.next().is_some() {
        return None;
    }
    Some((speaker, rest.strip_prefix(' ').unwrap_or(rest)))
}

fn is_name(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c))
}

/// `+👍` and `-👍`: a sign and then nothing that a sentence or a number is made of.
fn reaction(text: &str) -> Option<(&str, bool)> {
    let text = text.trim();
    let (emoji, remove) = match text.strip_prefix('+') {
        Some(emoji) => (emoji, false),
        None => (text.strip_prefix('-')?, true),
    };
    let is_emoji = !emoji.is_empty()
        && emoji.len() <= 32
        && emoji.chars().all(|c| !c.is_ascii() && !c.is_alphanumeric());
    is_emoji.then_some((emoji, remove))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn you() -> Speaker {
        Speaker { person: "you".into(), room: None }
    }

    fn said(person: &str, room: Option<&str>, text: &str) -> Line {
        let speaker = Speaker { person: person.into(), room: room.map(Into::into) };
        Line::Said { speaker, text: text.into(), literal: false }
    }

    #[test]
    fn a_line_is_a_message() {
        for text in [
            "hello",
            "  indented ",
            "a: b",
            "@ana hello",
            "mail me@x.org: now",
            "@ana bo: x",
            "#",
            "1 + 1",
            "-1",
            "+1",
        ] {
            assert_eq!(parse(text, &you()), said("you", None, text));
        }
        assert_eq!(parse("   ", &you()), Line::Empty);
        assert_eq!(parse("/start now", &you()), said("you", None, "/start now"));
    }

    #[test]
    fn others_may_speak_and_elsewhere() {
        assert_eq!(parse("@ana: hi: there", &you()), said("ana", None, "hi: there"));
        assert_eq!(parse("#ops:hi", &you()), said("you", Some("ops"), "hi"));
        assert_eq!(parse("@ana #ops: hi", &you()), said("ana", Some("ops"), "hi"));
        let open = Speaker { person: "you".into(), room: Some("ops".into()) };
        assert_eq!(parse("@bo: hi", &open), said("bo", Some("ops"), "hi"));
        assert_eq!(parse("#: hi", &open), said("you", None, "hi"));
        assert_eq!(
            parse("@bo:", &open),
            Line::Switch(Speaker { person: "bo".into(), room: Some("ops".into()) })
        );
        assert_eq!(parse("#:", &open), Line::Switch(you()));
    }

    #[test]
    fn a_backslash_takes_the_rest_as_it_stands() {
        let literal = |text: &str| Line::Said { speaker: you(), text: text.into(), literal: true };
        assert_eq!(parse("\\1", &you()), literal("1"));
        assert_eq!(parse("\\@ana: hi", &you()), literal("@ana: hi"));
        assert_eq!(parse("\\+👍", &you()), literal("+👍"));
        assert_eq!(parse("\\", &you()), said("you", None, "\\"));
    }

    #[test]
    fn signs_react() {
        let react = |emoji: &str, remove| Line::React { speaker: you(), emoji: emoji.into(), remove };
        assert_eq!(parse("+👍", &you()), react("👍", false));
        assert_eq!(parse("-❤️", &you()), react("❤️", true));
        assert_eq!(parse("+é", &you()), said("you", None, "+é"));
    }
}
