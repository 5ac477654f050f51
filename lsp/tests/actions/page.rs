//! `docs/code-actions.md` lists the actions there are.

use carapace_lsp::features::actions::{ActionKind, catalog};
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

const BEGIN: &str = "<!-- actions -->\n";
const END: &str = "<!-- end of actions -->\n";

#[test]
fn the_page_lists_the_actions_there_are() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/code-actions.md");
    let page = fs::read_to_string(&path).unwrap();
    let (head, rest) = page.split_once(BEGIN).unwrap();
    let (_, tail) = rest.split_once(END).unwrap();
    let made = format!("{head}{BEGIN}{}{END}{tail}", table());
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &made).unwrap();
        return;
    }
    assert_eq!(page, made, "BLESS=1 writes the table");
}

#[test]
fn an_id_names_one_action() {
    let mut ids: Vec<&str> = catalog().map(|known| known.id).collect();
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all);
    let kebab = |id: &&str| id.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    assert!(ids.iter().all(kebab), "{ids:?}");
}

fn table() -> String {
    let mut out = String::from("\n| action | kind | what it does |\n|---|---|---|\n");
    for known in catalog() {
        let kind = match known.kind {
            ActionKind::Fix => "fix",
            ActionKind::Rewrite => "rewrite",
            ActionKind::Extract => "extract",
            ActionKind::Inline => "inline",
            ActionKind::Organize | ActionKind::Source => "order",
            ActionKind::FixAll => "fix all",
        };
        writeln!(out, "| `{}` | {kind} | {} |", known.id, known.about.replace('|', "\\|")).unwrap();
    }
    out.push('\n');
    out
}
