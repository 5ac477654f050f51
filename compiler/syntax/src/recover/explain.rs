//! A failed parse in a person's words.

use super::expected::{Wanted, shape_of, wanted};
use super::foreign::{foreign_item, foreign_statement};
use crate::build::relative;
use crate::codes;
use crate::grammar::Rule;
use crate::lex::{Bracket, Token, TokenKind};
use crate::split::is_item_keyword;
use carapace_diagnostic::{Diagnostic, TextRange, suggest};
use pest::error::Error;

/// The one property of an agent that is written with braces.
const APPROVE: &str = "approve";

/// A piece of an item that does not parse.
pub(super) struct Failure<'a> {
    pub(super) source: &'a str,
    pub(super) tokens: &'a [Token],
    /// The piece's tokens.
    pub(super) from: usize,
    pub(super) to: usize,
    /// How far the grammar came, in bytes of the item.
    pub(super) place: u32,
    pub(super) error: &'a Error<Rule>,
    /// What the piece was parsed as.
    pub(super) rule: Rule,
}

impl<'a> Failure<'a> {
    fn token(&self, index: usize) -> Option<Token> {
        self.tokens.get(index).copied().filter(|_| (self.from..self.to).contains(&index))
    }

    pub(super) fn text(&self, index: usize) -> &'a str {
        self.token(index).map_or("", |t| t.text(self.source))
    }

    /// The token the grammar stumbled over; `to` where the piece ended too early.
    fn found(&self) -> usize {
        let list = self.tokens.get(self.from..self.to).unwrap_or_default();
        let at = list.partition_point(|t| t.end <= self.place);
        let ahead = list.get(at..).unwrap_or_default().iter().position(|t| !t.is_trivia());
        ahead.map_or(self.to, |ahead| self.from + at + ahead)
    }

    /// The last token before `index` that is not trivia.
    fn before(&self, index: usize) -> Option<usize> {
        let list = self.tokens.get(self.from..index)?;
        list.iter().rposition(|t| !t.is_trivia()).map(|i| self.from + i)
    }

    /// The innermost bracket of the piece that is open at `index`.
    fn open_at(&self, index: usize) -> Option<Bracket> {
        let mut stack = Vec::new();
        for token in self.tokens.get(self.from..index)? {
            match token.kind {
                TokenKind::Open(bracket) => stack.push(bracket),
                TokenKind::Close(_) => {
                    stack.pop();
                }
                _ => {}
            }
        }
        stack.pop()
    }
}

/// One message for one failure.
pub(super) fn explain(failure: &Failure<'_>) -> Diagnostic {
    let found = failure.found();
    if let Some(known) = foreign_statement(failure)
        .or_else(|| operator(failure, found))
        .or_else(|| missing_colon(failure))
        .or_else(|| braces(failure, found))
    {
        return known;
    }
    let wanted = wanted(failure.error);
    let first = failure.text(failure.from);
    let shape = shape_of(first, failure.rule);
    let diagnostic = match failure.token(found) {
        Some(token) => unexpected(failure, found, token, wanted),
        None => too_early(failure, wanted),
    };
    match shape {
        Some(shape) if diagnostic.help.is_none() => diagnostic.help(shape),
        _ => diagnostic,
    }
}

fn unexpected(failure: &Failure<'_>, found: usize, token: Token, wanted: Wanted) -> Diagnostic {
    let range = TextRange::new(token.start, token.end);
    let shown = shown(failure.source, token);
    if matches!(wanted, Wanted::Name | Wanted::Expression | Wanted::Pattern)
        && token.kind == TokenKind::Word
        && crate::build::is_reserved(failure.text(found))
        && wanted == Wanted::Name
    {
        let word = failure.text(found);
        return Diagnostic::new(
            codes::KEYWORD_NAME,
            relative(range),
            format!("`{word}` is a keyword and cannot be a name"),
        )
        .help(format!("take another name, for example `{word}_`"));
    }
    let want = match (wanted.clone(), failure.open_at(found)) {
        (Wanted::Continuation | Wanted::Unclear, Some(bracket)) if bracket != Bracket::Brace => {
            if bracket == Bracket::Interp {
                "`}`".to_owned()
            } else {
                format!("`,` or `{}`", bracket.close())
            }
        }
        (Wanted::Continuation, _) => end_of(failure.rule).to_owned(),
        (Wanted::Unclear, _) if failure.rule == Rule::arm_only => "`=>`".to_owned(),
        (Wanted::Word(word), _) if word == "empty" => {
            return Diagnostic::new(
                codes::SYNTAX,
                relative(range),
                format!("there is no `is not {}`", failure.text(found)),
            )
            .help("write `not (x is …)`; only `is not empty` has a form of its own");
        }
        (Wanted::Unclear, _) => {
            return Diagnostic::new(codes::SYNTAX, relative(range), format!("{shown} does not belong here"));
        }
        (wanted, _) => wanted.words(),
    };

    Diagnostic::new(codes::SYNTAX, relative(range), format!("expected {want}, found {shown}"))
}

