//! `when …`: something happens in the world.

use crate::notation::{notation, quoted};
use crate::people::Spot;
use crate::report::FailureClass;
use crate::transcript::{Happening, short};
use crate::world::{Step, World};
use carapace_engine::{Event, EventKind, Origin};
use carapace_module::signature::TriggerSpec;
use carapace_module::{Type, Value, json};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Who does things where nobody is named.
const SOMEBODY: &str = "somebody";

/// The arguments of a `when`.
pub(crate) struct Args<'a> {
    pub(crate) all: Vec<(&'a str, &'a Type, Value)>,
}

impl Args<'_> {
    fn get(&self, name: &str) -> Option<&(&str, &Type, Value)> {
        self.all.iter().find(|(other, _, value)| *other == name && !matches!(value, Value::None))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(|(_, _, value)| value.as_text())
    }

    fn any_text(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.text(name))
    }
}

impl World {
    /// Lets it happen.
    pub(crate) fn happen(&mut self, place: Option<&Arc<str>>, verb: &str, args: &Args<'_>) -> Step {
        self.deploy()?;
        match (place, verb) {
            (Some(place), "answers") => self.answers(place, args),
            (Some(place), "approve" | "refuse") => self.decides(place, verb, args),
            (Some(place), _) => self.channel_event(place, verb, args),
            (None, _) => self.plain_event(verb, args),
        }
    }

    /// A person: by a name, or by a `User`.
    fn person(&self, args: &Args<'_>, names: &[&str]) -> Option<(Arc<str>, Json)> {
        let (_, ty, value) = names.iter().find_map(|name| args.get(name))?;
        if let Some(name) = value.as_text() {
            return Some((name.into(), json!({ "id": name, "name": name })));
        }
        let user = json::to_json(value, ty, &self.loaded.module().types).ok()?;
        let id = user.get("id")?.as_str()?.into();
        Some((id, user))
    }

    fn user(&self, who: &str, known: &Json, account: &str, args: &Args<'_>) -> Json {
        let bot = match args.get("bot") {
            Some((_, _, Value::Bool(bot))) => *bot,
            _ => known.get("bot").and_then(Json::as_bool).unwrap_or(false),
        };
        let role =
            args.text("role").map(Json::from).or_else(|| known.get("role").cloned()).unwrap_or(Json::Null);
        json!({
            "id": who,
            "name": known.get("name").and_then(Json::as_str).unwrap_or(who),
            "bot": bot,
            "role": role,
            "channel": account,
        })
    }

    /// Where something happens, and whether that is a conversation of two.
    fn spot(&self, place: &Arc<str>, who: &str, args: &Args<'_>) -> Step<(Spot, bool)> {
        if let Some(room) = self.people.room(place) {
            return Ok((room.clone(), false));
        }
        let Some(account) = self.people.account(place) else {
            let message = format!("nothing happens on `{}`: it is not a channel or a room", short(place));
            return Err(self.failure(FailureClass::Impossible, message));
        };
        let named = match args.get("in") {
            None => return Ok((Spot { account: account.clone(), conversation: who.into() }, true)),
            Some((_, _, value)) => text_inside(value).unwrap_or_else(|| who.to_owned()),
        };
        if let Some(room) = self.people.room_named(&named) {
            return Ok((Spot { account: account.clone(), conversation: room.conversation.clone() }, false));
        }
        Ok((Spot { account: account.clone(), conversation: named.as_str().into() }, false))
    }

    fn channel_event(&mut self, place: &Arc<str>, verb: &str, args: &Args<'_>) -> Step {
        // Whoever comes or goes does so by themselves, unless somebody else is named.
        let names: &[&str] = match verb {
            "joined" | "left" => &["from", "by", "sender", "member"],
            _ => &["from", "by", "sender"],
        };
        let (who, known) = self.person(args, names).unwrap_or_else(|| (SOMEBODY.into(), json!({})));
        let (spot, direct) = self.spot(place, &who, args)?;
        let sender = self.user(&who, &known, &spot.account, args);
        let number = self.count();
        let id = args.text("id").map_or_else(|| format!("e{number}"), str::to_owned);
        let mut fields = Map::new();
        fields.insert("sender".to_owned(), sender.clone());
        fields.insert("conversation".to_owned(), self.people.conversation(&spot, direct));
        fields.insert("received_at".to_owned(), self.time_json(self.now));
        fields.insert("channel".to_owned(), json!({ "name": place }));
        let trigger = if verb == "command" { "message" } else { verb };
        let said = self.message_fields(verb, &id, &spot, args, &mut fields);
        self.other_fields(trigger, args, &sender, &mut fields);
        let what = self.words_of(verb, said.as_deref(), args);
        let within = if direct { String::new() } else { format!(" in {}", short(&spot.conversation)) };
        let text = format!("{who} → {}{within}: {what}", short(place));
        self.note(Happening::Event { text });
        self.last = Some((who.clone(), spot.clone()));
        let origin = Origin {
            account: spot.account.clone(),
            conversation: spot.conversation,
            direct,
            thread: None,
            sender: Some(who),
            message: Some(id.as_str().into()),
            route: Json::Null,
        };
        let kind = EventKind::Channel { account: spot.account, id: id.into(), trigger: trigger.into() };
        self.arrive(Event { kind, origin: Some(origin), at: Some(self.now), fields })
    }

