//! What the call around the cursor takes, and which parameter is being written.

use super::brackets::closing;
use crate::workspace::Snapshot;
use carapace_check::{DefinitionSite, NameKind};
use carapace_diagnostic::{FileId, TextRange};
use carapace_syntax::{Bracket, Token, TokenKind};

/// What a call takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The declaration, on one line.
    pub label: String,
    /// Documentation, in Markdown.
    pub docs: Option<String>,
    /// Parts of the label, one a parameter, in order.
    pub params: Vec<String>,
    /// The number of the parameter at the cursor.
    pub active: Option<usize>,
}

/// Stands at the cursor where nothing is written yet.
const NOTHING: &str = "x";

/// The signature of the call around a place.
pub fn signature(snapshot: &Snapshot, file: FileId, offset: u32) -> Option<Signature> {
    let text = snapshot.text(file);
    let call = Call::around(text, offset)?;
    let found = meaning(snapshot, file, call.name).map(|site| shown(snapshot, file, &call, site));
    if let Some(found) = found {
        return found;
    }
    // What is half written is nothing to the checker: it is asked about the same with something in its place.
    let (before, after) = (text.get(..offset as usize)?, text.get(offset as usize..)?);
    let text = format!("{before}{NOTHING}{}{after}", call.closing);
    let tried = snapshot.tried(file, &text, offset, |_| true)?;
    let site = meaning(&tried, file, call.name)?;
    shown(&tried, file, &call, site)
}

/// A call that is being written.
struct Call {
    /// The name of what is called.
    name: TextRange,
    /// Whether something with a dot stands before it, and where that ends.
    before: Option<TextRange>,
    /// How many arguments without a name stand before the cursor's.
    positional: usize,
    /// The name of the argument at the cursor.
    named: Option<String>,
    /// What closes it and what is around it, as far as that is missing on this line.
    closing: String,
}

impl Call {
    /// The innermost call whose parentheses are around a place.
    fn around(text: &str, offset: u32) -> Option<Call> {
        let tokens: Vec<Token> = carapace_syntax::tokens(text)
            .into_iter()
            .filter(|t| !matches!(t.kind, TokenKind::Newline | TokenKind::Comment | TokenKind::Doc))
            .collect();
        let count = tokens.iter().take_while(|t| t.start < offset).count();
        let before = tokens.get(..count)?;
        let open = open_parenthesis(before)?;
        let name = callee(text, before.get(..open)?)?;
        let dot =
            name.checked_sub(1).and_then(|at| before.get(at)).is_some_and(|t| t.text(text).ends_with('.'));
        let base = name.checked_sub(2).filter(|_| dot).and_then(|at| before.get(at)).map(range);
        let (positional, named) = arguments(text, before.get(open.checked_add(1)?..)?);
        let rest = text.get(offset as usize..).unwrap_or_default();
        let closing = closing(before, rest.split('\n').next().unwrap_or_default());
        Some(Call { name: range(before.get(name)?), before: base, positional, named, closing })
    }
}

fn range(token: &Token) -> TextRange {
    TextRange::new(token.start, token.end)
}

/// The number of the last token that opens a parenthesis and is not closed. A block ends the search.
fn open_parenthesis(tokens: &[Token]) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().rev() {
        match token.kind {
            TokenKind::Close(_) => depth = depth.saturating_add(1),
            TokenKind::Open(bracket) => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None if bracket == Bracket::Paren => return Some(at),
                None if bracket == Bracket::Square => {}
                None => return None,
            },
            _ => {}
        }
    }
    None
}

/// The number of the name before a parenthesis: `ask` of `ask<Int>(`.
fn callee(text: &str, before: &[Token]) -> Option<usize> {
    let mut at = before.len().checked_sub(1)?;
    if before.get(at)?.text(text) == ">" {
        while before.get(at)?.text(text) != "<" {
            at = at.checked_sub(1)?;
        }
        at = at.checked_sub(1)?;
    }
    (before.get(at)?.kind == TokenKind::Word).then_some(at)
}

/// How many arguments without a name are complete, and the name of the one that is being written.
fn arguments(text: &str, inside: &[Token]) -> (usize, Option<String>) {
    let (mut depth, mut positional, mut first) = (0_usize, 0_usize, 0_usize);
    let name = |from: usize| {
        let word = inside.get(from).filter(|t| t.kind == TokenKind::Word)?;
        let colon = inside.get(from.saturating_add(1))?;
        (colon.text(text) == ":").then(|| word.text(text).to_owned())
    };
    for (at, token) in inside.iter().enumerate() {
        match token.kind {
            TokenKind::Open(_) => depth = depth.saturating_add(1),
            TokenKind::Close(_) => depth = depth.saturating_sub(1),
            TokenKind::Punct if depth == 0 && token.text(text) == "," => {
                if name(first).is_none() {
                    positional = positional.saturating_add(1);
                }
                first = at.saturating_add(1);
            }
            _ => {}
        }
    }
    (positional, name(first))
}

fn meaning(snapshot: &Snapshot, file: FileId, name: TextRange) -> Option<DefinitionSite> {
    let facts = &snapshot.checked.facts;
    let called = |kind| {
        matches!(
            kind,
            NameKind::Fn
                | NameKind::Native
                | NameKind::Effect
                | NameKind::Flow
                | NameKind::Tool
                | NameKind::Tag
                | NameKind::Trigger
        )
    };
    facts.references_at(file, name.end).find(|r| called(r.kind)).map(|r| r.site)
}

