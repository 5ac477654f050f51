//! The `flow` blocks of a document.

/// A fenced block: its line, what its fence says behind `flow`, its text, and the other files of its package.
pub(crate) struct Block {
    pub(crate) line: usize,
    pub(crate) says: String,
    pub(crate) text: String,
    pub(crate) files: Vec<(String, String)>,
    /// What the document shows of it behind it: `capabilities`, `disassembly`.
    pub(crate) shown: Vec<(&'static str, String)>,
}

/// What can be shown of a block.
const SHOWN: [&str; 2] = ["capabilities", "disassembly"];

/// The blocks that stand for a package each, in order. What continues a block has that block's text in front of its own;
/// what is a file of its own goes with the next block.
pub(crate) fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut files = Vec::new();
    for fenced in fenced(markdown) {
        if let (Some(kind), Some(block)) =
            (SHOWN.iter().find(|kind| **kind == fenced.info), blocks.last_mut())
        {
            block.shown.push((kind, fenced.text));
            continue;
        }
        let Some(says) =
            fenced.info.strip_prefix("flow").filter(|rest| rest.is_empty() || rest.starts_with(' '))
        else {
            continue;
        };
        let says = says.trim();
        if says.ends_with(".flow") {
            files.push((says.to_owned(), fenced.text));
            continue;
        }
        let before = blocks.last().filter(|_| says == "more");
        let (text, known) = before.map_or_else(Default::default, |b| (b.text.clone(), b.files.clone()));
        blocks.push(Block {
            line: fenced.line,
            says: says.to_owned(),
            text: text + &fenced.text,
            files: known.into_iter().chain(files.drain(..)).collect(),
            shown: Vec::new(),
        });
    }
    assert!(files.is_empty(), "a file that no block behind it uses: {files:?}");
    blocks
}

/// What stands between two fences.
struct Fenced<'a> {
    line: usize,
    info: &'a str,
    text: String,
}

fn fenced(markdown: &str) -> Vec<Fenced<'_>> {
    let mut all = Vec::new();
    let mut open: Option<Fenced<'_>> = None;
    for (line, number) in markdown.lines().zip(1..) {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                open = Some(Fenced { line: number, info: info.trim(), text: String::new() });
            }
            (Some(_), Some("")) => all.extend(open.take()),
            (Some(block), _) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    all
}
