//! Files with mistakes: one message a mistake, and the rest of the file whole.

use crate::cases::{check, position};
use carapace_diagnostic::FileId;
use carapace_syntax::ast::ItemKind;
use carapace_syntax::parse;
use std::fmt::Write;

#[test]
fn one_message_a_mistake() {
    check("recovery", |source| {
        let parse = parse(FileId(0), source);
        let mut out = String::new();
        for d in &parse.diagnostics {
            let range = d.primary.span.range;
            let (from, to) = (position(source, range.start), position(source, range.end));
            writeln!(out, "{} {from}-{to} {}", d.code, d.message).unwrap();
            if let Some(help) = &d.help {
                writeln!(out, "      {help}").unwrap();
            }
        }
        let items: Vec<String> = parse
            .file
            .items
            .iter()
            .map(|p| {
                let kind = format!("{:?}", p.item.kind);
                let kind = kind.split(['(', ' ']).next().unwrap_or_default().to_owned();
                let errors = format!("{:?}", p.item).matches(": Error").count()
                    - usize::from(p.item.kind == ItemKind::Error);
                let name = p.item.name.as_ref().map_or(String::new(), |n| format!(" {}", n.text));
                if errors > 0 { format!("{kind}{name} ({errors} broken)") } else { format!("{kind}{name}") }
            })
            .collect();
        writeln!(out, "items: {}", items.join(", ")).unwrap();
        out
    });
}
