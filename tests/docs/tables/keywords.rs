//! Every word that the grammar knows, and no other.

use super::Table;
use super::parsing::codes;
use libtest_mimic::Failed;
use std::collections::BTreeSet;

const GRAMMAR: &str = include_str!("../../../compiler/syntax/src/grammar.pest");

pub(super) fn agree(table: &Table) -> Result<(), Failed> {
    let mut rows = table.rows.iter().map(|row| row.concat());
    let reserved: BTreeSet<String> = rows.next().unwrap_or_default().into_iter().collect();
    let others: BTreeSet<String> = rows.flatten().collect();
    let all: BTreeSet<String> = reserved.union(&others).cloned().collect();
    let known = words();
    let missing: Vec<_> = known.difference(&all).collect();
    let strange: Vec<_> = all.difference(&known).collect();
    if !missing.is_empty() || !strange.is_empty() {
        return Err(format!("missing {missing:?}, and not in the grammar {strange:?}").into());
    }
    for word in &all {
        let as_name = codes(&format!("fn f() -> Int {{\n  let {word} = 1\n  return {word}\n}}\n"));
        if as_name.is_empty() == reserved.contains(word) {
            return Err(format!("`{word}` as a name gives {as_name:?}").into());
        }
    }
    Ok(())
}

/// The words of the grammar's `k_…` rules, and those that its operators are made of.
fn words() -> BTreeSet<String> {
    let keyword = regex::Regex::new(r#"(?m)^k_\w+\s*=\s*@\{ "(\w+)" ~ !wc \}"#).unwrap();
    let mut words: BTreeSet<String> = keyword.captures_iter(GRAMMAR).map(|c| c[1].to_owned()).collect();
    let operators = GRAMMAR.split("\ninfix ").nth(1).and_then(|rest| rest.split('}').next()).unwrap();
    let quoted = regex::Regex::new(r#""([a-z]+)""#).unwrap();
    words.extend(quoted.captures_iter(operators).map(|c| c[1].to_owned()));
    assert!(words.len() > 80, "the rules are found");
    words
}
