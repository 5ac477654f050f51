//! Literals: texts with their escapes and indentation, numbers with their units.

use super::{Builder, Pair};
use crate::ast::{Expr, ExprKind, InterpolationPart};
use crate::codes;
use crate::grammar::Rule;
use carapace_diagnostic::TextRange;

/// What digits can mean.
pub(super) enum Literal {
    Int(i64),
    Number(String),
    Duration(i64),
    Money(String, String),
}

impl Builder<'_> {
    pub(super) fn number(&mut self, pair: &Pair<'_>) -> Literal {
        let range = self.range(pair);
        let text = pair.as_str();
        let digits_end =
            text.find(|c: char| !c.is_ascii_digit() && c != '_' && c != '.').unwrap_or(text.len());
        let (digits, unit) = text.split_at(digits_end);
        let digits = digits.replace('_', "");
        let unit = unit.trim();
        if unit.len() == 3 {
            return Literal::Money(digits, unit.to_owned());
        }
        if !unit.is_empty() {
            return Literal::Duration(self.duration(&digits, unit, range));
        }
        if digits.contains('.') {
            return Literal::Number(digits);
        }
        Literal::Int(digits.parse().unwrap_or_else(|_| {
            self.problem(codes::NUMBER_RANGE, range, format!("`{text}` is too large for an `Int`")).help =
                Some(format!("the largest is {}; write `{digits}.0` for a `Number`", i64::MAX));
            0
        }))
    }

    fn duration(&mut self, digits: &str, unit: &str, range: TextRange) -> i64 {
        let factor = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => 604_800_000,
        };
        if digits.contains('.') {
            self.problem(codes::NUMBER_RANGE, range, "a duration is a whole number of its unit").help =
                Some("take the next smaller unit: `90s` instead of `1.5m`".to_owned());
            return 0;
        }
        digits.parse::<i64>().ok().and_then(|n| n.checked_mul(factor)).unwrap_or_else(|| {
            self.problem(
                codes::NUMBER_RANGE,
                range,
                format!("`{digits}{unit}` is too long for a `Duration`"),
            );
            0
        })
    }

    pub(super) fn tagged(&mut self, pair: Pair<'_>) -> Expr {
        let (id, range) = (self.id(), self.range(&pair));
        let mut parts = Vec::new();
        let mut tag = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::tag => tag = Some(self.name(&part)),
                Rule::text => parts = self.text_parts(part),
                _ => {
                    let block = part.as_str().starts_with("\"\"\"");
                    let raw = part.into_inner().next().map_or("", |p| p.as_str());
                    let mut pieces = vec![Piece::Text(raw.to_owned())];
                    if block {
                        strip_indent(&mut pieces);
                    }
                    parts = pieces.into_iter().filter_map(Piece::finish).collect();
                }
            }
        }
        let tag = tag.unwrap_or_else(|| crate::ast::Name {
            text: "re".to_owned(),
            range: TextRange::new(range.start, range.start + 2),
        });
        Expr { id, range, kind: ExprKind::Tagged { tag, parts } }
    }

    /// The parts of a `text`.
    pub(super) fn text_parts(&mut self, pair: Pair<'_>) -> Vec<InterpolationPart> {
        let block = pair.as_str().starts_with("\"\"\"");
        let mut pieces = Vec::new();
        for part in pair.into_inner() {
            if part.as_rule() == Rule::interp {
                let range = self.range(&part);
                let expr = self.only_expr(part);
                pieces.push(Piece::Expr(expr.unwrap_or_else(|| self.error_expr(range))));
            } else {
                // How an editor ends lines is not part of a text; whoever means a carriage return writes `\r`.
                pieces.push(Piece::Chunk(part.as_str().replace("\r\n", "\n"), self.range_untrimmed(&part)));
            }
        }
        if block {
            strip_indent(&mut pieces);
        }
        pieces.into_iter().filter_map(|p| self.resolve(p).finish()).collect()
    }

    fn range_untrimmed(&self, pair: &Pair<'_>) -> TextRange {
        let span = pair.as_span();
        TextRange::new(self.clamp(span.start()), self.clamp(span.end()))
    }

    /// A piece with its escapes resolved.
    fn resolve(&mut self, piece: Piece) -> Piece {
        match piece {
            Piece::Chunk(raw, range) => Piece::Text(self.unescape(&raw, range)),
            other => other,
        }
    }

    fn unescape(&mut self, raw: &str, range: TextRange) -> String {
        if !raw.contains('\\') {
            return raw.to_owned();
        }
        let mut out = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(at) = rest.find('\\') {
            let (before, escape) = rest.split_at(at);
            out.push_str(before);
            let (value, used) = unescape_one(escape);
            match value {
                Some(c) => out.push(c),
                None => self.bad_escape(escape.get(..used).unwrap_or(escape), range),
            }
            rest = escape.get(used..).unwrap_or_default();
        }
        out.push_str(rest);
        out
    }

    fn bad_escape(&mut self, escape: &str, chunk: TextRange) {
        let inside = self.slice(chunk).find(escape).unwrap_or_default() as u32;
        let range = TextRange::new(chunk.start + inside, chunk.start + inside + escape.len() as u32);
        self.problem(codes::ESCAPE, range, format!("`{escape}` means nothing in a text")).help = Some(
            "there are `\\n`, `\\r`, `\\t`, `\\\\`, `\\\"`, `\\{`, `\\}` and `\\u{1F600}`; a backslash is `\\\\`"
                .to_owned(),
        );
    }
}

