//! The tables of `docs/language/` say what the compiler and the machine do.

mod bounds;
mod conditions;
mod escapes;
mod keywords;
mod operators;
mod parsing;
mod suffixes;
mod units;

use libtest_mimic::{Failed, Trial};
use std::path::Path;

type Check = fn(&Table) -> Result<(), Failed>;

/// One trial for each table that can be compared.
pub(crate) fn trials(root: &Path) -> Vec<Trial> {
    let checks: [(&'static str, &'static str, Check); 7] = [
        ("words", "Keywords", keywords::agree),
        ("words", "Operators", operators::agree),
        ("words", "Conditions", conditions::agree),
        ("words", "Suffixes", suffixes::agree),
        ("words", "Escapes", escapes::agree),
        ("words", "Units", units::agree),
        ("running", "Bounds", bounds::agree),
    ];
    let trial = |(page, heading, check): (&'static str, &'static str, Check)| {
        let path = format!("docs/language/{page}.md");
        let table = Table::below(&std::fs::read_to_string(root.join(&path)).unwrap(), heading);
        Trial::test(format!("{path}: {heading}"), move || check(&table))
    };
    checks.into_iter().map(trial).collect()
}

/// The rows of all tables below a heading, without their heads; in each cell only what is written as code.
pub(crate) struct Table {
    pub(crate) rows: Vec<Vec<Vec<String>>>,
}

impl Table {
    /// The table below a heading of the second level.
    pub(crate) fn below(markdown: &str, heading: &str) -> Table {
        let section = markdown.split("\n## ").find(|s| s.lines().next() == Some(heading)).unwrap();
        let lines: Vec<&str> = section.lines().collect();
        // The head of a table is the line above the rule.
        let is_head = |i: usize| lines.get(i + 1).is_some_and(|next| next.starts_with("|--"));
        let rows = (0..lines.len()).filter(|i| !is_head(*i)).filter_map(|i| lines.get(i));
        let rows = rows.filter(|line| line.starts_with("| ")).map(|line| cells(line)).collect();
        Table { rows }
    }
}

fn cells(line: &str) -> Vec<Vec<String>> {
    let inside = line.trim().trim_start_matches('|').trim_end_matches('|');
    inside.split(" | ").map(codes).collect()
}

/// What stands between backticks.
fn codes(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
