//! `when …`: events of the simulated world.

use crate::code;
use crate::collect::DefKind;
use crate::infer::{Body, Want};
use crate::names::Found;
use crate::tree::Expr;
use carapace_diagnostic::suggest;
use carapace_module::Type;
use carapace_module::testing::TestOp;
use carapace_syntax::ast;
use std::sync::Arc;

/// What rooms and groups do in answer to a question.
pub const ANSWERS: [&str; 3] = ["answers", "approve", "refuse"];
/// Arguments of people's events.
const NAMED: [&str; 17] = [
    "from",
    "in",
    "to",
    "by",
    "role",
    "id",
    "reply_to",
    "at",
    "on",
    "mentioned",
    "attachments",
    "text",
    "name",
    "bot",
    "value",
    "emoji",
    "message",
];

impl<'a> Body<'_, 'a> {
    /// `when support.message("…", from: "ana")`.
    pub(super) fn when(&mut self, event: &'a ast::Expr) -> Option<(TestOp, Vec<Expr>)> {
        let (callee, args): (&ast::Expr, &'a [ast::Arg]) = match &event.kind {
            ast::ExprKind::Call { callee, args, .. } => (callee, args),
            ast::ExprKind::Error => return None,
            _ => (event, &[]),
        };
        match &callee.kind {
            ast::ExprKind::Field { base, name, .. } => {
                let Found::Item(slot) = self.find_path(base) else {
                    if let (ast::ExprKind::Name(n), Found::Nothing) = (&base.kind, self.find_path(base)) {
                        self.unknown_name(n);
                    }
                    return None;
                };
                let def = self.cx.def(slot);
                if !matches!(def.kind, DefKind::Channel | DefKind::Room | DefKind::Group) {
                    let told = self
                        .told(
                            code::WHEN,
                            base.range,
                            format!("`{}` is {}: nothing comes from it", def.name, def.kind.noun()),
                        )
                        .help("events come from channels, rooms and groups");
                    self.report(told);
                    return None;
                }
                let place = self.cx.slot(slot);
                self.when_verb(name, def.kind)?;
                let (names, values) = self.event_args(&name.text, args, true);
                let verb = Arc::from(name.text.as_str());
                Some((TestOp::Event { place: Some(place), verb, args: names }, values))
            }
            ast::ExprKind::Name(name) => {
                if !self.cx.effects_on.contains_key(&("trigger", name.text.as_str())) {
                    let mut names: Vec<&str> = self
                        .cx
                        .effects_on
                        .keys()
                        .filter(|(on, _)| *on == "trigger")
                        .map(|(_, n)| *n)
                        .collect();
                    names.sort_unstable();
                    let near = suggest(&name.text, names).map(str::to_owned);
                    let message = format!("nothing is told by `{}`", name.text);
                    let mut told = self.suggesting(code::WHEN, name.range, message, near.as_deref());
                    if near.is_none() {
                        told = told.help("write an event such as `support.message(\"…\", from: \"ana\")`");
                    }
                    self.report(told);
                    return None;
                }
                if let Some(id) = self.cx.effects_on.get(&("trigger", name.text.as_str())).copied() {
                    self.cx.note_item(self.at, name, id);
                }
                let (names, values) = self.event_args(&name.text, args, false);
                Some((
                    TestOp::Event { place: None, verb: Arc::from(name.text.as_str()), args: names },
                    values,
                ))
            }
            _ => {
                let told = self
                    .told(code::WHEN, event.range, "this is no event")
                    .help("write an event such as `support.message(\"…\", from: \"ana\")`");
                self.report(told);
                None
            }
        }
    }

    fn when_verb(&mut self, name: &'a ast::Name, kind: DefKind) -> Option<()> {
        if ANSWERS.contains(&name.text.as_str()) {
            return Some(());
        }
        if kind != DefKind::Group
            && let Some(id) = self.cx.triggers_on_channel.get(name.text.as_str()).copied()
        {
            self.cx.note_item(self.at, name, id);
            return Some(());
        }
        let mut names: Vec<&str> = match kind {
            DefKind::Group => Vec::new(),
            _ => self.cx.triggers_on_channel.keys().copied().collect(),
        };
        names.sort_unstable();
        names.extend(ANSWERS);
        let near = suggest(&name.text, names.iter().copied()).map(str::to_owned);
        let message = format!("there is no event `{}`", name.text);
        let mut told = self.suggesting(code::WHEN, name.range, message, near.as_deref());
        if near.is_none() {
            told = told.help(format!("there are {}", names.join(", ")));
        }
        self.report(told);
        None
    }

    fn event_args(
        &mut self,
        verb: &str,
        args: &'a [ast::Arg],
        place: bool,
    ) -> (Vec<(Arc<str>, Type)>, Vec<Expr>) {
        let positional: &[&str] = match verb {
            "message" | "command" | "answers" | "edited" => &["text"],
            "button" => &["value"],
            "reaction" => &["emoji"],
            "joined" | "left" => &["member"],
            "deleted" => &["id"],
            "poll_vote" => &["options"],
            "call" => &["state"],
            "webhook" => &["path", "body"],
            "event" => &["name", "payload"],
            "manual" => &["flow", "input"],
            "cron" | "every" | "at" | "failed" => &["flow"],
            _ => &[],
        };
        let mut names = Vec::with_capacity(args.len());
        let mut values = Vec::with_capacity(args.len());
        for (index, arg) in args.iter().enumerate() {
            let name: Arc<str> = match &arg.name {
                Some(name) => {
                    if place && !NAMED.contains(&name.text.as_str()) && verb == "message" {
                        let near = suggest(&name.text, NAMED);
                        let message = format!("`{verb}` has no parameter `{}`", name.text);
                        let mut told = self.suggesting(code::UNKNOWN_PARAMETER, name.range, message, near);
                        if near.is_none() {
                            told = told.help("it has `from`, `in`, `role`, `id`, `reply_to`");
                        }
                        self.report(told);
                    }
                    Arc::from(name.text.as_str())
                }
                None => match positional.get(index) {
                    Some(name) => Arc::from(*name),
                    None => {
                        let told = self
                            .told(
                                code::TOO_MANY_ARGUMENTS,
                                arg.value.range,
                                format!("`{verb}` takes no argument here"),
                            )
                            .help("give it by its name");
                        self.report(told);
                        continue;
                    }
                },
            };
            let value = match (&*name, self.find_path(&arg.value)) {
                ("flow", Found::Item(id))
                    if matches!(self.cx.def(id).kind, DefKind::Flow | DefKind::Tool) =>
                {
                    let full = self.cx.full_name(id);
                    let text = crate::tree::ExprKind::Const(crate::infer::text_value(&full));
                    self.make(arg.value.range, Type::Text, text)
                }
                ("state", _) if verb == "call" => {
                    let ty = match self.cx.prelude.get("CallState").map(|id| self.cx.def(*id).kind) {
                        Some(DefKind::Type(ty)) => Type::declared(ty),
                        _ => Type::Error,
                    };
                    self.check(&arg.value, &ty)
                }
                _ => self.infer(&arg.value, Want::Any),
            };
            names.push((name, value.ty.clone()));
            values.push(value);
        }
        (names, values)
    }
}
