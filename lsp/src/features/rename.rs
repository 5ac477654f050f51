//! Another name for something, everywhere it is named.

use super::definition::{name_of, names_at};
use super::formatting::{Replacement, apply};
use crate::workspace::Snapshot;
use carapace_check::{NameKind, Reference};
use carapace_diagnostic::{FileId, Span, TextRange};
use carapace_driver::Checked;
use carapace_syntax::TokenKind;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What can be renamed at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The name in the source.
    pub range: TextRange,
    /// What it is now.
    pub name: String,
}

/// Why something cannot be renamed, in words.
pub type Refusal = String;

/// What the compiler says of the package, with its facts, with these texts in place of its own.
pub type Check<'a> = &'a dyn Fn(&[(FileId, String)]) -> Arc<Checked>;

/// What a rename changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Renamed {
    /// What is replaced, by file.
    pub edits: Vec<(FileId, Vec<Replacement>)>,
    /// The runtime keeps things under the old name, which it does not find under the new one.
    pub kept: Option<&'static str>,
}

/// Whether what stands at an offset can be renamed.
///
/// # Errors
/// Why not, in words for the author.
pub fn prepare(snapshot: &Snapshot, file: FileId, offset: u32) -> Result<Prepared, Refusal> {
    let names = names_at(snapshot, file, offset);
    let (range, reference) = names.first().ok_or_else(|| "there is no name here".to_owned())?;
    let library =
        snapshot.module(reference.site.span.file).is_none_or(|m| m.library && !snapshot.root.library);
    match reference.kind {
        NameKind::Module => Err("a module is named by its file: rename that, and its `use`".to_owned()),
        NameKind::It => Err("this is a word of the language, and has no other name".to_owned()),
        _ if library => Err(format!("`{}` is the library's", name_of(snapshot, reference.site))),
        _ => Ok(Prepared { range: *range, name: name_of(snapshot, reference.site).to_owned() }),
    }
}

/// Gives what stands at an offset another name.
///
/// # Errors
/// Why that cannot be, in words for the author.
pub fn rename(
    snapshot: &Snapshot,
    file: FileId,
    offset: u32,
    new: &str,
    check: Check<'_>,
) -> Result<Renamed, Refusal> {
    let prepared = prepare(snapshot, file, offset)?;
    if prepared.name == new {
        return Ok(Renamed::default());
    }
    let tokens = carapace_syntax::tokens(new);
    let word = matches!(tokens.as_slice(), [t] if t.kind == TokenKind::Word && t.text(new) == new);
    if !word {
        return Err(format!("`{new}` is no name: letters, digits and `_`, a letter first"));
    }
    let names = names_at(snapshot, file, offset);
    let renamed = edits(snapshot, &names, &prepared.name, new);
    verify(snapshot, &renamed, new, check)?;
    Ok(renamed)
}

fn edits(snapshot: &Snapshot, names: &[(TextRange, Reference)], old: &str, new: &str) -> Renamed {
    // Of a word that means two things, the value is meant: the field is another's.
    let target = names.iter().map(|(_, r)| r).find(|r| r.kind != NameKind::Field || names.len() == 1);
    let Some(target) = target.or(names.first().map(|(_, r)| r)) else { return Renamed::default() };
    let mut renamed = Renamed { edits: Vec::new(), kept: kept(target.kind) };
    for item in &snapshot.checked.facts.items {
        for reference in item.references.iter().filter(|r| r.site == target.site) {
            let range = reference.range.shift(item.offset);
            // `Pair { left }` is short for `left: left`: one of the two stays as it is.
            let short = item.references.iter().any(|r| r.range == reference.range && r.site != target.site);
            let text = match (short, reference.kind) {
                (false, _) => new.to_owned(),
                (true, NameKind::Field) => format!("{new}: {old}"),
                (true, _) => format!("{old}: {new}"),
            };
            let replacement = Replacement { range, text };
            match renamed.edits.iter_mut().find(|(file, _)| *file == item.file) {
                Some((_, list)) => list.push(replacement),
                None => renamed.edits.push((item.file, vec![replacement])),
            }
        }
    }
    for (_, list) in &mut renamed.edits {
        list.sort_by_key(|r| r.range.start);
        list.dedup();
    }
    renamed
}

