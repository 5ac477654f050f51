//! The library's modules as the pages want them: declarations as they are written, without what they do.

use carapace_diagnostic::FileId;
use carapace_syntax::ast::{ExprKind, FnBody, Item, ItemKind, Placed};
use carapace_syntax::parse;

/// A module.
pub(super) struct Module {
    /// `chat`.
    pub(super) name: &'static str,
    /// `std/chat`.
    pub(super) path: &'static str,
    /// Whether it is in scope without `use`.
    pub(super) prelude: bool,
    /// The comment at its top.
    pub(super) about: String,
    pub(super) items: Vec<Declared>,
}

/// A declaration.
pub(super) struct Declared {
    pub(super) name: String,
    /// As written, without doc comment and body.
    pub(super) text: String,
    /// Its doc comment, on one line.
    pub(super) docs: String,
    pub(super) kind: ItemKind,
}

/// The library, in the order in which it lists its modules.
pub(super) fn modules() -> Vec<Module> {
    carapace_stdlib::MODULES
        .iter()
        .map(|module| {
            let tree = parse(FileId(0), module.text).file;
            let items = tree.items.iter().filter_map(|placed| declared(module.text, placed)).collect();
            let name = module.path.rsplit('/').next().unwrap_or(module.path);
            Module { name, path: module.path, prelude: module.prelude, about: about(module.text), items }
        })
        .collect()
}

impl Module {
    /// Whether it declares a channel kind.
    pub(super) fn is_kind(&self) -> bool {
        self.items.iter().any(|item| matches!(item.kind, ItemKind::ChannelKind(_)))
    }

    /// `chat.md`.
    pub(super) fn file(&self) -> String {
        format!("{}.md", self.name)
    }
}

impl Declared {
    /// Its signature on one line, as it is called: `take<T>(items: List<T>, number: Int) -> List<T>`.
    pub(super) fn signature(&self) -> String {
        let bare = ["extern fn ", "fn ", "flow ", "const ", "tag ", "effect "]
            .iter()
            .find_map(|word| self.text.strip_prefix(word))
            .unwrap_or(&self.text);
        let line = bare.split_whitespace().collect::<Vec<_>>().join(" ");
        without_version(&line).replace("( ", "(").replace(", )", ")")
    }

    /// The first sentence of its doc comment.
    pub(super) fn first_sentence(&self) -> &str {
        let end = self.docs.find(". ").map_or(self.docs.len(), |at| at + 1);
        self.docs.get(..end).unwrap_or(&self.docs)
    }
}

/// `reply@1(…)` as `reply(…)`.
fn without_version(text: &str) -> String {
    match text.split_once('@') {
        Some((name, rest)) => format!("{name}{}", rest.trim_start_matches(|c: char| c.is_ascii_digit())),
        None => text.to_owned(),
    }
}

/// The `//` lines that a module begins with.
fn about(text: &str) -> String {
    let lines = text.lines().take_while(|line| line.starts_with("// "));
    lines.map(|line| line.trim_start_matches("// ")).collect::<Vec<_>>().join(" ")
}

fn declared(source: &str, placed: &Placed) -> Option<Declared> {
    let item = &*placed.item;
    if matches!(item.kind, ItemKind::Test(_) | ItemKind::Use(_) | ItemKind::Error) {
        return None;
    }
    let start = placed.offset as usize;
    let end = start + body_start(item).unwrap_or(item.range.end) as usize;
    let text = source.get(start..end).unwrap_or_default();
    let lines = text.lines().skip_while(|line| line.starts_with("///"));
    let text = lines.collect::<Vec<_>>().join("\n");
    let docs = item.docs.as_deref().unwrap_or_default();
    Some(Declared {
        name: item.name.as_ref().map_or_else(String::new, |name| name.text.clone()),
        text: text.trim().trim_end_matches(['=', '{']).trim().to_owned(),
        docs: docs.split_whitespace().collect::<Vec<_>>().join(" "),
        kind: item.kind.clone(),
    })
}

/// Where the body of a function or flow begins, from the item's start.
fn body_start(item: &Item) -> Option<u32> {
    match &item.kind {
        ItemKind::Fn(function) => Some(match &function.body {
            FnBody::Expr(value) => value.range.start,
            FnBody::Block(block) => block.range.start,
        }),
        ItemKind::Flow(flow) => Some(flow.body.range.start),
        ItemKind::Const(constant) if !matches!(constant.value.kind, ExprKind::Int(_)) => {
            Some(constant.value.range.start)
        }
        _ => None,
    }
}