fn too_early(failure: &Failure<'_>, wanted: Wanted) -> Diagnostic {
    let last = failure.before(failure.to).and_then(|i| failure.token(i));
    let range = last.map_or(TextRange::default(), |t| TextRange::new(t.start, t.end));
    let want = match wanted {
        Wanted::Continuation | Wanted::Unclear => "more".to_owned(),
        wanted => wanted.words(),
    };
    let what = match failure.rule {
        Rule::item => "the item",
        Rule::arm_only => "the case",
        Rule::field_only => "the field",
        Rule::clause_only => "the clause",
        Rule::property_only | Rule::ck_line_only => "the line",
        Rule::branch_only => "the branch",
        _ => "the statement",
    };
    let last = last.map_or("", |t| t.text(failure.source));
    let d = Diagnostic::new(
        codes::SYNTAX,
        relative(range),
        format!("{what} ends too early: expected {want} after `{last}`"),
    );
    if matches!(last, "+" | "-" | "*" | "/" | "%" | "and" | "or" | "=" | "==" | "??") {
        return d
            .help("a statement ends with its line: go on on the same line, or put parentheses around it");
    }
    d
}

fn end_of(rule: Rule) -> &'static str {
    match rule {
        Rule::item => "`{`, a clause, or the end of the item",
        Rule::arm_only => "the end of the case",
        Rule::field_only => "the end of the field",
        Rule::clause_only => "the end of the clause",
        Rule::property_only | Rule::ck_line_only => "the end of the line",
        Rule::branch_only => "the end of the branch",
        _ => "the end of the statement",
    }
}

/// `name Type` where `name: Type` is meant.
fn missing_colon(failure: &Failure<'_>) -> Option<Diagnostic> {
    let name = match failure.rule {
        Rule::field_only | Rule::property_only => failure.from,
        Rule::item
            if matches!(
                failure.text(failure.from),
                "channel" | "room" | "connection" | "setting" | "state"
            ) =>
        {
            failure.from + 1
        }
        _ => return None,
    };
    let token = failure.token(name).filter(|t| t.kind == TokenKind::Word)?;
    let next = failure.token(name + 1)?;
    if failure.text(name + 1) == ":" || next.kind == TokenKind::Newline {
        return None;
    }
    let end = relative(TextRange::new(token.end, token.end));
    let place = relative(TextRange::new(token.start, token.end));
    let message = format!("expected `:` after `{}`", failure.text(name));
    let diagnostic = Diagnostic::new(codes::SYNTAX, place, message).fix("put a `:` there", end, ":");
    Some(match shape_of(failure.text(failure.from), failure.rule) {
        Some(shape) => diagnostic.help(shape),
        None => diagnostic,
    })
}

/// `name: { … }` of an agent's property that is written without braces.
fn braces(failure: &Failure<'_>, found: usize) -> Option<Diagnostic> {
    let name = failure.token(failure.from).filter(|_| failure.rule == Rule::property_only)?;
    let opens = failure.token(found)?.kind == TokenKind::Open(Bracket::Brace);
    if !opens || failure.text(failure.before(found)?) != ":" || failure.before(found)? != failure.from + 1 {
        return None;
    }
    let word = failure.text(failure.from);
    let place = relative(TextRange::new(name.start, name.end));
    let message = format!("`{word}` is no property with `{{ … }}`");
    Some(match suggest(word, [APPROVE]) {
        Some(near) => Diagnostic::new(codes::SYNTAX, place, message)
            .help(format!("did you mean `{near}`?"))
            .fix(format!("replace with `{near}`"), place, near),
        None => Diagnostic::new(codes::SYNTAX, place, message)
            .help("only `approve` has them: `approve: { refund: managers }`"),
    })
}

