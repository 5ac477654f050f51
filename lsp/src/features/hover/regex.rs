//! A regular expression in words.

use regex_syntax::ast::{
    self, AssertionKind, Ast, ClassPerlKind, ClassSet, ClassSetItem, GroupKind, RepetitionKind,
    RepetitionRange,
};

/// Parts of more than this many are cut: who needs more reads the expression.
const MOST: usize = 40;

/// A list of its parts. None for what is no expression, which a diagnostic says.
pub(super) fn explain(written: &str) -> Option<String> {
    let tree = ast::parse::Parser::new().parse(written).ok()?;
    let mut lines = Vec::new();
    say(&tree, 0, &mut lines);
    let more = lines.len().saturating_sub(MOST);
    lines.truncate(MOST);
    if more > 0 {
        lines.push(format!("- … and {more} more"));
    }
    let first = "A regular expression: it matches somewhere in a text, in linear time.";
    Some(format!("{first}\n\n{}", lines.join("\n")))
}

fn say(tree: &Ast, depth: usize, lines: &mut Vec<String>) {
    let mut line = |text: String| lines.push(format!("{}- {text}", "  ".repeat(depth)));
    match tree {
        Ast::Empty(_) => line("nothing".to_owned()),
        Ast::Flags(_) => line(format!("from here on with `{}`", shown(tree))),
        Ast::Concat(all) => {
            for run in runs(&all.asts) {
                match run {
                    Run::Text(text) => lines.push(format!("{}- `{text}`", "  ".repeat(depth))),
                    Run::Other(part) => say(part, depth, lines),
                }
            }
        }
        Ast::Alternation(ways) => match words(&ways.asts) {
            Some(words) => line(format!("one of {}", words.join(", "))),
            None => {
                line("one of".to_owned());
                ways.asts.iter().for_each(|way| group(way, depth.saturating_add(1), lines));
            }
        },
        Ast::Group(inner) => {
            let head = match &inner.kind {
                GroupKind::CaptureName { name, .. } => Some(format!("captured as `{}`", name.name)),
                GroupKind::CaptureIndex(_) | GroupKind::NonCapturing(_) => None,
            };
            match head {
                Some(head) => {
                    line(format!("{head}:"));
                    say(&inner.ast, depth.saturating_add(1), lines);
                }
                None => say(&inner.ast, depth, lines),
            }
        }
        Ast::Repetition(repeated) => {
            let often = often(&repeated.op.kind, repeated.greedy);
            match one(&repeated.ast) {
                Some(words) => line(format!("{words}, {often}")),
                None => {
                    line(format!("{often}:"));
                    say(&repeated.ast, depth.saturating_add(1), lines);
                }
            }
        }
        other => line(one(other).unwrap_or_else(|| format!("`{}`", shown(other)))),
    }
}

/// A way among others: several parts stand below one line.
fn group(tree: &Ast, depth: usize, lines: &mut Vec<String>) {
    match one(tree) {
        Some(words) => lines.push(format!("{}- {words}", "  ".repeat(depth))),
        None => {
            lines.push(format!("{}- `{}`:", "  ".repeat(depth), shown(tree)));
            say(tree, depth.saturating_add(1), lines);
        }
    }
}

/// What fits into a few words.
fn one(tree: &Ast) -> Option<String> {
    Some(match tree {
        Ast::Literal(literal) => format!("`{}`", literal.c),
        Ast::Dot(_) => "any character".to_owned(),
        Ast::Assertion(assertion) => match assertion.kind {
            AssertionKind::StartText | AssertionKind::StartLine => "the beginning".to_owned(),
            AssertionKind::EndText | AssertionKind::EndLine => "the end".to_owned(),
            AssertionKind::WordBoundary => "the edge of a word".to_owned(),
            AssertionKind::NotWordBoundary => "not the edge of a word".to_owned(),
            _ => format!("`{}`", shown(tree)),
        },
        Ast::ClassPerl(class) => {
            let what = match class.kind {
                ClassPerlKind::Digit => "a digit",
                ClassPerlKind::Space => "a blank",
                ClassPerlKind::Word => "a letter, digit or `_`",
            };
            if class.negated { format!("anything but {what}") } else { what.to_owned() }
        }
        Ast::ClassUnicode(_) => format!("a character of `{}`", shown(tree)),
        Ast::ClassBracketed(class) => {
            let set = match &class.kind {
                ClassSet::Item(item) => set(item)?,
                ClassSet::BinaryOp(_) => format!("`{}`", shown(tree)),
            };
            if class.negated { format!("anything but {set}") } else { format!("one of {set}") }
        }
        Ast::Concat(all) => match runs(&all.asts).as_slice() {
            [Run::Text(text)] => format!("`{text}`"),
            _ => return None,
        },
        Ast::Group(inner) if !matches!(inner.kind, GroupKind::CaptureName { .. }) => return one(&inner.ast),
        Ast::Alternation(ways) => format!("one of {}", words(&ways.asts)?.join(", ")),
        _ => return None,
    })
}

