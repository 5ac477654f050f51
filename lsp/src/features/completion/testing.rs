//! What tests may say.

use super::complete::Here;
use super::cursor::Cursor;
use super::proposal::{Completion, CompletionKind, Docs};
use carapace_check::{ANSWERS, NameKind, STATUSES, VERBS};
use carapace_syntax::ast::{Expr, ExprKind, TestStmt};
use carapace_syntax::walk::Node;

/// What may happen in a channel, and what is expected of it or of a flow. Nothing where the cursor is at neither.
pub(super) fn members(here: &Here<'_, '_>, base: &Expr) -> Vec<Completion> {
    let outline = &here.tried.checked.outline;
    let callee = match &base.kind {
        ExprKind::Call { callee, .. } => callee,
        _ => base,
    };
    let (ExprKind::Name(name) | ExprKind::Field { name, .. }) = &callee.kind else { return Vec::new() };
    let reference = here.facts.references.iter().find(|r| r.range == name.range);
    let Some(item) = reference.and_then(|r| outline.item(r.site)) else { return Vec::new() };
    let step = match (here.around(1), here.around(2)) {
        (Some(node @ (Node::Test(_) | Node::Expect(_))), _) => node,
        (Some(Node::Expr(Expr { kind: ExprKind::Call { .. }, .. })), Some(node)) => node,
        _ => return Vec::new(),
    };
    let slot = matches!(item.kind, NameKind::Channel | NameKind::Room | NameKind::Group);
    match step {
        Node::Test(TestStmt::When(_)) if slot => {
            let mut found: Vec<Completion> = outline
                .triggers_of(item)
                .into_iter()
                .map(|trigger| Completion {
                    rank: 1,
                    snippet: said(here.cursor, &trigger.name),
                    ..Completion::item(here.cursor, trigger, 0)
                })
                .collect();
            let answers: &[&str] = match item.kind {
                NameKind::Group => &["approve", "refuse"],
                _ => &ANSWERS,
            };
            found.extend(
                answers
                    .iter()
                    .map(|verb| Completion { snippet: said(here.cursor, verb), ..word(here.cursor, verb) }),
            );
            found
        }
        Node::Expect(_) if slot => verbs(here),
        Node::Expect(_) if matches!(item.kind, NameKind::Effect | NameKind::Flow | NameKind::Tool) => {
            let mut found = if item.starts { Vec::new() } else { called(here.cursor) };
            // A call has been made or not; runs have a status.
            if matches!(base.kind, ExprKind::Name(_)) && item.kind != NameKind::Effect {
                found.extend(STATUSES.iter().map(|status| word(here.cursor, status)));
            }
            found
        }
        _ => Vec::new(),
    }
}

fn said(cursor: &Cursor<'_>, verb: &str) -> Option<String> {
    if cursor.called() {
        return None;
    }
    Some(match verb {
        "message" | "edited" => format!("{verb}(\"${{1:hello}}\", from: \"${{2:ana}}\")"),
        "command" => "command(\"${1:name}\", from: \"${2:ana}\")".to_owned(),
        "answers" => "answers(\"${1:yes}\", by: \"${2:bo}\")".to_owned(),
        "approve" | "refuse" => format!("{verb}(by: \"${{1:bo}}\")"),
        _ => return None,
    })
}

/// What channels, rooms and groups are seen doing.
pub(super) fn verbs(here: &Here<'_, '_>) -> Vec<Completion> {
    let verb = |verb: &&str| Completion {
        snippet: (!here.cursor.called()).then(|| format!("{verb}(\"$1\")")),
        ..word(here.cursor, verb)
    };
    VERBS.iter().map(verb).collect()
}

/// How often a call was made.
fn called(cursor: &Cursor<'_>) -> Vec<Completion> {
    let said = crate::features::hover::other("called").unwrap_or_default();
    let once = Completion { docs: Docs::Text(said.to_owned()), ..word(cursor, "called") };
    let often = Completion { snippet: Some("called ${1:2} times".to_owned()), ..once.clone() };
    vec![
        once,
        Completion { label: "called … times".to_owned(), insert: "called 2 times".to_owned(), ..often },
    ]
}

fn word(cursor: &Cursor<'_>, word: &str) -> Completion {
    let docs = Docs::Listed(word.to_owned());
    Completion { rank: 1, docs, ..Completion::plain(cursor, word, CompletionKind::Keyword) }
}

/// Statements that only tests have.
pub(super) fn statements(cursor: &Cursor<'_>) -> Vec<Completion> {
    let made = [
        ("given", "given ${1:call} = ${2:value}"),
        ("when", "when ${1:channel}.message(\"${2:hello}\", from: \"${3:ana}\")"),
        ("expect", "expect ${1:channel}.said(\"$2\")"),
        ("expect not", "expect not ${1:channel}.said(\"$2\")"),
        ("expect in order", "expect in order {\n  $0\n}"),
        ("expect nothing else", "expect nothing else"),
        ("advance", "advance ${1:15m}"),
        ("crash", "crash"),
        ("crash after each await", "crash after each await"),
    ];
    made.iter()
        .map(|(label, snippet)| {
            let word = label.split(' ').next().unwrap_or(label);
            Completion {
                rank: 1,
                snippet: Some((*snippet).to_owned()),
                docs: Docs::Word(word.to_owned()),
                ..Completion::plain(cursor, *label, CompletionKind::Snippet)
            }
        })
        .collect()
}
