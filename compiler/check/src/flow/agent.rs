//! `agent NAME { … }`: constant properties, tools, approval, budgets.

use super::skill::Skill;
use crate::code;
use crate::collect::{Checker, DefId, DefKind, World};
use crate::facts::NameKind;
use crate::infer::{Body, EXCHANGE, Mode, Want};
use crate::lint::{Part, each_part};
use crate::names::Found;
use crate::needs::{Node, Touched};
use crate::tree::{Agent, Approval, EffectId, Expr, ExprKind, Offer};
use carapace_diagnostic::{TextRange, suggest};
use carapace_module::signature::AgentSignature;
use carapace_module::{Type, Value};
use carapace_syntax::ast::{self, ItemKind, Name, Path, Property};
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

/// Over what time budgets may be, in milliseconds: 31 days, as the runtime remembers what was used up.
const LONGEST_WINDOW: i64 = 31 * 86_400_000;

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
            body.property(&mut made, name, property);
        }
        body.finish(Some(Node::Agent(id)));
        for property in &decl.properties {
            if let Property::Approve(_, pairs) = property {
                for (tool, by) in pairs {
                    self.approval(id, &mut made, tool, by);
                }
            }
        }
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

    /// Who has to agree before a tool is called: a group, or what gives one, or none, of the tool's parameters.
    fn approval(&mut self, agent: DefId, made: &mut Agent, tool: &'a Path, by: &'a ast::Expr) {
        let at = self.def(agent).at;
        let mut body = Body::new(self, at, Mode::Pure("who has to agree"));
        let Some(id) = body.path_item(tool) else {
            body.infer(by, Want::Any);
            body.finish(Some(Node::Agent(agent)));
            return;
        };
        let def = body.cx.def(id);
        let mut params = Vec::new();
        match def.kind {
            DefKind::Tool => {
                let (Some(sig), ItemKind::Tool(decl)) = (body.cx.callable(id), &def.item.kind) else {
                    return;
                };
                for (param, known) in decl.params.iter().zip(&sig.params) {
                    let local = body.hidden(&param.name.text, known.ty.clone(), false);
                    body.comes_from(local, Some(def.at.span(param.name.range)), NameKind::Param);
                    body.bring(local);
                    params.push(local);
                }
            }
            DefKind::Connection => {}
            kind => {
                let told = body
                    .told(
                        code::WRONG_KIND,
                        tool.range(),
                        format!("`{}` is {}, not a tool", def.name, kind.noun()),
                    )
                    .help("approval is asked before a tool is called");
                body.report(told);
            }
        }
        let group = body.cx.world.group;
        let wanted = World::ty(group).optional();
        let by = body.approvers(by, &wanted);
        let mut groups = Vec::new();
        groups_in(Part::Expr(&by), &mut groups);
        for group in &groups {
            body.touch(format!("group {group}: approve"));
            body.pauses = true;
        }
        let name = match def.kind {
            DefKind::Connection => body.cx.slot(id),
            _ => body.cx.full_name(id),
        };
        let locals = body.finish(Some(Node::Agent(agent)));
        made.signature.approve.extend(groups.into_iter().map(|group| (name.clone(), group)));
        made.approvals.push(Approval { tool: name, params, locals, by });
    }
}

