//! `approve: { refund: managers }`: who has to agree before an agent calls a tool.

use crate::code;
use crate::collect::{Callable, Checker, DefId, DefKind, World};
use crate::facts::NameKind;
use crate::infer::{Body, Mode, Want};
use crate::lint::{Part, each_part};
use crate::names::Found;
use crate::needs::Node;
use crate::tree::{Agent, Approval, Expr, ExprKind, LocalId};
use carapace_diagnostic::Span;
use carapace_module::Type;
use carapace_syntax::ast::{self, ItemKind, Path, Property};
use std::rc::Rc;
use std::sync::Arc;

/// What an agent says about its tools, and whether all of it was understood: only then it is told what is missing there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offers {
    pub(super) agent: DefId,
    pub(super) understood: bool,
}

impl<'a> Checker<'a> {
    /// Who has to agree to what; when all tools are known. Each is looked at in a scope of its own.
    pub(super) fn approvals(&mut self, offers: Offers, made: &mut Agent, decl: &'a ast::Agent) {
        let mut seen: Vec<(DefId, Span)> = Vec::new();
        for property in &decl.properties {
            match property {
                Property::Approve(_, pairs) => {
                    for (tool, by) in pairs {
                        self.approval(offers, &mut seen, made, tool, by);
                    }
                }
                Property::Value(name, value) if name.text == "approve" => {
                    self.approval_of_all(offers.agent, decl, value);
                }
                _ => {}
            }
        }
    }

    /// `approve: managers`: of which tools, it does not say.
    fn approval_of_all(&mut self, agent: DefId, decl: &'a ast::Agent, value: &'a ast::Expr) {
        let at = self.def(agent).at;
        let mut body = Body::new(self, at, Mode::Pure("who has to agree"));
        let who = match body.find_path(value) {
            Found::Item(id) if body.cx.def(id).kind == DefKind::Group => body.written(value.range),
            _ => "managers",
        };
        let tools = decl.properties.iter().find_map(|property| match property {
            Property::Value(name, ast::Expr { kind: ast::ExprKind::List(items), .. })
                if name.text == "tools" =>
            {
                Some(items.as_slice())
            }
            _ => None,
        });
        let named =
            |item: &&ast::Expr| matches!(item.kind, ast::ExprKind::Name(_) | ast::ExprKind::Field { .. });
        let tools: Vec<String> = tools
            .unwrap_or_default()
            .iter()
            .filter(named)
            .map(|tool| format!("{}: {who}", body.written(tool.range)))
            .collect();
        let tools = if tools.is_empty() { format!("refund: {who}") } else { tools.join(", ") };
        let told = body
            .told(code::MISMATCH, value.range, "`approve` says of each tool who has to agree")
            .help(format!("write `approve: {{ {tools} }}`"));
        body.report(told);
        body.finish(Some(Node::Agent(agent)));
    }

