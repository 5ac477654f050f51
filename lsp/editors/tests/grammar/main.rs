//! The tree-sitter grammar reads what the compiler reads, its parser is made of it, its queries know its nodes.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod corpus;
mod generated;
mod keywords;
mod mistakes;
mod queries;
mod reading;
mod sources;

use libtest_mimic::{Arguments, Trial};
use reading::walk;
use tree_sitter::Tree;

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = corpus::trials();
    trials.extend(generated::trials());
    trials.extend(keywords::trials());
    trials.extend(mistakes::trials());
    trials.extend(queries::trials());
    trials.extend(sources::trials());
    libtest_mimic::run(&arguments, trials).exit();
}

/// Where a tree says that something is wrong: line, and what stands there.
fn mistakes(tree: &Tree, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    walk(tree.root_node(), &mut |node| {
        if node.is_error() || node.is_missing() {
            let line = node.start_position().row;
            let kind = if node.is_error() { "ERROR" } else { "MISSING" };
            found.push(format!(
                "{kind} in line {}: {}",
                line + 1,
                text.lines().nth(line).unwrap_or_default()
            ));
        }
    });
    found
}

fn trial(name: impl Into<String>, run: impl FnOnce() -> Result<(), String> + Send + 'static) -> Trial {
    Trial::test(name, move || run().map_err(Into::into))
}
