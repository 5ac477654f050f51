//! Every diagnostic code has a page, and every page a code that something says.

use crate::tree;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn every_code_has_a_page() {
    let pages: BTreeSet<&str> = carapace_diagnostic::codes().collect();
    let missing = used().into_iter().filter(|(code, _)| !pages.contains(code.as_str()));
    let missing: Vec<String> = missing.map(|(code, file)| format!("{code} ({file})")).collect();
    tree::none("a code without a page in compiler/diagnostic/codes/", &missing);
}

#[test]
fn every_page_is_about_a_code_that_something_says() {
    let used = used();
    let idle = carapace_diagnostic::codes().filter(|code| !used.contains_key(*code)).map(str::to_owned);
    tree::none("a page about a code that nothing says", &idle.collect::<Vec<_>>());
}

#[test]
fn the_search_for_codes_finds_them() {
    let text = "const A: Code = Code(\"E0999\");\n#[cfg(test)]\nmod tests { const B: &str = \"E0998\"; }";
    assert_eq!(codes_in(text), ["E0999"]);
}

/// Codes in product source, with a file each.
fn used() -> BTreeMap<String, String> {
    let mut used = BTreeMap::new();
    for file in tree::rust() {
        // Tests talk about codes that do not exist; the crates' own test folders and this one are not the product.
        let product = file.path.contains("/src/") && !file.path.starts_with("tests/");
        if !product || file.path.ends_with("/tests.rs") || file.path.contains("/tests/") {
            continue;
        }
        for code in codes_in(&file.text) {
            used.entry(code).or_insert_with(|| file.path.clone());
        }
    }
    used
}

fn codes_in(text: &str) -> Vec<String> {
    let product = text.split("#[cfg(test)]").next().unwrap_or(text);
    let code = Regex::new(r#""([EW]\d{4})""#).unwrap();
    let outside_comments = product.lines().filter(|l| !l.trim_start().starts_with("//"));
    outside_comments
        .flat_map(|line| code.captures_iter(line).map(|c| c[1].to_owned()).collect::<Vec<_>>())
        .collect()
}
