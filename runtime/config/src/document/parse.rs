//! From text to tree. Never fails: what cannot be read is told and stands in the tree as broken.

use super::{Document, Member, Name, Node, Text, Value, number, text};
use carapace_diagnostic::{Code, Diagnostic, FileId, Span, TextRange};

/// Values in values, at most.
const DEEPEST: usize = 64;

/// What is read, and where.
pub(super) struct Parser<'a> {
    text: &'a str,
    at: usize,
    file: FileId,
    depth: usize,
    found: Vec<Diagnostic>,
}

/// The last mistake that was told, for more words about it; nothing where it was not told.
pub(super) struct Told<'p>(Option<&'p mut Diagnostic>);

impl Told<'_> {
    /// The way out.
    pub(super) fn help(self, text: impl Into<String>) {
        if let Some(diagnostic) = self.0 {
            diagnostic.help = Some(text.into());
        }
    }
}

pub(super) fn parse(text: &str, file: FileId) -> Document {
    let mut parser = Parser { text, at: 0, file, depth: 0, found: Vec::new() };
    parser.blank();
    if parser.peek().is_none() {
        let end = parser.at;
        parser
            .error(end, end, "nothing stands in this file")
            .help("write `{ version: 1 }`, with more keys in it");
        let root = Node { span: parser.span(end, end), value: Value::Broken };
        return Document { root, diagnostics: parser.found };
    }
    let root = parser.value();
    parser.blank();
    let rest = parser.at;
    if parser.peek().is_some() && !matches!(root.value, Value::Broken) {
        parser
            .error(rest, rest.saturating_add(1), "something stands behind the end")
            .help("a file is one object: `{ … }`");
    }
    Document { root, diagnostics: parser.found }
}

