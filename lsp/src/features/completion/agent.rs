//! What an agent says of itself: its properties, and what stands in each.

use super::cursor::{Cursor, Region};
use super::proposal::{Completion, CompletionKind, Docs};
use super::words;
use carapace_check::{AGENT_PROPERTIES, NameKind};
use carapace_syntax::{Bracket, Token, TokenKind};

/// How hard a model may be told to think, and what it then does.
const EFFORTS: [(&str, &str); 6] = [
    ("none", "it does not think before it answers"),
    ("low", "a little"),
    ("medium", "as much as is usual"),
    ("high", "more than is usual"),
    ("xhigh", "a lot"),
    ("max", "as much as it can"),
];

/// Whose turns an agent remembers together, and what that means.
const MEMORY: [(&str, &str); 2] = [
    ("conversation", "one session for all who write in a conversation"),
    ("person", "each person has their own, as where nothing is said"),
];

/// Over what times budgets are usually: as they are written, and in milliseconds.
const WINDOWS: [(&str, i64); 4] =
    [("1h", 3_600_000), ("1d", 86_400_000), ("7d", 604_800_000), ("31d", 2_678_400_000)];

/// Where in an agent's braces the cursor stands.
struct At<'c> {
    cursor: &'c Cursor<'c>,
    /// The property whose value it is in or behind; empty before the first.
    property: &'c str,
    /// The tokens of the value, up to the cursor.
    value: &'c [Token],
    /// How many brackets are open within the value.
    depth: usize,
}

impl<'c> At<'c> {
    fn of(cursor: &'c Cursor<'c>) -> Option<At<'c>> {
        if cursor.region != Region::Inside("agent") {
            return None;
        }
        let tokens = cursor.before.as_slice();
        let body = tokens.get(braces(cursor)?.saturating_add(1)..)?;
        let mut at = At { cursor, property: "", value: body, depth: 0 };
        for (index, token) in body.iter().enumerate() {
            match token.kind {
                TokenKind::Open(_) => at.depth = at.depth.saturating_add(1),
                TokenKind::Close(_) => at.depth = at.depth.saturating_sub(1),
                _ if at.depth == 0 && token.text(cursor.text) == ":" => {
                    let name = index.checked_sub(1).and_then(|name| body.get(name));
                    at.property = name.map_or("", |name| name.text(cursor.text));
                    at.value = body.get(index.saturating_add(1)..).unwrap_or_default();
                }
                _ => {}
            }
        }
        Some(at)
    }

    /// The words of the budget that is being written, and whether one stands before it.
    fn budget(&self) -> Option<(Vec<&'c str>, bool)> {
        if self.property != "budget" || self.depth > 0 {
            return None;
        }
        let words = self.value.iter().map(|token| token.text(self.cursor.text));
        let words: Vec<&str> = words.collect();
        let comma = words.iter().rposition(|word| *word == ",");
        let own = words.get(comma.map_or(0, |comma| comma.saturating_add(1))..).unwrap_or_default();
        Some((own.to_vec(), comma.is_some()))
    }

    /// Whether a property may begin here.
    fn begins(&self) -> bool {
        let last = self.cursor.back(0);
        let budgets = self.property == "budget" && last == ",";
        self.depth == 0 && !budgets && (self.cursor.fresh || matches!(last, "{" | ","))
    }
}

/// The brace of the agent in which the cursor stands, among the tokens before it.
fn braces(cursor: &Cursor<'_>) -> Option<usize> {
    let word = |at: usize| cursor.before.get(at).map(|token| token.text(cursor.text));
    let opens = |at: &usize| {
        let brace = cursor.before.get(*at).is_some_and(|t| t.kind == TokenKind::Open(Bracket::Brace));
        brace && at.checked_sub(2).and_then(word) == Some("agent")
    };
    (0..cursor.before.len()).rev().find(opens)
}

/// What an agent says of itself, where that is seen from the words before the cursor alone. None where a value stands like
/// any other.
pub(super) fn complete(cursor: &Cursor<'_>) -> Option<Vec<Completion>> {
    let at = At::of(cursor)?;
    if at.begins() {
        return Some(properties(cursor));
    }
    let (words, more) = at.budget()?;
    Some(match words.as_slice() {
        // Behind a comma another key may stand, too.
        [] if more => [amounts(cursor), words::keys(cursor, false)].concat(),
        [] => amounts(cursor),
        [.., "per"] => windows(cursor),
        [.., "by"] => words::keys(cursor, false),
        written if written.contains(&"by") => Vec::new(),
        written if written.contains(&"per") => vec![piece(cursor, "by", "by ${1:sender}")],
        [_] => vec![
            piece(cursor, "tokens", "tokens per ${1:1h}"),
            piece(cursor, "USD", "USD per ${1:1d}"),
            piece(cursor, "per", "per ${1:1d}"),
        ],
        _ => vec![piece(cursor, "per", "per ${1:1d}")],
    })
}

