//! `agent NAME { … }`: constant properties, tools, approval, budgets.

mod approval;
mod budget;
mod tools;
mod values;

pub use values::{EFFORTS, MEMORIES};

use super::skill::Skill;
use crate::code;
use crate::collect::{Checker, DefId};
use crate::infer::{Body, EXCHANGE, Mode, Want};
use crate::needs::{Node, Touched};
use crate::tree::{Agent, Expr, ExprKind};
use approval::Offers;
use carapace_diagnostic::{Diagnostic, TextRange, suggest};
use carapace_module::signature::AgentSignature;
use carapace_module::{Type, Value};
use carapace_syntax::ast::{self, ItemKind, Name, Property};
use std::sync::Arc;

/// What an agent may say of itself.
pub const AGENT_PROPERTIES: [&str; 16] = [
    "model",
    "embeddings",
    "instructions",
    "tools",
    "approve",
    "patience",
    "budget",
    "memory",
    "window",
    "summary",
    "skills",
    "temperature",
    "max_tokens",
    "max_steps",
    "effort",
    "provider",
];

/// The bounds of `window`, in tokens: what is less holds no exchange, what is more would be too much to keep of each conversation.
const SMALLEST_WINDOW: i64 = 500;
const LARGEST_WINDOW: i64 = 250_000;

/// How long somebody is waited for who has to agree to a tool's call, where nothing else is said: a day, in milliseconds.
const PATIENCE: i64 = 86_400_000;

impl<'a> Checker<'a> {
    /// Enters an agent into the program, once.
    pub(crate) fn agent_used(&mut self, id: DefId) {
        if self.graph.nodes.contains_key(&Node::Agent(id)) {
            return;
        }
        self.graph.add(Node::Agent(id), Touched::default());
        let def = self.def(id);
        let ItemKind::Agent(decl) = &def.item.kind else { return };
        let mut body = Body::new(self, def.at, Mode::Pure("an agent's property"));
        let mut made = Agent {
            signature: AgentSignature {
                name: Arc::from(""),
                properties: Vec::new(),
                tools: Vec::new(),
                connections: Vec::new(),
                approve: Vec::new(),
            },
            tools: Vec::new(),
            remote: None,
            approvals: Vec::new(),
            patience: PATIENCE,
            span: def.span(),
        };
        let mut seen: Vec<&str> = Vec::new();
        // What is missing is told where nothing stands there that may have been meant for it.
        let mut understood = !decl.properties.iter().any(|property| matches!(property, Property::Error(_)));
        for property in &decl.properties {
            let (Property::Value(name, _) | Property::Approve(name, _) | Property::Budget(name, _)) =
                property
            else {
                continue;
            };
            if seen.contains(&name.text.as_str()) {
                body.cx.twice(def.at, name, "property");
            }
            seen.push(&name.text);
            let told = body.cx.diagnostics.len();
            body.property(&mut made, name, property);
            let known = AGENT_PROPERTIES.contains(&name.text.as_str());
            understood &= known && (name.text != "tools" || body.cx.diagnostics.len() == told);
        }
        if understood && !seen.contains(&"model") {
            body.no_model(id);
        }
        body.finish(Some(Node::Agent(id)));
        self.approvals(Offers { agent: id, understood }, &mut made, decl);
        made.signature.name = self.full_name(id);
        self.program.agents.push(made);
    }

    /// Whoever asks by the interface for programs may ask this agent, too.
    pub(crate) fn served(&mut self, id: DefId) {
        let Some(serve) = self.library_item(EXCHANGE, "serve").and_then(|serve| self.flow(serve)) else {
            return;
        };
        for flow in ["invoke", "permit"] {
            if let Some(flow) = self.library_item(EXCHANGE, flow) {
                self.flow(flow);
            }
        }
        let line = Arc::from(format!("agent {}: chat", self.full_name(id)));
        let calls = vec![(Node::Agent(id), self.def(id).span())];
        self.graph.add(Node::Flow(serve), Touched { lines: vec![line], calls, ..Touched::default() });
    }

