//! Words of the language, by where they stand, and the forms that begin with them.

use super::cursor::{Cursor, Region};
use super::proposal::{Completion, CompletionKind, Docs};
use crate::workspace::Snapshot;
use carapace_check::NameKind;
use carapace_syntax::TokenKind;

fn form(cursor: &Cursor<'_>, label: &str, snippet: &str, rank: u8) -> Completion {
    let word = label.split(' ').next().unwrap_or(label);
    let whole = crate::features::hover::sentence(label).is_some();
    Completion {
        rank,
        snippet: (snippet != label).then(|| snippet.to_owned()),
        docs: Docs::Word(if whole { label } else { word }.to_owned()),
        detail: snippet.lines().next().map(plain).unwrap_or_default(),
        ..Completion::plain(cursor, label, CompletionKind::Snippet)
    }
}

/// A snippet's line as it looks filled in.
fn plain(snippet: &str) -> String {
    let mut out = String::new();
    let mut rest = snippet;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let (hole, after) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(hole.split_once(':').map_or("…", |(_, name)| name));
        rest = after;
    }
    out.push_str(rest);
    out.replace("$0", "").trim_end().to_owned()
}

fn forms(cursor: &Cursor<'_>, all: &[(&str, &str)], rank: u8) -> Vec<Completion> {
    all.iter().map(|(label, snippet)| form(cursor, label, snippet, rank)).collect()
}

/// What an item begins with.
pub(super) fn items(cursor: &Cursor<'_>) -> Vec<Completion> {
    forms(
        cursor,
        &[
            ("flow", "flow ${1:name} on ${2:channel}.message {\n  $0\n}"),
            ("flow (called)", "flow ${1:name}(${2:text: Text}) -> ${3:Text} {\n  $0\n}"),
            (
                "flow (schedule)",
                "flow ${1:name} on cron(\"${2:0 9 * * mon}\", zone: \"${3:UTC}\") {\n  $0\n}",
            ),
            ("flow (webhook)", "flow ${1:name} on webhook(\"/${2:path}\") {\n  $0\n}"),
            ("channel", "channel ${1:name}: ${2:any}"),
            ("room", "room ${1:name}: ${2:any}"),
            ("group", "group ${1:name}"),
            ("connection", "connection ${1:name}: ${2:kind}"),
            ("setting", "setting ${1:name}: ${2:Int} = ${3:1}"),
            ("type", "type ${1:Name} {\n  ${2:field}: ${3:Text}\n}"),
            ("type (union)", "type ${1:Name} = ${2:one} | ${3:other}"),
            ("const", "const ${1:name} = ${2:1}"),
            ("fn", "fn ${1:name}(${2:x: Int}) -> ${3:Int} = ${4:x}"),
            ("state", "state ${1:name}: ${2:Int} = ${3:0} by ${4:sender}"),
            (
                "agent",
                "agent ${1:name} {\n  model: \"${2:provider/model}\"\n  instructions: \"${3:Be kind.}\"\n}",
            ),
            ("tool", "tool ${1:name}(${2:text: Text}) -> ${3:Text} {\n  $0\n}"),
            (
                "test",
                "test \"${1:it works}\" {\n  when ${2:channel}.message(\"${3:hello}\", from: \"${4:ana}\")\n  expect ${2:channel}.said(\"$5\")\n}",
            ),
            ("use", "use ${1:std/table}"),
        ],
        2,
    )
}

/// What may stand behind the body of a flow.
pub(super) fn handlers(cursor: &Cursor<'_>) -> Vec<Completion> {
    forms(
        cursor,
        &[
            ("on failure", "on failure ${1:error} {\n  $0\n}"),
            ("on cancel", "on cancel {\n  $0\n}"),
            ("failure", "failure ${1:error} {\n  $0\n}"),
            ("cancel", "cancel {\n  $0\n}"),
        ],
        2,
    )
    .into_iter()
    // Behind `on` only the rest is missing.
    .filter(|c| c.label.starts_with("on ") != (cursor.back(0) == "on"))
    .collect()
}

/// Clauses of a flow's header.
pub(super) fn clauses(cursor: &Cursor<'_>) -> Vec<Completion> {
    forms(
        cursor,
        &[
            ("on", "on ${1:channel}.message"),
            ("where", "where ${1:condition}"),
            ("limit", "limit ${1:5} per ${2:1m} by ${3:sender}"),
            ("debounce", "debounce ${1:5s} by ${2:sender}"),
            ("dedupe", "dedupe ${1:message.id} for ${2:1d}"),
            ("serial", "serial by ${1:conversation}"),
            ("timeout", "timeout ${1:1h}"),
            ("priority", "priority ${1:1}"),
            ("exclusive", "exclusive"),
            ("observes", "observes"),
            ("filter", "filter"),
            ("cancellable by", "cancellable by \"${1:stop}\""),
            ("by", "by ${1:sender}"),
        ],
        6,
    )
}

/// Clauses of a tool's header.
pub(super) fn tool_clauses(cursor: &Cursor<'_>) -> Vec<Completion> {
    forms(cursor, &[("timeout", "timeout ${1:1h}")], 6)
}