/// What becomes of digits in an agent. None where they are a number like any other.
pub(super) fn number(cursor: &Cursor<'_>) -> Option<Vec<Completion>> {
    let at = At::of(cursor)?;
    if let Some((words, _)) = at.budget() {
        let digits = cursor.prefix().trim_end_matches(|c: char| c.is_ascii_alphabetic());
        return match words.as_slice() {
            [] => Some(vec![
                amount(cursor, &format!("{digits} tokens")),
                amount(cursor, &format!("{digits} USD")),
            ]),
            _ => None,
        };
    }
    let counts = matches!(at.property, "max_steps" | "max_tokens" | "temperature" | "window");
    counts.then(Vec::new)
}

/// What may stand between the quotes of a property: each, and what it means.
pub(super) fn texts(cursor: &Cursor<'_>) -> &'static [(&'static str, &'static str)] {
    match At::of(cursor) {
        Some(at) if at.property == "memory" => &MEMORY,
        Some(at) if at.property == "effort" => &EFFORTS,
        _ => &[],
    }
}

fn piece(cursor: &Cursor<'_>, word: &str, snippet: &str) -> Completion {
    let docs = match word {
        "tokens" => Docs::Text(crate::features::hover::other(word).unwrap_or_default().to_owned()),
        "USD" => Docs::Text("US dollars: what a model costs is known in them.".to_owned()),
        _ => Docs::Word(word.to_owned()),
    };
    Completion {
        rank: 1,
        snippet: Some(snippet.to_owned()),
        docs,
        ..Completion::plain(cursor, word, CompletionKind::Keyword)
    }
}

fn amounts(cursor: &Cursor<'_>) -> Vec<Completion> {
    ["20_000 tokens per 1h by sender", "1 USD per 1d"].map(|text| amount(cursor, text)).into()
}

fn amount(cursor: &Cursor<'_>, text: &str) -> Completion {
    Completion { rank: 1, ..Completion::plain(cursor, text, CompletionKind::Value) }
}

fn windows(cursor: &Cursor<'_>) -> Vec<Completion> {
    let window = |(text, ms): &(&str, i64)| Completion {
        rank: 1,
        detail: crate::features::hover::duration_words(*ms),
        ..Completion::plain(cursor, *text, CompletionKind::Value)
    };
    WINDOWS.iter().map(window).collect()
}

/// Properties of an agent.
fn properties(cursor: &Cursor<'_>) -> Vec<Completion> {
    AGENT_PROPERTIES
        .iter()
        .map(|name| {
            let snippet = match *name {
                "model" => "model: \"${1:provider/model}\"",
                "embeddings" => "embeddings: \"${1:provider/model}\"",
                "instructions" => "instructions: \"$1\"",
                "tools" => "tools: [$1]",
                "approve" => "approve: { ${1:tool}: ${2:group} }",
                "budget" => "budget: ${1:1 USD} per ${2:1d} by ${3:sender}",
                "skills" => "skills: [file(\"${1:skills/name/SKILL.md}\")]",
                "patience" => "patience: ${1:1h}",
                "max_steps" => "max_steps: ${1:20}",
                "window" => "window: ${1:32_000}",
                "summary" => "summary: \"${1:What a summary keeps.}\"",
                "temperature" => "temperature: ${1:0.2}",
                "max_tokens" => "max_tokens: ${1:1000}",
                "memory" => "memory: \"${1:conversation}\"",
                "effort" => "effort: \"${1:medium}\"",
                "provider" => "provider: \"$1\"",
                _ => "",
            };
            let snippet = if snippet.is_empty() { format!("{name}: $1") } else { snippet.to_owned() };
            Completion {
                rank: 1,
                insert: format!("{name}: "),
                snippet: Some(snippet),
                docs: Docs::Listed((*name).to_owned()),
                ..Completion::plain(cursor, *name, CompletionKind::Name(NameKind::Field))
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use carapace_check::{EFFORTS as KNOWN_EFFORTS, MEMORIES};

    #[test]
    fn what_is_proposed_is_what_there_is() {
        assert_eq!(EFFORTS.map(|(word, _)| word), KNOWN_EFFORTS);
        assert_eq!(MEMORY.map(|(word, _)| word), MEMORIES);
    }
}