/// A token as a message shows it.
fn shown(source: &str, token: Token) -> String {
    match token.kind {
        TokenKind::TextOpen | TokenKind::TextChunk => "a text".to_owned(),
        TokenKind::TextClose => "the end of a text".to_owned(),
        _ => {
            let text: String = token.text(source).chars().take(40).collect();
            format!("`{text}`")
        }
    }
}

/// Operators of other languages.
fn operator(failure: &Failure<'_>, found: usize) -> Option<Diagnostic> {
    let token = failure.token(found)?;
    let range = TextRange::new(token.start, token.end);
    let place = relative(range);
    let before = failure.before(found).map_or("", |i| failure.text(i));
    let foreign = |ours: &str| {
        Diagnostic::new(
            codes::FOREIGN_OPERATOR,
            place,
            format!("there is no operator `{}`", failure.text(found)),
        )
        .help(format!("write `{ours}`"))
        .fix(format!("write `{ours}`"), place, ours)
    };
    Some(match failure.text(found) {
        "&&" => foreign("and"),
        "||" => foreign("or"),
        "!" => {
            let glued = failure.token(found + 1).is_some_and(|t| t.start == token.end);
            let d = foreign("not");
            if glued { d.fix("write `not`", place, "not ") } else { d }
        }
        ";" => Diagnostic::new(codes::SEMICOLON, place, "a statement ends with its line, not with `;`")
            .help("take it away; what follows goes to the next line")
            .fix("take `;` away", place, ""),
        "=" if matches!(before, "+" | "-" | "*" | "/" | "%" | "??") => {
            let variable = failure.text(failure.from);
            let told =
                Diagnostic::new(codes::FOREIGN_OPERATOR, place, format!("there is no operator `{before}=`"))
                    .help(format!("write `{variable} = {variable} {before} …`"));
            // With the others the right side would need parentheses, and only the author knows where it ends.
            let sign = failure.before(found).filter(|at| before == "+" && *at == failure.from + 1);
            match sign.and_then(|at| failure.token(at)) {
                Some(plus) => {
                    let both = relative(TextRange::new(plus.start, token.end));
                    told.fix(format!("write `{variable} = {variable} +`"), both, format!("= {variable} +"))
                }
                None => told,
            }
        }
        "=" if before == "==" || before == "!=" => foreign_equals(failure, found, before),
        "=" if matches!(
            failure.text(failure.from),
            "if" | "while" | "match" | "where" | "expect" | "else"
        ) =>
        {
            Diagnostic::new(codes::ASSIGN_IN_CONDITION, place, "`=` gives a value, `==` compares")
                .help("write `==`")
                .fix("write `==`", place, "==")
        }
        _ => return None,
    })
}

fn foreign_equals(failure: &Failure<'_>, found: usize, before: &str) -> Diagnostic {
    let range = failure
        .before(found)
        .and_then(|i| failure.token(i))
        .zip(failure.token(found))
        .map_or(TextRange::default(), |(a, b)| TextRange::new(a.start, b.end));
    Diagnostic::new(codes::FOREIGN_OPERATOR, relative(range), format!("there is no operator `{before}=`"))
        .help(format!("write `{before}`"))
        .fix(format!("write `{before}`"), relative(range), before)
}

/// What stands at the top level and is no item: told once for all of it, and once for every item of another language.
pub(super) fn not_items(source: &str, tokens: &[Token]) -> Vec<Diagnostic> {
    let mut out = vec![not_an_item(source, tokens.iter().find(|t| !t.is_trivia()).copied())];
    let lines = tokens.windows(2).filter_map(|pair| match pair {
        [a, b] if a.kind == TokenKind::Newline && b.start == a.end => Some(*b),
        _ => None,
    });
    out.extend(lines.filter_map(|t| foreign_item(t.text(source), relative(TextRange::new(t.start, t.end)))));
    out
}

fn not_an_item(source: &str, first: Option<Token>) -> Diagnostic {
    let range = first.map_or(TextRange::default(), |t| TextRange::new(t.start, t.end));
    let place = relative(range);
    let word = first.map_or("", |t| t.text(source));
    if let Some(known) = foreign_item(word, place) {
        return known;
    }
    let shown = first.map_or_else(String::new, |t| shown(source, t));
    let d = Diagnostic::new(codes::NO_ITEM, place, format!("expected an item, found {shown}"));
    if is_item_keyword(word) {
        return d.help("an item begins with its keyword and its name");
    }
    d.help("an item begins with `flow`, `tool`, `fn`, `type`, `state`, `agent`, `channel`, `setting`, `test` or `use`; statements stand inside of a flow")
}
