//! What a file declares: the outline of one, and names in all.

use crate::workspace::Snapshot;
use carapace_diagnostic::{FileId, TextRange};
use carapace_syntax::ast::{FnBody, Item, ItemKind, Name, TypeBody};

/// What is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SymbolKind {
    /// A flow that starts by itself.
    Flow,
    /// A sub-flow, a tool.
    Callable,
    /// A function.
    Function,
    /// A record type.
    Record,
    /// A union type.
    Union,
    /// A tag of a union.
    Tag,
    /// A field.
    Field,
    /// A constant or setting.
    Constant,
    /// A state.
    State,
    /// A channel, room, group, connection or channel kind.
    Channel,
    /// An agent.
    Agent,
    /// A test.
    Test,
    /// A trigger of the library.
    Trigger,
}

/// Something a file declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// Its name; a test's title.
    pub name: String,
    /// A few words more: `on support.message`.
    pub detail: String,
    /// What it is.
    pub kind: SymbolKind,
    /// All of it.
    pub range: TextRange,
    /// Its name.
    pub selection: TextRange,
    /// What is inside.
    pub children: Vec<Symbol>,
}

/// What a file declares, in the order of the source.
pub fn of_file(snapshot: &Snapshot, file: FileId) -> Vec<Symbol> {
    let text = snapshot.text(file);
    snapshot.items(file).filter_map(|(offset, item)| symbol(text, offset, item)).collect()
}

/// What the package declares and whose name has the letters of `query`, in their order; best first.
pub fn in_package(snapshot: &Snapshot, query: &str) -> Vec<(FileId, Symbol)> {
    let mut found: Vec<(u32, FileId, Symbol)> = Vec::new();
    for file in snapshot.files() {
        for symbol in of_file(snapshot, file) {
            if let Some(rank) = rank(&symbol.name, query) {
                found.push((rank, file, symbol));
            }
        }
    }
    found.sort_by_key(|(rank, file, symbol)| (*rank, *file, symbol.range.start));
    found.into_iter().map(|(_, file, symbol)| (file, symbol)).collect()
}

/// How badly a name fits: 0 for the name itself, then beginnings, then parts, then letters in order. None where it does not.
fn rank(name: &str, query: &str) -> Option<u32> {
    let (name, query) = (name.to_lowercase(), query.to_lowercase());
    if name == query {
        return Some(0);
    }
    if name.starts_with(&query) {
        return Some(1);
    }
    if name.contains(&query) {
        return Some(2);
    }
    let mut letters = name.chars();
    query.chars().all(|wanted| letters.any(|letter| letter == wanted)).then_some(3)
}

fn symbol(text: &str, offset: u32, item: &Item) -> Option<Symbol> {
    let range = item.range.shift(offset);
    let name = match (&item.kind, &item.name) {
        (ItemKind::Test(test), _) => Name { text: test.title.clone(), range: title(text, range, offset) },
        (ItemKind::Use(_), _) => return None,
        (_, Some(name)) if !name.text.is_empty() => name.clone(),
        _ => return None,
    };
    let (kind, detail, children) = shape(text, offset, item)?;
    Some(Symbol { name: name.text, detail, kind, range, selection: name.range.shift(offset), children })
}

/// Where a test's title stands.
fn title(text: &str, range: TextRange, offset: u32) -> TextRange {
    let source = text.get(range.start as usize..range.end as usize).unwrap_or_default();
    let quoted = source.find('"').map(|start| {
        let rest = source.get(start.saturating_add(1)..).unwrap_or_default();
        let len = rest.find('"').unwrap_or(rest.len());
        (start, start.saturating_add(len).saturating_add(2).min(source.len()))
    });
    let (start, end) = quoted.unwrap_or((0, 0));
    let base = range.start.saturating_sub(offset);
    let at = |n: usize| base.saturating_add(u32::try_from(n).unwrap_or(u32::MAX));
    TextRange::new(at(start), at(end))
}

