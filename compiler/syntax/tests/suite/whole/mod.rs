//! Files that are right, and hold every form of the language.

use carapace_diagnostic::FileId;
use carapace_syntax::parse;

/// The files of this folder, by name.
pub(crate) const FILES: [(&str, &str); 3] = [
    ("front_desk", include_str!("front_desk.flow")),
    ("library", include_str!("library.flow")),
    ("everything", include_str!("everything.flow")),
];

#[test]
fn parse_without_a_word() {
    for (name, text) in FILES {
        let parse = parse(FileId(0), text);
        if let Some(d) = parse.diagnostics.first() {
            let at = d.primary.span.range.start as usize;
            let line = text[..at.min(text.len())].lines().count();
            panic!("{name}:{line}: {} {}\n{:?}", d.code, d.message, text[at..].lines().next());
        }
    }
}
