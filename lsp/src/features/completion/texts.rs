//! What may stand between quotes and behind digits: names of secrets and events, schedules, zones, units.

use super::cursor::{Cursor, Place};
use super::proposal::{Completion, CompletionKind, Docs};
use crate::workspace::Snapshot;
use carapace_diagnostic::{FileId, TextRange};
use carapace_syntax::ast::{Expr, ExprKind, InterpolationPart, TriggerArgValue};
use carapace_syntax::walk::{Node, walk};
use carapace_syntax::{Bracket, TokenKind};

/// Proposals in a text that means something to the compiler.
pub(super) fn complete(snapshot: &Snapshot, _: FileId, cursor: &Cursor<'_>) -> Vec<Completion> {
    let Some(open) = cursor.before.iter().rposition(|token| token.kind == TokenKind::TextOpen) else {
        return Vec::new();
    };
    let Some(quote) = cursor.before.get(open) else { return Vec::new() };
    let word = |back: usize| {
        let at = open.checked_sub(back).and_then(|at| cursor.before.get(at));
        at.map_or("", |token| token.text(cursor.text))
    };
    // All of the text is replaced up to the cursor: what stands in it is one thing.
    let replace = TextRange::new(quote.end, cursor.offset);
    let made = |label: &str, docs: Docs| Completion {
        replace,
        rank: 1,
        docs,
        ..Completion::plain(cursor, label, CompletionKind::Value)
    };
    match (word(2), word(1)) {
        ("secret", "(") => {
            first_texts(snapshot, &["secret"]).iter().map(|name| made(name, Docs::None)).collect()
        }
        ("event" | "emit", "(") => {
            first_texts(snapshot, &["event", "emit"]).iter().map(|name| made(name, Docs::None)).collect()
        }
        ("cron", "(") => SCHEDULES
            .iter()
            .map(|expression| {
                let words = crate::features::hover::cron_words(expression).unwrap_or_default();
                Completion { detail: words, ..made(expression, Docs::Text(FIELDS.to_owned())) }
            })
            .collect(),
        ("zone", ":") => jiff::tz::db().available().map(|name| made(&name.to_string(), Docs::None)).collect(),
        (_, ":") => {
            let words = super::agent::texts(cursor).iter();
            words
                .map(|(word, about)| Completion { detail: (*about).to_owned(), ..made(word, Docs::None) })
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Whether the path of a file stands at a byte: `file("…")`.
pub fn names_a_file(snapshot: &Snapshot, file: FileId, offset: u32) -> bool {
    path(&Cursor::of(snapshot, file, offset)).is_some()
}

/// These files, where the path of one stands at a byte.
pub fn files(snapshot: &Snapshot, file: FileId, offset: u32, paths: &[String]) -> Vec<Completion> {
    let cursor = Cursor::of(snapshot, file, offset);
    let Some(replace) = path(&cursor) else { return Vec::new() };
    let made = |path: &String| Completion {
        replace,
        rank: 1,
        ..Completion::plain(&cursor, path, CompletionKind::Value)
    };
    super::order::best(paths.iter().map(made).collect(), &cursor)
}

/// What is written of the path up to the cursor.
fn path(cursor: &Cursor<'_>) -> Option<TextRange> {
    if cursor.place != Place::Text {
        return None;
    }
    let [.., name, paren, quote] = (match cursor.before.last()?.kind {
        TokenKind::TextChunk => cursor.before.split_last()?.1,
        _ => &cursor.before,
    }) else {
        return None;
    };
    let opens = quote.kind == TokenKind::TextOpen && paren.kind == TokenKind::Open(Bracket::Paren);
    let named = opens && name.text(cursor.text) == "file";
    named.then(|| TextRange::new(quote.end, cursor.offset))
}

const FIELDS: &str = "Minute, hour, day, month, day of the week; six fields begin with seconds.\n\n\
    `*` every, `1-5` from to, `1,3` these, `*/15` every fifteenth, `mon` a day of the week, `L` the last.";

/// Schedules that people have.
const SCHEDULES: [&str; 9] = [
    "0 9 * * *",
    "0 9 * * mon-fri",
    "0 9 * * mon",
    "0 * * * *",
    "*/15 * * * *",
    "0 0 * * *",
    "0 8,20 * * *",
    "0 9 1 * *",
    "0 9 L * *",
];

/// The texts that are handed over first to a call or trigger of one of these names, anywhere in the package: names of
/// secrets, names of events.
fn first_texts(snapshot: &Snapshot, names: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (_, item) in snapshot.files().into_iter().flat_map(|file| snapshot.items(file)) {
        walk(item, &mut |node| {
            let (name, first) = match node {
                Node::Expr(Expr { kind: ExprKind::Call { callee, args, .. }, .. }) => match &callee.kind {
                    ExprKind::Name(name) => (Some(name), args.first().map(|arg| &arg.value)),
                    _ => (None, None),
                },
                Node::Trigger(trigger) => {
                    match trigger.args.as_deref().and_then(<[_]>::first).map(|arg| &arg.value) {
                        Some(TriggerArgValue::Expr(value)) => (trigger.path.names.last(), Some(value)),
                        _ => (None, None),
                    }
                }
                _ => (None, None),
            };
            if let (Some(name), Some(Expr { kind: ExprKind::Text(parts), .. })) = (name, first)
                && names.contains(&name.text.as_str())
                && let [InterpolationPart::Literal(text)] = parts.as_slice()
            {
                found.push(text.clone());
            }
            true
        });
    }
    found.sort();
    found.dedup();
    found
}

/// Units behind digits: of time, and of money.
pub(super) fn units(cursor: &Cursor<'_>) -> Vec<Completion> {
    const UNITS: [(&str, i64); 6] =
        [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000)];
    if let Some(found) = super::agent::number(cursor) {
        return found;
    }
    let written = cursor.prefix();
    let digits = written.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let plain: String = digits.chars().filter(|c| *c != '_').collect();
    let Ok(count) = plain.parse::<i64>() else { return Vec::new() };
    UNITS
        .iter()
        .map(|(unit, ms)| Completion {
            detail: crate::features::hover::duration_words(count.saturating_mul(*ms)),
            rank: 1,
            ..Completion::plain(cursor, format!("{digits}{unit}"), CompletionKind::Value)
        })
        .chain(["EUR", "USD", "GBP", "CHF"].iter().map(|code| Completion {
            detail: crate::features::hover::money_words(&plain, code),
            rank: 2,
            ..Completion::plain(cursor, format!("{digits} {code}"), CompletionKind::Value)
        }))
        .collect()
}
