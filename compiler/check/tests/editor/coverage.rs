//! Every name of every example means something, or is one of the few words that are no names of anything declared.

use crate::asked::LIBRARY;
use crate::support;
use carapace_diagnostic::{FileId, TextRange};
use carapace_syntax::ast::{Expect, ExpectKind, Expr, ExprKind, Item, ItemKind, Property, TestStmt};
use carapace_syntax::walk::{Node, walk};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What no source declares: types, the kind of all channels, everybody, how a `listen` is asked, and what a `for` finds in a map.
const BUILTIN: [&str; 22] = [
    "Bool", "Int", "Number", "Text", "Bytes", "Time", "Date", "Duration", "Money", "Json", "Regex",
    "Nothing", "Secret", "List", "Map", "Never", "Type", "any", "anyone", "next", "key", "value",
];

fn flows(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            flows(&path, found);
        } else if path.extension().is_some_and(|e| e == "flow") {
            found.push(path);
        }
    }
}

/// The packages among the examples: the modules of each, the root first.
pub(crate) fn packages() -> Vec<Vec<(String, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../flows");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(&root).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        let mut files = Vec::new();
        flows(&folder, &mut files);
        let module = |path: &PathBuf| {
            let path = path.strip_prefix(&folder).unwrap().with_extension("");
            path.to_string_lossy().into_owned()
        };
        let mut modules: Vec<(String, String)> =
            files.iter().map(|path| (module(path), std::fs::read_to_string(path).unwrap())).collect();
        modules.sort_by_key(|(path, _)| path != "main");
        all.push(modules);
    }
    all
}

/// The blocks of the documentation that are right, each a package of its own.
pub(crate) fn blocks() -> Vec<Vec<(String, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/language");
    let mut all = Vec::new();
    for folder in [root.clone(), root.join("stdlib")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let Some(page) =
                path.extension().filter(|e| *e == "md").and_then(|_| std::fs::read_to_string(&path).ok())
            else {
                continue;
            };
            for block in page.split("\n```flow\n").skip(1) {
                let text = format!("{}\n", block.split("\n```").next().unwrap());
                let (_, told) = support::check_modules(&LIBRARY, &[("main", &text)]);
                if !told.iter().any(|d| d.is_error()) {
                    all.push(vec![("main".to_owned(), text)]);
                }
            }
        }
    }
    assert!(all.len() > 60, "{}", all.len());
    all
}

#[test]
fn every_name_of_the_examples_means_something() {
    let mut lost: BTreeMap<String, String> = BTreeMap::new();
    let mut found = 0;
    for package in packages().into_iter().chain(blocks()) {
        let modules: Vec<(&str, &str)> = package.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
        let (checked, _) = support::check_modules(&LIBRARY, &modules);
        for (index, (path, text)) in modules.iter().enumerate() {
            let file = FileId(u32::try_from(LIBRARY.len() + index).unwrap());
            let parsed = carapace_syntax::parse(file, text);
            for placed in &parsed.file.items {
                let facts = checked.facts.item_at(file, placed.offset).unwrap();
                let known: BTreeSet<TextRange> = facts.references.iter().map(|r| r.range).collect();
                let words = words_of_no_meaning(&placed.item);
                walk(&placed.item, &mut |node| {
                    if let Node::Name(name) = node
                        && !BUILTIN.contains(&name.text.as_str())
                        && !words.contains(&name.range)
                    {
                        found += 1;
                        if !known.contains(&name.range) {
                            let line =
                                text[..(placed.offset + name.range.start) as usize].matches('\n').count();
                            let line = text.lines().nth(line).unwrap_or_default();
                            lost.insert(format!("{} in {path}", name.text), line.to_owned());
                        }
                    }
                    true
                });
            }
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
    assert!(found > 1000, "{found}");
}

/// Verbs of tests, properties of agents, and what only the simulated world reads.
fn words_of_no_meaning(item: &Item) -> BTreeSet<TextRange> {
    let mut words = BTreeSet::new();
    walk(item, &mut |node| {
        match node {
            Node::Property(Property::Value(name, _) | Property::Approve(name, _)) => {
                words.insert(name.range);
            }
            Node::Property(Property::Budget(name, budgets)) => {
                words.insert(name.range);
                words.extend(budgets.iter().filter_map(|(_, unit, _, _)| unit.as_ref()).map(|u| u.range));
            }
            // Folders on the way to a module.
            Node::Item(Item { kind: ItemKind::Use(used), .. }) => {
                words.extend(
                    used.path.names.split_last().into_iter().flat_map(|(_, front)| front).map(|n| n.range),
                );
            }
            Node::Expect(Expect { kind: ExpectKind::Output { verb, args, .. }, .. }) => {
                words.insert(verb.range);
                words.extend(args.iter().map(|(name, _)| name.range));
            }
            Node::Expect(Expect { kind: ExpectKind::Run { status, .. }, .. }) => {
                words.insert(status.range);
            }
            Node::Expect(Expect {
                kind: ExpectKind::Condition(Expr { kind: ExprKind::Field { name, .. }, .. }),
                ..
            }) => {
                words.insert(name.range);
            }
            Node::Test(TestStmt::When(event)) => {
                if let ExprKind::Call { callee, args, .. } = &event.kind {
                    words.extend(args.iter().filter_map(|arg| arg.name.as_ref()).map(|name| name.range));
                    if let ExprKind::Field { name, .. } = &callee.kind {
                        words.insert(name.range);
                    }
                }
            }
            Node::Given(given) => {
                if let ExprKind::Name(name) = &given.target.kind
                    && name.text == "time"
                {
                    words.insert(name.range);
                }
            }
            _ => {}
        }
        true
    });
    words
}
