//! The parts of an item, and going through them.

use super::{expr, item, library, stmt, testing};
use crate::ast::{
    Arg, Await, Block, Branch, ChannelKindLine, DeliveryLine, EffectClause, Expect, Expr, Field, FieldInit,
    FieldPattern, Given, Item, Limit, Listen, MatchArm, Migration, Name, Param, Path, Pattern, Property,
    Serial, Stmt, Suffixes, TestStmt, TriggerArg, TriggerRef, TypeExpr, Variant,
};
use carapace_diagnostic::TextRange;

/// A part of an item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Node<'a> {
    /// The whole.
    Item(&'a Item),
    /// A name, wherever one stands.
    Name(&'a Name),
    /// Names with `.` or `/` between them.
    Path(&'a Path),
    /// A type as written.
    Type(&'a TypeExpr),
    /// A field of a type, or of a trigger's event.
    Field(&'a Field),
    /// A tag of a union, as declared.
    Variant(&'a Variant),
    /// A parameter, as declared.
    Param(&'a Param),
    /// A property of an agent.
    Property(&'a Property),
    /// `migrate …` of a state.
    Migration(&'a Migration),
    /// A trigger, as used.
    Trigger(&'a TriggerRef),
    /// An argument of one.
    TriggerArg(&'a TriggerArg),
    /// `limit …` of a flow.
    Limit(&'a Limit),
    /// `serial …` of a flow.
    Serial(&'a Serial),
    /// `{ … }`.
    Block(&'a Block),
    /// A statement.
    Stmt(&'a Stmt),
    /// `listen …`.
    Listen(&'a Listen),
    /// A statement of a test.
    Test(&'a TestStmt),
    /// `given …`.
    Given(&'a Given),
    /// `expect …`.
    Expect(&'a Expect),
    /// An expression.
    Expr(&'a Expr),
    /// An argument of a call.
    Arg(&'a Arg),
    /// A field of a record literal.
    FieldInit(&'a FieldInit),
    /// A case of a `match`.
    Arm(&'a MatchArm),
    /// A branch of `parallel` or `race`.
    Branch(&'a Branch),
    /// What is waited for.
    Await(&'a Await),
    /// What stands behind something that happens: `retry`, `within`, `else`, …
    Suffixes(&'a Suffixes),
    /// A pattern.
    Pattern(&'a Pattern),
    /// A field's pattern.
    FieldPattern(&'a FieldPattern),
    /// `needs …`, `delivery …` of an effect's declaration.
    Clause(&'a EffectClause),
    /// A line of a channel kind's declaration.
    KindLine(&'a ChannelKindLine),
    /// `keyed for 24h in send`.
    Delivery(&'a DeliveryLine),
}

impl<'a> Node<'a> {
    /// Where it stands, from the item's first byte. What has no range of its own reaches from its first child to its last.
    pub fn range(self) -> TextRange {
        match self {
            Node::Item(node) => node.range,
            Node::Name(node) => node.range,
            Node::Path(node) => node.range(),
            Node::Type(node) => node.range,
            Node::Trigger(node) => node.range,
            Node::Limit(node) => node.range,
            Node::Serial(node) => node.range,
            Node::Block(node) => node.range,
            Node::Stmt(node) => node.range,
            Node::Expr(node) => node.range,
            Node::Arm(node) => node.range,
            Node::Pattern(node) => node.range,
            Node::Property(Property::Error(range)) => *range,
            Node::Field(_)
            | Node::Variant(_)
            | Node::Param(_)
            | Node::Property(_)
            | Node::Migration(_)
            | Node::TriggerArg(_)
            | Node::Listen(_)
            | Node::Test(_)
            | Node::Given(_)
            | Node::Expect(_)
            | Node::Arg(_)
            | Node::FieldInit(_)
            | Node::Branch(_)
            | Node::Await(_)
            | Node::Suffixes(_)
            | Node::FieldPattern(_)
            | Node::Clause(_)
            | Node::KindLine(_)
            | Node::Delivery(_) => self.extent(),
        }
    }

    /// Calls `each` for every child, in the order of the source.
    pub fn children(self, each: &mut dyn FnMut(Node<'a>)) {
        match self {
            Node::Name(_) => {}
            Node::Path(node) => node.names.iter().for_each(|name| each(Node::Name(name))),
            Node::Item(node) => item::item(node, each),
            Node::Type(node) => item::ty(node, each),
            Node::Field(node) => item::field(node, each),
            Node::Variant(node) => item::variant(node, each),
            Node::Param(node) => item::param(node, each),
            Node::Property(node) => item::property(node, each),
            Node::Migration(node) => item::migration(node, each),
            Node::Trigger(node) => item::trigger(node, each),
            Node::TriggerArg(node) => item::trigger_arg(node, each),
            Node::Limit(node) => item::limit(node, each),
            Node::Serial(node) => item::serial(node, each),
            Node::Block(node) => node.stmts.iter().for_each(|stmt| each(Node::Stmt(stmt))),
            Node::Stmt(node) => stmt::stmt(node, each),
            Node::Listen(node) => stmt::listen(node, each),
            Node::Test(node) => testing::test(node, each),
            Node::Given(node) => testing::given(node, each),
            Node::Expect(node) => testing::expect(node, each),
            Node::Expr(node) => expr::expr(node, each),
            Node::Arg(node) => expr::arg(node, each),
            Node::FieldInit(node) => expr::field_init(node, each),
            Node::Arm(node) => expr::arm(node, each),
            Node::Branch(node) => expr::branch(node, each),
            Node::Await(node) => expr::await_(node, each),
            Node::Suffixes(node) => expr::suffixes(node, each),
            Node::Pattern(node) => stmt::pattern(node, each),
            Node::FieldPattern(node) => stmt::field_pattern(node, each),
            Node::Clause(node) => library::clause(node, each),
            Node::KindLine(node) => library::kind_line(node, each),
            Node::Delivery(node) => library::delivery(node, each),
        }
    }

    /// From the first child to the last. Names that are missing have no place and do not count.
    fn extent(self) -> TextRange {
        let mut all: Option<TextRange> = None;
        self.children(&mut |child| {
            let range = child.range();
            if !range.is_empty() {
                all = Some(all.map_or(range, |so_far| so_far.cover(range)));
            }
        });
        all.unwrap_or_default()
    }
}

/// Goes through an item, outside in, in the order of the source. `enter` says whether to look into the node.
pub fn walk<'a>(item: &'a Item, enter: &mut dyn FnMut(Node<'a>) -> bool) {
    go(Node::Item(item), enter);
}

fn go<'a>(node: Node<'a>, enter: &mut dyn FnMut(Node<'a>) -> bool) {
    if enter(node) {
        node.children(&mut |child| go(child, enter));
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the examples are files")]
mod tests {
    use super::*;
    use crate::ast::ExprKind;
    use crate::lex::{TokenKind, lex};
    use crate::parse;
    use crate::walk::path_at;
    use carapace_diagnostic::FileId;
    use std::collections::BTreeSet;
    use std::path::{Path as Folder, PathBuf};

    /// Words that are no names where they stand. One that is a name somewhere is looked for there all the same: what is
    /// reached is taken out before these are.
    const WORDS: &str = "
        _ advance after agent and as at await backoff between break by called calls can cancel
        cancellable cannot case channel const containing contains continue costs crash debounce dedupe
        delivery do down drop each effect else empty ends engine exclusive expect extern fails failure
        false filter flow fn for from given group if ignoring in is keep kind least let limit listen
        match matches matching max migrate most needs none not nothing observes on once or order
        parallel parameter parts per priority race raw redelivers repeat replace requires retry return
        room says secret serial set setting some start starts state tag takes test then timeout times
        tool trigger true trusted type undo unknown until up use var when where while with within";

    fn flows(folder: &Folder, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                flows(&path, found);
            } else if path.extension().is_some_and(|e| e == "flow") {
                found.push(path);
            }
        }
    }

    #[test]
    fn every_name_of_every_flow_is_reached_once() {
        let root = Folder::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut files = Vec::new();
        flows(&root.join("stdlib"), &mut files);
        flows(&root.join("flows"), &mut files);
        assert!(files.len() > 40, "{files:?}");
        let keywords: BTreeSet<&str> = WORDS.split_whitespace().collect();
        let mut odd = BTreeSet::new();
        for path in files {
            let text = std::fs::read_to_string(&path).unwrap();
            for word in unreached(&text) {
                if !keywords.contains(&*word) {
                    odd.insert(format!("{word} {}", path.file_name().unwrap().display()));
                }
            }
        }
        assert_eq!(odd, BTreeSet::new());
    }

    /// The words of a text that are no node, each once. Stops where a name is none, or is reached twice.
    fn unreached(text: &str) -> BTreeSet<String> {
        let mut words: BTreeSet<(u32, u32)> = lex(text)
            .list
            .iter()
            .filter(|token| token.kind == TokenKind::Word)
            .map(|token| (token.start, token.end))
            .collect();
        let parsed = parse(FileId(0), text);
        assert_eq!(parsed.diagnostics, []);
        for placed in &parsed.file.items {
            walk(&placed.item, &mut |node| {
                let range = node.range().shift(placed.offset);
                match node {
                    Node::Name(name) => {
                        let written = &text[range.start as usize..range.end as usize];
                        let plain = written.split_whitespace().collect::<Vec<_>>().join(" ");
                        assert_eq!(plain, name.text);
                        // A capability is a name of several words; `re"…"` is no word.
                        let inside: Vec<_> = words.range((range.start, 0)..(range.end, 0)).copied().collect();
                        let tag = text[range.end as usize..].starts_with('"');
                        assert!(tag || !inside.is_empty(), "`{written}` is reached twice, or is no word");
                        inside.iter().for_each(|word| {
                            words.remove(word);
                        });
                    }
                    // `50 EUR`.
                    Node::Expr(Expr { kind: ExprKind::Money(..), .. }) => {
                        words.retain(|word| word.0 < range.start || range.end <= word.0);
                    }
                    _ => {}
                }
                true
            });
        }
        words.iter().map(|(start, end)| text[*start as usize..*end as usize].to_owned()).collect()
    }

    /// The kinds of the nodes at `|`, innermost last, the names with their text.
    fn at(marked: &str) -> String {
        let at = marked.find('|').unwrap();
        let text = marked.replace('|', "");
        let parsed = parse(FileId(0), &text);
        let placed = parsed.file.items.iter().rfind(|placed| placed.offset as usize <= at).unwrap();
        let offset = u32::try_from(at).unwrap() - placed.offset;
        let path = path_at(&placed.item, offset);
        let shown = path.iter().map(|node| match node {
            Node::Name(name) => format!("`{}`", name.text),
            other => format!("{other:?}").split('(').next().unwrap().to_owned(),
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_place_has_its_nodes_from_outside_in() {
        let text = "fn a(x: Int) -> Int = b.twi|ce(n: x)";
        assert_eq!(at(text), "Item Expr Expr `twice`");
        assert_eq!(at(&text.replace('|', "").replace("n:", "|n:")), "Item Expr Arg `n`");
        assert_eq!(at("const a = 1\nfn b(x: List<T|ext>) -> Int = 2"), "Item Param Type Type Path `Text`");
        assert_eq!(
            at("flow a(n: Int) -> Text {\n  let b = \"x {n|}\"\n  return b\n}"),
            "Item Block Stmt Expr Expr `n`"
        );
        assert_eq!(at("const a = 1 |\n"), "");
    }

    #[test]
    fn behind_a_name_is_at_the_name_and_between_two_is_at_the_second() {
        assert_eq!(at("const a = b|"), "Item Expr `b`");
        assert_eq!(at("const a = b|[c]"), "Item Expr Expr `b`");
        assert_eq!(at("const a = b[|c]"), "Item Expr Expr `c`");
        assert_eq!(at("const a = b.|c"), "Item Expr `c`");
    }
}