    /// Who has to agree before a tool is called: a group, or what gives one, or none, of the tool's parameters.
    fn approval(
        &mut self,
        offers: Offers,
        seen: &mut Vec<(DefId, Span)>,
        made: &mut Agent,
        tool: &'a Path,
        by: &'a ast::Expr,
    ) {
        let at = self.def(offers.agent).at;
        let mut body = Body::new(self, at, Mode::Pure("who has to agree"));
        let Some(id) = body.approved_tool(tool) else {
            body.infer(by, Want::Any);
            body.finish(Some(Node::Agent(offers.agent)));
            return;
        };
        let params = body.tool_params(id);
        let group = body.cx.world.group;
        let wanted = World::ty(group).optional();
        let told = body.cx.diagnostics.len();
        let by = body.approvers(by, &wanted);
        body.say_what_is_known(id, told);
        let mut groups = Vec::new();
        groups_in(Part::Expr(&by), &mut groups);
        for group in &groups {
            body.touch(format!("group {group}: approve"));
            body.pauses = true;
        }
        let name = match body.cx.def(id).kind {
            DefKind::Connection => body.cx.slot(id),
            _ => body.cx.full_name(id),
        };
        let place = body.span(tool.range());
        match seen.iter().find(|(known, _)| *known == id) {
            Some((_, first)) => {
                let told = body
                    .told(code::TWICE, tool.range(), format!("who has to agree to `{}` stands here twice", body.cx.def(id).name))
                    .also(*first, "here first")
                    .help("leave one of them out; who is asked when, one expression says: `if … { managers } else { bosses }`");
                body.report(told);
            }
            None if offers.understood => body.is_offered(offers.agent, made, id, &name, tool),
            None => {}
        }
        seen.push((id, place));
        let locals = body.finish(Some(Node::Agent(offers.agent)));
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
    /// The tool, or the server with tools, that is approved; told where it is none.
    fn approved_tool(&mut self, tool: &'a Path) -> Option<DefId> {
        if let [first, _] = tool.names.as_slice()
            && let Found::Item(id) = self.find_global(&first.text)
            && self.cx.def(id).kind == DefKind::Connection
        {
            self.cx.note_item(self.at, first, id);
            self.one_of_a_server(tool.range(), id);
            return None;
        }
        let id = self.path_item(tool)?;
        let def = self.cx.def(id);
        if !matches!(def.kind, DefKind::Tool | DefKind::Connection) {
            let told = self
                .told(
                    code::WRONG_KIND,
                    tool.range(),
                    format!("`{}` is {}, not a tool", def.name, def.kind.noun()),
                )
                .help("approval is asked before a tool is called");
            self.report(told);
            return None;
        }
        Some(id)
    }

    /// Brings the parameters of a tool into scope.
    fn tool_params(&mut self, id: DefId) -> Vec<LocalId> {
        let mut params = Vec::new();
        let def = self.cx.def(id);
        let (Some(sig), ItemKind::Tool(decl)) = (self.callable_tool(id), &def.item.kind) else {
            return params;
        };
        for (param, known) in decl.params.iter().zip(&sig.params) {
            let local = self.hidden(&param.name.text, known.ty.clone(), false);
            self.comes_from(local, Some(def.at.span(param.name.range)), NameKind::Param);
            self.bring(local);
            params.push(local);
        }
        params
    }

    fn callable_tool(&mut self, id: DefId) -> Option<Rc<Callable>> {
        if self.cx.def(id).kind == DefKind::Tool { self.cx.callable(id) } else { None }
    }

    /// Tells an approval of what the agent does not call: whoever wrote it believes that something is guarded.
    fn is_offered(&mut self, agent: DefId, made: &Agent, id: DefId, name: &Arc<str>, tool: &Path) {
        let signature = &made.signature;
        if signature.tools.contains(name) || signature.connections.contains(name) {
            return;
        }
        let (agent, def) = (self.cx.def(agent).name, self.cx.def(id));
        let written = self.written(tool.range());
        let told = self
            .told(code::NOT_OFFERED, tool.range(), format!("`{}` is not among the tools of `{agent}`", def.name))
            .also(def.span(), "declared here")
            .help(format!("add it: `tools: [{written}]`, or take this out: it is asked before `{agent}` calls it, and before nothing else"));
        self.report(told);
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
        let made = self.infer(by, Want::Ty(wanted));
        if made.ty == Type::Bool {
            self.whether_for_who(by);
            return self.error(by.range);
        }
        self.convert(made, wanted)
    }

    /// A condition where a group is wanted: it says when, and not who.
    fn whether_for_who(&mut self, by: &'a ast::Expr) {
        let help = match by.kind {
            ast::ExprKind::Bool(true) => "name the group: `managers`".to_owned(),
            ast::ExprKind::Bool(false) => "leave it out, or write `none`: then nobody is asked".to_owned(),
            _ => format!("write `if {} {{ managers }} else {{ none }}`", self.written(by.range)),
        };
        let told = self
            .told(code::MISMATCH, by.range, "who has to agree is a group, and this is a `Bool`")
            .help(help);
        self.report(told);
    }

    /// Of what was told since: what may be named there, where a name is unknown.
    fn say_what_is_known(&mut self, tool: DefId, since: usize) {
        let def = self.cx.def(tool);
        let help = match &def.item.kind {
            ItemKind::Tool(decl) if decl.params.is_empty() => {
                format!("`{}` has no parameters to ask for", def.name)
            }
            ItemKind::Tool(decl) => {
                let params: Vec<String> = decl.params.iter().map(|p| format!("`{}`", p.name.text)).collect();
                format!("what `{}` is called with can be asked: {}", def.name, params.join(", "))
            }
            _ => format!(
                "the same group agrees to each tool of `{0}`, and is told which it is; `mcp.servers.{0}.tools` of carapace.json5 says which there are",
                def.name
            ),
        };
        let unknown = |d: &&mut carapace_diagnostic::Diagnostic| d.code == code::UNKNOWN_NAME;
        for told in self.cx.diagnostics.iter_mut().skip(since).filter(unknown) {
            // Nothing that is near is meant where nothing but groups can be named.
            if def.kind == DefKind::Connection {
                told.fix = None;
            }
            if told.fix.is_none() {
                told.help = Some(help.clone());
            }
        }
    }

    /// The item that a path of names leads to; told where it leads nowhere.
    fn path_item(&mut self, path: &'a Path) -> Option<DefId> {
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
}
