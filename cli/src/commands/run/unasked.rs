//! Agents that cannot answer, or not find what they know by its meaning: what `run` says of them when it starts, and `doctor` at any
//! time.

use carapace_config::ModelsConfig;
use carapace_config::schema::PROVIDERS;
use carapace_diagnostic::suggest;
use carapace_module::Module;
use carapace_module::signature::AgentSignature;
use serde_json::Value as Json;

/// An agent that has nobody to ask.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unasked {
    /// Its full name: `shop/main.desk`.
    pub(crate) agent: String,
    /// What comes of it, as what goes on behind its name.
    pub(crate) cannot: &'static str,
    /// Why.
    pub(crate) why: String,
    /// The way out.
    pub(crate) help: String,
}

/// The agents of some modules that cannot answer with this configuration.
pub(crate) fn unasked<'m>(
    modules: impl IntoIterator<Item = &'m Module>,
    said: &ModelsConfig,
) -> Vec<Unasked> {
    let mut all = Vec::new();
    for module in modules {
        for agent in &module.agents {
            let lacks = [
                ("cannot answer", lack(agent, said)),
                ("finds memories by their words alone", lacks_meaning(agent, said)),
            ];
            for (cannot, lack) in lacks {
                let Some((why, help)) = lack else { continue };
                all.push(Unasked { agent: agent.name.to_string(), cannot, why, help });
            }
        }
    }
    all
}

/// What an agent says of itself under this name.
fn of<'a>(agent: &'a AgentSignature, wanted: &str) -> Option<&'a Json> {
    agent.properties.iter().find(|(name, _)| **name == *wanted).map(|(_, value)| value)
}

/// What an agent lacks to be asked, and the way out; as the performer would say with each call.
fn lack(agent: &AgentSignature, said: &ModelsConfig) -> Option<(String, String)> {
    let Some(model) = of(agent, "model").and_then(Json::as_str) else {
        let why = "it says no `model`".to_owned();
        return Some((why, "write `model: \"provider/model\"` in its declaration".to_owned()));
    };
    unasked_of(agent, model, said).or_else(|| {
        let effort = of(agent, "effort").filter(|effort| !carapace_agent::is_effort(effort))?;
        Some((format!("`{effort}` is no effort"), "`carapace explain E0320` says which there are".to_owned()))
    })
}

/// What it lacks to find what it knows by its meaning, where it wants to.
fn lacks_meaning(agent: &AgentSignature, said: &ModelsConfig) -> Option<(String, String)> {
    unasked_of(agent, of(agent, "embeddings")?.as_str()?, said)
}

/// Why nobody can be asked for a model of an agent.
fn unasked_of(agent: &AgentSignature, model: &str, said: &ModelsConfig) -> Option<(String, String)> {
    let model = match of(agent, "provider").and_then(Json::as_str) {
        Some(provider) if !model.contains('/') => format!("{provider}/{model}"),
        _ => model.to_owned(),
    };
    match said.aliases.iter().find(|(alias, _)| *alias == model) {
        // One of them that cannot be asked spoils the others: the list is read before anybody is.
        Some((_, models)) => models.iter().find_map(|of| nobody(of, Some(&model), said)),
        None => nobody(&model, None, said),
    }
}

/// Why nobody can be asked for a model that an agent names, or the alias it goes by.
fn nobody(model: &str, alias: Option<&str>, said: &ModelsConfig) -> Option<(String, String)> {
    let named =
        alias.map_or_else(String::new, |alias| format!("`models.aliases.{alias}` has `{model}`, and "));
    let Some((provider, _)) = model.split_once('/').filter(|(_, model)| !model.is_empty()) else {
        let name = model.trim_end_matches('/');
        let first = said.providers.first().map_or("provider", |(name, _)| name);
        return Some(match alias {
            Some(_) => {
                (format!("{named}that is no model of a provider"), format!("write `{first}/{name}` there"))
            }
            None => (
                format!("`{model}` is no model of a provider, and `models.aliases` has no such name"),
                format!("write `{first}/{name}`, or name it: `models: {{ aliases: {{ \"{name}\": […] }} }}`"),
            ),
        });
    };
    if said.providers.iter().any(|(name, _)| name == provider) {
        return None;
    }
    let why = match alias {
        Some(_) => format!("{named}`models.providers` has no `{provider}`"),
        None => format!("it asks `{model}`, and `models.providers` has no `{provider}`"),
    };
    let help = match suggest(provider, said.providers.iter().map(|(name, _)| name.as_str())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let known = PROVIDERS.iter().any(|kind| kind.name == provider);
            let kind = if known { provider } else { "openai" };
            format!("name it: `models: {{ providers: {{ {provider}: {{ kind: \"{kind}\", … }} }} }}`")
        }
    };
    Some((why, help))
}

