//! While somebody types, most of the file is still known, and the parser always comes to an end.

use crate::reading::{language, parse, root, walk};
use crate::trial;
use libtest_mimic::Trial;
use tree_sitter::{InputEdit, Parser, Point};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("mistakes: every prefix has a tree", prefixes),
        trial("mistakes: a broken item costs only itself", neighbours),
        trial("mistakes: an edit gives the tree of the whole", edits),
    ]
}

fn prefixes() -> Result<(), String> {
    for name in ["flows/support_desk/main.flow", "stdlib/prelude/chat.flow"] {
        let text = std::fs::read_to_string(root().join(name)).unwrap();
        for end in (0..text.len()).step_by(7).filter(|end| text.is_char_boundary(*end)) {
            let tree = parse(&text[..end]);
            if tree.root_node().end_byte() > end {
                return Err(format!("{name}: the tree of {end} bytes is longer than they are"));
            }
        }
    }
    Ok(())
}

fn neighbours() -> Result<(), String> {
    let broken = [
        "flow one on chat.message {\n  reply(\"a\"\n}\n",
        "flow one on chat.message {\n  let a = [1, 2\n}\n",
        "flow one on chat.message {\n  if x {\n    a()\n  }\n",
        "flow one on {\n  reply(\"a\")\n}\n",
        "type One = | |\n",
        "flow one on chat.message {\n  reply(\"x)\n  let\n}\n",
        "flow one on chat.message {\n  reply(\"{\")\n  log(\"{x.\")\n}\n",
    ];
    for one in broken {
        let text = format!(
            "channel chat: any\n\n{one}\nflow two on chat.message {{\n  reply(\"b\")\n}}\n\nconst c = 1\n"
        );
        let tree = parse(&text);
        let mut known = Vec::new();
        walk(tree.root_node(), &mut |node| {
            let whole = matches!(node.kind(), "flow" | "const" | "channel") && !node.has_error();
            if let (true, Some(name)) = (whole, node.child_by_field_name("name")) {
                known.push(text[name.byte_range()].to_owned());
            }
        });
        for wanted in ["chat", "two", "c"] {
            if !known.iter().any(|name| name == wanted) {
                return Err(format!("`{wanted}` is lost behind\n{one}\n{}", tree.root_node().to_sexp()));
            }
        }
    }
    Ok(())
}

/// Each line is taken out and put back: the tree is the one it was, with the parts kept that did not change.
fn edits() -> Result<(), String> {
    let text = std::fs::read_to_string(root().join("flows/expense/main.flow")).unwrap();
    let whole = parse(&text).root_node().to_sexp();
    let mut parser = Parser::new();
    parser.set_language(&language()).unwrap();
    let mut tree = parse(&text);
    let mut start = 0;
    for (row, line) in text.split_inclusive('\n').enumerate() {
        let end = start + line.len();
        let without = format!("{}{}", &text[..start], &text[end..]);
        let (from, to) = (Point::new(row, 0), Point::new(row + 1, 0));
        let taken = InputEdit {
            start_byte: start,
            old_end_byte: end,
            new_end_byte: start,
            start_position: from,
            old_end_position: to,
            new_end_position: from,
        };
        tree.edit(&taken);
        tree = parser.parse(&without, Some(&tree)).unwrap();
        let put_back = InputEdit {
            old_end_byte: start,
            new_end_byte: end,
            old_end_position: from,
            new_end_position: to,
            ..taken
        };
        tree.edit(&put_back);
        tree = parser.parse(&text, Some(&tree)).unwrap();
        if tree.root_node().to_sexp() != whole {
            return Err(format!(
                "line {} was taken out and put back: {}",
                row + 1,
                tree.root_node().to_sexp()
            ));
        }
        start = end;
    }
    Ok(())
}