impl Parser<'_> {
    pub(super) fn at(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn bump(&mut self) {
        self.at = self.at.saturating_add(self.peek().map_or(0, char::len_utf8));
    }

    pub(super) fn eat(&mut self, c: char) -> bool {
        let there = self.peek() == Some(c);
        if there {
            self.bump();
        }
        there
    }

    /// The number that so many hexadecimal digits say.
    pub(super) fn hex(&mut self, digits: usize) -> Option<u32> {
        let text = self.rest().get(..digits).filter(|text| text.chars().all(|c| c.is_ascii_hexdigit()))?;
        let number = u32::from_str_radix(text, 16).ok()?;
        self.at = self.at.saturating_add(digits);
        Some(number)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span::new(self.file, TextRange::new(clamp(start), clamp(end)))
    }

    /// Tells a mistake. One a line: what follows on it are consequences.
    pub(super) fn error(&mut self, start: usize, end: usize, message: impl Into<String>) -> Told<'_> {
        let line = |at: usize| self.text.get(..at).map_or(usize::MAX, |before| before.matches('\n').count());
        let last = self
            .found
            .last()
            .map(|last| usize::try_from(last.primary.span.range.start).unwrap_or(usize::MAX));
        if last.is_some_and(|last| line(last) == line(start)) {
            return Told(None);
        }
        let span = self.span(start, end);
        self.found.push(Diagnostic::new(Code("E0977"), span, message));
        Told(self.found.last_mut())
    }

    /// Passes over blanks and comments.
    fn blank(&mut self) {
        loop {
            let start = self.at;
            let rest = self.rest();
            if rest.starts_with("//") {
                let end = rest.find(['\n', '\r', '\u{2028}', '\u{2029}']);
                self.at = end.map_or(self.text.len(), |end| start.saturating_add(end));
            } else if let Some(comment) = rest.strip_prefix("/*") {
                match comment.find("*/") {
                    Some(end) => self.at = start.saturating_add(end).saturating_add(4),
                    None => {
                        self.at = self.text.len();
                        self.error(start, start.saturating_add(2), "this comment has no end")
                            .help("close it with `*/`");
                    }
                }
            } else if self.peek().is_some_and(|c| c.is_whitespace() || c == '\u{feff}') {
                self.bump();
            } else {
                return;
            }
        }
    }

    fn value(&mut self) -> Node {
        let start = self.at;
        let value = match self.peek() {
            Some(open @ ('{' | '[')) if self.depth >= DEEPEST => {
                self.error(
                    start,
                    start.saturating_add(1),
                    format!("`{open}` stands too deep, in more than {DEEPEST} others"),
                );
                self.at = self.text.len();
                Value::Broken
            }
            Some('{') => self.nested(Parser::object),
            Some('[') => self.nested(Parser::list),
            Some(quote @ ('"' | '\'')) => {
                self.bump();
                Value::Text(Text { value: text::read(self, quote, start), written: None })
            }
            _ => self.word(),
        };
        Node { span: self.span(start, self.at.max(start)), value }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Value) -> Value {
        self.bump();
        self.depth = self.depth.saturating_add(1);
        let value = read(self);
        self.depth = self.depth.saturating_sub(1);
        value
    }

    /// What stands without quotes: a number, `true`, `null`.
    fn word(&mut self) -> Value {
        let start = self.at;
        let part = |c: char| c.is_alphanumeric() || matches!(c, '+' | '-' | '.' | '_' | '$' | '#' | '@');
        let length = self.rest().find(|c| !part(c)).unwrap_or(self.rest().len());
        let word = self.rest().get(..length).unwrap_or_default().to_owned();
        self.at = start.saturating_add(length);
        match word.as_str() {
            "null" => Value::Null,
            "true" => Value::Flag(true),
            "false" => Value::Flag(false),
            "" => {
                let end = self.peek().map_or(start, |c| start.saturating_add(c.len_utf8()));
                self.error(start, end, "a value is missing here");
                Value::Broken
            }
            word => match number::read(word) {
                Some(number) => Value::Number(number),
                None => {
                    let end = self.at;
                    self.error(start, end, format!("`{word}` is no value"))
                        .help(format!("a text stands in quotes: `\"{word}\"`"));
                    Value::Broken
                }
            },
        }
    }

    fn list(&mut self) -> Value {
        let open = self.at.saturating_sub(1);
        let mut elements = Vec::new();
        loop {
            self.blank();
            if self.ends(']', open) {
                return Value::List(elements);
            }
            let before = self.at;
            elements.push(self.value());
            self.blank();
            self.separator(']', before);
        }
    }

    fn object(&mut self) -> Value {
        let open = self.at.saturating_sub(1);
        let mut members: Vec<Member> = Vec::new();
        loop {
            self.blank();
            if self.ends('}', open) {
                return Value::Object(members);
            }
            let before = self.at;
            if let Some(member) = self.member() {
                match members.iter_mut().find(|other| other.name.text == member.name.text) {
                    Some(first) => {
                        let name = &member.name;
                        let twice = format!("`{}` stands here twice", name.text);
                        self.found.push(
                            Diagnostic::new(Code("E0978"), name.span, twice)
                                .also(first.name.span, "here first")
                                .help("take one of them out"),
                        );
                    }
                    None => members.push(member),
                }
            }
            self.separator('}', before);
        }
    }

    /// Whether the list or object that began at `open` ends here; so it does at the end of the text, which is told.
    fn ends(&mut self, close: char, open: usize) -> bool {
        if self.eat(close) {
            return true;
        }
        if self.peek().is_none() {
            let bracket = if close == '}' { '{' } else { '[' };
            self.error(open, open.saturating_add(1), format!("this `{bracket}` is not closed"))
                .help(format!("close it with `{close}`"));
            return true;
        }
        false
    }

    fn member(&mut self) -> Option<Member> {
        let name = self.name()?;
        let end_of_name = self.at;
        self.blank();
        let colon = self.at;
        if !self.eat(':') {
            let text = &name.text;
            let help = format!("write `{text}: …`");
            self.at = end_of_name;
            self.error(end_of_name, end_of_name, "a colon and a value are missing here").help(help);
            let value = Node { span: self.span(end_of_name, end_of_name), value: Value::Broken };
            let end = value.span.range.end;
            return Some(Member { name, colon: None, value, end });
        }
        self.blank();
        let value = match self.peek() {
            // The next key is no value: `listen: <here>` before it.
            Some('}' | ',') | None => {
                let behind = colon.saturating_add(1);
                self.error(colon, behind, "a value is missing here");
                Node { span: self.span(behind, behind), value: Value::Broken }
            }
            _ => self.value(),
        };
        self.blank();
        let span = self.span(colon, self.at);
        Some(Member { name, colon: Some(span.range.start), value, end: span.range.end })
    }

    fn name(&mut self) -> Option<Name> {
        let start = self.at;
        if let Some(quote @ ('"' | '\'')) = self.peek() {
            self.bump();
            let text = text::read(self, quote, start);
            return Some(Name { span: self.span(start, self.at), text });
        }
        let mut text = String::new();
        while let Some(c) = self.peek() {
            let first = c.is_alphabetic() || c == '$' || c == '_';
            let later = c.is_alphanumeric() || matches!(c, '\u{200c}' | '\u{200d}');
            if first || (later && !text.is_empty()) {
                self.bump();
                text.push(c);
            } else if c == '\\' {
                self.bump();
                match self.eat('u').then(|| text::unicode(self)).flatten() {
                    Some(letter) => text.push(letter),
                    None => break,
                }
            } else {
                break;
            }
        }
        if text.is_empty() || self.peek().is_some_and(|c| matches!(c, '-' | '/' | '.' | '#' | '@')) {
            return self.no_name(start);
        }
        Some(Name { span: self.span(start, self.at), text })
    }

    /// What stands where a key should: passed over as far as it can be one.
    fn no_name(&mut self, start: usize) -> Option<Name> {
        let length = self.rest().find([',', '}', ':', '\n', ' ', '"', '\'']).unwrap_or(self.rest().len());
        self.at = self.at.saturating_add(length);
        let text = self.text.get(start..self.at).unwrap_or_default().to_owned();
        let end = self.at.max(start.saturating_add(1));
        if text.is_empty() || !text.starts_with(|c: char| c.is_alphanumeric()) {
            self.error(start, end, "a key is missing here");
            self.skip(start);
            return None;
        }
        self.error(start, end, format!("`{text}` is no key without quotes"))
            .help(format!("write `\"{text}\"`"));
        Some(Name { span: self.span(start, self.at), text })
    }

    /// Between two elements: a comma, or the end is next. What is neither is told; what began at `before` without
    /// getting on is passed over.
    fn separator(&mut self, close: char, before: usize) {
        self.blank();
        if self.eat(',') || self.peek() == Some(close) || self.peek().is_none() {
            return;
        }
        let here = self.text.get(..self.at).unwrap_or_default().trim_end().len();
        self.error(here, here, format!("a comma or `{close}` is missing here"));
        if self.at == before || self.peek().is_some_and(|c| matches!(c, ']' | '}' | ':')) {
            self.skip(self.at);
        }
    }

    /// Passes over what cannot be read, to the next comma, line or closing bracket; over one letter behind `start` at least.
    fn skip(&mut self, start: usize) {
        if self.at == start {
            self.bump();
        }
        let length = self.rest().find([',', '\n', '}', ']']).unwrap_or(self.rest().len());
        self.at = self.at.saturating_add(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> (Option<serde_json::Value>, Vec<String>) {
        let document = Document::parse(text, FileId(0));
        (
            document.root.json(false),
            document.diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect(),
        )
    }

    #[test]
    fn json5_is_read() {
        let text = "\u{feff}// a\n{ /* b */ a: 'it\\'s', \"b c\": [1, 2,], $d_1: { e: +.5, }, f: \"\\x41\\u00e9\\ud83d\\ude00\\\n!\", é: null, }\n";
        let (json, told) = read(text);
        assert_eq!(told, Vec::<String>::new());
        let expected = json!({ "a": "it's", "b c": [1, 2], "$d_1": { "e": 0.5 }, "f": "Aé😀!", "é": null });
        assert_eq!(json, Some(expected));
    }

    #[test]
    fn a_mistake_is_told_once_and_what_stands_around_it_is_read() {
        for (text, message) in [
            ("{ a: 1 b: 2 }", "a comma or `}` is missing here"),
            ("{ a: flows, b: 2 }", "`flows` is no value"),
            ("{ a, b: 2 }", "a colon and a value are missing here"),
            ("{ a: , b: 2 }", "a value is missing here"),
            ("{ a-c: 1, b: 2 }", "`a-c` is no key without quotes"),
            ("{ a: \"x,\n b: 2 }", "this text has no end"),
            ("{ a: [1, 2, b: 2 }", "`b` is no value"),
            ("{ ?, b: 2 }", "a key is missing here"),
            ("{ b: 2", "this `{` is not closed"),
            ("{ b: 2 } x", "something stands behind the end"),
            ("{ b: 2 /* ", "this comment has no end"),
            ("{ a: \"\\1\", b: 2 }", "this is no escape"),
        ] {
            let document = Document::parse(text, FileId(0));
            let told: Vec<&str> = document.diagnostics.iter().map(|d| d.message.as_str()).collect();
            assert_eq!(told.first(), Some(&message), "{text}");
            if !text.contains('[') {
                assert!(
                    document.root.get("b").is_some_and(|b| b.noun() == "a number"),
                    "{text}: {document:?}"
                );
            }
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_told_and_the_first_counts() {
        let (json, told) = read("{ a: 1, 'a': 2 }");
        assert_eq!((json, told), (Some(json!({ "a": 1 })), vec!["E0978 `a` stands here twice".to_owned()]));
    }

    #[test]
    fn every_beginning_of_a_text_has_a_tree_and_so_has_what_is_too_deep() {
        let text = "{ a: 'x\\u00e9', \"b\": [1, { c: .5 }], /* */ d: { e: null, }, }";
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            assert!(!Document::parse(&text[..end], FileId(0)).diagnostics.is_empty(), "{end}");
        }
        let (_, told) = read(&"[".repeat(100_000));
        assert!(told[0].contains("too deep"), "{told:?}");
    }
}
