//! `cases/ID.txt`: what an action makes of small sources.
//!
//! A case is a source with `$0` (two of them are a selection), a line `---- TITLE`, and what the source is afterwards; `---- not
//! offered` says that the action is not there. `====` begins the next case. `BLESS=1` writes what comes out.

use crate::source::{after, errors, file_of, offered, snapshot, unparsed, with_cursor};
use carapace_lsp::features::actions::catalog;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

const ABSENT: &str = "not offered";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/actions/cases")
}

#[test]
fn every_action_has_its_cases_and_every_case_its_action() {
    let mut files: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap().replace(".txt", ""))
        .collect();
    files.sort();
    let mut known: Vec<String> = catalog().map(|known| known.id.to_owned()).collect();
    known.sort();
    assert_eq!(files, known);
}

#[test]
fn each_does_what_its_cases_say() {
    let mut wrong = String::new();
    for known in catalog() {
        let path = folder().join(format!("{}.txt", known.id));
        let Ok(written) = fs::read_to_string(&path) else { continue };
        let mut made = Vec::new();
        for case in written.split("====\n") {
            made.push(run(known.id, case, &mut wrong));
        }
        let made = made.join("====\n");
        if made != written {
            if std::env::var_os("BLESS").is_some() {
                fs::write(&path, &made).unwrap();
            } else {
                write!(wrong, "\n{}: expected\n{written}\nfound\n{made}", known.id).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A case, with what comes out of it. What may not be, blessed or not, is told.
fn run(id: &str, case: &str, wrong: &mut String) -> String {
    let source = case.split_once("----").map_or(case, |(source, _)| source);
    let (files, name, selection) = with_cursor(source);
    let before = snapshot(&files);
    if !unparsed(&files).is_empty() && !source.contains("// does not parse") {
        writeln!(wrong, "{id}: before: {:?}\n{source}", unparsed(&files)).unwrap();
    }
    let found = offered(&before, file_of(&before, &name), selection);
    let Some(action) = found.iter().find(|action| action.id == id) else {
        if !case.contains(&format!("---- {ABSENT}")) && std::env::var_os("BLESS").is_none() {
            writeln!(wrong, "{id} is not offered:\n{source}{:?}", errors(&before)).unwrap();
        }
        return format!("{source}---- {ABSENT}\n");
    };
    let done = after(&before, &files, action);
    let now = snapshot(&done);
    let (told, tells) = (errors(&before), errors(&now));
    if tells.len() > told.len() || told.is_empty() && !tells.is_empty() || !unparsed(&done).is_empty() {
        writeln!(wrong, "{id}: {tells:?} after {told:?}:\n{source}\n{}", done[0].1).unwrap();
    }
    let mut out = format!("{source}---- {}\n", action.title);
    for (index, (name, text)) in done.iter().enumerate() {
        if index > 0 {
            writeln!(out, "//- {name}").unwrap();
        }
        out.push_str(text);
    }
    out
}
