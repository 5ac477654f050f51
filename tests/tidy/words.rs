//! What must not stand in a file.

use crate::tree;

/// Words of the machines and the process a text was made with; a reader of the repository has neither. Written in two
/// parts, so that this file does not hold them.
const FOREIGN: &[(&str, &str)] = &[
    ("/wor", "k/"),
    ("/ro", "ot/"),
    ("target", "-a/"),
    ("target", "-b/"),
    ("HELPERS", ".md"),
    ("NOTE_FROM", "_"),
    ("Co-Authored", "-By"),
    ("as an AI", " language"),
];

/// Forms that hide a problem: an attribute that silences a lint without a reason, and code that is not there.
const HIDING: &[(&str, &str)] =
    &[("#[al", "low"), ("#![al", "low"), ("tod", "o!("), ("unimpl", "emented!("), ("dbg", "!(")];

#[test]
fn no_file_names_a_machine_or_how_it_was_made() {
    let mut breaches = Vec::new();
    for file in tree::files() {
        for (number, line) in file.text.lines().enumerate() {
            for (first, second) in FOREIGN {
                if line.contains(&format!("{first}{second}")) {
                    breaches.push(format!("{}:{}: `{first}{second}`", file.path, number + 1));
                }
            }
        }
    }
    tree::none("a text names something its reader does not have", &breaches);
}

#[test]
fn nothing_is_hidden_or_left_for_later() {
    let mut breaches = Vec::new();
    for file in tree::rust() {
        for (number, line) in file.text.lines().enumerate() {
            let code = line.trim_start();
            for (first, second) in HIDING {
                if code.starts_with(&format!("{first}{second}"))
                    || code.contains(&format!(" {first}{second}"))
                {
                    breaches.push(format!("{}:{}: `{first}{second}`", file.path, number + 1));
                }
            }
        }
    }
    tree::none("use #[expect(lint, reason = \"…\")], and write the code", &breaches);
}

#[test]
fn tests_are_neither_skipped_nor_asleep() {
    let mut breaches = Vec::new();
    for file in tree::rust() {
        for (number, line) in file.text.lines().enumerate() {
            if line.trim_start().starts_with(concat!("#[ign", "ore")) {
                breaches.push(format!(
                    "{}:{}: an ignored test is a test that cannot fail",
                    file.path,
                    number + 1
                ));
            }
        }
    }
    tree::none("every test runs", &breaches);
}
