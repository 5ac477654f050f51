//! The second stage: every file as a tree.

use crate::package::{SourceFile, Sources};
use carapace_diagnostic::{Diagnostic, FileId};
use carapace_syntax::Parse;
use carapace_syntax::ast::File;
use std::sync::Arc;

/// Every file as a tree. Parsing never fails.
#[derive(Debug)]
pub struct Parsed {
    /// The files.
    pub sources: Sources,
    /// Their trees, in the order of the files.
    pub trees: Vec<Arc<File>>,
    /// What could not be read, and what did not parse.
    pub diagnostics: Vec<Diagnostic>,
}

/// Below this many bytes a second thread costs more than it saves.
const WORTH_A_THREAD: usize = 64 * 1024;

impl Sources {
    /// Parses every file, in parallel where there is enough to do.
    pub fn parse(self) -> Parsed {
        let mut diagnostics = self.diagnostics.clone();
        let mut trees = Vec::with_capacity(self.files.len());
        for parse in parse_all(&self.files) {
            diagnostics.extend(parse.diagnostics);
            trees.push(Arc::new(parse.file));
        }
        Parsed { sources: self, trees, diagnostics }
    }
}

/// The parses, in the order of the files. Files are dealt out by size, so that the threads end together.
fn parse_all(files: &[SourceFile]) -> Vec<Parse> {
    let bytes: usize = files.iter().map(|f| f.text.len()).sum();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(files.len());
    let one = |file: &SourceFile| carapace_syntax::parse(file.id, &file.text);
    if threads < 2 || bytes < WORTH_A_THREAD {
        return files.iter().map(one).collect();
    }
    let mut hands: Vec<Vec<&SourceFile>> = vec![Vec::new(); threads];
    let mut largest_first: Vec<&SourceFile> = files.iter().collect();
    largest_first.sort_by_key(|f| std::cmp::Reverse(f.text.len()));
    for file in largest_first {
        let weight = |hand: &&mut Vec<&SourceFile>| hand.iter().map(|f| f.text.len()).sum::<usize>();
        if let Some(hand) = hands.iter_mut().min_by_key(weight) {
            hand.push(file);
        }
    }
    let mut parses: Vec<(FileId, Parse)> = std::thread::scope(|scope| {
        let all: Vec<_> = hands
            .iter()
            .map(|hand| scope.spawn(move || hand.iter().map(|f| (f.id, one(f))).collect::<Vec<_>>()))
            .collect();
        // A panic of the parser is passed on to whoever asked.
        all.into_iter()
            .flat_map(|t| t.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    parses.sort_by_key(|(id, _)| *id);
    parses.into_iter().map(|(_, parse)| parse).collect()
}

#[cfg(test)]
mod tests {
    use crate::{MemoryFiles, Sources};

    #[test]
    fn many_files_are_parsed_in_their_order() {
        let text = |n: usize| format!("const a{n} = {n}\n{}", "// words\n".repeat(n * 200));
        let names: Vec<String> = (0..40).map(|n| format!("m{n:02}.flow")).collect();
        let texts: Vec<String> = (0..40).map(|n| text((n * 7) % 40)).collect();
        let files = MemoryFiles::new(names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)));
        let parsed = Sources::load(&files, "m00.flow").parse();
        assert_eq!(parsed.diagnostics, []);
        for (n, tree) in parsed.trees.iter().enumerate() {
            let name = tree.items[0].item.name.as_ref().unwrap();
            assert_eq!(name.text, format!("a{}", (n * 7) % 40));
        }
    }
}
