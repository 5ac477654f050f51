//! Trees, as `tree-sitter test` reads and writes them: a title between two lines of `=`, a source, a line of `-`, its tree.

use crate::reading::{grammar, parse};
use crate::trial;
use libtest_mimic::Trial;
use similar::TextDiff;

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for entry in std::fs::read_dir(grammar().join("test/corpus")).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_stem().unwrap().to_string_lossy().into_owned();
        for case in cases(&std::fs::read_to_string(&path).unwrap()) {
            trials.push(trial(format!("corpus: {file}: {}", case.title), move || case.judge()));
        }
    }
    assert!(trials.len() > 30, "the corpus is found");
    trials.push(trial("corpus: a wrong tree is noticed", || {
        let text = "===\nx\n===\nconst a = 1\n---\n(source_file)\n";
        cases(text).remove(0).judge().err().map(drop).ok_or_else(|| "it passed".to_owned())
    }));
    trials
}

struct Case {
    title: String,
    source: String,
    tree: String,
}

impl Case {
    fn judge(&self) -> Result<(), String> {
        let found = plain(&parse(&self.source).root_node().to_sexp());
        let wanted = plain(&self.tree);
        if found == wanted {
            return Ok(());
        }
        let lines = |tree: &str| tree.replace(" (", "\n(");
        let (wanted, found) = (lines(&wanted), lines(&found));
        Err(TextDiff::from_lines(&wanted, &found).unified_diff().to_string())
    }
}

fn cases(text: &str) -> Vec<Case> {
    let rule = |line: &str, mark: char| line.len() >= 3 && line.chars().all(|c| c == mark);
    let lines: Vec<&str> = text.lines().collect();
    let starts: Vec<usize> = (0..lines.len().saturating_sub(2))
        .filter(|i| rule(lines[*i], '=') && rule(lines[i + 2], '='))
        .collect();
    let ends = starts.iter().skip(1).copied().chain([lines.len()]);
    let case = |(start, end): (usize, usize)| {
        let body = &lines[start + 3..end];
        let middle = body.iter().position(|line| rule(line, '-')).unwrap();
        Case {
            title: lines[start + 1].to_owned(),
            source: body[..middle].join("\n").trim_start_matches('\n').to_owned(),
            tree: body[middle + 1..].join("\n"),
        }
    };
    starts.iter().copied().zip(ends).map(case).collect()
}

/// A tree on one line and without the names of fields, which the corpus leaves out.
fn plain(tree: &str) -> String {
    let words = tree.split_whitespace().filter(|word| !word.ends_with(':'));
    words.collect::<Vec<_>>().join(" ")
}
