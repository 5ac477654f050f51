//! Skills of an agent: the model is told their names and what they are for, and reads the rest with a tool.
//!
//! The tool is answered by the runtime (`std/exchange`), from what the package brought.

use carapace_effect::{Agent, Tool};
use serde_json::{Value as Json, json};

/// The tool's name.
const READ: &str = "skill";

/// What the model is told of the agent's skills; nothing where it has none.
pub(super) fn told(agent: Option<&Agent>) -> Option<String> {
    let lines: Vec<String> = all(agent)
        .iter()
        .filter_map(|skill| Some(format!("- {}: {}", text(skill, "name")?, text(skill, "description")?)))
        .collect();
    (!lines.is_empty()).then(|| {
        format!(
            "You have skills: instructions for tasks of a kind. Where a task is of such a kind, read the skill with the tool `{READ}` before you \
             begin, and do as it says.\n{}",
            lines.join("\n")
        )
    })
}

/// The tool with which it reads one.
pub(super) fn tool(agent: Option<&Agent>) -> Option<Tool> {
    let names: Vec<&str> = all(agent).iter().filter_map(|skill| text(skill, "name")).collect();
    (!names.is_empty()).then(|| Tool {
        name: READ.into(),
        description: "Reads a skill: what to do, and how.".into(),
        parameters: json!({
            "type": "object",
            "properties": { "name": { "type": "string", "enum": names } },
            "required": ["name"],
            "additionalProperties": false,
        }),
    })
}

fn all(agent: Option<&Agent>) -> &[Json] {
    let skills = agent.and_then(|agent| agent.property("skills")).and_then(Json::as_array);
    skills.map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(skill: &'a Json, name: &str) -> Option<&'a str> {
    skill.get(name).and_then(Json::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_told_of_the_skills_that_there_are() {
        let mut agent = Agent {
            name: "main.desk".into(),
            properties: Vec::new(),
            tools: Vec::new(),
            connections: Vec::new(),
        };
        assert_eq!((told(Some(&agent)), tool(Some(&agent)), told(None)), (None, None, None));
        let skills =
            json!([{ "name": "refunds", "description": "How money goes back.", "text": "Ask first." }]);
        agent.properties.push(("skills".into(), skills));
        let words = told(Some(&agent)).unwrap();
        assert!(words.contains("- refunds: How money goes back.") && !words.contains("Ask first"), "{words}");
        let tool = tool(Some(&agent)).unwrap();
        assert_eq!(tool.parameters["properties"]["name"]["enum"], json!(["refunds"]));
    }
}