fn shown(snapshot: &Snapshot, file: FileId, call: &Call, site: DefinitionSite) -> Option<Signature> {
    let outline = &snapshot.checked.outline;
    let docs = outline.docs(site).map(|docs| docs.trim().to_owned());
    let (label, params, names) = match outline.item(site) {
        Some(item) => {
            let params = &item.callable.as_ref()?.params;
            let texts = params.iter().map(|param| param.text.to_string()).collect();
            let names: Vec<String> = params.iter().map(|param| param.name.to_string()).collect();
            (item.signature.to_string(), texts, names)
        }
        None => {
            let tag = outline.part(site)?;
            let params = fields(&tag.text);
            let name = |text: &String| text.split(':').next().unwrap_or_default().to_owned();
            let names = params.iter().map(name).collect();
            (tag.text.to_string(), params, names)
        }
    };
    let skipped = usize::from(is_method(snapshot, file, call, site));
    let active = match &call.named {
        Some(name) => names.iter().position(|known| known == name),
        None => Some(call.positional.saturating_add(skipped)),
    };
    let active = active.filter(|at| *at < names.len());
    Some(Signature { label, docs, params, active })
}

/// Whether what stands before the dot is the first argument: it is a value, and no module, type or channel.
fn is_method(snapshot: &Snapshot, file: FileId, call: &Call, site: DefinitionSite) -> bool {
    let Some(before) = call.before else { return false };
    let item = snapshot.checked.outline.item(site);
    if item.is_none_or(|item| item.effect.as_ref().is_some_and(|effect| effect.on.is_some())) {
        return false;
    }
    let facts = &snapshot.checked.facts;
    !facts.references_at(file, before.end).any(|r| matches!(r.kind, NameKind::Module | NameKind::Type))
}

/// `amount: Money`, `when: Time` of `paid(amount: Money, when: Time)`.
fn fields(tag: &str) -> Vec<String> {
    let Some((_, inside)) = tag.split_once('(') else { return Vec::new() };
    let inside = inside.strip_suffix(')').unwrap_or(inside);
    let (mut out, mut depth) = (vec![String::new()], 0_u32);
    for c in inside.chars() {
        match c {
            '<' | '(' => depth = depth.saturating_add(1),
            '>' | ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                out.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = out.last_mut() {
            last.push(c);
        }
    }
    out.into_iter().map(|field| field.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixture::fixture;

    fn active(text: &str) -> String {
        let f = fixture(text);
        let Some(found) = signature(&f.snapshot, f.file, f.offset) else { return String::new() };
        let param = found.active.and_then(|at| found.params.get(at).cloned()).unwrap_or_default();
        format!("{} | {param}", found.label)
    }

    fn in_flow(line: &str) -> String {
        active(&format!("channel c: telegram\nroom r: slack\nflow f on c.message {{\n  {line}\n}}\n"))
    }

    const SEND: &str = "effect send(content: Content, to: trusted Target) -> MessageRef";

    #[test]
    fn the_parameter_at_the_cursor_is_known() {
        assert_eq!(in_flow("send(\"x$0\", to: r)"), format!("{SEND} | content: Content"));
        assert_eq!(in_flow("send(\"x\", to: $0r)"), format!("{SEND} | to: trusted Target"));
        assert_eq!(in_flow("send(to: r, \"$0\")"), format!("{SEND} | content: Content"));
    }

    #[test]
    fn a_call_that_is_half_written_has_one() {
        assert_eq!(in_flow("send($0)"), format!("{SEND} | content: Content"));
        assert_eq!(in_flow("send(\"x\", $0"), format!("{SEND} | to: trusted Target"));
        assert_eq!(
            in_flow("reply(\"a b\".split($0"),
            "fn split(text: Text, separator: Text) -> List<Text> | separator: Text"
        );
    }

    #[test]
    fn modules_agents_tags_and_triggers_have_no_argument_before_the_dot() {
        assert_eq!(
            active("use std/table\nconst a: Text = table.bullets($0[])"),
            "fn bullets(lines: List<Text>) -> Text | lines: List<Text>"
        );
        assert_eq!(
            active("agent d { model: \"a/b\" }\nchannel c: any\nflow f on c.message { reply(d.ask($0)) }"),
            "effect agent.ask(prompt: Text) -> Text | prompt: Text"
        );
        assert_eq!(
            active("type P = cash | card(number: Text, of: Map<Text, Int>)\nconst p: P = card(\"1\", $0[:])"),
            "card(number: Text, of: Map<Text, Int>) | of: Map<Text, Int>"
        );
        assert_eq!(
            active("flow f on cron(\"0 9 * * *\", zone: $0\"UTC\") { log(\"x\") }"),
            "trigger cron(expression: Text, zone: Text = \"UTC\", missed: Missed = skip) | zone: Text = \"UTC\""
        );
    }

    #[test]
    fn outside_of_a_call_there_is_none() {
        assert_eq!(in_flow("let a = (1 + $02)"), "");
        assert_eq!(in_flow("$0send(\"x\", to: r)"), "");
        assert_eq!(in_flow("send(\"{$0message.text}\", to: r)"), "");
    }
}
