//! The tools of a server, as they are known here.

use super::plain::{is_deeper, line, text};
use super::{Limits, Patterns, Taken};
use rmcp::model::Tool;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Letters of a tool's name at most (the protocol recommends no more).
const NAME: usize = 128;

/// A tool of a server.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Known {
    pub(super) name: Arc<str>,
    pub(super) description: Arc<str>,
    /// A JSON Schema of an object.
    pub(super) schema: Arc<Json>,
    /// A hash of all of it, as the server says it.
    pub(super) hash: String,
    /// Whether calling it twice is as calling it once, as the server says.
    pub(super) repeatable: bool,
    pub(super) taken: Taken,
}

/// What a server says it has; of several tools of one name, the first.
pub(super) fn known(tools: Vec<Tool>, patterns: &Patterns, limits: &Limits) -> Vec<Known> {
    let mut known: Vec<Known> = Vec::new();
    for tool in tools {
        if known.len() == limits.tools {
            break;
        }
        if known.iter().all(|other| *other.name != *tool.name) {
            known.push(one(tool, patterns, limits));
        }
    }
    known
}

fn one(tool: Tool, patterns: &Patterns, limits: &Limits) -> Known {
    let hash = hash(&tool);
    let hints = tool.annotations.as_ref();
    let hint = |of: fn(&rmcp::model::ToolAnnotations) -> Option<bool>| hints.and_then(of).unwrap_or(false);
    let repeatable = hint(|hints| hints.read_only_hint) || hint(|hints| hints.idempotent_hint);
    let said = tool.description.as_deref().or(tool.title.as_deref()).unwrap_or_default();
    let schema = Json::Object(Map::clone(&tool.input_schema));
    let taken = if !is_name(&tool.name) {
        Taken::Unusable("its name is none that models can be told".to_owned())
    } else if is_deeper(&schema, limits.depth) || schema.to_string().len() > limits.schema {
        Taken::Unusable("its schema is too large".to_owned())
    } else if patterns.take(&tool.name) {
        Taken::Used
    } else {
        Taken::LeftOut
    };
    Known {
        name: line(&tool.name, NAME).into(),
        description: text(said, limits.description).into(),
        schema: Arc::new(schema),
        hash,
        repeatable,
        taken,
    }
}

/// Letters, digits, `_`, `-`, `.` and `/`, as the specification recommends them (2025-11-25, "Tool Names").
fn is_name(name: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    (1..=NAME).contains(&name.len()) && name.chars().all(letter)
}

/// A hash of everything that whoever uses a tool goes by: what a model reads, and what says whether a call may be repeated.
fn hash(tool: &Tool) -> String {
    let all = serde_json::to_value((&tool.title, &tool.description, &tool.input_schema, &tool.annotations));
    let all = all.map(|all| sorted(&all).to_string()).unwrap_or_default();
    blake3::hash(all.as_bytes()).to_hex().to_string()
}

/// The same with the members of objects in the order of their names: a server may say them in any.
fn sorted(value: &Json) -> Json {
    match value {
        Json::Object(members) => {
            let members: BTreeMap<&String, Json> =
                members.iter().map(|(name, value)| (name, sorted(value))).collect();
            members.into_iter().map(|(name, value)| (name.clone(), value)).collect()
        }
        Json::Array(items) => items.iter().map(sorted).collect(),
        plain => plain.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tool(json: Json) -> Tool {
        serde_json::from_value(json).unwrap()
    }

    fn read(json: Json) -> Known {
        let patterns = Patterns::read(&["!delete*"]);
        known(vec![tool(json)], &patterns, &Limits::default()).remove(0)
    }

    #[test]
    fn a_hash_is_of_what_is_said_and_not_of_its_order() {
        let said =
            |schema: Json| read(json!({ "name": "a", "description": "d", "inputSchema": schema })).hash;
        let one = said(json!({ "type": "object", "properties": { "a": { "type": "string" }, "b": {} } }));
        let same = said(json!({ "properties": { "b": {}, "a": { "type": "string" } }, "type": "object" }));
        let other = said(json!({ "type": "object", "properties": { "a": { "type": "number" }, "b": {} } }));
        assert!(one == same && one != other);
        let more = read(json!({ "name": "a", "description": "e", "inputSchema": { "type": "object" } })).hash;
        let hint = json!({ "name": "a", "description": "e", "inputSchema": { "type": "object" },
                           "annotations": { "readOnlyHint": true } });
        assert_ne!(more, read(hint).hash);
    }

    #[test]
    fn what_is_taken_of_a_tool() {
        let mut deep = json!({});
        (0..70).for_each(|_| deep = json!({ "a": deep }));
        for (name, schema, expected) in [
            ("read_file", json!({ "type": "object" }), "used"),
            ("delete_file", json!({ "type": "object" }), "left out"),
            ("read file", json!({}), "unusable"),
            ("", json!({}), "unusable"),
            ("ä", json!({}), "unusable"),
            ("deep", deep, "unusable"),
            ("large", json!({ "description": "x".repeat(70_000) }), "unusable"),
        ] {
            let known = read(json!({ "name": name, "inputSchema": schema }));
            assert_eq!(known.taken.name(), expected, "{name}");
        }
    }

    #[test]
    fn two_of_a_name_are_one_and_not_all_of_a_thousand_are_known() {
        let one = |n: usize| tool(json!({ "name": format!("t{}", n / 2), "inputSchema": {} }));
        let tools: Vec<Tool> = (0..2000).map(one).collect();
        let known = known(tools, &Patterns::default(), &Limits::default());
        assert_eq!((known.len(), &*known[1].name), (256, "t1"));
    }
}