#[cfg(test)]
mod tests {
    use super::*;
    use carapace_config::ProviderConfig;
    use serde_json::json;

    fn lacks(properties: &[(&str, Json)]) -> Option<(String, String)> {
        let agent = AgentSignature {
            name: "main.desk".into(),
            properties: properties.iter().map(|(name, value)| ((*name).into(), value.clone())).collect(),
            tools: Vec::new(),
            connections: Vec::new(),
            approve: Vec::new(),
        };
        let alias = |name: &str, models: &[&str]| {
            (name.to_owned(), models.iter().map(|model| (*model).to_owned()).collect())
        };
        let said = ModelsConfig {
            providers: vec![("demo".to_owned(), ProviderConfig::default())],
            aliases: vec![
                alias("smart", &["demo/m", "demo/n"]),
                alias("torn", &["demo/m", "away/m"]),
                alias("bare", &["m"]),
            ],
            ..ModelsConfig::default()
        };
        lack(&agent, &said)
    }

    #[test]
    fn whoever_has_nobody_to_say_what_means_the_same_answers_all_the_same() {
        let agent = AgentSignature {
            name: "main.desk".into(),
            properties: vec![("model".into(), json!("demo/m")), ("embeddings".into(), json!("away/e"))],
            tools: Vec::new(),
            connections: Vec::new(),
            approve: Vec::new(),
        };
        let said = ModelsConfig {
            providers: vec![("demo".to_owned(), ProviderConfig::default())],
            ..ModelsConfig::default()
        };
        assert_eq!(lack(&agent, &said), None);
        let (why, _) = lacks_meaning(&agent, &said).expect("nobody is there");
        assert!(why.contains("`models.providers` has no `away`"), "{why}");
    }

    #[test]
    fn whoever_can_be_asked_is_not_told() {
        for properties in [
            vec![("model", json!("demo/m"))],
            vec![("model", json!("smart")), ("effort", json!("high"))],
            vec![("model", json!("m")), ("provider", json!("demo")), ("effort", json!(2000))],
            vec![("model", json!("demo/m")), ("provider", json!("away"))],
        ] {
            assert_eq!(lacks(&properties), None, "{properties:?}");
        }
    }

    #[test]
    fn why_an_agent_cannot_answer_is_told_with_a_way_out() {
        for (properties, why, help) in [
            (vec![], "it says no `model`", "write `model:"),
            (
                vec![("model", json!("openai/gpt-5"))],
                "`models.providers` has no `openai`",
                "kind: \"openai\"",
            ),
            (vec![("model", json!("dmeo/m"))], "has no `dmeo`", "did you mean `demo`?"),
            (vec![("model", json!("gpt-4o"))], "`gpt-4o` is no model of a provider", "`demo/gpt-4o`"),
            (vec![("model", json!("smrt"))], "`models.aliases` has no such name", "aliases"),
            (vec![("model", json!("demo/"))], "`demo/` is no model", "write"),
            (vec![("model", json!("m")), ("provider", json!("away"))], "`away/m`", "kind: \"openai\""),
            (vec![("model", json!("torn"))], "`models.aliases.torn` has `away/m`", "away: {"),
            (vec![("model", json!("bare"))], "`models.aliases.bare` has `m`", "`demo/m` there"),
            (vec![("model", json!("demo/m")), ("effort", json!("hihg"))], "`\"hihg\"` is no effort", "E0320"),
        ] {
            let (said, way_out) = lacks(&properties).expect(why);
            assert!(said.contains(why), "{why}: {said}");
            assert!(way_out.contains(help), "{help}: {way_out}");
        }
    }
}
