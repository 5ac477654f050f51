//! What the documents show is true: every `flow` block of the README, of `docs/` and of the examples' READMEs checks, or
//! fails as its fence says (```` ```flow error E0101 ````). One that continues the block before says ```` ```flow more ````; one
//! that is only a part of a file has to parse: ```` ```flow part ````.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use carapace_diagnostic::render::{Human, human};
use carapace_driver::{Checked, MemoryFiles, Sources};
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut trials = Vec::new();
    for path in documents(root) {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(root).unwrap().display().to_string();
        for block in blocks(&text) {
            let title = format!("{name}:{}", block.line);
            trials.push(Trial::test(title, move || block.judge()));
        }
    }
    assert!(!trials.is_empty(), "the README shows a flow");
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// A fenced block: its line, what its fence says, its text.
struct Block {
    line: usize,
    says: String,
    text: String,
}

impl Block {
    fn judge(self) -> Result<(), Failed> {
        let files = MemoryFiles::new([("main.flow", self.text.as_str())]);
        let mut words = self.says.split_whitespace();
        let (diagnostics, sources) = match words.next() {
            Some("part") => {
                let parsed = Sources::load(&files, "main.flow").parse();
                (parsed.diagnostics, parsed.sources)
            }
            _ => {
                let checked = Checked::of(&files, "main.flow");
                (checked.diagnostics, checked.sources)
            }
        };
        let found: Vec<&str> = diagnostics.iter().map(|d| d.code.0).collect();
        let expected: Vec<&str> = words.collect();
        if found == expected {
            return Ok(());
        }
        let shown = human(&diagnostics, &sources.map(""), Human::default());
        Err(format!("expected {expected:?}, found {found:?}\n{shown}").into())
    }
}

fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open: Option<Block> = None;
    for (line, number) in markdown.lines().zip(1..) {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                let says = info.strip_prefix("flow").filter(|rest| rest.is_empty() || rest.starts_with(' '));
                if let Some(says) = says {
                    let before = blocks.last().filter(|_| says.trim() == "more").map(|b| b.text.clone());
                    open = Some(Block {
                        line: number,
                        says: says.trim().to_owned(),
                        text: before.unwrap_or_default(),
                    });
                } else if !info.is_empty() {
                    // A block of another language: nothing in it is ours until its end.
                    open = Some(Block { line: 0, says: String::new(), text: String::new() });
                }
            }
            (Some(_), Some("")) => blocks.extend(open.take().filter(|b| b.line > 0)),
            (Some(block), _) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

fn documents(root: &Path) -> Vec<PathBuf> {
    let mut found = vec![root.join("README.md")];
    let mut folders = vec![root.join("docs"), root.join("flows"), root.join("cli/src/commands/new")];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
