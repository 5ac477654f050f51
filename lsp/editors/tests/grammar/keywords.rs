//! Every keyword has the colour of one, and no name has: by the queries, in every flow that there is.

use crate::reading::{compiles, grammar, language, parse, texts, walk};
use crate::trial;
use libtest_mimic::Trial;
use std::collections::HashMap;
use tree_sitter::{Query, QueryCursor, StreamingIterator as _};

/// Captures under which a keyword may stand.
const OF_KEYWORDS: [&str; 3] = ["keyword", "boolean", "constant.builtin"];

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial("keywords: they and nothing else look like keywords", || {
        let query = Query::new(
            &language(),
            &std::fs::read_to_string(grammar().join("queries/highlights.scm")).unwrap(),
        );
        let query = query.map_err(|e| e.to_string())?;
        let mut seen = 0;
        for (name, text) in texts().iter().filter(|(_, text)| compiles(text)) {
            seen += judge(&query, text).map_err(|e| format!("{name}: {e}"))?;
        }
        if seen > 10_000 { Ok(()) } else { Err(format!("only {seen} words were seen")) }
    })]
}

/// How many words were looked at.
fn judge(query: &Query, text: &str) -> Result<usize, String> {
    let tree = parse(text);
    let mut colours: HashMap<(usize, usize), &str> = HashMap::new();
    let mut cursor = QueryCursor::new();
    let mut captures = cursor.captures(query, tree.root_node(), text.as_bytes());
    while let Some((found, index)) = captures.next() {
        let capture = found.captures()[*index];
        let name = query.capture_names()[capture.index as usize];
        let place = (capture.node.start_byte(), capture.node.end_byte());
        // Later patterns win.
        if name != "spell" {
            colours.insert(place, name);
        }
    }
    let mut seen = 0;
    let mut wrong = None;
    walk(tree.root_node(), &mut |node| {
        let word = &text[node.byte_range()];
        let is_word = !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if node.child_count() > 0 || !is_word {
            return;
        }
        seen += 1;
        let mut of = Some(node);
        let colour = std::iter::from_fn(|| {
            let this = of?;
            // A keyword that is all of a node may have the node's colour: `crash`.
            of = this.parent().filter(|p| p.byte_range() == this.byte_range());
            Some(colours.get(&(this.start_byte(), this.end_byte())).copied())
        });
        let colour = colour.flatten().next();
        let looks = colour.is_some_and(|c| OF_KEYWORDS.iter().any(|k| c.starts_with(k)));
        let is_keyword = !node.is_named();
        let is_name = matches!(node.kind(), "identifier" | "type_identifier" | "tag_name");
        if (is_keyword && !looks) || (is_name && looks) {
            let line = node.start_position().row + 1;
            wrong.get_or_insert_with(|| {
                format!("line {line}: `{word}` ({}) looks like {colour:?}", node.kind())
            });
        }
    });
    wrong.map_or(Ok(seen), Err)
}