/// What a statement begins with.
pub(super) fn statements(cursor: &Cursor<'_>, test: bool) -> Vec<Completion> {
    let mut found = forms(
        cursor,
        &[
            ("let", "let ${1:name} = $0"),
            ("if", "if ${1:condition} {\n  $0\n}"),
            ("for", "for ${1:item} in ${2:items} {\n  $0\n}"),
            ("repeat", "repeat ${1:3} {\n  $0\n}"),
        ],
        5,
    );
    if test {
        return found;
    }
    found.extend(forms(
        cursor,
        &[
            ("var", "var ${1:name} = $0"),
            ("set", "set ${1:state} = $0"),
            ("else", "else {\n  $0\n}"),
            ("match", "match ${1:value} {\n  ${2:tag} => $0\n}"),
            ("while", "while ${1:condition} {\n  $0\n}"),
            ("parallel", "parallel {\n  $0\n}"),
            ("race", "race {\n  ${1:first}: $2\n  ${3:second}: $0\n}"),
            ("do", "do {\n  $0\n} else ${1:error} {\n}"),
            ("return", "return $0"),
            ("await", "await ${1:channel}.message"),
            ("listen", "listen ${1:channel}.message as ${2:events} {\n  $0\n}"),
            ("start", "start ${1:flow}($0)"),
            ("break", "break"),
            ("continue", "continue"),
        ],
        5,
    ));
    found
}

/// What states are kept by and budgets counted by.
pub(super) fn keys(cursor: &Cursor<'_>, state: bool) -> Vec<Completion> {
    let field = CompletionKind::Name(NameKind::EventField);
    let key = |word: &str, kind| Completion { rank: 1, ..Completion::plain(cursor, word, kind) };
    let mut found: Vec<Completion> = ["sender", "conversation"].map(|word| key(word, field)).into();
    if state {
        found.extend(["Text", "Int", "User", "Conversation"].map(|ty| key(ty, CompletionKind::Builtin)));
    }
    found
}

/// What may stand behind a value, on the same line: what is asked of it, and what becomes of its failing.
pub(super) fn behind(cursor: &Cursor<'_>) -> Vec<Completion> {
    let value = cursor.before.last().is_some_and(|token| {
        matches!(token.kind, TokenKind::Word | TokenKind::Number | TokenKind::TextClose | TokenKind::Close(_))
    });
    if cursor.fresh || !value || !matches!(cursor.region, Region::Inside(_) | Region::Header("flow")) {
        return Vec::new();
    }
    if let Some(outcomes) = super::given::behind(cursor) {
        return outcomes;
    }
    let suffixes = forms(
        cursor,
        &[
            ("else", "else {\n  $0\n}"),
            ("within", "within ${1:15m}"),
            ("until", "until ${1:time}"),
            ("retry", "retry ${1:3}"),
            ("undo", "undo {\n  $0\n}"),
            ("at most once", "at most once"),
            ("at least once", "at least once"),
            ("on unknown", "on unknown {\n  $0\n}"),
            ("where", "where it.$0"),
            ("from", "from ${1:anyone}"),
        ],
        3,
    );
    let asked = [
        "and",
        "or",
        "is",
        "is empty",
        "is some",
        "is none",
        "in",
        "not in",
        "contains",
        "starts with",
        "ends with",
        "matches",
        "between",
    ];
    let asked = asked.map(|label| {
        let word = label.split(' ').next().unwrap_or(label);
        Completion {
            label: label.to_owned(),
            insert: label.to_owned(),
            rank: 4,
            ..Completion::keyword(cursor, word)
        }
    });
    suffixes.into_iter().chain(asked).collect()
}

/// Words with which a value may begin.
pub(super) fn operators(cursor: &Cursor<'_>) -> Vec<Completion> {
    let words =
        ["not", "true", "false", "none", "if", "match", "await", "start", "parallel", "race", "for", "do"];
    words.map(|word| Completion::keyword(cursor, word)).into()
}

/// Lines of a channel kind's declaration, and behind `can` what kinds can do.
pub(super) fn kind_lines(snapshot: &Snapshot, cursor: &Cursor<'_>) -> Vec<Completion> {
    let words = ["can", "cannot", "delivery", "max", "limit", "redelivers"];
    if cursor.fresh || cursor.back(0) == "{" {
        return words.map(|word| Completion::keyword(cursor, word)).into();
    }
    let line = cursor.before.iter().rev().map(|token| token.text(cursor.text));
    let of = line.into_iter().find(|word| words.contains(word));
    if !matches!(of, Some("can" | "cannot")) {
        return Vec::new();
    }
    let mut all: Vec<&str> =
        snapshot.checked.outline.kinds().iter().flat_map(|kind| &kind.can).map(|name| &**name).collect();
    all.sort_unstable();
    all.dedup();
    let made = |name| Completion {
        rank: 1,
        ..Completion::plain(cursor, name, CompletionKind::Name(NameKind::Capability))
    };
    all.into_iter().map(made).collect()
}
