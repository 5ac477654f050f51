//! `agent NAME { … }`: constant properties, tools, approval, budgets.

use crate::code;
use crate::collect::{Checker, DefId, DefKind};
use crate::infer::{Body, Mode, Want};
use crate::names::Found;
use crate::needs::{Node, Touched};
use crate::tree::{Agent, Expr, ExprKind};
use carapace_diagnostic::{TextRange, suggest};
use carapace_module::signature::AgentSignature;
use carapace_module::{Type, Value};
use carapace_syntax::ast::{self, ItemKind, Name, Path, Property};
use std::sync::Arc;

/// What an agent may say of itself.
pub const AGENT_PROPERTIES: [&str; 10] = [
    "model",
    "instructions",
    "tools",
    "approve",
    "budget",
    "memory",
    "temperature",
    "max_tokens",
    "effort",
    "provider",
];

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
        let mut made = AgentSignature {
            name: Arc::from(""),
            properties: Vec::new(),
            tools: Vec::new(),
            connections: Vec::new(),
            approve: Vec::new(),
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
        made.name = self.full_name(id);
        self.program.agents.push(Agent { signature: made, span: def.span() });
    }
}

impl<'a> Body<'_, 'a> {
    fn property(&mut self, made: &mut AgentSignature, name: &'a Name, property: &'a Property) {
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
            Property::Value(_, value) => {
                let told = self.cx.diagnostics.len();
                let value = match name.text.as_str() {
                    "model" | "instructions" | "provider" => self.check(value, &Type::Text),
                    "max_tokens" => self.check(value, &Type::Int),
                    "temperature" => self.check(value, &Type::Number),
                    _ => self.infer(value, Want::Any),
                };
                // What is wrong inside it was told: that it is not known follows from that.
                let intact = self.cx.diagnostics.len() == told;
                if let Some(json) = intact.then(|| self.known_json(&value)).flatten() {
                    made.properties.push((Arc::from(name.text.as_str()), json));
                }
            }
            Property::Approve(_, pairs) => {
                for (tool, group) in pairs {
                    self.approval(made, tool, group);
                }
            }
            Property::Budget(_, budgets) => {
                let all: Vec<serde_json::Value> = budgets.iter().filter_map(|b| self.budget(b)).collect();
                made.properties.push((Arc::from(name.text.as_str()), serde_json::Value::Array(all)));
            }
            Property::Error(_) => {}
        }
    }

    fn tools(&mut self, made: &mut AgentSignature, value: &'a ast::Expr) {
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
            if let Some(name) = self.tool_named(item) {
                made.tools.push(name);
            }
        }
    }

    /// The full name of the tool that an expression names.
    fn tool_named(&mut self, expr: &'a ast::Expr) -> Option<Arc<str>> {
        match self.find_path(expr) {
            Found::Item(id) if self.cx.def(id).kind == DefKind::Tool => {
                let flow = self.cx.flow(id)?;
                self.calls(Node::Flow(flow), expr.range);
                let full = self.cx.full_name(id);
                self.touch(format!("tool {full}"));
                Some(self.cx.full_name(id))
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
                    .help("an agent calls what is declared with `tool name(…) -> T { … }`");
                self.report(told);
                None
            }
            Found::Module(_) => {
                let told = self
                    .told(code::WRONG_KIND, expr.range, "this is a module, not a tool")
                    .help("name a tool of it");
                self.report(told);
                None
            }
            Found::Nothing => {
                match &expr.kind {
                    ast::ExprKind::Name(name) => self.unknown_name(name),
                    _ => {
                        self.infer(expr, Want::Any);
                    }
                }
                None
            }
            Found::Told => None,
        }
    }

    fn approval(&mut self, made: &mut AgentSignature, tool: &'a Path, group: &'a ast::Expr) {
        let found = self.path_item(tool);
        let tool_name = match found {
            Some(id) if self.cx.def(id).kind == DefKind::Tool => Some(self.cx.full_name(id)),
            Some(id) => {
                let def = self.cx.def(id);
                let told = self
                    .told(
                        code::WRONG_KIND,
                        tool.range(),
                        format!("`{}` is {}, not a tool", def.name, def.kind.noun()),
                    )
                    .help("approval is asked before a tool is called");
                self.report(told);
                None
            }
            None => None,
        };
        let group_name = match self.find_path(group) {
            Found::Item(id) if self.cx.def(id).kind == DefKind::Group => Some(self.cx.slot(id)),
            Found::Item(id) => {
                let def = self.cx.def(id);
                let told = self
                    .told(
                        code::WRONG_KIND,
                        group.range,
                        format!("`{}` is {}, not a group", def.name, def.kind.noun()),
                    )
                    .help("name who has to agree: `group managers`");
                self.report(told);
                None
            }
            Found::Nothing => {
                if let ast::ExprKind::Name(name) = &group.kind {
                    self.unknown_name(name);
                }
                None
            }
            _ => None,
        };
        if let (Some(tool), Some(group)) = (tool_name, group_name) {
            made.approve.push((tool, group));
        }
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
                (self.known_json(&value)?, "money")
            }
        };
        let per = self.known_duration(window, "a budget's window")?;
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