    /// What happened, for the transcript: `"hello"`, `reaction "👍"`, `joined`.
    fn words_of(&self, verb: &str, said: Option<&str>, args: &Args<'_>) -> String {
        let what = match said {
            Some(text) => quoted(text),
            None => {
                let shown = ["member", "id", "options", "state"].iter().find_map(|name| args.get(name));
                let types = &self.loaded.module().types;
                shown.map_or_else(String::new, |(_, ty, value)| match value.as_text() {
                    Some(text) => text.to_owned(),
                    None => notation(value, ty, types),
                })
            }
        };
        match verb {
            "message" | "command" => what,
            _ => format!("{verb} {what}").trim_end().to_owned(),
        }
    }

    /// Fills in `message`; gives the text, where there is one.
    fn message_fields(
        &mut self,
        verb: &str,
        id: &str,
        spot: &Spot,
        args: &Args<'_>,
        fields: &mut Map<String, Json>,
    ) -> Option<String> {
        match verb {
            "message" | "edited" | "command" => {}
            "reaction" | "button" | "deleted" | "poll_vote" => {
                let of = args.any_text(&["message", "on", "poll", "to"]).map(str::to_owned);
                let of = of.or_else(|| self.last_output(spot)).unwrap_or_else(|| id.to_owned());
                let name = if verb == "poll_vote" { "poll" } else { "message" };
                fields.insert(name.to_owned(), reference(spot, &of));
                return args.any_text(&["emoji", "value"]).map(str::to_owned);
            }
            _ => return None,
        }
        if let Some((_, ty, value)) = args.get("message")
            && let Ok(message @ Json::Object(_)) = json::to_json(value, ty, &self.loaded.module().types)
        {
            let text = message.get("text").and_then(Json::as_str).map(str::to_owned);
            fields.insert("message".to_owned(), message);
            return text;
        }
        let text = if verb == "command" {
            command_text(args, &self.loaded.module().types)
        } else {
            args.any_text(&["text", "message"]).unwrap_or_default().to_owned()
        };
        let reply_to = args.text("reply_to").map(|of| reference(spot, of));
        let attachments = args
            .get("attachments")
            .and_then(|(_, ty, value)| json::to_json(value, ty, &self.loaded.module().types).ok())
            .unwrap_or_else(|| json!([]));
        let mentioned = matches!(args.get("mentioned"), Some((_, _, Value::Bool(true))));
        let message = json!({
            "id": id,
            "text": text,
            "attachments": attachments,
            "reply_to": reply_to,
            "mentions": [],
            "mentioned": mentioned,
        });
        fields.insert("message".to_owned(), message);
        Some(text)
    }

    /// Every other argument is a field of that name; what a trigger declares and nobody gives is empty.
    fn other_fields(&self, trigger: &str, args: &Args<'_>, sender: &Json, fields: &mut Map<String, Json>) {
        let types = &self.loaded.module().types;
        for (name, ty, value) in &args.all {
            if matches!(*name, "from" | "in" | "role" | "id" | "reply_to" | "bot" | "text")
                || fields.contains_key(*name)
            {
                continue;
            }
            if let Ok(json) = json::to_json(value, ty, types) {
                fields.insert((*name).to_owned(), json);
            }
        }
        if matches!(trigger, "joined" | "left") {
            let member = match fields.get("member") {
                Some(Json::String(name)) => {
                    json!({ "id": name, "name": name, "bot": false, "role": null, "channel": sender.get("channel") })
                }
                Some(member) => member.clone(),
                None => sender.clone(),
            };
            fields.insert("member".to_owned(), member);
        }
        let module = self.loaded.module();
        let started = module.flows.iter().flat_map(|flow| &flow.triggers);
        let started = started.map(|declared| (&declared.spec, &declared.fields));
        let awaited = module.waits.iter().map(|wait| (&wait.trigger, &wait.fields));
        for (spec, declared) in started.chain(awaited) {
            let TriggerSpec::Channel { event, .. } = spec else { continue };
            if **event != *trigger {
                continue;
            }
            for (name, ty) in declared {
                if !fields.contains_key(&**name)
                    && let Some(empty) = empty(ty)
                {
                    fields.insert(name.to_string(), empty);
                }
            }
        }
    }

