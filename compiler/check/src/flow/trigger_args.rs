//! Arguments of triggers, judged when compiled: cron expressions, zones, paths, events' names.

use super::trigger::{head, is_named, is_payload};
use crate::code;
use crate::collect::{DefId, DefKind};
use crate::facts::{Call, DefinitionSite, NameKind};
use crate::infer::{Body, Want};
use crate::names::Found;
use crate::tree::{Expr, ExprKind};
use carapace_diagnostic::{TextRange, suggest};
use carapace_module::signature::{Missed, TriggerSpec};
use carapace_module::{Type, Value};
use carapace_syntax::ast::{self, TriggerArg, TriggerArgValue, TriggerDecl, TriggerRef};
use std::sync::Arc;

/// What was given, by parameter.
pub(crate) struct Given {
    values: Vec<(Arc<str>, Expr, TextRange)>,
    /// The type that was handed over.
    pub(crate) ty: Option<Type>,
    /// The flow that was named.
    flow: Option<Arc<str>>,
}

/// A command's words, and its arguments with their types.
pub(crate) type CommandShape = (Arc<str>, Vec<(Arc<str>, Type)>);

impl Given {
    pub(super) fn get(&self, name: &str) -> Option<(&Expr, TextRange)> {
        self.values.iter().find(|(n, _, _)| **n == *name).map(|(_, e, r)| (e, *r))
    }
}

