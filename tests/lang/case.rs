//! Cases, as they stand in the Markdown files.

use carapace_driver::MemoryFiles;
use std::path::Path;

/// A fenced block.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// What its fence says: `flow shop/orders.flow`.
    pub(crate) says: String,
    /// The number of the line behind the fence, from 1.
    pub(crate) line: usize,
    /// Its lines.
    pub(crate) text: String,
}

/// A case.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// The file, without its ending.
    pub(crate) topic: String,
    /// The heading.
    pub(crate) title: String,
    /// Its line, from 1.
    pub(crate) line: usize,
    pub(crate) blocks: Vec<Block>,
}

impl Case {
    /// Where it stands.
    pub(crate) fn place(&self) -> String {
        format!("tests/lang/cases/{}.md:{}", self.topic, self.line)
    }

    /// The block whose fence begins with this word.
    pub(crate) fn block(&self, word: &str) -> Option<&Block> {
        self.blocks.iter().find(|block| block.says.split(' ').next() == Some(word))
    }

    /// The package.
    pub(crate) fn files(&self) -> MemoryFiles {
        let mut files = MemoryFiles::new([("main.flow", "")]);
        for block in &self.blocks {
            match block.says.split_once(' ') {
                None if block.says == "flow" => files.insert("main.flow", block.text.as_bytes()),
                Some(("flow" | "text", path)) => files.insert(path, block.text.as_bytes()),
                _ => {}
            }
        }
        files
    }

    /// The source of the package's root.
    pub(crate) fn source(&self) -> &str {
        self.blocks.iter().find(|block| block.says == "flow").map_or("", |block| &block.text)
    }
}

/// All cases of a folder, in order.
pub(crate) fn cases(folder: &Path) -> Vec<Case> {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut all = Vec::new();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|e| e == "md")) {
        let topic = path.file_stem().unwrap().to_str().unwrap();
        all.extend(read(topic, &std::fs::read_to_string(path).unwrap()));
    }
    all
}

/// The cases of one file.
pub(crate) fn read(topic: &str, markdown: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut open: Option<Block> = None;
    for (line, number) in markdown.lines().zip(1..) {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(says)) => {
                open = Some(Block { says: says.trim().to_owned(), line: number + 1, text: String::new() });
            }
            (Some(_), Some("")) => {
                let case =
                    cases.last_mut().unwrap_or_else(|| panic!("{topic}:{number}: a block without a heading"));
                case.blocks.extend(open.take());
            }
            (Some(block), _) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {
                if let Some(title) = line.strip_prefix("## ") {
                    let (topic, title) = (topic.to_owned(), title.to_owned());
                    cases.push(Case { topic, title, line: number, blocks: Vec::new() });
                }
            }
        }
    }
    assert!(open.is_none(), "{topic}: a block is not closed");
    cases
}
