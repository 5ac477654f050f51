//! `tools: [refund, files]`: what an agent may call.

use crate::code;
use crate::collect::{DefId, DefKind, World};
use crate::infer::{Body, EXCHANGE, Want};
use crate::names::Found;
use crate::needs::Node;
use crate::tree::{Agent, EffectId, Expr, Offer};
use carapace_diagnostic::{Diagnostic, TextRange};
use carapace_syntax::ast::{self, InterpolationPart, ItemKind};

impl<'a> Body<'_, 'a> {
    /// The list of an agent's tools.
    pub(super) fn tools(&mut self, made: &mut Agent, value: &'a ast::Expr) {
        let ast::ExprKind::List(items) = &value.kind else {
            if !matches!(value.kind, ast::ExprKind::Error) {
                let told = self
                    .told(code::MISMATCH, value.range, "`tools` is a list of tools")
                    .help("write `tools: [refund, orders.find]`");
                self.report(told);
            }
            return;
        };
        let mut seen: Vec<(DefId, TextRange, bool)> = Vec::new();
        for item in items {
            let told = self.cx.diagnostics.len();
            let Some(id) = self.tool_named(item) else { continue };
            let as_written = self.cx.diagnostics.len() == told;
            match seen.iter().find(|(known, ..)| *known == id) {
                // Where one of them was told already, how often it stands there then is not told.
                Some((_, first, true)) if as_written => self.tool_twice(id, item.range, *first),
                Some(_) => {}
                None => {
                    seen.push((id, item.range, as_written));
                    self.offer(made, id, item.range);
                }
            }
        }
    }

    fn tool_twice(&mut self, id: DefId, range: TextRange, first: TextRange) {
        let (name, first) = (self.cx.def(id).name, self.span(first));
        let told = self
            .told(code::TWICE, range, format!("`{name}` stands here twice"))
            .also(first, "here first")
            .help("leave one of them out");
        self.report(told);
    }

    /// Enters what the agent may call: a tool, or a server with tools.
    fn offer(&mut self, made: &mut Agent, id: DefId, range: TextRange) {
        if self.cx.def(id).kind == DefKind::Tool {
            let Some(tool) = self.cx.flow(id) else { return };
            self.calls(Node::Flow(tool), range);
            let full = self.cx.full_name(id);
            self.touch(format!("tool {full}"));
            let (defaults, given) = (self.defaults_of(id), self.given_to(id));
            made.tools.push(Offer { tool, defaults, given });
            made.signature.tools.push(full);
            return;
        }
        let Some(call) = self.effect_on_slot(id, "call") else { return };
        made.remote = self.cx.effect(call);
        let full = self.cx.slot(id);
        self.touch(format!("connection {full}: call"));
        made.signature.connections.push(full);
    }

    /// The tool, or the server with tools, that an expression names; also where it is told how that is written.
    fn tool_named(&mut self, expr: &'a ast::Expr) -> Option<DefId> {
        match self.find_path(expr) {
            Found::Item(id) if self.is_callable_by_agents(id) => Some(id),
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
                None
            }
            Found::Module(_) => {
                let told = self
                    .told(code::WRONG_KIND, expr.range, "this is a module, not a tool")
                    .help("name a tool of it");
                self.report(told);
                None
            }
            Found::Nothing => self.tool_meant(expr),
            Found::Told => None,
        }
    }

    fn is_callable_by_agents(&self, id: DefId) -> bool {
        self.cx.def(id).kind == DefKind::Tool || self.effect_on_slot(id, "call").is_some()
    }

    /// What is no name of a tool: told; and the tool that is meant, so that nothing else is told for lack of it.
    fn tool_meant(&mut self, expr: &'a ast::Expr) -> Option<DefId> {
        match &expr.kind {
            ast::ExprKind::Name(name) => {
                self.unknown_name(name);
                None
            }
            ast::ExprKind::Call { callee, .. } => {
                let id = self.tool_named(callee)?;
                let written = self.written(callee.range);
                let told = self
                    .told(
                        code::WRONG_KIND,
                        expr.range,
                        "a tool is named here, not called: the agent calls it",
                    )
                    .help(format!("write `{written}`"))
                    .fix(format!("write `{written}`"), self.span(expr.range), written);
                self.report(told);
                Some(id)
            }
            ast::ExprKind::Text(parts) => {
                let id = self.tool_in_quotes(parts);
                let told = self.told(code::MISMATCH, expr.range, "a tool is named here, and this is a text");
                let told = self.without_quotes(told, expr.range, parts, id.is_some());
                self.report(told);
                id
            }
            ast::ExprKind::Field { base, .. } => match self.find_path(base) {
                Found::Item(id) if self.cx.def(id).kind == DefKind::Connection => {
                    self.one_of_a_server(expr.range, id);
                    Some(id)
                }
                _ => self.no_tool(expr),
            },
            ast::ExprKind::Error => None,
            _ => self.no_tool(expr),
        }
    }

    /// A value. What is wrong inside of it is told instead, where something is.
    fn no_tool(&mut self, expr: &'a ast::Expr) -> Option<DefId> {
        let told = self.cx.diagnostics.len();
        let value = self.infer(expr, Want::Any);
        if self.cx.diagnostics.len() == told {
            let shown = self.cx.show(&value.ty);
            let told = self
                .told(code::MISMATCH, expr.range, format!("a tool is named here, and this is a `{shown}`"))
                .help("an agent calls what is declared with `tool name(…) -> T { … }`, and what a `connection name: mcp` offers");
            self.report(told);
        }
        None
    }

    /// The tool that a text spells: `"refund"`, `"orders.find"`.
    fn tool_in_quotes(&self, parts: &[InterpolationPart]) -> Option<DefId> {
        let [InterpolationPart::Literal(text)] = parts else { return None };
        let found = match text.split_once('.') {
            None => self.find_global(text),
            Some((alias, name)) => match self.find_global(alias) {
                Found::Module(module) => {
                    let id = self.cx.module(module).names.get(name).copied();
                    id.map_or(Found::Nothing, Found::Item)
                }
                _ => Found::Nothing,
            },
        };
        match found {
            Found::Item(id) if self.is_callable_by_agents(id) => Some(id),
            _ => None,
        }
    }

    fn without_quotes(
        &self,
        told: Diagnostic,
        range: TextRange,
        parts: &[InterpolationPart],
        known: bool,
    ) -> Diagnostic {
        match parts {
            [InterpolationPart::Literal(text)] if known => told
                .help(format!("write it without quotes: `{text}`"))
                .fix(format!("write `{text}`"), self.span(range), text.as_str()),
            _ => told.help("tools are named without quotes: `tools: [refund, orders.find]`"),
        }
    }

    /// Told where one tool of a server is named.
    pub(super) fn one_of_a_server(&mut self, range: TextRange, connection: DefId) {
        let name = self.cx.def(connection).name;
        let told = self
            .told(code::WRONG_KIND, range, format!("`{name}` is named as a whole here, not one tool of it"))
            .help(format!("write `{name}`; `mcp.servers.{name}.tools` of carapace.json5 says which tools of it there are"));
        self.report(told);
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
}
