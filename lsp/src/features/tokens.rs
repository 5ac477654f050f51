//! What each word is, for highlighting by meaning.

use crate::workspace::Snapshot;
use carapace_check::{ItemFacts, NameKind, Reference, Role};
use carapace_diagnostic::{FileId, TextRange};
use carapace_syntax::ast::Placed;
use carapace_syntax::walk::{Node, walk};
use carapace_syntax::{Token, TokenKind, tokens as lex};

/// What a piece of source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// A word of the language.
    Keyword,
    /// Characters of a text.
    Text,
    /// A number, duration or amount.
    Number,
    /// `//`, `///`.
    Comment,
    /// An operator.
    Operator,
    /// A module.
    Module,
    /// A type.
    Type,
    /// `T`.
    TypeParam,
    /// A parameter, also where it is named in a call.
    Param,
    /// A local name.
    Local,
    /// A state: kept between runs.
    State,
    /// A constant or setting.
    Constant,
    /// A field.
    Field,
    /// A tag of a union.
    Tag,
    /// A function.
    Function,
    /// An effect: it does something outside.
    Effect,
    /// A flow or tool.
    Flow,
    /// A trigger, or what it brings.
    Event,
    /// A channel, room, group, connection, agent.
    Slot,
    /// A kind of channel, a capability.
    Kind,
    /// `url` of `url"…"`.
    TextTag,
    /// A lane, a wait's label.
    Label,
}

/// What else there is to say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Marks {
    /// It is declared here.
    pub declaration: bool,
    /// Something new is given to it.
    pub write: bool,
    /// It is the library's.
    pub library: bool,
    /// It may wait.
    pub waits: bool,
    /// It holds a secret.
    pub secret: bool,
    /// It came from outside.
    pub untrusted: bool,
}

/// A piece of source and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meant {
    /// Where; on one line.
    pub range: TextRange,
    /// What it is.
    pub meaning: Meaning,
    /// What else.
    pub marks: Marks,
}

/// What the words of a file are, in order; only those that a range touches, where one is given.
pub fn tokens(snapshot: &Snapshot, file: FileId, only: Option<TextRange>) -> Vec<Meant> {
    let Some(tree) = snapshot.tree(file) else { return Vec::new() };
    let text = snapshot.text(file);
    let wanted = |r: TextRange| only.is_none_or(|only| only.start <= r.end && r.start <= only.end);
    let mut out = Vec::new();
    for comment in tree.comments.iter().filter(|c| wanted(c.range)) {
        lines(text, comment.range, Meaning::Comment, &mut out);
    }
    for placed in &tree.items {
        if wanted(placed.item.range.shift(placed.offset)) {
            item(snapshot, file, placed, &mut out);
        }
    }
    out.retain(|meant| wanted(meant.range));
    out.sort_by_key(|meant| meant.range);
    out.dedup_by_key(|meant| meant.range.start);
    out
}

fn item(snapshot: &Snapshot, file: FileId, placed: &Placed, out: &mut Vec<Meant>) {
    let text = snapshot.text(file);
    let range = placed.item.range.shift(placed.offset);
    let source = text.get(range.start as usize..range.end as usize).unwrap_or_default();
    let mut names: Vec<TextRange> = Vec::new();
    walk(&placed.item, &mut |node| {
        if let Node::Name(name) = node {
            names.push(name.range);
        }
        true
    });
    names.sort();
    let facts = snapshot.checked.facts.item_at(file, placed.offset).filter(|f| f.offset == placed.offset);
    // Ranges in an item count from its first byte; so do those of its own tokens once they are moved back.
    let base = placed.item.range.start;
    let mut amount = false;
    for token in lex(source) {
        let currency = std::mem::replace(&mut amount, token.kind == TokenKind::Number)
            && is_currency(token.text(source));
        let inside = TextRange::new(token.start, token.end).shift(base);
        let here = inside.shift(placed.offset);
        let name = names.binary_search(&inside).is_ok();
        match plain(token, name) {
            // `20 EUR` is one number.
            Some(Meaning::Keyword) if currency => lines(text, here, Meaning::Number, out),
            Some(meaning) => lines(text, here, meaning, out),
            None if name => {
                let reference = facts.and_then(|f| best(f, inside));
                if let (Some(reference), Some(facts)) = (reference, facts) {
                    out.push(Meant {
                        range: here,
                        meaning: meaning(reference.kind),
                        marks: marks(snapshot, facts, reference),
                    });
                }
            }
            None => {}
        }
    }
}

fn is_currency(word: &str) -> bool {
    word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase())
}

/// What a token is that is no name.
fn plain(token: Token, name: bool) -> Option<Meaning> {
    match token.kind {
        TokenKind::Word if !name => Some(Meaning::Keyword),
        TokenKind::Number => Some(Meaning::Number),
        TokenKind::TextOpen if !name => Some(Meaning::Text),
        TokenKind::TextChunk | TokenKind::TextClose => (token.start < token.end).then_some(Meaning::Text),
        TokenKind::Comment | TokenKind::Doc => Some(Meaning::Comment),
        TokenKind::Punct => Some(Meaning::Operator),
        _ => None,
    }
}

/// The reference at a name; of two the value, which says more than the field.
fn best(facts: &ItemFacts, range: TextRange) -> Option<&Reference> {
    let of_name = facts.references.iter().filter(|r| r.range == range);
    of_name.max_by_key(|r| (r.kind != NameKind::Field, r.role))
}

