//! A file: its items, and what stands between them.

use super::item::item;
use crate::lex::{Token, TokenKind, lex};
use crate::recover::skeleton;
use crate::split::split;
use std::fmt::Write;

/// The text in the one style. What does not parse stands as it stood.
pub fn format(text: &str) -> String {
    let tokens = lex(text);
    let mut out = Out::default();
    let mut from = 0;
    for slice in split(text, &tokens.list) {
        let before = tokens.list.get(from..slice.first).unwrap_or_default();
        out.between(text, before);
        let list = tokens.list.get(slice.first..slice.end).unwrap_or_default();
        let (Some(first), Some(last)) = (list.first(), list.last()) else { continue };
        let source = text.get(first.start as usize..last.end as usize).unwrap_or_default();
        let problems: Vec<_> = tokens
            .problems
            .iter()
            .skip(tokens.problems.partition_point(|p| p.start < first.start))
            .take_while(|p| p.start < last.end)
            .map(|p| p.back(first.start))
            .collect();
        let moved: Vec<Token> = list.iter().map(|t| t.back(first.start)).collect();
        let keyword = slice.keyword - slice.first;
        let body = match skeleton(source, &moved, keyword, slice.is_item, &problems) {
            Some(skeleton) => {
                let mut body = String::new();
                for token in moved.get(..keyword).unwrap_or_default() {
                    if token.kind != TokenKind::Newline {
                        let _ = writeln!(body, "{}", token.text(source).trim_end());
                    }
                }
                body + &item(source, &moved, keyword, &skeleton)
            }
            None => source.to_owned(),
        };
        out.item(body);
        from = slice.end;
    }
    out.between(text, tokens.list.get(from..).unwrap_or_default());
    out.finish()
}

/// What was written so far, and how it ended.
#[derive(Default)]
struct Out {
    text: String,
    /// Line ends in the source since the last thing written.
    newlines: usize,
    after_item: bool,
    item_was_long: bool,
}

impl Out {
    fn between(&mut self, source: &str, tokens: &[Token]) {
        for token in tokens {
            if token.kind == TokenKind::Newline {
                self.newlines += 1;
                continue;
            }
            let comment = token.text(source).trim_end();
            if self.text.is_empty() {
                self.text.push_str(comment);
            } else if self.newlines == 0 {
                let _ = write!(self.text, " {comment}");
            } else {
                let blank = self.newlines > 1 || (self.after_item && self.item_was_long);
                self.text.push_str(if blank { "\n\n" } else { "\n" });
                self.text.push_str(comment);
            }
            (self.newlines, self.after_item) = (0, false);
        }
    }

    fn item(&mut self, body: String) {
        let long = body.contains('\n');
        if !self.text.is_empty() {
            let blank = self.newlines > 1 || (self.after_item && (long || self.item_was_long));
            self.text.push_str(if blank { "\n\n" } else { "\n" });
        }
        self.text.push_str(&body);
        (self.newlines, self.after_item, self.item_was_long) = (0, true, long);
    }

    fn finish(mut self) -> String {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text
    }
}
