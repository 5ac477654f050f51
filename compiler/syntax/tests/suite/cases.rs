//! Cases as data.

use std::fs;
use std::path::Path;

const RULE: &str = "\n=====\n";

/// Runs every `.txt` case of `folder` through `run` and compares; with `BLESS=1` writes the results instead.
pub(crate) fn check(folder: &str, run: impl Fn(&str) -> String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite").join(folder);
    let bless = std::env::var_os("BLESS").is_some();
    let mut count = 0;
    let mut wrong = Vec::new();
    let mut paths: Vec<_> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    for path in paths.into_iter().filter(|p| p.extension().is_some_and(|e| e == "txt")) {
        count += 1;
        let file = fs::read_to_string(&path).unwrap();
        let (source, expected) = file.split_once(RULE).unwrap_or((file.as_str(), ""));
        let source = source.strip_suffix('\n').unwrap_or(source);
        let result = run(source);
        if bless {
            fs::write(&path, format!("{source}\n{RULE}{result}").replace("\n\n=====", "\n=====")).unwrap();
        } else if result != expected {
            wrong.push(format!("{}\n--- expected\n{expected}\n--- got\n{result}", path.display()));
        }
    }
    assert!(count > 0, "no cases in {}", folder.display());
    assert!(
        wrong.is_empty(),
        "{} of {count} cases differ (BLESS=1 accepts):\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// `line:column` of a byte, both from 1.
pub(crate) fn position(text: &str, byte: u32) -> String {
    let before = &text[..(byte as usize).min(text.len())];
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    format!("{line}:{column}")
}
