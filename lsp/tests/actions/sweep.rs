//! Every action on every example: what it leaves parses, and checks if it did before.

use crate::source::{Files, after, errors, file_of, offered, snapshot, unparsed};
use carapace_diagnostic::{FileId, TextRange};
use carapace_lsp::features::actions::ActionKind;
use carapace_syntax::TokenKind;
use carapace_syntax::ast::ItemKind;
use carapace_syntax::walk::{Node, walk};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// How often an action is tried in an item.
const TIMES: usize = 2;

#[test]
fn what_is_offered_in_the_examples_leaves_them_right() {
    let mut wrong: BTreeMap<&str, String> = BTreeMap::new();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for files in packages() {
        let before = snapshot(&files);
        assert_eq!(errors(&before), [""; 0]);
        let mut done = BTreeSet::new();
        for (name, text) in &files {
            if !name.ends_with(".flow") {
                continue;
            }
            let file = file_of(&before, name);
            let mut tried: BTreeMap<(&str, u32), usize> = BTreeMap::new();
            for selection in places(text) {
                for action in offered(&before, file, selection) {
                    let item = before.item_at(file, selection.start).map_or(0, |placed| placed.offset);
                    let times = tried.entry((action.id, item)).or_insert(0);
                    let after = after(&before, &files, &action);
                    if *times >= TIMES || !done.insert((action.id, after.clone())) {
                        continue;
                    }
                    *times += 1;
                    *seen.entry(action.id).or_default() += 1;
                    let mut told = unparsed(&after);
                    if told.is_empty() && action.kind != ActionKind::Fix {
                        told = errors(&snapshot(&after));
                    }
                    if !told.is_empty() {
                        let edits = &action.edits[0].1;
                        let place = text.get(..selection.start as usize).unwrap_or("").lines().count();
                        wrong.entry(action.id).or_insert_with(|| {
                            format!("{name}:{place} {}: {told:?}\n{edits:?}\n", action.title)
                        });
                    }
                }
            }
        }
    }
    let shown: Vec<String> = wrong.iter().map(|(id, why)| format!("{id} {why}")).collect();
    assert!(shown.is_empty(), "{} of {}\n{}", shown.len(), seen.len(), shown.join("\n"));
    assert!(seen.len() >= 25, "many are offered in the examples: {seen:?}");
}

#[test]
fn no_place_of_a_broken_text_is_too_much() {
    let broken = "use\nflow a on chat.message {\n  let x = match y { z =>\n  reply(\"{a + }\" else\n}\ntype T {\n  x:\nfn f(\nstate s: = by\n/// é\ntest \"x\" { when expect given }\n";
    let files = vec![("main.flow".to_owned(), broken.to_owned())];
    let before = snapshot(&files);
    let file = file_of(&before, "main.flow");
    let end = u32::try_from(broken.len()).unwrap();
    for start in 0..=end {
        for len in [0, 1, 7, 40] {
            for action in offered(&before, file, TextRange::new(start, start.saturating_add(len).min(end))) {
                after(&before, &files, &action);
            }
        }
    }
}

/// Places of each item: beginnings of words, and expressions and statements from end to end. Not all of them, as that takes
/// too long; other ones in each item.
fn places(text: &str) -> Vec<TextRange> {
    let mut found = Vec::new();
    let words: Vec<u32> = carapace_syntax::tokens(text)
        .iter()
        .filter(|t| {
            matches!(t.kind, TokenKind::Word | TokenKind::Number | TokenKind::TextOpen | TokenKind::Punct)
        })
        .map(|t| t.start)
        .collect();
    let items = carapace_syntax::parse(FileId(0), text).file.items;
    for (number, placed) in items.iter().enumerate() {
        let own = placed.item.range.shift(placed.offset);
        let many = if matches!(placed.item.kind, ItemKind::Test(_)) { 2 } else { 10 };
        let cursors: Vec<TextRange> = words
            .iter()
            .filter(|start| own.start <= **start && **start < own.end)
            .map(|start| TextRange::new(*start, *start))
            .collect();
        let mut whole = Vec::new();
        walk(&placed.item, &mut |node| {
            if let Node::Expr(_) | Node::Stmt(_) = node {
                whole.push(node.range().shift(placed.offset));
            }
            true
        });
        found.extend(some_of(&cursors, many, number));
        found.extend(some_of(&whole, many / 2, number));
    }
    found
}

/// At most so many, evenly, begun elsewhere for each number.
fn some_of(all: &[TextRange], many: usize, number: usize) -> Vec<TextRange> {
    let step = all.len().div_ceil(many).max(1);
    all.iter().skip(number % step).step_by(step).copied().collect()
}

/// The examples, each with all of its files.
fn packages() -> Vec<Files> {
    let flows = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../flows");
    let mut found = Vec::new();
    for entry in fs::read_dir(&flows).unwrap() {
        let folder = entry.unwrap().path();
        if folder.is_dir() {
            let mut files = Vec::new();
            collect(&folder, &folder, &mut files);
            found.push(files);
        }
    }
    assert!(found.len() > 10, "the examples are found");
    found
}

fn collect(root: &Path, folder: &Path, files: &mut Files) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|e| e == "flow" || e == "md")
            && path.file_name().is_some_and(|n| n != "README.md")
        {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}