/// The character an escape stands for, and how many bytes it is long.
fn unescape_one(escape: &str) -> (Option<char>, usize) {
    let Some(letter) = escape.chars().nth(1) else { return (None, escape.len()) };
    let simple = match letter {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '\\' | '"' | '{' | '}' => letter,
        'u' if escape.starts_with("\\u{") => {
            let end = escape.find('}').map_or(escape.len(), |i| i + 1);
            let digits = escape.get(3..end.saturating_sub(1)).unwrap_or_default();
            return (u32::from_str_radix(digits, 16).ok().and_then(char::from_u32), end);
        }
        _ => return (None, 1 + letter.len_utf8()),
    };
    (Some(simple), 2)
}

/// A part of a text before it is finished.
enum Piece {
    /// Source characters, escapes and all.
    Chunk(String, TextRange),
    Text(String),
    Expr(Expr),
}

impl Piece {
    fn finish(self) -> Option<InterpolationPart> {
        match self {
            Piece::Chunk(text, _) | Piece::Text(text) => {
                (!text.is_empty()).then_some(InterpolationPart::Literal(text))
            }
            Piece::Expr(expr) => Some(InterpolationPart::Expr(expr)),
        }
    }

    fn text_mut(&mut self) -> Option<&mut String> {
        match self {
            Piece::Chunk(text, _) | Piece::Text(text) => Some(text),
            Piece::Expr(_) => None,
        }
    }
}

/// Takes the common indentation off the lines of a `"""` block, and the line ends next to its quotes. The line of the
/// closing quotes counts, so the author says with them how much is indentation.
fn strip_indent(pieces: &mut [Piece]) {
    let Some(Some(first)) = pieces.first_mut().map(Piece::text_mut) else { return };
    let lead = first.len() - first.trim_start_matches([' ', '\t', '\r']).len();
    if first.get(lead..).is_some_and(|rest| rest.starts_with('\n')) {
        // Kept until the lines are cut; removed below.
    } else {
        return;
    }
    let indent = common_indent(pieces);
    for piece in pieces.iter_mut() {
        if let Some(text) = piece.text_mut() {
            *text = without_indent(text, indent);
        }
    }
    if let Some(Some(first)) = pieces.first_mut().map(Piece::text_mut)
        && let Some(at) = first.find('\n')
    {
        first.drain(..=at);
    }
    if let Some(Some(last)) = pieces.last_mut().map(Piece::text_mut) {
        let end = last.trim_end_matches([' ', '\t', '\r']).len();
        if last.get(..end).is_some_and(|t| t.ends_with('\n')) {
            last.truncate(end - 1);
        } else if end == 0 {
            last.clear();
        }
    }
}

fn common_indent(pieces: &mut [Piece]) -> usize {
    let count = pieces.len();
    let mut least = usize::MAX;
    for (index, piece) in pieces.iter_mut().enumerate() {
        let Some(text) = piece.text_mut() else { continue };
        let mut lines = text.split('\n').skip(1).peekable();
        while let Some(line) = lines.next() {
            let blank = line.trim_matches([' ', '\t', '\r']).is_empty();
            let last_line = lines.peek().is_none();
            // A blank line says nothing, unless something else follows on it: a value, or the closing quotes.
            if blank && !(last_line && index < count) {
                continue;
            }
            least = least.min(line.len() - line.trim_start_matches([' ', '\t']).len());
        }
    }
    if least == usize::MAX { 0 } else { least }
}

fn without_indent(text: &str, indent: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, line) in text.split('\n').enumerate() {
        if index == 0 {
            out.push_str(line);
            continue;
        }
        out.push('\n');
        let own = line.len() - line.trim_start_matches([' ', '\t']).len();
        out.push_str(line.get(indent.min(own)..).unwrap_or_default());
    }
    out
}
