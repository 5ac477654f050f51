//! The first carapace's file of flows, as its own program read it.

use crate::Error;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
}

/// A flow.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Flow {
    #[serde(default, deserialize_with = "scalar")]
    pub(crate) id: String,
    #[serde(default, deserialize_with = "scalar")]
    pub(crate) name: String,
    #[serde(default, deserialize_with = "scalar")]
    pub(crate) description: String,
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    pub(crate) trigger: Trigger,
    #[serde(default)]
    pub(crate) conditions: Vec<Condition>,
    #[serde(default)]
    pub(crate) actions: Vec<Action>,
    #[serde(default)]
    pub(crate) priority: i64,
}

/// What starts it.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Trigger {
    ChannelMessage { channel: String },
    Command { command: String },
    Webhook { path: String },
    Schedule { cron: String },
    Event { event_type: String },
    UserJoin { channel: String },
    UserLeave { channel: String },
    Manual {},
}

/// What must hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "field_type", rename_all = "snake_case")]
pub(crate) enum Condition {
    Text {
        operator: Operator,
        #[serde(deserialize_with = "scalar")]
        value: String,
    },
    Sender {
        operator: Operator,
        #[serde(deserialize_with = "scalar")]
        value: String,
    },
    SenderIn {
        #[serde(deserialize_with = "scalars")]
        users: Vec<String>,
    },
    SenderRole {
        role: String,
    },
    HasAttachment {
        #[serde(default, alias = "type")]
        type_: Option<String>,
    },
    WordCount {
        operator: Operator,
        #[serde(deserialize_with = "scalar")]
        value: String,
    },
    Expression {
        expression: String,
    },
}

/// How two things are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Operator {
    Equals,
    NotEquals,
    Contains,
    StartsWith,
    EndsWith,
    Regex,
    GreaterThan,
    LessThan,
    GreaterEqual,
    LessEqual,
    In,
    NotIn,
}

/// What is done.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Action {
    Forward {
        to_channel: String,
    },
    Respond {
        #[serde(deserialize_with = "scalar")]
        message: String,
    },
    Broadcast {
        #[serde(deserialize_with = "scalars")]
        channels: Vec<String>,
        #[serde(deserialize_with = "scalar")]
        message: String,
    },
    Agent {
        agent: String,
        #[serde(default)]
        deliver_response: bool,
    },
    Transform {
        #[serde(deserialize_with = "scalar")]
        template: String,
    },
    Log {
        #[serde(default = "info")]
        level: String,
        #[serde(deserialize_with = "scalar")]
        message: String,
    },
    SetVariable {
        name: String,
        #[serde(deserialize_with = "scalar")]
        value: String,
    },
    Wait {
        seconds: u64,
    },
    Branch {
        /// Beside `then`, as the old program wrote it.
        #[serde(flatten)]
        beside: BTreeMap<String, serde_json::Value>,
    },
    Stop {
        #[serde(default)]
        error: bool,
    },
    Webhook {
        url: String,
        #[serde(default = "post")]
        method: String,
        #[serde(default)]
        body: Option<serde_json::Value>,
    },
    Execute {
        code: String,
    },
    React {
        emoji: String,
    },
    Parallel {
        actions: Vec<Action>,
    },
    Subflow {
        #[serde(deserialize_with = "scalar")]
        flow_id: String,
        #[serde(default = "yes")]
        wait: bool,
        #[serde(default)]
        input: BTreeMap<String, serde_json::Value>,
    },
}

/// A `branch`, taken apart.
pub(crate) struct Branch {
    pub(crate) condition: Option<Condition>,
    pub(crate) then: Vec<Action>,
    pub(crate) otherwise: Vec<Action>,
}

impl Branch {
    /// Of what stands in the action: the condition under its name, or flattened into it.
    pub(crate) fn of(beside: &BTreeMap<String, serde_json::Value>) -> Result<Branch, serde_json::Error> {
        let actions = |names: [&str; 2]| match names.iter().find_map(|name| beside.get(*name)) {
            Some(list) => serde_json::from_value(list.clone()),
            None => Ok(Vec::new()),
        };
        let condition = match beside.get("condition") {
            Some(condition) => Some(serde_json::from_value(condition.clone())?),
            None if beside.contains_key("field_type") => {
                let flat = beside.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
                Some(serde_json::from_value(serde_json::Value::Object(flat))?)
            }
            None => None,
        };
        Ok(Branch { condition, then: actions(["then", "then_"])?, otherwise: actions(["else_", "else"])? })
    }
}

/// Reads a file.
pub(crate) fn read(text: &str, form: Form) -> Result<Vec<Flow>, Error> {
    // Through JSON, so that both forms mean the same; what is wrong with a flow is told with its place in the list.
    let json: serde_json::Value = match form {
        Form::Json => serde_json::from_str(text)?,
        Form::Yaml => serde_saphyr::from_str(text).map_err(|e| Error::Yaml(e.to_string()))?,
    };
    let flows = match json.get("flows").unwrap_or(&json) {
        serde_json::Value::Array(flows) => flows.clone(),
        _ => vec![json.clone()],
    };
    if let Some(version) = json.get("version").and_then(serde_json::Value::as_u64).filter(|v| *v != 1) {
        return Err(Error::Version(u32::try_from(version).unwrap_or(u32::MAX)));
    }
    if flows.is_empty() {
        return Err(Error::Empty);
    }
    let read = |(number, flow): (usize, serde_json::Value)| {
        let name = flow.get("name").or(flow.get("id")).and_then(serde_json::Value::as_str);
        let name = name
            .map_or_else(|| format!("flow {}", number.saturating_add(1)), |name| format!("flow `{name}`"));
        serde_json::from_value(flow).map_err(|source| Error::Flow { name, source })
    };
    flows.into_iter().enumerate().map(read).collect()
}

fn yes() -> bool {
    true
}

fn info() -> String {
    "info".to_owned()
}

fn post() -> String {
    "POST".to_owned()
}

/// A text; YAML makes numbers and truth of some.
fn scalar<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    })
}

fn scalars<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let list = Vec::<serde_json::Value>::deserialize(deserializer)?;
    let text = |value| match value {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    Ok(list.into_iter().map(text).collect())
}