    /// `oncall.answers("mine", by: "bo")`: an answer to the question that was asked there last.
    fn answers(&mut self, place: &Arc<str>, args: &Args<'_>) -> Step {
        let by = self.person(args, &["by", "from"]);
        let who = by.as_ref().map(|(who, _)| who.clone());
        if let (Some(who), Some(members)) = (&who, self.people.members(place))
            && !members.iter().any(|person| person.id == *who)
            && !self.described.contains(place)
        {
            self.missing.insert((place.clone(), who.clone()));
            return Ok(());
        }
        let asked = self.asked.iter().rev().find(|asked| {
            self.people.is_in(place, &asked.spot)
                && who.as_ref().is_none_or(|who| {
                    self.people.room(place).is_some()
                        || asked.spot.conversation == *who
                        || !self.is_direct(&asked.spot)
                })
        });
        let Some(asked) = asked.cloned() else {
            let message = format!("nobody has been asked anything in `{}` yet", short(place));
            return Err(self.failure(FailureClass::Impossible, message));
        };
        let answer = args
            .all
            .iter()
            .find(|(name, _, _)| !matches!(*name, "by" | "from" | "in" | "role" | "id" | "reply_to"));
        let text = answer.map_or_else(String::new, |(_, ty, value)| match value.as_text() {
            Some(text) => text.to_owned(),
            None => carapace_module::value::display(value, ty, &self.loaded.module().types),
        });
        let who = who.unwrap_or_else(|| self.addressee(&asked.spot));
        let button = asked.buttons.iter().find(|(_, label)| *label == text).map(|(id, _)| id.clone());
        self.respond(place, &asked.spot, &who, &text, &asked.message, button, args)
    }

    /// `managers.approve(by: "bo")`, `managers.refuse(by: "bo")`.
    fn decides(&mut self, place: &Arc<str>, verb: &str, args: &Args<'_>) -> Step {
        let who = self.person(args, &["by", "from"]).map(|(who, _)| who);
        let who = who.or_else(|| self.people.members(place)?.first().map(|p| p.id.clone()));
        let Some(who) = who else {
            return Err(self.failure(FailureClass::Impossible, "say who decides: `by:`"));
        };
        let member = self.people.members(place).is_none_or(|all| all.iter().any(|person| person.id == who));
        if !member && !self.described.contains(place) {
            self.missing.insert((place.clone(), who));
            return Ok(());
        }
        let asked =
            self.asked.iter().rev().find(|asked| {
                asked.approval && (asked.spot.conversation == who || !self.is_direct(&asked.spot))
            });
        let Some(asked) = asked.cloned() else {
            let message =
                format!("nobody has asked `{}` for an approval that `{who}` could give", short(place));
            let mut failure = self.failure(FailureClass::Impossible, message);
            failure.help = self.strangers(place, &who);
            return Err(failure);
        };
        let which = usize::from(verb == "refuse");
        let word = if verb == "refuse" { "no" } else { "yes" };
        // Who has something to say about it writes; a button has no room for it.
        let (button, text) = match args.text("reason") {
            Some(reason) => (None, format!("{word}: {reason}")),
            None => (asked.buttons.get(which).map(|(id, _)| id.clone()), word.to_owned()),
        };
        self.respond(place, &asked.spot, &who, &text, &asked.message, button, args)
    }

    /// Where somebody does not belong to a group that the test describes: who does.
    fn strangers(&self, group: &Arc<str>, who: &str) -> Option<String> {
        let members = self.people.members(group).filter(|_| self.described.contains(group))?;
        let names: Vec<String> = members.iter().map(|person| format!("`{}`", person.id)).collect();
        let strange = members.iter().all(|person| *person.id != *who);
        strange.then(|| format!("the test says that {} is {}", short(group), names.join(", ")))
    }

