//! Tables of the runtime that are made of the library's declarations stand in the repository as they would be made now.
//! `BLESS=1 cargo test -p carapace-tests --test tables` writes them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use carapace_diagnostic::FileId;
use carapace_syntax::ast::{ChannelKind, ChannelKindLine, Expr, ExprKind, ItemKind, Name};
use std::fmt::Write as _;
use std::path::Path;

#[test]
fn channel_kinds_are_as_the_library_declares_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let path = root.join("runtime/effect/src/kinds.rs");
    let made = kinds(&root.join("stdlib/kinds"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let stands = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stands == made, "`BLESS=1 cargo test -p carapace-tests --test tables` mends {}", path.display());
}

fn kinds(folder: &Path) -> String {
    let mut out = String::from(HEAD);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let tree = carapace_syntax::parse(FileId(0), &text).file;
        for placed in &tree.items {
            if let ItemKind::ChannelKind(kind) = &placed.item.kind {
                let name = placed.item.name.as_ref().map_or("", |name| &name.text);
                write_kind(&mut out, name, kind);
            }
        }
    }
    out.push_str("];\n");
    out
}

const HEAD: &str = "//! What the kinds of channels can do, as `stdlib/kinds/*.flow` declares it. Made by `tests/tables`; do not edit.

use crate::{Kind, Limit, LimitBy};
use std::time::Duration;

/// Every kind, by name.
#[rustfmt::skip]
pub(crate) const KINDS: &[Kind] = &[
";

fn write_kind(out: &mut String, name: &str, kind: &ChannelKind) {
    let mut can: Vec<&str> = Vec::new();
    let mut limits = Vec::new();
    let (mut max_text, mut keyed, mut redelivers) = (usize::MAX, 0, 0);
    for line in &kind.lines {
        match line {
            ChannelKindLine::Can(names) => can.extend(names.iter().map(|name: &Name| name.text.as_str())),
            ChannelKindLine::Max(what, limit) if what.text == "text" => {
                let ExprKind::Int(limit) = limit.kind else { panic!("`max text` of {name} is a number") };
                max_text = usize::try_from(limit).unwrap();
            }
            ChannelKindLine::Limit { most, per, by } => limits.push(limit(name, most, per, by)),
            ChannelKindLine::Redelivers(window) => redelivers = milliseconds(window),
            ChannelKindLine::Delivery(classes) => {
                let class = classes.iter().find(|class| class.class.text == "keyed");
                keyed = class.and_then(|class| class.window.as_ref()).map_or(0, milliseconds);
            }
            ChannelKindLine::Max(..) | ChannelKindLine::Cannot(_) => {}
        }
    }
    can.sort_unstable();
    let number = |n: i64| match n {
        0 => "0".to_owned(),
        n => n
            .to_string()
            .as_bytes()
            .rchunks(3)
            .rev()
            .map(|c| String::from_utf8_lossy(c).into_owned())
            .collect::<Vec<_>>()
            .join("_"),
    };
    writeln!(
        out,
        "    Kind {{ name: {name:?}, max_text: {}, keyed: {}, redelivers: {}, limits: &[{}],\n        can: &{can:?} }},",
        number(i64::try_from(max_text).unwrap()),
        number(keyed),
        number(redelivers),
        limits.join(", ")
    )
    .unwrap();
}

fn limit(kind: &str, most: &Expr, per: &Expr, by: &Name) -> String {
    let ExprKind::Int(most) = most.kind else { panic!("a limit of {kind} is a number") };
    let per = milliseconds(per);
    assert!(most > 0 && per > 0, "a limit of {kind} lets something through");
    let by = match by.text.as_str() {
        "account" => "Account",
        "conversation" => "Conversation",
        other => panic!("a limit of {kind} counts by `account` or `conversation`, not by `{other}`"),
    };
    format!("Limit {{ most: {most}, per: Duration::from_millis({per}), by: LimitBy::{by} }}")
}

fn milliseconds(expr: &Expr) -> i64 {
    match expr.kind {
        ExprKind::Duration(ms) => ms,
        ref other => panic!("{other:?} is no duration"),
    }
}