/// Slots of groups that a piece names.
fn groups_in(part: Part<'_>, found: &mut Vec<Arc<str>>) {
    if let Part::Expr(Expr { kind: ExprKind::Slot(slot), .. }) = part
        && !found.contains(slot)
    {
        found.push(slot.clone());
    }
    each_part(part, &mut |_, inner| groups_in(inner, found));
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
                let value = match name.text.as_str() {
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
                if let Some(json) = intact.then(|| self.known_json(&value)).flatten() {
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

    fn tools(&mut self, made: &mut Agent, value: &'a ast::Expr) {
        let ast::ExprKind::List(items) = &value.kind else {
            if !matches!(value.kind, ast::ExprKind::Error) {
                let told = self
                    .told(code::MISMATCH, value.range, "`tools` is a list of tools")
                    .help("write `tools: [refund, orders.find]`");
                self.report(told);
            }
            return;
        };
        for item in items {
            self.tool_named(made, item);
        }
    }

    /// The tool, or the server with tools, that an expression names.
    fn tool_named(&mut self, made: &mut Agent, expr: &'a ast::Expr) {
        match self.find_path(expr) {
            Found::Item(id) if self.cx.def(id).kind == DefKind::Tool => {
                let Some(tool) = self.cx.flow(id) else { return };
                self.calls(Node::Flow(tool), expr.range);
                let full = self.cx.full_name(id);
                self.touch(format!("tool {full}"));
                if !made.signature.tools.contains(&full) {
                    let (defaults, given) = (self.defaults_of(id), self.given_to(id));
                    made.tools.push(Offer { tool, defaults, given });
                    made.signature.tools.push(full);
                }
            }
            Found::Item(id) if self.effect_on_slot(id, "call").is_some() => {
                let Some(call) = self.effect_on_slot(id, "call") else { return };
                made.remote = self.cx.effect(call);
                let full = self.cx.slot(id);
                self.touch(format!("connection {full}: call"));
                if !made.signature.connections.contains(&full) {
                    made.signature.connections.push(full);
                }
            }
            Found::Item(id) => {
                let def = self.cx.def(id);
                let told = self
                    .told(
                        code::WRONG_KIND,
                        expr.range,
                        format!("`{}` is {}, not a tool", def.name, def.kind.noun()),
                    )
                    .also(def.span(), "declared here")
                    .help("an agent calls what is declared with `tool name(…) -> T { … }`, and what a `connection name: mcp` offers");
                self.report(told);
            }
            Found::Module(_) => {
                let told = self
                    .told(code::WRONG_KIND, expr.range, "this is a module, not a tool")
                    .help("name a tool of it");
                self.report(told);
            }
            Found::Nothing => match &expr.kind {
                ast::ExprKind::Name(name) => self.unknown_name(name),
                _ => {
                    self.infer(expr, Want::Any);
                }
            },
            Found::Told => {}
        }
    }

    /// What the parameters of a tool are where they are left out.
    fn defaults_of(&mut self, tool: DefId) -> Vec<Option<Expr>> {
        let def = self.cx.def(tool);
        let (Some(sig), ItemKind::Tool(decl)) = (self.cx.callable(tool), &def.item.kind) else {
            return Vec::new();
        };
        let params = decl.params.iter().zip(&sig.params);
        params
            .map(|(param, known)| {
                let default = param.default.as_ref()?;
                Some(self.take_default(tool, default, &known.ty))
            })
            .collect()
    }

    /// What a tool is given by the run, and not by a model: `sender: User`, `conversation: Conversation`.
    fn given_to(&mut self, tool: DefId) -> Vec<Option<EffectId>> {
        let Some(sig) = self.cx.callable(tool) else { return Vec::new() };
        let world = (self.cx.world.user, self.cx.world.conversation);
        let mut named: Vec<Option<&str>> = Vec::new();
        for param in &sig.params {
            named.push(match &*param.name {
                "sender" if World::is(&param.ty, world.0) => Some("sender"),
                "conversation" if World::is(&param.ty, world.1) => Some("conversation"),
                _ => None,
            });
        }
        let mut effect =
            |name: Option<&str>| self.cx.library_item(EXCHANGE, name?).and_then(|id| self.cx.effect(id));
        named.into_iter().map(&mut effect).collect()
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
        for (at, text) in texts.as_array()?.iter().filter_map(|text| text.as_str()).enumerate() {
            match Skill::read(text) {
                Ok(skill) => all.push(skill.to_json()),
                Err(why) => {
                    let range = ranges.get(at).copied().unwrap_or(value.range);
                    let told = self.told(code::SKILL, range, format!("this is no skill: {why}")).help(
                        "it begins with `---`, `name: …`, `description: …` and `---`, each on a line of its own",
                    );
                    self.report(told);
                }
            }
        }
        Some(all.into())
    }

    /// Who has to agree, of the type that is wanted.
    fn approvers(&mut self, by: &'a ast::Expr, wanted: &Type) -> Expr {
        // A name that is something else than a group is told in its own words.
        if let Found::Item(id) = self.find_path(by)
            && self.cx.def(id).kind != DefKind::Group
        {
            let def = self.cx.def(id);
            let told = self
                .told(
                    code::WRONG_KIND,
                    by.range,
                    format!("`{}` is {}, not a group", def.name, def.kind.noun()),
                )
                .also(def.span(), "declared here")
                .help("name who has to agree: `group managers`");
            self.report(told);
            return self.error(by.range);
        }
        self.check(by, wanted)
    }

    /// The item that a path of names leads to; told where it leads nowhere.
    pub(crate) fn path_item(&mut self, path: &'a Path) -> Option<DefId> {
        let (last, front) = path.names.split_last()?;
        let Some(alias) = front.first() else {
            return match self.find_global(&last.text) {
                Found::Item(id) => {
                    self.cx.note_item(self.at, last, id);
                    Some(id)
                }
                _ => {
                    self.unknown_name(last);
                    None
                }
            };
        };
        match self.find_global(&alias.text) {
            Found::Module(module) => {
                self.cx.note_module(self.at, alias, module);
                let found = self.cx.module(module).names.get(last.text.as_str()).copied();
                match found {
                    Some(id) => {
                        self.cx.seen.item(id);
                        self.cx.note_item(self.at, last, id);
                    }
                    None => self.unknown_name(last),
                }
                found
            }
            _ => {
                self.cx.unknown_alias(self.at, alias);
                None
            }
        }
    }

    fn budget(
        &mut self,
        (amount, unit, window, keys): &'a (ast::Expr, Option<Name>, ast::Expr, Vec<ast::Expr>),
    ) -> Option<serde_json::Value> {
        let (amount, unit) = match unit {
            Some(name) if name.text == "tokens" => {
                (serde_json::Value::from(self.known_int(amount, "a budget")?), "tokens")
            }
            _ => {
                let value = self.check(amount, &Type::Money);
                let money = self.known_json(&value)?;
                if money.as_str().is_some_and(|text| !text.ends_with(" USD")) {
                    let told = self
                        .told(
                            code::BUDGET_CURRENCY,
                            amount.range,
                            "what models cost is known in US dollars only",
                        )
                        .help("write the budget in `USD`, or in tokens: `20_000 tokens`");
                    self.report(told);
                    return None;
                }
                (money, "money")
            }
        };
        let per = self.known_duration(window, "a budget's window")?;
        if per > LONGEST_WINDOW {
            let told = self
                .told(code::BUDGET_WINDOW, window.range, "what an agent used up is remembered for 31 days")
                .help("write a shorter time: `per 31d`");
            self.report(told);
            return None;
        }
        let by: Vec<serde_json::Value> =
            keys.iter().filter_map(|k| self.budget_key(k)).map(Into::into).collect();
        Some(serde_json::json!({ "amount": amount, "unit": unit, "per": per, "by": by }))
    }

    fn budget_key(&mut self, key: &'a ast::Expr) -> Option<&'a str> {
        match &key.kind {
            ast::ExprKind::Name(name) if matches!(name.text.as_str(), "sender" | "conversation") => {
                self.cx.note_event_key(self.at, name);
                Some(&name.text)
            }
            ast::ExprKind::Error => None,
            _ => {
                let told = self
                    .told(code::KEY, key.range, "a budget is counted by `sender` or by `conversation`")
                    .help("leave `by …` out for one budget for all");
                self.report(told);
                None
            }
        }
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
