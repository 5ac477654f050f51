//! From text to a module: each stage alone, over the examples, one long file and a large package. One core.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a benchmark stops at the first surprise")]

use carapace_driver::{Checked, Files, MemoryFiles, Parsed, Sources};
use carapace_module::Module;
use carapace_tests::measure::{Budget, alone, examples, large_package, long_file, tell};
use std::hint::black_box;
use std::sync::Arc;

/// Source of a kind: packages, and how many lines and bytes they have.
struct Corpus {
    name: &'static str,
    packages: Vec<MemoryFiles>,
    lines: f64,
    bytes: f64,
    rounds: usize,
}

fn main() {
    let examples = examples();
    let packages = examples
        .iter()
        .map(|(_, files)| MemoryFiles::new(files.iter().map(|(path, text)| (&**path, &**text))));
    let long = long_file(1_000);
    let corpora = [
        Corpus::new("the examples", packages.collect(), 20),
        Corpus::new("one file of 1,000 lines", vec![MemoryFiles::new([("main.flow", &*long)])], 40),
        Corpus::new("a package of many modules", vec![large_package(10).0], 7),
    ];
    corpora.iter().for_each(measure);
}

impl Corpus {
    fn new(name: &'static str, packages: Vec<MemoryFiles>, rounds: usize) -> Corpus {
        let (mut lines, mut bytes) = (0, 0);
        for package in &packages {
            for path in package.list().unwrap() {
                let text = package.read(&path, usize::MAX - 1).unwrap();
                bytes += text.len();
                lines += text.iter().filter(|byte| **byte == b'\n').count();
            }
        }
        Corpus { name, packages, lines: lines as f64, bytes: bytes as f64, rounds }
    }

    fn per_second(&self, nanoseconds: f64) -> f64 {
        self.lines / (nanoseconds / 1e9)
    }

    fn tell(&self, stage: &str, nanoseconds: f64, budget: Budget) {
        let megabytes = self.bytes / (nanoseconds / 1e3);
        let what = format!("{stage}, {} ({:.0} lines, {megabytes:.2} MB/s)", self.name, self.lines);
        tell(&what, self.per_second(nanoseconds), "lines/s", budget);
    }
}

fn measure(corpus: &Corpus) {
    let packages = || corpus.packages.iter().map(|files| (files, Sources::load(files, "main.flow")));
    let sources: Vec<_> = packages().collect();
    let parse = alone(corpus.rounds, || sources.iter().for_each(|(_, s)| drop(black_box(parsed(s.clone())))));
    corpus.tell("parse", parse.best, Budget::AtLeast(100_000.0));
    let check = alone(corpus.rounds, || {
        sources.iter().for_each(|(files, s)| drop(black_box(parsed(s.clone()).check(*files, false))));
    });
    corpus.tell("all of check", check.best, Budget::AtLeast(40_000.0));

    let programs: Vec<Checked> = packages().map(|(files, s)| right(parsed(s).check(files, false))).collect();
    let module = |checked: &Checked| carapace_emit::emit(&checked.program).unwrap();
    let emit = alone(corpus.rounds, || programs.iter().for_each(|p| drop(black_box(module(p)))));
    corpus.tell("emit", emit.best, Budget::None);
    let files: Vec<Vec<u8>> = programs.iter().map(|p| module(p).to_bytes()).collect();
    let read = alone(corpus.rounds, || {
        files.iter().for_each(|bytes| drop(black_box(Module::from_bytes(bytes).unwrap())));
    });
    corpus.tell("read and verify the module", read.best, Budget::None);
    let modules: Vec<Module> = programs.iter().map(module).collect();
    let verify = alone(corpus.rounds, || modules.iter().for_each(|m| m.verify().unwrap()));
    corpus.tell("verify alone", verify.best, Budget::None);
}

/// As the driver parses, but on one core.
fn parsed(sources: Sources) -> Parsed {
    let mut diagnostics = sources.diagnostics.clone();
    let mut trees = Vec::new();
    for file in &sources.files {
        let parse = carapace_syntax::parse(file.id, &file.text);
        diagnostics.extend(parse.diagnostics);
        trees.push(Arc::new(parse.file));
    }
    Parsed { sources, trees, diagnostics }
}

fn right(checked: Checked) -> Checked {
    if let Some(error) = checked.diagnostics.iter().find(|d| d.is_error()) {
        let (file, text) = checked.text(error.primary.span.file).unwrap();
        let line = text.get(..error.primary.span.range.start as usize).unwrap().lines().count();
        panic!("{file}:{line}: {}", error.message);
    }
    checked
}
