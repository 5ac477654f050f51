//! One style; formatting twice is formatting once; what is meant stays.

use crate::cases::check;
use crate::whole::FILES;
use carapace_diagnostic::FileId;
use carapace_syntax::ast::Placed;
use carapace_syntax::{format, parse};

#[test]
fn one_style() {
    check("formatting", |source| {
        let once = format(source);
        assert_eq!(format(&once), once, "formatting twice differs");
        assert_eq!(meaning(&once), meaning(source), "the meaning differs");
        once
    });
}

#[test]
fn whole_files_keep_their_meaning() {
    for (name, text) in FILES {
        let once = format(text);
        assert_eq!(format(&once), once, "{name}: formatting twice differs");
        assert_eq!(meaning(&once), meaning(text), "{name}: the meaning differs\n{once}");
    }
}

/// The tree of a text without ranges, numbers and comments.
pub(crate) fn meaning(text: &str) -> Vec<String> {
    let parse = parse(FileId(0), text);
    let mut out: Vec<String> = parse.file.items.iter().map(of_item).collect();
    out.push(format!("{} mistakes", parse.diagnostics.len()));
    out
}

fn of_item(placed: &Placed) -> String {
    let text = format!("{:?} {:?} {:?}", placed.item.docs, placed.item.name, placed.item.kind);
    without_places(&text)
}

/// Debug output without `range: TextRange { … }` and `NodeId(…)`.
fn without_places(debug: &str) -> String {
    let mut out = String::with_capacity(debug.len());
    let mut rest = debug;
    while let Some(at) = rest.find("TextRange {").into_iter().chain(rest.find("NodeId(")).min() {
        out.push_str(&rest[..at]);
        let end = rest[at..].find(['}', ')']).unwrap();
        rest = &rest[at + end + 1..];
    }
    out + rest
}