impl<'a> Body<'_, 'a> {
    /// Arguments to the declared parameters.
    pub(crate) fn trigger_args(&mut self, used: &'a TriggerRef, decl: &'a TriggerDecl) -> Option<Given> {
        let mut given = Given { values: Vec::new(), ty: None, flow: None };
        let mut next = 0;
        let mut taken: Vec<&str> = Vec::new();
        for arg in used.args.iter().flatten() {
            let param = match &arg.name {
                Some(name) => decl.params.iter().find(|p| p.name.text == name.text),
                None => {
                    // A type goes to the parameter that takes one, wherever it stands.
                    let by_type = matches!(arg.value, TriggerArgValue::Type(_));
                    let found = match by_type {
                        true => decl.params.iter().find(|p| is_payload(&p.ty)),
                        false => decl.params.get(next),
                    };
                    next += 1;
                    found
                }
            };
            let Some(param) = param else {
                self.no_such_argument(used, decl, arg);
                continue;
            };
            taken.push(&param.name.text);
            let def = self.cx.effects_on.get(&("trigger", used.path.names.last()?.text.as_str())).copied()?;
            self.note_trigger_arg(used, def, decl, arg, &param.name.text);
            let at = self.cx.def(def).at;
            match &arg.value {
                TriggerArgValue::Type(ty) if is_payload(&param.ty) => {
                    given.ty = Some(self.cx.resolve_type(self.at, ty, &[]));
                }
                TriggerArgValue::Type(ty) => {
                    let told = self
                        .told(
                            code::TRIGGER_ARGUMENTS,
                            ty.range,
                            format!("`{}` takes a value, not a type", param.name.text),
                        )
                        .help("write a value");
                    self.report(told);
                }
                TriggerArgValue::Expr(expr) if is_named(&param.ty, "Flow") => {
                    given.flow = self.flow_named(expr)
                }
                TriggerArgValue::Expr(expr) if is_payload(&param.ty) => {
                    let told = self
                        .told(
                            code::TRIGGER_ARGUMENTS,
                            expr.range,
                            format!("`{}` takes a type, not a value", param.name.text),
                        )
                        .help("write the name of a type");
                    self.report(told);
                }
                TriggerArgValue::Expr(expr) => {
                    let ty = self.cx.resolve_type(at, &param.ty, &[]);
                    let value = self.check(expr, &ty);
                    given.values.push((Arc::from(param.name.text.as_str()), value, expr.range));
                }
            }
        }
        let missing = decl
            .params
            .iter()
            .find(|p| p.default.is_none() && !is_payload(&p.ty) && !taken.contains(&p.name.text.as_str()));
        if let Some(missing) = missing {
            let name = used.path.names.last().map_or("", |n| &n.text);
            let told = self
                .told(code::TRIGGER_ARGUMENTS, head(used), format!("`{name}` needs `{}`", missing.name.text))
                .help(match name {
                    "cron" => "write `cron(\"0 9 * * mon\")`",
                    "every" => "write `every(15m)`",
                    "webhook" => "write `webhook(\"/path\")`",
                    "event" => "write `event(\"name\", T)`",
                    _ => "give it between parentheses",
                });
            self.report(told);
            return None;
        }
        Some(given)
    }

    /// Notes an argument of a trigger, and the call that it is of.
    fn note_trigger_arg(
        &mut self,
        used: &'a TriggerRef,
        id: DefId,
        decl: &'a TriggerDecl,
        arg: &'a TriggerArg,
        param: &str,
    ) {
        if let Some(name) = &arg.name {
            self.cx.note_param(self.at, name, id);
        }
        let range = match &arg.value {
            TriggerArgValue::Expr(expr) => expr.range,
            TriggerArgValue::Type(ty) => ty.range,
        };
        let (at, def) = (self.span(used.range), self.cx.def(id));
        if let Some(index) = decl.params.iter().position(|known| known.name.text == param) {
            self.cx.notes.argument(at, range, index);
        }
        self.cx.notes.call(at, || Call {
            range: used.range,
            site: DefinitionSite { span: def.span() },
            kind: NameKind::Trigger,
            method: false,
            params: Vec::new(),
            result: Type::Nothing,
            args: Vec::new(),
        });
    }

    fn no_such_argument(&mut self, used: &'a TriggerRef, decl: &'a TriggerDecl, arg: &'a TriggerArg) {
        let callee = used.path.names.last().map_or("", |n| n.text.as_str());
        match &arg.name {
            Some(name) => {
                let near =
                    suggest(&name.text, decl.params.iter().map(|p| p.name.text.as_str())).map(str::to_owned);
                let message = format!("`{callee}` has no parameter `{}`", name.text);
                let told = self.suggesting(code::UNKNOWN_PARAMETER, name.range, message, near.as_deref());
                self.report(told);
            }
            None => {
                let range = match &arg.value {
                    TriggerArgValue::Expr(e) => e.range,
                    TriggerArgValue::Type(t) => t.range,
                };
                let told = self
                    .told(code::TRIGGER_ARGUMENTS, range, format!("`{callee}` takes no argument here"))
                    .help("leave it out");
                self.report(told);
            }
        }
    }

    fn flow_named(&mut self, expr: &'a ast::Expr) -> Option<Arc<str>> {
        match self.find_path(expr) {
            Found::Item(id) if matches!(self.cx.def(id).kind, DefKind::Flow | DefKind::Tool) => {
                Some(self.cx.full_name(id))
            }
            Found::Told => None,
            Found::Nothing if matches!(expr.kind, ast::ExprKind::Name(_)) => {
                self.infer(expr, Want::Any);
                None
            }
            _ => {
                let told =
                    self.told(code::TRIGGER_ARGUMENTS, expr.range, "this is not a flow").help("name a flow");
                self.report(told);
                None
            }
        }
    }

    /// `"refund", order: Int`: a command's words and typed arguments.
    pub(crate) fn command_args(&mut self, used: &'a TriggerRef) -> Option<CommandShape> {
        let mut name = None;
        let mut args: Vec<(Arc<str>, Type)> = Vec::new();
        for arg in used.args.iter().flatten() {
            match (&arg.name, &arg.value) {
                (None, TriggerArgValue::Expr(expr)) if name.is_none() => {
                    let value = self.check(expr, &Type::Text);
                    let text = self.known_text(&value, "the name of a command")?;
                    let word = text.trim().trim_start_matches('/').to_lowercase();
                    if word.is_empty() {
                        let told = self
                            .told(code::TRIGGER_ARGUMENTS, expr.range, "a command needs a name")
                            .help("write `command(\"refund\")`");
                        self.report(told);
                        return None;
                    }
                    name = Some(Arc::from(word));
                }
                (Some(arg_name), TriggerArgValue::Type(ty)) => {
                    let resolved = self.cx.resolve_type(self.at, ty, &[]);
                    self.command_type(&resolved, ty.range);
                    if args.iter().any(|(n, _)| **n == *arg_name.text) {
                        self.cx.twice(self.at, arg_name, "argument");
                        continue;
                    }
                    args.push((Arc::from(arg_name.text.as_str()), resolved));
                }
                (_, TriggerArgValue::Expr(expr)) => self.bad_command_arg(expr.range),
                (None, TriggerArgValue::Type(ty)) => self.bad_command_arg(ty.range),
            }
        }
        if name.is_none() {
            let told = self
                .told(code::TRIGGER_ARGUMENTS, head(used), "`command` needs the command's name")
                .help("write `command(\"refund\", order: Int)`");
            self.report(told);
        }
        Some((name?, args))
    }

    fn bad_command_arg(&mut self, range: TextRange) {
        let told = self
            .told(code::TRIGGER_ARGUMENTS, range, "a command's argument is a name with its type")
            .help("write `command(\"refund\", order: Int)`");
        self.report(told);
    }

    fn command_type(&mut self, ty: &Type, range: TextRange) {
        let plain = match ty {
            Type::Optional(inner) => inner,
            other => other,
        };
        let readable = matches!(
            plain,
            Type::Error
                | Type::Bool
                | Type::Int
                | Type::Number
                | Type::Text
                | Type::Date
                | Type::Duration
                | Type::Money
        ) || (matches!(plain, Type::Declared(..))
            && crate::ty::is_keyable(&self.cx.program.types, plain));
        if !readable {
            let shown = self.cx.show(ty);
            let told = self
                .told(
                    code::TRIGGER_ARGUMENTS,
                    range,
                    format!("a `{shown}` cannot be read from a line of text"),
                )
                .help("take a `Text`, a number, a date, a duration, money, or a union without fields");
            self.report(told);
        }
    }

    /// The trigger for the runtime, from its arguments.
    pub(crate) fn spec(
        &mut self,
        used: &'a TriggerRef,
        name: &str,
        args: &Given,
        payload: Type,
    ) -> Option<TriggerSpec> {
        Some(match name {
            "cron" => {
                let expression = self.cron(args)?;
                let zone = self.zone(args)?;
                TriggerSpec::Cron {
                    expression: Arc::from(expression),
                    zone: Arc::from(zone),
                    missed: self.missed(args),
                }
            }
            "every" => TriggerSpec::Every(self.constant_ms(args, "interval")?),
            "at" => TriggerSpec::At(self.constant_time(args)?),
            "webhook" => self.webhook(args, payload)?,
            "event" => {
                let (value, _) = args.get("name")?;
                let value = value.clone();
                let name = self.known_text(&value, "the name of an event")?;
                self.event_carries(&name, &payload, head(used));
                TriggerSpec::Event { name: Arc::from(name), payload }
            }
            "started" => TriggerSpec::Started,
            "failed" => TriggerSpec::Failed { flow: args.flow.clone()? },
            "manual" => TriggerSpec::Manual { input: payload },
            _ => {
                let told = self
                    .told(
                        code::UNKNOWN_TRIGGER,
                        head(used),
                        format!("nothing here can start a flow on `{name}`"),
                    )
                    .help("use one of the library's triggers");
                self.report(told);
                return None;
            }
        })
    }

    /// Everybody who tells or hears of an event means the same by it.
    pub(crate) fn event_carries(&mut self, name: &str, payload: &Type, range: TextRange) {
        let span = self.span(range);
        if matches!(payload, Type::Error) {
            return;
        }
        let (known, first) =
            self.cx.events.entry(Arc::from(name)).or_insert_with(|| (payload.clone(), span)).clone();
        if known == *payload {
            return;
        }
        let (known, payload) = (self.cx.show(&known), self.cx.show(payload));
        let told = self
            .told(
                code::EVENT_TYPE,
                range,
                format!("event `{name}` carries a `{payload}` here, and a `{known}` elsewhere"),
            )
            .also(first, format!("a `{known}` here"))
            .help("give both the same type, or the events two names");
        self.report(told);
    }

    fn cron(&mut self, args: &Given) -> Option<String> {
        let (value, range) = args.get("expression")?;
        let value = value.clone();
        let text = self.known_text(&value, "a cron expression")?;
        let parser = croner::parser::CronParser::builder().seconds(croner::parser::Seconds::Optional).build();
        if let Err(error) = parser.parse(&text) {
            let reason = error.to_string().trim_end_matches('.').to_lowercase();
            let told = self
                .told(code::CRON, range, format!("`{text}` is not a cron expression: {reason}"))
                .help("minute, hour, day, month, day of the week: `0 9 * * mon`");
            self.report(told);
            return None;
        }
        let span = self.span(range);
        self.cx.seen.schedules.push((Arc::from(text.as_str()), span));
        Some(text)
    }

    fn zone(&mut self, args: &Given) -> Option<String> {
        let Some((value, range)) = args.get("zone") else { return Some("UTC".to_owned()) };
        let value = value.clone();
        let text = self.known_text(&value, "a time zone")?;
        if jiff::tz::db().get(&text).is_err() {
            let names: Vec<String> = jiff::tz::db().available().map(|n| n.to_string()).collect();
            let near = suggest(&text, names.iter().map(String::as_str)).map(str::to_owned);
            let told = self.told(code::ZONE, range, format!("there is no time zone `{text}`"));
            let told = match near {
                Some(near) => {
                    let span = self.span(range);
                    told.help(format!("did you mean `{near}`?")).fix(
                        format!("replace with `{near}`"),
                        span,
                        format!("\"{near}\""),
                    )
                }
                None => told.help("write a name such as `Europe/Berlin` or `UTC`"),
            };
            self.report(told);
            return None;
        }
        Some(text)
    }

    fn missed(&mut self, args: &Given) -> Missed {
        match args.get("missed").map(|(e, _)| &e.kind) {
            Some(ExprKind::Tag(1, _)) => Missed::Once,
            Some(ExprKind::Tag(2, _)) => Missed::All,
            _ => Missed::Skip,
        }
    }

    fn constant_ms(&mut self, args: &Given, name: &str) -> Option<i64> {
        let (value, range) = args.get(name)?;
        let value = value.clone();
        match crate::constant::constant(self.cx, &value) {
            Some(Value::Duration(ms)) if ms >= 1_000 => Some(ms),
            Some(_) => {
                let told = self
                    .told(code::TRIGGER_ARGUMENTS, range, "a schedule is at least a second apart")
                    .help("write `every(1s)` or more");
                self.report(told);
                None
            }
            None => {
                if value.ty != Type::Error {
                    let told = self
                        .told(code::NOT_CONSTANT, range, "a schedule has to be known when this is compiled")
                        .help("write it as a literal, or as a `const`");
                    self.report(told);
                }
                None
            }
        }
    }

    fn constant_time(&mut self, args: &Given) -> Option<i64> {
        let (value, range) = args.get("time")?;
        let value = value.clone();
        // `at(moment("2026-12-24T18:00:00Z"))`: the one native that gives a constant time.
        if let ExprKind::CallNative(_, args) = &value.kind
            && let Some(text) = args.first().and_then(|a| crate::constant::constant_text(self.cx, a))
            && let Ok(time) = text.parse::<jiff::Timestamp>()
        {
            return Some(time.as_millisecond());
        }
        if let Some(Value::Time(ms)) = crate::constant::constant(self.cx, &value) {
            return Some(ms);
        }
        if value.ty != Type::Error {
            let told = self
                .told(code::NOT_CONSTANT, range, "the time has to be known when this is compiled")
                .help("write `at(moment(\"2026-12-24T18:00:00Z\"))`");
            self.report(told);
        }
        None
    }
}
