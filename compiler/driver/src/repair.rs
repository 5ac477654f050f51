//! Takes the repairs that diagnostics carry, and checks again, until there is none left.

use crate::checked::Checked;
use crate::files::{Files, ReadProblem};
use carapace_diagnostic::{Code, Diagnostic, Edit, FileId, Fix};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How often it is checked again. A repair may make room for another, but not without end.
const ROUNDS: usize = 20;

/// A package after its repairs, in memory: nothing is written.
pub struct Repaired {
    /// The package as it is now, with what is left to say.
    pub checked: Checked,
    /// The new texts of the files that changed, by path.
    pub texts: BTreeMap<Arc<str>, String>,
    /// The texts of the same files as they were read.
    pub before: BTreeMap<Arc<str>, Arc<str>>,
    /// What was done, in order.
    pub done: Vec<Done>,
}

/// A repair that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Of what.
    pub code: Code,
    /// The file.
    pub file: Arc<str>,
    /// The line in which the diagnostic stood when it was repaired, from 1.
    pub line: u32,
    /// What it did: ``replace with `Severity` ``.
    pub title: String,
}

impl Repaired {
    /// Repairs left over: they go round in a circle, or there are more rounds of them than anybody would expect.
    pub fn left(&self) -> usize {
        own_fixes(&self.checked).count()
    }
}

/// Repairs a package: `check` reads, parses and checks it.
pub fn repair(files: &dyn Files, check: impl Fn(&dyn Files) -> Checked) -> Repaired {
    let mut patched = Patched { files, texts: BTreeMap::new() };
    let mut done = Vec::new();
    let mut before: BTreeMap<Arc<str>, Arc<str>> = BTreeMap::new();
    let mut checked = check(&patched);
    for _ in 0..ROUNDS {
        let chosen = choose(&checked);
        if chosen.is_empty() {
            break;
        }
        let mut edits: BTreeMap<FileId, Vec<Edit>> = BTreeMap::new();
        for (diagnostic, fix) in chosen {
            done.extend(told(&checked, diagnostic, fix));
            for edit in &fix.edits {
                edits.entry(edit.span.file).or_default().push(edit.clone());
            }
        }
        for (file, edits) in edits {
            if let Some((path, text)) = checked.sources.text(file) {
                before.entry(Arc::from(path)).or_insert_with(|| Arc::from(text));
                patched.texts.insert(Arc::from(path), with_edits(text, edits));
            }
        }
        checked = check(&patched);
    }
    Repaired { checked, texts: patched.texts, before, done }
}

/// A text with replacements that do not overlap.
pub fn with_edits(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| (edit.span.range.start, edit.span.range.end));
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for edit in edits {
        let start = edit.span.range.start as usize;
        out.push_str(text.get(from..start).unwrap_or_default());
        out.push_str(&edit.text);
        from = edit.span.range.end as usize;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// The repairs that touch the author's files only.
fn own_fixes(checked: &Checked) -> impl Iterator<Item = (&Diagnostic, &Fix)> {
    let own = |file: FileId| {
        checked.sources.files.iter().any(|f| f.id == file)
            || checked.sources.library.own && checked.sources.library.modules.iter().any(|m| m.file == file)
    };
    checked
        .diagnostics
        .iter()
        .filter_map(|d| Some((d, d.fix.as_ref()?)))
        .filter(move |(_, fix)| !fix.edits.is_empty() && fix.edits.iter().all(|edit| own(edit.span.file)))
}

/// Those that can be taken together: of two that touch each other the first. The second is looked at again afterwards.
fn choose(checked: &Checked) -> Vec<(&Diagnostic, &Fix)> {
    let mut chosen: Vec<(&Diagnostic, &Fix)> = Vec::new();
    for (diagnostic, fix) in own_fixes(checked) {
        let free = chosen
            .iter()
            .flat_map(|(_, other)| &other.edits)
            .all(|other| fix.edits.iter().all(|edit| !touches(edit, other)));
        if free {
            chosen.push((diagnostic, fix));
        }
    }
    chosen
}

fn touches(a: &Edit, b: &Edit) -> bool {
    let (x, y) = (a.span.range, b.span.range);
    a.span.file == b.span.file && x.start <= y.end && y.start <= x.end
}

fn told(checked: &Checked, diagnostic: &Diagnostic, fix: &Fix) -> Option<Done> {
    let span = fix.edits.first()?.span;
    let (path, text) = checked.sources.text(span.file)?;
    let before = text.get(..span.range.start as usize).unwrap_or_default();
    let line = u32::try_from(before.matches('\n').count()).unwrap_or(u32::MAX).saturating_add(1);
    Some(Done { code: diagnostic.code, file: Arc::from(path), line, title: fix.title.clone() })
}

/// Files with some texts in place of those that are there.
struct Patched<'a> {
    files: &'a dyn Files,
    texts: BTreeMap<Arc<str>, String>,
}

impl Files for Patched<'_> {
    fn package(&self) -> &str {
        self.files.package()
    }

    fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, ReadProblem> {
        match self.texts.get(path) {
            Some(text) => Ok(text.as_bytes().iter().copied().take(limit.saturating_add(1)).collect()),
            None => self.files.read(path, limit),
        }
    }

    fn list(&self) -> Result<Vec<String>, ReadProblem> {
        self.files.list()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryFiles;

    fn repaired(text: &str) -> (String, Vec<String>, usize) {
        let files = MemoryFiles::new([("main.flow", text)]);
        let repaired = repair(&files, |files| Checked::of(files, "main.flow"));
        let done = repaired.done.iter().map(|d| format!("{}:{} {}", d.line, d.code, d.title)).collect();
        let text = repaired.texts.get("main.flow").cloned().unwrap_or_default();
        (text, done, repaired.checked.diagnostics.len())
    }

    #[test]
    fn one_repair_makes_room_for_the_next() {
        let (text, done, left) =
            repaired("use std/htpp\nchannel chat: any\nflow a on chat.mesage { repyl(\"x\") }\n");
        assert_eq!(text, "channel chat: any\nflow a on chat.message { reply(\"x\") }\n");
        assert_eq!(left, 0);
        assert_eq!(done.len(), 4, "the module is spelt right, and then not used: {done:?}");
    }

    #[test]
    fn what_has_no_repair_stays() {
        let (text, done, left) = repaired("fn a(x: Int) -> Text = x\n");
        assert_eq!((text.as_str(), done.len(), left), ("", 0, 1));
    }

    #[test]
    fn edits_at_the_edges_are_taken() {
        let edit =
            |start, end, text: &str| Edit { span: Diagnostic::at(FileId(0), start, end), text: text.into() };
        assert_eq!(with_edits("abc", vec![edit(3, 3, "!"), edit(0, 1, "x"), edit(1, 1, "-")]), "x-bc!");
        assert_eq!(with_edits("", vec![edit(0, 0, "x")]), "x");
    }
}
