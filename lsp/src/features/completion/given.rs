//! What may stand behind what a test gives: answers, failures, the script of an agent.

use super::complete::Here;
use super::cursor::{Cursor, Region};
use super::proposal::{Completion, CompletionKind, Docs};
use carapace_check::NameKind;
use carapace_syntax::walk::Node;
use carapace_syntax::{Token, TokenKind};

/// What an answer may have, with its places to fill in.
const OUTCOMES: [(&str, &str); 5] = [
    ("=", "= $0"),
    ("fails", "fails \"${1:busy}\""),
    ("takes", "takes ${1:5s}"),
    ("costs", "costs ${1:0.60 USD}"),
    ("unknown", "unknown"),
];

/// What an agent is seen doing.
const SCRIPT: [(&str, &str); 2] = [("calls", "calls $0"), ("says", "says \"$1\"")];

/// What goes on with a script.
const MORE: [(&str, &str); 3] =
    [("then says", "then says \"$1\""), ("then calls", "then calls $0"), ("then", "then $0")];

/// The words of a `given` that is being written, those in brackets left out.
struct Statement<'c> {
    cursor: &'c Cursor<'c>,
    words: Vec<&'c str>,
    /// What stands before the first bracket of what is given.
    callee: &'c str,
}

impl<'c> Statement<'c> {
    fn of(cursor: &'c Cursor<'c>) -> Option<Statement<'c>> {
        if cursor.region != Region::Inside("test") || cursor.fresh {
            return None;
        }
        let begin = begin(cursor)?;
        let tokens = cursor.before.get(begin..)?;
        let mut statement = Statement { cursor, words: Vec::new(), callee: "" };
        let mut depth = 0_usize;
        for token in tokens {
            let text = token.text(cursor.text);
            match token.kind {
                TokenKind::Open(_) | TokenKind::TextOpen => {
                    if depth == 0 && statement.callee.is_empty() {
                        statement.callee = statement.words.last().copied().unwrap_or_default();
                    }
                    if depth == 0 {
                        statement.words.push(text);
                    }
                    depth = depth.saturating_add(1);
                }
                TokenKind::Close(_) | TokenKind::TextClose => depth = depth.saturating_sub(1),
                _ if depth == 0 => statement.words.push(text),
                _ => {}
            }
        }
        (depth == 0).then_some(statement)
    }

    /// What may follow.
    fn next(&self) -> Vec<Completion> {
        let words = ["calls", "says", "=", "fails", "takes", "costs", "unknown", "then"];
        let last = self.words.iter().rposition(|word| words.contains(word));
        let ends = last.is_some_and(|last| last.saturating_add(1) == self.words.len());
        match last.and_then(|last| self.words.get(last)).copied() {
            None => self.first(),
            Some("then") if self.words.contains(&"calls") => self.forms(&SCRIPT),
            Some("then") if ends => self.forms(&OUTCOMES),
            Some("calls") if !ends => self.forms(&MORE[..2]),
            Some("says") => Vec::new(),
            Some("unknown") => self.forms(&MORE[2..]),
            Some(_) if ends => Vec::new(),
            // More of the same answer, and the answer after it.
            Some(_) => [self.forms(&OUTCOMES[2..4]), self.forms(&MORE[2..])].concat(),
        }
    }

    /// What may stand behind what is given.
    fn first(&self) -> Vec<Completion> {
        let turn = matches!(self.callee, "chat" | "answer")
            || matches!(self.words.as_slice(), [.., ".", "chat" | "answer"]);
        let mut found = if turn { self.forms(&SCRIPT) } else { Vec::new() };
        let called = self.words.contains(&"(");
        found.extend(self.forms(if called { &OUTCOMES } else { &OUTCOMES[..1] }));
        found
    }

    fn forms(&self, forms: &[(&str, &str)]) -> Vec<Completion> {
        let made = |(label, snippet): &(&str, &str)| {
            let word = label.split(' ').next().unwrap_or(label);
            let docs = match *label {
                "=" => Docs::Text("What the call gives, or what there is.".to_owned()),
                "unknown" => Docs::Text("Nobody can know whether it happened.".to_owned()),
                _ => Docs::Word(word.to_owned()),
            };
            Completion {
                rank: 1,
                docs,
                snippet: (snippet != label).then(|| (*snippet).to_owned()),
                ..Completion::plain(self.cursor, *label, CompletionKind::Snippet)
            }
        };
        forms.iter().map(made).collect()
    }
}

/// The `given` on whose line the cursor stands, among the tokens before it.
fn begin(cursor: &Cursor<'_>) -> Option<usize> {
    let mut depth = 0_usize;
    let mut next: Option<Token> = None;
    for (at, token) in cursor.before.iter().enumerate().rev() {
        let between = next.map_or(cursor.start, |next| next.start);
        let between = cursor.text.get(token.end as usize..between as usize).unwrap_or_default();
        if depth == 0 && between.contains('\n') {
            return None;
        }
        match token.kind {
            TokenKind::Close(_) => depth = depth.saturating_add(1),
            TokenKind::Open(_) => depth = depth.checked_sub(1)?,
            TokenKind::Word if depth == 0 && token.text(cursor.text) == "given" => return Some(at),
            _ => {}
        }
        next = Some(*token);
    }
    None
}

/// What may stand behind something whole in a `given`; none elsewhere.
pub(super) fn behind(cursor: &Cursor<'_>) -> Option<Vec<Completion>> {
    Statement::of(cursor).map(|statement| statement.next())
}

/// What else than a value may stand at the blank of a `given`.
pub(super) fn more(here: &Here<'_, '_>) -> Vec<Completion> {
    let Some(statement) = Statement::of(here.cursor) else { return Vec::new() };
    match (here.around(0), here.cursor.back(0)) {
        (Some(Node::Expr(_)), "given") => {
            let time = "time";
            vec![Completion {
                rank: 4,
                docs: Docs::Listed(time.to_owned()),
                ..Completion::plain(here.cursor, time, CompletionKind::Keyword)
            }]
        }
        (Some(Node::Expr(_)), "then") => statement.next(),
        // Behind what a failure says stands of what kind it is.
        (Some(Node::Given(_)), _) => [failures(here), statement.next()].concat(),
        _ => Vec::new(),
    }
}

/// The kinds of failures.
fn failures(here: &Here<'_, '_>) -> Vec<Completion> {
    let outline = &here.tried.checked.outline;
    let kinds = outline.of_kind(NameKind::Type).find(|item| &*item.name == "ErrorKind");
    let tags = kinds.into_iter().flat_map(|kinds| outline.tags(&kinds.ty));
    tags.map(|tag| Completion::tag(here.cursor, &tag)).collect()
}
