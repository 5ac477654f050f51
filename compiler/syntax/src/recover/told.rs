//! Mistakes that are found before the grammar looks: in characters, quotes and brackets.

use crate::build::relative;
use crate::codes;
use crate::lex::{Bracket, LexProblem, LexProblemKind, Token, TokenKind};
use crate::split::{Brackets, MAX_DEPTH};
use carapace_diagnostic::{Diagnostic, TextRange};
use std::collections::BTreeMap;

/// How many forgotten braces of one item are told.
const MAX_BRACES: usize = 10;

/// What is known to be wrong: by token where it costs the piece it is in, and without one where it does not.
#[derive(Default)]
pub(super) struct Told {
    pub(super) costly: BTreeMap<usize, Diagnostic>,
    pub(super) braces: Vec<Diagnostic>,
}

impl Told {
    /// Takes out what is known about `from..to`: one of it is to be told.
    pub(super) fn take(&mut self, from: usize, to: usize) -> Option<Diagnostic> {
        let inside: Vec<usize> = self.costly.range(from..to).map(|(i, _)| *i).collect();
        let mut taken: Vec<Diagnostic> = inside.into_iter().filter_map(|i| self.costly.remove(&i)).collect();
        // A text that is not closed swallows the brackets behind it: it is the mistake, not they.
        let cause =
            taken.iter().position(|d| d.code != codes::UNCLOSED && d.code != codes::STRAY).unwrap_or(0);
        if taken.is_empty() { None } else { Some(taken.swap_remove(cause)) }
    }
}

pub(super) fn told(source: &str, tokens: &[Token], brackets: &Brackets, problems: &[LexProblem]) -> Told {
    let mut out = Told::default();
    for problem in problems {
        let token = tokens.partition_point(|t| t.start < problem.start);
        out.costly.entry(token).or_insert_with(|| lex_diagnostic(source, problem));
    }
    for index in &brackets.too_deep {
        if let Some(token) = tokens.get(*index) {
            let message = format!("nested deeper than {MAX_DEPTH} levels");
            let d = Diagnostic::new(codes::TOO_DEEP, relative(range_of(*token)), message)
                .help("give a part of it a name with `let`, or move it into a function or a sub-flow");
            out.costly.entry(*index).or_insert(d);
        }
    }
    for index in brackets.unclosed.iter().chain(&brackets.stray) {
        let Some(token) = tokens.get(*index) else { continue };
        let brace = matches!(token.kind, TokenKind::Open(Bracket::Brace) | TokenKind::Close(Bracket::Brace));
        if brace && out.braces.len() < MAX_BRACES {
            out.braces.push(bracket_diagnostic(*token));
        } else if !brace {
            out.costly.entry(*index).or_insert_with(|| bracket_diagnostic(*token));
        }
    }
    out
}

fn range_of(token: Token) -> TextRange {
    TextRange::new(token.start, token.end)
}

fn lex_diagnostic(source: &str, problem: &LexProblem) -> Diagnostic {
    let range = TextRange::new(problem.start, problem.end);
    let place = relative(range);
    match problem.kind {
        LexProblemKind::UnclosedText => {
            Diagnostic::new(codes::UNCLOSED_TEXT, place, "this text is never closed")
                .label("begins here")
                .help("end it with `\"` on the same line; a text of several lines stands between `\"\"\"`")
        }
        LexProblemKind::UnclosedBlock => {
            Diagnostic::new(codes::UNCLOSED_TEXT, place, "this text is never closed")
                .label("begins here")
                .help("end it with `\"\"\"`")
        }
        LexProblemKind::UnclosedInterpolation => {
            Diagnostic::new(codes::UNCLOSED_INTERPOLATION, place, "this `{` in a text is never closed")
                .label("a value is put in from here")
                .help("end the value with `}` on the same line; write `\\{` where a brace is meant")
        }
        LexProblemKind::UnknownCharacter => unknown_character(source, range),
    }
}

fn unknown_character(source: &str, range: TextRange) -> Diagnostic {
    let text = source.get(range.start as usize..range.end as usize).unwrap_or_default();
    let shown: String = text
        .chars()
        .flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] })
        .collect();
    let d = Diagnostic::new(codes::CHARACTER, relative(range), format!("`{shown}` means nothing here"));
    match text {
        "'" => d.help("a text stands between `\"`"),
        "“" | "”" | "„" | "«" | "»" => d.help("a text stands between straight quotes, `\"`"),
        "$" => d.help("a value is put into a text as `{value}`"),
        "#" => d.help("a comment begins with `//`"),
        "\u{a0}" => {
            d.help("it looks like a blank and is none").fix("replace it with a blank", relative(range), " ")
        }
        _ => d.help("outside of texts and comments, names are written with a–z, A–Z, 0–9 and `_`"),
    }
}

fn bracket_diagnostic(token: Token) -> Diagnostic {
    match token.kind {
        TokenKind::Open(bracket) => {
            let message = format!("this `{}` is never closed", bracket.open());
            Diagnostic::new(codes::UNCLOSED, relative(range_of(token)), message)
                .label("opened here")
                .help(format!("put the `{}` where it ends", bracket.close()))
        }
        TokenKind::Close(bracket) => {
            let message = format!("this `{}` closes nothing", bracket.close());
            Diagnostic::new(codes::STRAY, relative(range_of(token)), message)
                .help(format!("take it away, or put the `{}` where it begins", bracket.open()))
        }
        _ => Diagnostic::new(codes::SYNTAX, relative(range_of(token)), "this does not belong here"),
    }
}