fn marks(snapshot: &Snapshot, facts: &ItemFacts, reference: &Reference) -> Marks {
    let labels = facts.labels_of(reference.range).unwrap_or_default();
    let outline = &snapshot.checked.outline;
    let effect = outline.item(reference.site).and_then(|item| item.effect.as_ref());
    let called = || {
        let site = reference.site.span;
        let of_site = snapshot.checked.facts.item_at(site.file, site.range.start);
        of_site.and_then(|f| f.header.as_ref()).is_some_and(|h| h.waits)
    };
    let callable = matches!(reference.kind, NameKind::Flow | NameKind::Tool | NameKind::Fn);
    Marks {
        declaration: reference.role == Role::Declaration,
        write: reference.role == Role::Write,
        library: snapshot.module(reference.site.span.file).is_some_and(|m| m.library),
        waits: effect.is_some_and(|e| e.waits) || callable && called(),
        secret: labels.secret,
        untrusted: labels.untrusted,
    }
}

fn meaning(kind: NameKind) -> Meaning {
    match kind {
        NameKind::Module => Meaning::Module,
        NameKind::Type => Meaning::Type,
        NameKind::TypeParam => Meaning::TypeParam,
        NameKind::Field => Meaning::Field,
        NameKind::Tag => Meaning::Tag,
        NameKind::Fn | NameKind::Native => Meaning::Function,
        NameKind::Const | NameKind::Setting => Meaning::Constant,
        NameKind::State => Meaning::State,
        NameKind::Channel | NameKind::Room | NameKind::Group | NameKind::Connection | NameKind::Agent => {
            Meaning::Slot
        }
        NameKind::Tool | NameKind::Flow => Meaning::Flow,
        NameKind::Effect => Meaning::Effect,
        NameKind::Trigger | NameKind::EventField | NameKind::It => Meaning::Event,
        NameKind::ChannelKind | NameKind::Capability => Meaning::Kind,
        NameKind::TextTag => Meaning::TextTag,
        NameKind::Param => Meaning::Param,
        NameKind::Local | NameKind::Var | NameKind::Broken => Meaning::Local,
        NameKind::Lane | NameKind::WaitLabel => Meaning::Label,
    }
}

/// A range, line by line: editors take tokens that end where a line ends.
fn lines(text: &str, range: TextRange, meaning: Meaning, out: &mut Vec<Meant>) {
    let source = text.get(range.start as usize..range.end as usize).unwrap_or_default();
    let mut start = range.start;
    for line in source.split_inclusive('\n') {
        let length = u32::try_from(line.trim_end_matches(['\n', '\r']).len()).unwrap_or(u32::MAX);
        if length > 0 {
            let range = TextRange::new(start, start.saturating_add(length));
            out.push(Meant { range, meaning, marks: Marks::default() });
        }
        start = start.saturating_add(u32::try_from(line.len()).unwrap_or(u32::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixture::fixture;

    const TEXT: &str = "// words
channel chat: any
state count: Int = 0
flow a on chat.message where message.text == \"go\" {
  let answer = ask(\"how {sender.name}?\")
  set count = count + 1
  reply(\"\"\"
    two {answer}
    lines
    \"\"\")
}
";

    fn meant(text: &str) -> Vec<(String, Meaning, Marks)> {
        let f = fixture(text);
        let found = tokens(&f.snapshot, f.file, None);
        found.into_iter().map(|m| (f.slice(m.range).to_owned(), m.meaning, m.marks)).collect()
    }

    #[test]
    fn a_currency_belongs_to_its_amount() {
        let found = meant("const limit: Money = 20 EUR\n");
        assert!(found.contains(&("EUR".to_owned(), Meaning::Number, Marks::default())), "{found:?}");
    }

    #[test]
    fn every_word_is_what_it_means() {
        let found = meant(TEXT);
        let of = |word: &str| found.iter().find(|(text, ..)| text == word).map(|(_, meaning, _)| *meaning);
        assert_eq!(of("// words"), Some(Meaning::Comment));
        assert_eq!(of("channel"), Some(Meaning::Keyword));
        assert_eq!(of("chat"), Some(Meaning::Slot));
        assert_eq!(of("count"), Some(Meaning::State));
        assert_eq!(of("Int"), None, "a type that nobody declared has no place");
        assert_eq!(of("ask"), Some(Meaning::Effect));
        assert_eq!(of("answer"), Some(Meaning::Local));
        assert_eq!(of("sender"), Some(Meaning::Event));
        assert_eq!(of("where"), Some(Meaning::Keyword));
        assert_eq!(of("1"), Some(Meaning::Number));
        assert_eq!(of("    lines"), Some(Meaning::Text), "line by line: {found:?}");
    }

    #[test]
    fn marks_say_what_waits_what_is_written_and_where_it_came_from() {
        let found = meant(TEXT);
        let of = |word: &str, at: usize| found.iter().filter(|(t, ..)| t == word).nth(at).unwrap().2;
        assert!(of("ask", 0).waits && of("ask", 0).library);
        assert!(of("count", 0).declaration && of("count", 1).write && !of("count", 2).write);
        assert!(of("answer", 0).declaration && of("answer", 0).untrusted);
    }

    #[test]
    fn of_a_range_only_what_it_touches() {
        let f = fixture(TEXT);
        let at = u32::try_from(TEXT.find("count = count").unwrap()).unwrap();
        let some = tokens(&f.snapshot, f.file, Some(TextRange::new(at, at + 5)));
        assert!(some.iter().any(|m| f.slice(m.range) == "count"));
        assert!(some.len() < 5, "{some:?}");
    }

    #[test]
    fn tokens_never_overlap() {
        for text in [
            TEXT,
            "flow a on {\n  reply(\n",
            "const a = \"{",
            "type P { x: Int }\nfn f(x: Int) -> P = P { x }\n",
        ] {
            let f = fixture(text);
            let found = tokens(&f.snapshot, f.file, None);
            assert!(found.windows(2).all(|w| w[0].range.end <= w[1].range.start), "{text}: {found:?}");
        }
    }
}