fn shape(text: &str, offset: u32, item: &Item) -> Option<(SymbolKind, String, Vec<Symbol>)> {
    let slice = |range: TextRange| {
        let range = range.shift(offset);
        text.get(range.start as usize..range.end as usize).unwrap_or_default().to_owned()
    };
    let leaf = |kind: SymbolKind, detail: String| Some((kind, detail, Vec::new()));
    match &item.kind {
        ItemKind::Flow(flow) if flow.params.is_some() => leaf(SymbolKind::Callable, "sub-flow".to_owned()),
        ItemKind::Flow(flow) => {
            let triggers: Vec<String> = flow.header.triggers.iter().map(|t| slice(t.range)).collect();
            leaf(
                SymbolKind::Flow,
                if triggers.is_empty() { String::new() } else { format!("on {}", triggers.join(", ")) },
            )
        }
        ItemKind::Tool(_) => leaf(SymbolKind::Callable, "tool".to_owned()),
        ItemKind::Fn(f) => {
            let result = f.result.as_ref().map(|t| format!("-> {}", slice(t.range)));
            let detail = result.unwrap_or_else(|| match &f.body {
                FnBody::Expr(_) => "function".to_owned(),
                FnBody::Block(_) => String::new(),
            });
            leaf(SymbolKind::Function, detail)
        }
        ItemKind::ExternFn(f) => leaf(SymbolKind::Function, format!("-> {}", slice(f.result.range))),
        ItemKind::Effect(_) => leaf(SymbolKind::Function, "effect".to_owned()),
        ItemKind::Tag(_) => leaf(SymbolKind::Function, "tagged text".to_owned()),
        ItemKind::Type(ty) => Some(type_shape(offset, &ty.body)),
        ItemKind::Const(_) => leaf(SymbolKind::Constant, String::new()),
        ItemKind::Setting(s) => leaf(SymbolKind::Constant, format!("setting: {}", slice(s.ty.range))),
        ItemKind::State(s) => leaf(SymbolKind::State, format!("state: {}", slice(s.ty.range))),
        ItemKind::Channel(c) => leaf(SymbolKind::Channel, format!("channel: {}", c.kind.text)),
        ItemKind::Room(r) => leaf(SymbolKind::Channel, format!("room: {}", r.kind.text)),
        ItemKind::Group(_) => leaf(SymbolKind::Channel, "group".to_owned()),
        ItemKind::Connection(c) => leaf(SymbolKind::Channel, format!("connection: {}", c.kind.text)),
        ItemKind::ChannelKind(_) => leaf(SymbolKind::Channel, "channel kind".to_owned()),
        ItemKind::Agent(_) => leaf(SymbolKind::Agent, String::new()),
        ItemKind::Trigger(_) => leaf(SymbolKind::Trigger, "trigger".to_owned()),
        ItemKind::Test(_) => leaf(SymbolKind::Test, "test".to_owned()),
        ItemKind::Error => leaf(SymbolKind::Function, "does not parse".to_owned()),
        ItemKind::Use(_) => None,
    }
}

fn type_shape(offset: u32, body: &TypeBody) -> (SymbolKind, String, Vec<Symbol>) {
    let leaf = |name: &Name, kind: SymbolKind, children: Vec<Symbol>| Symbol {
        name: name.text.clone(),
        detail: String::new(),
        kind,
        range: children
            .iter()
            .fold(name.range.shift(offset), |range, child: &Symbol| range.cover(child.range)),
        selection: name.range.shift(offset),
        children,
    };
    let fields = |fields: &[carapace_syntax::ast::Field]| -> Vec<Symbol> {
        fields.iter().map(|f| leaf(&f.name, SymbolKind::Field, Vec::new())).collect()
    };
    match body {
        TypeBody::Record(list) => (SymbolKind::Record, String::new(), fields(list)),
        TypeBody::Union(tags) => {
            let tags = tags.iter().map(|tag| leaf(&tag.name, SymbolKind::Tag, fields(&tag.fields)));
            (SymbolKind::Union, String::new(), tags.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixture::fixture;

    const SHOP: &str = "channel chat: any
type Order { id: Text  paid: Bool }
type State = open | closed(by: Text)
flow answer on chat.message { reply(\"x\") }
flow helper(n: Int) -> Int { return n }
test \"it answers\" { when chat.message(\"a\") }
//- more.flow
fn answers(n: Int) -> Int = n
";

    #[test]
    fn a_file_has_an_outline() {
        let f = fixture(SHOP);
        let symbols = of_file(&f.snapshot, f.file);
        let names: Vec<(&str, &str)> = symbols.iter().map(|s| (s.name.as_str(), s.detail.as_str())).collect();
        assert_eq!(
            names,
            [
                ("chat", "channel: any"),
                ("Order", ""),
                ("State", ""),
                ("answer", "on chat.message"),
                ("helper", "sub-flow"),
                ("it answers", "test"),
            ]
        );
        for symbol in &symbols {
            let name = f.slice(symbol.selection).trim_matches('"');
            assert_eq!(name, symbol.name);
            assert!(symbol.range.start <= symbol.selection.start && symbol.selection.end <= symbol.range.end);
        }
        let inside: Vec<&str> = symbols[2].children.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(inside, ["open", "closed"]);
        assert_eq!(symbols[2].children[1].children[0].name, "by");
    }

    #[test]
    fn names_are_found_in_all_files_best_first() {
        let f = fixture(SHOP);
        let names = |query| -> Vec<String> {
            in_package(&f.snapshot, query).into_iter().map(|(_, s)| s.name).collect()
        };
        assert_eq!(names("answer"), ["answer", "answers", "it answers"]);
        assert_eq!(names("hlp"), ["helper"]);
        assert_eq!(names("zz"), [] as [&str; 0]);
        assert_eq!(names("").len(), 7);
    }
}
