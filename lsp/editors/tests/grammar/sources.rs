//! Wherever the compiler finds no mistake of syntax, the grammar finds none: in all flows of the repository, the library, the
//! documents, the pages of the codes, the cases of the tests.

use crate::{mistakes, parse, root, trial};
use carapace_diagnostic::FileId;
use libtest_mimic::Trial;
use walkdir::WalkDir;

pub(crate) fn trials() -> Vec<Trial> {
    let agree = trial("sources: what compiles parses", || {
        let texts = texts();
        let mut breaches = Vec::new();
        let mut read = 0;
        for (name, text) in &texts {
            if !compiles(text) {
                continue;
            }
            read += 1;
            let found = mistakes(&parse(text), text);
            breaches.extend(found.first().map(|first| format!("{name}: {first}")));
        }
        if read < 400 {
            return Err(format!("only {read} of {} texts were read", texts.len()));
        }
        if breaches.is_empty() { Ok(()) } else { Err(breaches.join("\n")) }
    });
    let own = trial("sources: flows and the library all count", || {
        let missed: Vec<_> =
            texts().into_iter().filter(|(name, text)| name.ends_with(".flow") && !compiles(text)).collect();
        let ours =
            missed.iter().filter(|(name, _)| name.starts_with("flows/") || name.starts_with("stdlib/"));
        match ours.map(|(name, _)| name.as_str()).next() {
            Some(name) => Err(format!("{name} does not parse for the compiler")),
            None => Ok(()),
        }
    });
    vec![agree, own]
}

/// Every flow of the repository with its name, those in documents and tests included.
pub(crate) fn texts() -> Vec<(String, String)> {
    let root = root();
    let mut texts = Vec::new();
    for folder in ["README.md", "compiler", "docs", "flows", "stdlib", "tests"] {
        for entry in WalkDir::new(root.join(folder)) {
            let entry = entry.unwrap();
            let Some(extension) = entry.path().extension().and_then(|e| e.to_str()) else { continue };
            if !matches!(extension, "flow" | "md") {
                continue;
            }
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let name = entry.path().strip_prefix(&root).unwrap().display().to_string();
            match extension {
                "flow" => texts.push((name, text)),
                _ => texts
                    .extend(blocks(&text).into_iter().map(|(line, block)| (format!("{name}:{line}"), block))),
            }
        }
    }
    texts
}

/// Whether the compiler's own parser finds nothing wrong.
pub(crate) fn compiles(text: &str) -> bool {
    carapace_syntax::parse(FileId(0), text).diagnostics.is_empty()
}

/// The `flow` blocks of a document, each with its line.
fn blocks(markdown: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in markdown.lines().enumerate() {
        match &mut open {
            Some(_) if line == "```" => blocks.extend(open.take()),
            Some((_, text)) => {
                text.push_str(line);
                text.push('\n');
            }
            None if line.starts_with("```flow") => open = Some((number + 1, String::new())),
            None => {}
        }
    }
    blocks
}
