//! The second stage: every file as a tree.

use crate::package::{SourceFile, Sources};
use carapace_diagnostic::Diagnostic;
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

/// The parses, in the order of the files.
fn parse_all(files: &[SourceFile]) -> Vec<Parse> {
    let files: Vec<&SourceFile> = files.iter().collect();
    shared_out(files, |file| file.text.len(), |file| carapace_syntax::parse(file.id, &file.text))
}

/// Does the same to each, on several threads where there are enough bytes to do; the results in the order of what is given.
/// It is dealt out by size, so that the threads end together.
pub(crate) fn shared_out<T: Send, R: Send>(
    all: Vec<T>,
    bytes: impl Fn(&T) -> usize,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let whole: usize = all.iter().map(&bytes).sum();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(all.len());
    if threads < 2 || whole < WORTH_A_THREAD {
        return all.into_iter().map(work).collect();
    }
    let mut hands: Vec<(usize, Vec<(usize, T)>)> = (0..threads).map(|_| (0, Vec::new())).collect();
    let mut largest_first: Vec<(usize, T)> = all.into_iter().enumerate().collect();
    largest_first.sort_by_key(|(_, one)| std::cmp::Reverse(bytes(one)));
    for (index, one) in largest_first {
        if let Some((weight, hand)) = hands.iter_mut().min_by_key(|(weight, _)| *weight) {
            *weight = weight.saturating_add(bytes(&one));
            hand.push((index, one));
        }
    }
    let work = &work;
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let all: Vec<_> = hands
            .into_iter()
            .map(|(_, hand)| {
                scope.spawn(move || hand.into_iter().map(|(i, one)| (i, work(one))).collect::<Vec<_>>())
            })
            .collect();
        // A panic of the parser is passed on to whoever asked.
        all.into_iter()
            .flat_map(|t| t.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, made)| made).collect()
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