    #[expect(clippy::too_many_arguments, reason = "who says what, where, to what: all of it is one sentence")]
    fn respond(
        &mut self,
        place: &Arc<str>,
        spot: &Spot,
        who: &Arc<str>,
        text: &str,
        question: &str,
        button: Option<String>,
        args: &Args<'_>,
    ) -> Step {
        let direct = self.is_direct(spot) && self.people.room(place).is_none();
        let sender = self.user(who, &json!({ "name": who }), &spot.account, args);
        let number = self.count();
        let id = format!("e{number}");
        let mut fields = Map::new();
        fields.insert("sender".to_owned(), sender);
        fields.insert("conversation".to_owned(), self.people.conversation(spot, direct));
        fields.insert("received_at".to_owned(), self.time_json(self.now));
        fields.insert("channel".to_owned(), json!({ "name": spot.account }));
        let trigger = if let Some(value) = &button {
            fields.insert("message".to_owned(), reference(spot, question));
            fields.insert("value".to_owned(), json!(value));
            fields.insert("label".to_owned(), json!(text));
            "button"
        } else {
            let message = json!({
                "id": id,
                "text": text,
                "attachments": [],
                "reply_to": reference(spot, question),
                "mentions": [],
                "mentioned": false,
            });
            fields.insert("message".to_owned(), message);
            "message"
        };
        self.note(Happening::Event { text: format!("{who} answers in {}: {}", short(place), quoted(text)) });
        let origin = Origin {
            account: spot.account.clone(),
            conversation: spot.conversation.clone(),
            direct,
            thread: None,
            sender: Some(who.clone()),
            message: Some(id.as_str().into()),
            route: Json::Null,
        };
        let kind =
            EventKind::Channel { account: spot.account.clone(), id: id.into(), trigger: trigger.into() };
        self.arrive(Event { kind, origin: Some(origin), at: Some(self.now), fields })
    }

    /// What happens outside of channels: `event("x")`, `webhook("/x")`, `started`, `manual`.
    fn plain_event(&mut self, verb: &str, args: &Args<'_>) -> Step {
        let code = Arc::clone(&self.loaded.code);
        let types = code.module();
        let value = |name: &str| {
            args.get(name).and_then(|(_, ty, value)| json::to_json(value, ty, &types.types).ok())
        };
        let mut fields = Map::new();
        fields.insert("received_at".to_owned(), self.time_json(self.now));
        let (kind, words) = match verb {
            "event" => {
                let name: Arc<str> = args.text("name").unwrap_or_default().into();
                fields.insert("payload".to_owned(), value("payload").unwrap_or(Json::Null));
                (EventKind::Named { name: name.clone() }, format!("event {}", quoted(&name)))
            }
            "webhook" => {
                let path: Arc<str> = args.text("path").unwrap_or_default().into();
                let method = args.text("method").unwrap_or("POST").to_uppercase();
                if matches!(args.get("signed"), Some((_, _, Value::Bool(false)))) && self.is_signed(&path) {
                    self.note(Happening::Event {
                        text: format!("{method} {path} without a valid signature: refused"),
                    });
                    return Ok(());
                }
                fields.insert("body".to_owned(), value("body").unwrap_or(Json::Null));
                fields.insert("headers".to_owned(), value("headers").unwrap_or_else(|| json!({})));
                fields.insert("query".to_owned(), value("query").unwrap_or_else(|| json!({})));
                fields.insert("path".to_owned(), json!(path));
                fields.insert("method".to_owned(), json!(method));
                let id = args.text("id").map(Arc::from);
                let words = format!("{method} {path}");
                let package = Some(types.package.clone());
                (EventKind::Webhook { package, path, method: method.into(), id }, words)
            }
            "started" => (EventKind::Started, "started".to_owned()),
            "manual" => {
                let flow: Arc<str> = args.text("flow").unwrap_or_default().into();
                fields.insert("input".to_owned(), value("input").unwrap_or(Json::Null));
                let words = format!("{} is started by hand", short(&flow));
                (EventKind::Manual { flow: self.flow_named(&flow), id: None }, words)
            }
            "cron" | "every" | "at" => {
                let flow = self.flow_named(&args.text("flow").unwrap_or_default().into());
                let code = Arc::clone(&self.loaded.code);
                let module = code.module();
                let triggers =
                    module.flows.iter().find(|known| known.name == flow).map(|flow| &flow.triggers);
                let trigger = triggers.into_iter().flatten().position(|trigger| {
                    matches!(
                        trigger.spec,
                        TriggerSpec::Cron { .. } | TriggerSpec::Every(_) | TriggerSpec::At(_)
                    )
                });
                let Some(trigger) = trigger.and_then(|index| u32::try_from(index).ok()) else {
                    let message = format!("`{}` has no schedule", short(&flow));
                    return Err(self.failure(FailureClass::Impossible, message));
                };
                fields.insert("scheduled_at".to_owned(), self.time_json(self.now));
                let words = format!("the time of {} has come", short(&flow));
                (EventKind::Slot { flow, trigger, slot: self.now }, words)
            }
            "failed" => {
                let flow = self.flow_named(&args.text("flow").unwrap_or_default().into());
                let message = args.any_text(&["message", "error", "text"]).unwrap_or("it failed");
                fields.insert(
                    "error".to_owned(),
                    json!({ "kind": "failed", "message": message, "retry_after": null }),
                );
                fields.insert("run".to_owned(), json!({ "id": carapace_effect::RunId(0).to_string() }));
                fields.insert("flow".to_owned(), json!(flow));
                let words = format!("{} failed", short(&flow));
                (EventKind::Failed { flow, run: carapace_effect::RunId(0) }, words)
            }
            other => {
                let message = format!("a test cannot let `{other}` happen; time passes with `advance`");
                return Err(self.failure(FailureClass::Impossible, message));
            }
        };
        self.note(Happening::Event { text: words });
        self.arrive(Event { kind, origin: None, at: Some(self.now), fields })
    }

