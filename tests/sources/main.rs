//! Every flow file of the repository parses: the library and the examples.

use carapace_diagnostic::FileId;
use std::path::Path;

#[test]
fn library_and_examples_parse() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut wrong = Vec::new();
    let mut files = 0;
    for folder in ["stdlib", "flows"] {
        for entry in walkdir::WalkDir::new(root.join(folder)).sort_by_file_name() {
            let entry = entry.unwrap();
            if entry.path().extension().is_none_or(|extension| extension != "flow") {
                continue;
            }
            files += 1;
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let parse = carapace_syntax::parse(FileId(0), &text);
            for diagnostic in &parse.diagnostics {
                let before = &text[..diagnostic.primary.span.range.start as usize];
                let line = before.matches('\n').count() + 1;
                wrong.push(format!(
                    "{}:{line}: {} {}",
                    entry.path().display(),
                    diagnostic.code.0,
                    diagnostic.message
                ));
            }
        }
    }
    assert!(files > 40, "only {files} flow files found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