    /// Conversations with the agent are summed up, by runs of their own.
    pub(crate) fn condensed(&mut self, id: DefId) {
        let Some(condense) = self.library_item(EXCHANGE, "condense").and_then(|flow| self.flow(flow)) else {
            return;
        };
        let line = Arc::from(format!("agent {}: chat", self.full_name(id)));
        self.graph.add(Node::Flow(condense), Touched { lines: vec![line], ..Touched::default() });
    }
}

impl<'a> Body<'_, 'a> {
    fn property(&mut self, made: &mut Agent, name: &'a Name, property: &'a Property) {
        if !AGENT_PROPERTIES.contains(&name.text.as_str()) {
            let near = suggest(&name.text, AGENT_PROPERTIES);
            let message = format!("an agent has no property `{}`", name.text);
            let mut told = self.suggesting(code::UNKNOWN_PROPERTY, name.range, message, near);
            if near.is_none() {
                told = told.help(format!("it has {}", AGENT_PROPERTIES.map(|p| format!("`{p}`")).join(", ")));
            }
            self.report(told);
            return;
        }
        match property {
            Property::Value(_, value) if name.text == "tools" => self.tools(made, value),
            // Looked at when all tools are known.
            Property::Value(..) if name.text == "approve" => {}
            Property::Value(_, value) if name.text == "skills" => {
                if let Some(skills) = self.skills(value) {
                    made.signature.properties.push((Arc::from("skills"), skills));
                }
            }
            Property::Value(_, value) if name.text == "patience" => {
                if let Some(ms) = self.known_duration(value, "how long somebody is waited for") {
                    made.patience = ms;
                }
            }
            Property::Value(_, value) => {
                let told = self.cx.diagnostics.len();
                let checked = match name.text.as_str() {
                    "model" | "embeddings" | "instructions" | "provider" => self.check(value, &Type::Text),
                    "max_tokens" | "max_steps" => self.check(value, &Type::Int),
                    "temperature" => self.check(value, &Type::Number),
                    "window" => {
                        self.window(value);
                        self.check(value, &Type::Int)
                    }
                    "summary" => self.summary(value),
                    _ => self.infer(value, Want::Any),
                };
                // What is wrong inside it was told: that it is not known follows from that.
                let intact = self.cx.diagnostics.len() == told;
                if let Some(json) = intact.then(|| self.known_json(&checked)).flatten()
                    && self.may_be(&name.text, value, &json)
                {
                    made.signature.properties.push((Arc::from(name.text.as_str()), json));
                }
            }
            // Looked at when all tools are known; each in a scope of its own.
            Property::Approve(..) | Property::Error(_) => {}
            Property::Budget(_, budgets) => {
                let all: Vec<serde_json::Value> = budgets.iter().filter_map(|b| self.budget(b)).collect();
                let all = serde_json::Value::Array(all);
                made.signature.properties.push((Arc::from(name.text.as_str()), all));
            }
        }
    }

    /// An agent that says of no model that it is asked.
    fn no_model(&mut self, agent: DefId) {
        let def = self.cx.def(agent);
        let told = Diagnostic::new(code::NO_MODEL, def.span(), format!("`{}` says no model", def.name))
            .help("write `model: \"provider/model\"`: without one there is nobody to answer");
        self.report(told);
    }

    /// How many tokens of a conversation the agent is given.
    fn window(&mut self, value: &'a ast::Expr) {
        let Some(tokens) = self.known_int(value, "a window") else { return };
        if !(SMALLEST_WINDOW..=LARGEST_WINDOW).contains(&tokens) {
            let told = self
                .told(
                    code::WINDOW,
                    value.range,
                    format!("a window has {SMALLEST_WINDOW} to {LARGEST_WINDOW} tokens"),
                )
                .help("it is how much of a conversation the agent is given; 32_000 where nothing is said");
            self.report(told);
        }
    }

    /// What a summary is to keep, or whether there is one.
    fn summary(&mut self, value: &'a ast::Expr) -> Expr {
        let checked = self.infer(value, Want::Any);
        if !matches!(checked.ty, Type::Text | Type::Bool | Type::Error) {
            let told = self
                .told(
                    code::MISMATCH,
                    value.range,
                    "`summary` is what a summary is to keep, as a text; or `true` or `false`",
                )
                .help("write `summary: \"Keep order numbers.\"`, or `summary: false` for none");
            self.report(told);
        }
        checked
    }

    /// What skills say of themselves, as JSON; the text of each is a file's.
    fn skills(&mut self, value: &'a ast::Expr) -> Option<serde_json::Value> {
        let told = self.cx.diagnostics.len();
        let checked = self.check(value, &Type::List(Arc::new(Type::Text)));
        // A file that is not there was told: that it is no skill follows from that.
        if self.cx.diagnostics.len() > told {
            return None;
        }
        let texts = self.known_json(&checked)?;
        let ranges: Vec<_> = match &value.kind {
            ast::ExprKind::List(items) => items.iter().map(|item| item.range).collect(),
            _ => Vec::new(),
        };
        let mut all = Vec::new();
        let mut places: Vec<(String, TextRange)> = Vec::new();
        for (at, text) in texts.as_array()?.iter().filter_map(|text| text.as_str()).enumerate() {
            let range = ranges.get(at).copied().unwrap_or(value.range);
            match Skill::read(text) {
                Ok(skill) => match places.iter().find(|(name, _)| name == skill.name()) {
                    Some((name, first)) => self.skill_twice(name, range, *first),
                    None => {
                        places.push((skill.name().to_owned(), range));
                        all.push(skill.to_json());
                    }
                },
                Err(why) => {
                    let told = self.told(code::SKILL, range, format!("this is no skill: {why}")).help(
                        "it begins with `---`, `name: …`, `description: …` and `---`, each on a line of its own",
                    );
                    self.report(told);
                }
            }
        }
        Some(all.into())
    }

    /// A model asks for a skill by its name: the second of that name would never be read.
    fn skill_twice(&mut self, name: &str, range: TextRange, first: TextRange) {
        let first = self.span(first);
        let told = self
            .told(code::TWICE, range, format!("two skills are called `{name}`"))
            .also(first, "here first")
            .help("give one of them another `name`: a model asks for a skill by it");
        self.report(told);
    }

    fn known_json(&mut self, value: &Expr) -> Option<serde_json::Value> {
        if value.ty == Type::Error {
            return None;
        }
        let made = self.constant_json(value);
        if made.is_none() {
            let range = TextRange::new(
                value.span.range.start - self.at.offset,
                value.span.range.end - self.at.offset,
            );
            let told = self
                .told(
                    code::NOT_CONSTANT,
                    range,
                    "an agent's properties have to be known when this is compiled",
                )
                .help("write it as a literal, a `const`, or `file(\"…\")`");
            self.report(told);
        }
        made
    }

    fn constant_json(&mut self, value: &Expr) -> Option<serde_json::Value> {
        if let ExprKind::List(items) = &value.kind {
            return items.iter().map(|i| self.constant_json(i)).collect();
        }
        Some(match crate::constant::constant(self.cx, value)? {
            Value::Bool(b) => b.into(),
            Value::Int(n) | Value::Duration(n) => n.into(),
            Value::Number(n) => decimal_text(n.mantissa, n.scale).parse::<f64>().ok()?.into(),
            Value::Money(m) => {
                let currency = std::str::from_utf8(&m.currency).ok()?;
                format!("{} {currency}", decimal_text(m.mantissa, m.scale)).into()
            }
            Value::Text(text) => text.0.to_string().into(),
            Value::None => serde_json::Value::Null,
            _ => return None,
        })
    }
}

fn decimal_text(mantissa: i64, scale: u8) -> String {
    if scale == 0 {
        return mantissa.to_string();
    }
    let digits = mantissa.unsigned_abs().to_string();
    let width = usize::from(scale) + 1;
    let padded = format!("{digits:0>width$}");
    let (whole, fraction) = padded.split_at(padded.len() - usize::from(scale));
    format!("{}{whole}.{fraction}", if mantissa < 0 { "-" } else { "" })
}