fn set(item: &ClassSetItem) -> Option<String> {
    Some(match item {
        ClassSetItem::Literal(literal) => format!("`{}`", literal.c),
        ClassSetItem::Range(range) => format!("`{}` to `{}`", range.start.c, range.end.c),
        ClassSetItem::Perl(class) => one(&Ast::class_perl(class.clone()))?,
        ClassSetItem::Union(union) => union.items.iter().map(set).collect::<Option<Vec<_>>>()?.join(", "),
        _ => return None,
    })
}

/// Alternatives that are all plain texts.
fn words(ways: &[Ast]) -> Option<Vec<String>> {
    ways.iter()
        .map(|way| match way {
            Ast::Literal(literal) => Some(format!("`{}`", literal.c)),
            Ast::Concat(all) => match runs(&all.asts).as_slice() {
                [Run::Text(text)] => Some(format!("`{text}`")),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

enum Run<'t> {
    Text(String),
    Other(&'t Ast),
}

/// Characters that follow each other, as one.
fn runs(parts: &[Ast]) -> Vec<Run<'_>> {
    let mut out: Vec<Run<'_>> = Vec::new();
    for part in parts {
        match (part, out.last_mut()) {
            (Ast::Literal(literal), Some(Run::Text(text))) => text.push(literal.c),
            (Ast::Literal(literal), _) => out.push(Run::Text(literal.c.to_string())),
            (other, _) => out.push(Run::Other(other)),
        }
    }
    out
}

fn often(kind: &RepetitionKind, greedy: bool) -> String {
    let times = match kind {
        RepetitionKind::ZeroOrOne => "or not".to_owned(),
        RepetitionKind::ZeroOrMore => "any number of times".to_owned(),
        RepetitionKind::OneOrMore => "once or more".to_owned(),
        RepetitionKind::Range(RepetitionRange::Exactly(n)) => format!("{n} times"),
        RepetitionKind::Range(RepetitionRange::AtLeast(n)) => format!("{n} times or more"),
        RepetitionKind::Range(RepetitionRange::Bounded(from, to)) => format!("{from} to {to} times"),
    };
    if greedy { times } else { format!("{times}, as few as possible") }
}

fn shown(tree: &Ast) -> String {
    tree.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(written: &str) -> Vec<String> {
        explain(written).unwrap().lines().skip(2).map(str::to_owned).collect()
    }

    #[test]
    fn parts_are_said_in_order() {
        assert_eq!(
            lines(r"\b(help|broken|refund)\b"),
            ["- the edge of a word", "- one of `help`, `broken`, `refund`", "- the edge of a word"]
        );
        assert_eq!(
            lines(r"^order (?<id>[0-9a-f]{4,8}),? \d+$"),
            [
                "- the beginning",
                "- `order `",
                "- captured as `id`:",
                "  - one of `0` to `9`, `a` to `f`, 4 to 8 times",
                "- `,`, or not",
                "- ` `",
                "- a digit, once or more",
                "- the end",
            ]
        );
        assert_eq!(
            lines(r"(?:a.|b[^c]*?)+"),
            [
                "- once or more:",
                "  - one of",
                "    - `a.`:",
                "      - `a`",
                "      - any character",
                "    - `b[^c]*?`:",
                "      - `b`",
                "      - anything but `c`, any number of times, as few as possible",
            ]
        );
    }

    #[test]
    fn what_is_no_expression_is_not_explained() {
        assert_eq!(explain("(a"), None);
    }
}