    fn is_signed(&self, wanted: &str) -> bool {
        let triggers = self.loaded.module().flows.iter().flat_map(|flow| &flow.triggers);
        triggers.into_iter().any(|trigger| {
            matches!(&trigger.spec, TriggerSpec::Webhook { path, signature: Some(_), .. } if **path == *wanted)
        })
    }

    fn flow_named(&self, name: &Arc<str>) -> Arc<str> {
        let flows = &self.loaded.module().flows;
        let found = flows.iter().find(|flow| flow.name == *name || short(&flow.name) == &**name);
        found.map_or_else(|| name.clone(), |flow| flow.name.clone())
    }

    fn is_direct(&self, spot: &Spot) -> bool {
        self.people.room_named(&spot.conversation).is_none()
    }

    /// Whom a question is for, where the test does not say who answers.
    fn addressee(&self, spot: &Spot) -> Arc<str> {
        if self.is_direct(spot) {
            return spot.conversation.clone();
        }
        self.last.as_ref().map_or_else(|| SOMEBODY.into(), |(who, _)| who.clone())
    }

    fn last_output(&self, spot: &Spot) -> Option<String> {
        let here = self.outputs().filter(|(_, output)| output.conversation == spot.conversation);
        here.last().map(|(_, output)| output.id.clone())
    }

    fn time_json(&self, ms: i64) -> Json {
        json::to_json(&Value::Time(ms), &Type::Time, &self.loaded.module().types).unwrap_or(Json::Null)
    }
}

/// The first text in a value: a `Conversation`'s id, a `Room`'s name, a text itself.
fn text_inside(value: &Value) -> Option<String> {
    if let Some(text) = value.as_text() {
        return Some(text.to_owned());
    }
    value.slot(0).and_then(text_inside)
}

/// `/refund 4711 "too late"`.
fn command_text(args: &Args<'_>, types: &carapace_module::TypeTable) -> String {
    let line = args.any_text(&["text", "name", "command"]).unwrap_or_default();
    let mut out = format!("/{}", line.strip_prefix('/').unwrap_or(line));
    let own = ["text", "name", "command", "from", "in", "role", "id", "reply_to", "bot", "by"];
    let mut rest = args.all.iter().filter(|(name, _, _)| !own.contains(name)).peekable();
    while let Some((_, ty, value)) = rest.next() {
        let text = match value.as_text() {
            Some(text) => text.to_owned(),
            None => carapace_module::value::display(value, ty, types),
        };
        let blank = text.is_empty() || text.contains(char::is_whitespace);
        out.push(' ');
        // A last text takes the rest of the line as it is; before it, one with blanks is quoted.
        if blank && rest.peek().is_some() {
            out.push_str(&format!("\"{text}\""))
        } else {
            out.push_str(&text)
        }
    }
    out
}

fn reference(spot: &Spot, id: &str) -> Json {
    json!({ "channel": spot.account, "conversation": spot.conversation, "id": id })
}

/// What a field holds that nobody speaks about.
fn empty(ty: &Type) -> Option<Json> {
    match ty {
        Type::Optional(_) => Some(Json::Null),
        Type::Bool => Some(json!(false)),
        Type::Int => Some(json!(0)),
        Type::Text => Some(json!("")),
        Type::List(_) => Some(json!([])),
        _ => None,
    }
}