/// What the runtime keeps under a name of this kind.
fn kept(kind: NameKind) -> Option<&'static str> {
    match kind {
        NameKind::State => Some("the values that a runtime keeps of this state stay under its old name"),
        NameKind::Flow | NameKind::Tool => Some("runs that a runtime keeps of it go on under its old name"),
        NameKind::Channel | NameKind::Room | NameKind::Group | NameKind::Connection | NameKind::Setting => {
            Some("a deployment has to bind the new name")
        }
        NameKind::WaitLabel => Some("runs that wait there can no longer be moved to this version"),
        _ => None,
    }
}

/// Nothing may mean anything else afterwards. Where the new name stands nowhere yet, nothing can; else the package with the
/// new name must have no more mistakes than before, and every name in it must mean what it meant.
fn verify(snapshot: &Snapshot, renamed: &Renamed, new: &str, check: Check<'_>) -> Result<(), Refusal> {
    let mut texts = Vec::new();
    for (file, replacements) in &renamed.edits {
        let text = apply(snapshot.text(*file), replacements);
        let before = carapace_syntax::parse(*file, snapshot.text(*file)).diagnostics.len();
        if carapace_syntax::parse(*file, &text).diagnostics.len() > before {
            return Err(format!("`{new}` is a word of the language, or no name for such a thing"));
        }
        texts.push((*file, text));
    }
    let known = |file: FileId| snapshot.text(file).contains(new);
    let upper = new.starts_with(char::is_uppercase);
    let taken = snapshot.files().into_iter().any(known)
        || snapshot.checked.outline.library.prelude.iter().any(|(name, _)| **name == *new)
        || snapshot.checked.outline.library.prelude_modules.iter().any(|(name, _)| **name == *new);
    if !(taken || upper) {
        return Ok(());
    }
    let errors = |checked: &Checked| checked.diagnostics.iter().filter(|d| d.is_error()).count();
    let after = check(&texts);
    if errors(&after) > errors(&snapshot.checked) || moved(snapshot, renamed) != named(&after) {
        return Err(format!("`{new}` means something else where it would stand"));
    }
    Ok(())
}

/// How often each thing is named in each file: the thing by the file and first byte of its declaration.
type Named = BTreeMap<(FileId, FileId, u32), usize>;

fn named(checked: &Checked) -> Named {
    count(checked, |_, span| span.range.start)
}

/// The same of the package as it was, with declarations where they stand after the rename. What is named as often as before
/// means what it meant: a name that hides another takes some of its uses.
fn moved(snapshot: &Snapshot, renamed: &Renamed) -> Named {
    count(&snapshot.checked, |kind, span| {
        let edits = renamed.edits.iter().filter(|(file, _)| *file == span.file).flat_map(|(_, list)| list);
        let mut at = i64::from(span.range.start);
        for edit in edits {
            let longer = i64::try_from(edit.text.len()).unwrap_or(0) - i64::from(edit.range.len());
            let begins = edit.range.start == span.range.start;
            // Of `left: x`, which was `left`, the value stands behind the field.
            let behind = begins && kind != NameKind::Field;
            if edit.range.start < span.range.start {
                at = at.saturating_add(longer);
            } else if behind && let Some((field, _)) = edit.text.split_once(": ") {
                at = at.saturating_add(i64::try_from(field.len().saturating_add(2)).unwrap_or(0));
            }
        }
        u32::try_from(at).unwrap_or(u32::MAX)
    })
}

