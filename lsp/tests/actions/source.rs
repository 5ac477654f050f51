//! Sources with a cursor, checked as an editor's are, and what becomes of them.

use carapace_diagnostic::{FileId, TextRange};
use carapace_driver::{MemoryFiles, Sources};
use carapace_lsp::features::actions::{Action, Here, actions};
use carapace_lsp::features::formatting::apply;
use carapace_lsp::{PackageRoot, Snapshot};
use std::path::PathBuf;

/// The files of a package.
pub(crate) type Files = Vec<(String, String)>;

/// A checked package.
pub(crate) fn snapshot(files: &Files) -> Snapshot {
    let memory = MemoryFiles::new(files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let checked = Sources::load(&memory, "main.flow").parse().check(&memory, true);
    let root = PackageRoot { folder: PathBuf::from("/shop"), root: "main.flow".to_owned(), library: false };
    Snapshot::new(root, checked)
}

/// The files of a text in which `//- shop/orders.flow` begins another file, and the selection: two `$0`, or one.
pub(crate) fn with_cursor(text: &str) -> (Files, String, TextRange) {
    let mut files = vec![("main.flow".to_owned(), String::new())];
    for line in text.split_inclusive('\n') {
        match line.strip_prefix("//- ") {
            Some(name) => files.push((name.trim().to_owned(), String::new())),
            None => files.last_mut().unwrap().1.push_str(line),
        }
    }
    let mut cursor = None;
    for (name, text) in &mut files {
        while let Some(at) = text.find("$0") {
            text.replace_range(at..at + 2, "");
            let at = u32::try_from(at).unwrap();
            let (_, range) = cursor.get_or_insert_with(|| (name.clone(), TextRange::new(at, at)));
            range.end = at;
        }
    }
    let (name, selection) = cursor.unwrap();
    (files, name, selection)
}

/// The number of a file.
pub(crate) fn file_of(snapshot: &Snapshot, name: &str) -> FileId {
    snapshot.file_at(&PathBuf::from("/shop").join(name)).unwrap()
}

/// What is offered at a place.
pub(crate) fn offered(snapshot: &Snapshot, file: FileId, selection: TextRange) -> Vec<Action> {
    actions(Here { snapshot, file, selection })
}

/// The files after an action.
pub(crate) fn after(snapshot: &Snapshot, files: &Files, action: &Action) -> Files {
    let mut done = files.clone();
    for (name, text) in &mut done {
        let file = snapshot.file_at(&PathBuf::from("/shop").join(&*name));
        if let Some((_, edits)) = action.edits.iter().find(|(known, _)| Some(*known) == file) {
            *text = apply(text, edits);
        }
    }
    done
}

/// The errors of a package, as `E0201 main.flow: words`.
pub(crate) fn errors(snapshot: &Snapshot) -> Vec<String> {
    let shown = snapshot.checked.diagnostics.iter().filter(|told| told.is_error()).map(|told| {
        let place = snapshot.checked.text(told.primary.span.file).map_or("", |(name, _)| name);
        format!("{} {place}: {}", told.code, told.message)
    });
    shown.collect()
}

/// What does not parse.
pub(crate) fn unparsed(files: &Files) -> Vec<String> {
    let flows = files.iter().filter(|(name, _)| name.ends_with(".flow"));
    let told = flows.flat_map(|(name, text)| {
        let told = carapace_syntax::parse(FileId(0), text).diagnostics;
        told.into_iter().map(move |d| format!("{name}: {}", d.message))
    });
    told.collect()
}
