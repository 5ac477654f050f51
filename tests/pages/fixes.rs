//! A repair repairs: afterwards the text parses as well as before, and that mistake is no more.

use carapace_diagnostic::{Diagnostic, codes, explain};
use carapace_driver::{Checked, MemoryFiles, with_edits};
use libtest_mimic::{Failed, Trial};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of one package, by path; the first is the root.
type Texts = BTreeMap<String, String>;

/// Of how many words in each example a letter is lost.
const WORDS: usize = 10;

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> =
        codes().map(|code| Trial::test(format!("repairs of {code}"), move || of_page(code))).collect();
    for file in corpus() {
        let name = file.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        trials.push(Trial::test(format!("repairs in {name}"), move || of_file(&file)));
    }
    trials.push(Trial::test("repairs of misspelt examples", misspelt));
    trials.push(Trial::test("a repair that repairs nothing is noticed", notices));
    trials
}

fn of_page(code: &str) -> Result<(), Failed> {
    let page = explain(code).ok_or("the code has no page")?;
    let flows = page.wrong.blocks.iter().filter(|b| b.language == "flow");
    let texts: Texts =
        flows.map(|b| (b.path.unwrap_or("main.flow").to_owned(), b.source.to_owned())).collect();
    let first = page.wrong.blocks.iter().find(|b| b.language == "flow");
    match first {
        Some(first) => each_repair(&texts, first.path.unwrap_or("main.flow")).map(drop),
        None => Ok(()),
    }
}

/// Files full of mistakes, from the suites of the parser and the checker.
fn corpus() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../compiler");
    let folders = ["check/tests/diagnostics", "syntax/tests/suite/recovery"];
    let mut found: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "flow" || ending == "txt"))
        .collect();
    found.sort();
    assert!(found.len() > 10, "the corpus is found");
    found
}

fn of_file(file: &Path) -> Result<(), Failed> {
    let whole = fs::read_to_string(file)?;
    let source = whole.split_once("\n----").map_or(whole.as_str(), |(source, _)| source);
    let mut texts = Texts::new();
    let mut path = "main.flow".to_owned();
    for line in source.lines() {
        match line.strip_prefix("// module: ") {
            Some(next) => path = format!("{next}.flow"),
            None => {
                let text = texts.entry(path.clone()).or_default();
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    each_repair(&texts, "main.flow").map(drop)
}

/// Examples in which a letter of a word is lost: nearly all of these have a repair.
fn misspelt() -> Result<(), Failed> {
    let flows = Path::new(env!("CARGO_MANIFEST_DIR")).join("../flows");
    let mut repairs = 0;
    for example in fs::read_dir(flows)? {
        let Ok(text) = fs::read_to_string(example?.path().join("main.flow")) else { continue };
        let words: Vec<(usize, &str)> = text
            .match_indices(|c: char| c.is_ascii_lowercase())
            .map(|(at, _)| at)
            .filter(|at| !text[..*at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
            .map(|at| {
                (at, text[at..].split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap())
            })
            .filter(|(_, word)| word.len() > 4)
            .collect();
        for (at, word) in words.iter().step_by(words.len() / WORDS + 1) {
            let broken = format!("{}{}{}", &text[..*at + 2], &word[3..], &text[*at + word.len()..]);
            repairs += each_repair(&Texts::from([("main.flow".to_owned(), broken)]), "main.flow")?;
        }
    }
    if repairs < 20 { Err(format!("only {repairs} repairs were tried").into()) } else { Ok(()) }
}

/// Makes each repair alone, and says how many there were.
fn each_repair(texts: &Texts, root: &str) -> Result<usize, Failed> {
    let before = check(texts, root);
    let mut count = 0;
    for diagnostic in before.diagnostics.iter().filter(|d| d.fix.is_some()) {
        let after = check(&repaired(&before, texts, diagnostic), root);
        repairs(diagnostic, &before, &after)?;
        count += 1;
    }
    Ok(count)
}

fn check(texts: &Texts, root: &str) -> Checked {
    Checked::of(&MemoryFiles::new(texts.iter().map(|(p, t)| (p.as_str(), t.as_str()))), root)
}

fn repaired(before: &Checked, texts: &Texts, diagnostic: &Diagnostic) -> Texts {
    let mut texts = texts.clone();
    let edits = diagnostic.fix.iter().flat_map(|fix| fix.edits.clone());
    let mut by_file: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for edit in edits {
        let (path, _) = before.sources.text(edit.span.file).unwrap();
        by_file.entry(path.to_owned()).or_default().push(edit);
    }
    for (path, edits) in by_file {
        let text = with_edits(&texts[&path], edits);
        texts.insert(path, text);
    }
    texts
}

fn repairs(diagnostic: &Diagnostic, before: &Checked, after: &Checked) -> Result<(), Failed> {
    let syntax = |c: &Checked| c.diagnostics.iter().filter(|d| d.code.0.starts_with("E00")).count();
    let same = |c: &Checked| {
        c.diagnostics.iter().filter(|d| d.code == diagnostic.code && d.message == diagnostic.message).count()
    };
    if syntax(after) > syntax(before) {
        return Err(format!("it parses worse than before: {diagnostic:#?}\n{:#?}", after.diagnostics).into());
    }
    if same(after) >= same(before) {
        return Err(format!("the mistake is still there: {diagnostic:#?}\n{:#?}", after.diagnostics).into());
    }
    Ok(())
}

fn notices() -> Result<(), Failed> {
    let texts = Texts::from([("main.flow".to_owned(), "fn a(x: Int) -> Int = y\n".to_owned())]);
    let before = check(&texts, "main.flow");
    let mut wrong = before.diagnostics.first().ok_or("there is a mistake")?.clone();
    let place = wrong.primary.span;
    wrong = wrong.fix("replace with another wrong name", place, "z");
    let still = check(&texts, "main.flow");
    if repairs(&wrong, &before, &still).is_ok() {
        return Err("a repair that changes nothing was taken for one".into());
    }
    let worse = check(
        &repaired(&before, &texts, &before.diagnostics[0].clone().fix("break it", place, ") (")),
        "main.flow",
    );
    if repairs(&wrong, &before, &worse).is_ok() {
        return Err("a repair after which nothing parses was taken for one".into());
    }
    Ok(())
}