fn count(checked: &Checked, place: impl Fn(NameKind, Span) -> u32) -> Named {
    let mut named = Named::new();
    for item in &checked.facts.items {
        for reference in &item.references {
            let site = reference.site.span;
            let key = (item.file, site.file, place(reference.kind, site));
            let known = named.entry(key).or_default();
            *known = known.saturating_add(1);
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixture::{Fixture, fixture};
    use carapace_driver::{MemoryFiles, Sources};

    fn checked(f: &Fixture, texts: &[(FileId, String)]) -> Arc<Checked> {
        let all = f.snapshot.files().into_iter().map(|file| {
            let changed = texts.iter().find(|(other, _)| *other == file).map(|(_, t)| t.as_str());
            (
                f.snapshot.module(file).unwrap().name.to_string(),
                changed.unwrap_or(f.snapshot.text(file)).to_owned(),
            )
        });
        let all: Vec<(String, String)> = all.collect();
        let files = MemoryFiles::new(all.iter().map(|(n, t)| (n.as_str(), t.as_str())));
        Arc::new(Sources::load(&files, "main.flow").parse().check(&files, true))
    }

    fn renamed(text: &str, new: &str) -> Result<String, String> {
        let f = fixture(text);
        let done = rename(&f.snapshot, f.file, f.offset, new, &|texts| checked(&f, texts))?;
        let mut out = String::new();
        for file in f.snapshot.files() {
            let edits = done.edits.iter().find(|(other, _)| *other == file);
            out += &apply(f.snapshot.text(file), edits.map(|(_, list)| list.as_slice()).unwrap_or_default());
        }
        Ok(out)
    }

    #[test]
    fn a_name_changes_everywhere_and_nothing_else_does() {
        let text =
            "use orders\nconst a = orders.st$0ep()\nconst step = 2\n//- orders.flow\nfn step() -> Int = 1\n";
        assert_eq!(
            renamed(text, "stride").unwrap(),
            "use orders\nconst a = orders.stride()\nconst step = 2\nfn stride() -> Int = 1\n"
        );
    }

    #[test]
    fn a_short_field_keeps_the_other_half() {
        let text = "type P { x: Int }\nfn f(x$0: Int) -> P = P { x }\n";
        assert_eq!(renamed(text, "y").unwrap(), "type P { x: Int }\nfn f(y: Int) -> P = P { x: y }\n");
        let text = "type P { x$0: Int }\nfn f(x: Int) -> P = P { x }\n";
        assert_eq!(renamed(text, "y").unwrap(), "type P { y: Int }\nfn f(x: Int) -> P = P { y: x }\n");
    }

    #[test]
    fn what_would_mean_something_else_is_refused() {
        let why = |text, new| renamed(text, new).unwrap_err();
        assert!(why("const a$0 = 1\nconst b = 2\n", "b").contains("means something else"));
        assert!(why("const a$0 = 1\n", "not a name").contains("no name"));
        assert!(why("const a$0 = 1\n", "if").contains("word of the language"));
        assert!(
            why("channel chat: any\nflow a on chat.message { rep$0ly(\"x\") }\n", "x").contains("library's")
        );
        assert!(why("// no$0thing\n", "x").contains("no name here"));
        assert!(
            why("use ord$0ers\nconst a = orders.b\n//- orders.flow\nconst b = 1\n", "x")
                .contains("by its file")
        );
    }

    #[test]
    fn a_name_that_would_hide_another_that_is_meant_is_refused() {
        let why = |text, new| renamed(text, new).unwrap_err();
        let hidden = "fn f() -> Int {\n  let b = 1\n  let a$0 = 2\n  return a + b\n}\n";
        assert!(why(hidden, "b").contains("means something else"), "it checks, and gives another sum");
        assert!(why("const b = 1\nfn f(a$0: Int) -> Int = a + b\n", "b").contains("means something else"));
        assert!(why("const b$0 = 1\nfn f(a: Int) -> Int = a + b\n", "a").contains("means something else"));
    }

    #[test]
    fn a_name_that_stands_elsewhere_may_be_taken() {
        let text = "fn g(b: Int) -> Int = b\nfn f(a$0: Int) -> Int = a + 1\n";
        assert_eq!(renamed(text, "b").unwrap(), "fn g(b: Int) -> Int = b\nfn f(b: Int) -> Int = b + 1\n");
        let text = "type P { x: Int }\nfn g(y: Int) -> Int = y\nfn f(x$0: Int) -> P = P { x }\n";
        let done = renamed(text, "y").unwrap();
        assert!(done.contains("fn f(y: Int) -> P = P { x: y }"), "{done}");
        let text = "type P { x$0: Int }\nfn g(y: Int) -> Int = y\nfn f(x: Int) -> P = P { x }\n";
        assert!(renamed(text, "y").unwrap().contains("fn f(x: Int) -> P = P { y: x }"));
    }

    #[test]
    fn what_a_runtime_keeps_is_said() {
        let f = fixture("state count$0: Int = 0\n");
        let done = rename(&f.snapshot, f.file, f.offset, "total", &|texts| checked(&f, texts)).unwrap();
        assert!(done.kept.unwrap().contains("old name"));
    }
}
