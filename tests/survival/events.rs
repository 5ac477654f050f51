//! What may happen to a package: events made of its own triggers, waits and words.

use crate::chance::Chance;
use crate::package::{PEOPLE, Package};
use crate::values::Values;
use carapace_engine::{Destination, Event, EventKind, Origin};
use carapace_module::signature::{SlotKind, TriggerSpec};
use carapace_module::{Type, Value};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// A question that somebody was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) to: Destination,
    /// Ids and labels.
    pub(crate) buttons: Vec<(String, String)>,
}

/// A trigger, and the fields of its events.
type Declared<'p> = (&'p TriggerSpec, &'p [(Arc<str>, Type)]);

/// Makes events.
pub(crate) struct Happenings<'p> {
    package: &'p Package,
    words: Vec<String>,
    triggers: Vec<Declared<'p>>,
}

impl<'p> Happenings<'p> {
    pub(crate) fn new(package: &'p Package) -> Happenings<'p> {
        let module = &package.module;
        let started = module.flows.iter().flat_map(|flow| &flow.triggers);
        let started = started.map(|trigger| (&trigger.spec, &*trigger.fields));
        let awaited = module.waits.iter().map(|wait| (&wait.trigger, &*wait.fields));
        let outside = |(spec, _): &(&TriggerSpec, _)| {
            !matches!(
                spec,
                TriggerSpec::Cron { .. }
                    | TriggerSpec::Every(_)
                    | TriggerSpec::At(_)
                    | TriggerSpec::Started
                    | TriggerSpec::Failed { .. }
            )
        };
        let triggers = started.chain(awaited).filter(outside).collect();
        Happenings { package, words: words(package), triggers }
    }

    pub(crate) fn values(&self) -> Values<'_> {
        Values { types: &self.package.module.types, words: &self.words }
    }

    /// Something plausible.
    pub(crate) fn any(&self, chance: &mut Chance, number: u64, asked: &[Asked]) -> Event {
        if chance.percent(40)
            && let Some(question) = asked.len().checked_sub(1 + chance.below(3)).and_then(|at| asked.get(at))
        {
            return self.answer(chance, number, question);
        }
        match chance.pick(&self.triggers).copied() {
            Some((spec, fields)) => self.of(chance, number, spec, fields),
            None => Event { kind: EventKind::Started, origin: None, at: None, fields: Map::new() },
        }
    }

    /// Somebody answers a question: mostly the one who was asked, mostly with a button where there are any.
    pub(crate) fn answer(&self, chance: &mut Chance, number: u64, asked: &Asked) -> Event {
        let stranger = chance.pick(&PEOPLE).copied().unwrap_or("eve");
        let (account, conversation, direct, who) = match &asked.to {
            Destination::User { account, user } => {
                let who = if chance.percent(80) { user.clone() } else { stranger.into() };
                (account, user.clone(), true, who)
            }
            Destination::Conversation { account, conversation } => {
                let direct = PEOPLE.contains(&&**conversation);
                let own = direct && chance.percent(80);
                (
                    account,
                    conversation.clone(),
                    direct,
                    if own { conversation.clone() } else { stranger.into() },
                )
            }
        };
        let place = Place { account: account.clone(), conversation, direct, who };
        let presses = chance.percent(70);
        match chance.pick(&asked.buttons).filter(|_| presses) {
            Some(button) => place.presses(number, button),
            None => {
                let label = asked.buttons.first().map(|(_, label)| label.as_str());
                let texts = ["yes", "no: too much", "1", "5", "Ana", label.unwrap_or("2")];
                place.says(number, chance.pick(&texts).copied().unwrap_or("yes"))
            }
        }
    }

    /// Somebody presses the first button of a question, in a conversation of their own.
    pub(crate) fn press(&self, number: u64, asked: &Asked, who: &str) -> Event {
        let account = asked.to.account().clone();
        let place = Place { account, conversation: who.into(), direct: true, who: who.into() };
        place.presses(number, &asked.buttons[0])
    }

    fn of(&self, chance: &mut Chance, number: u64, spec: &TriggerSpec, typed: &[(Arc<str>, Type)]) -> Event {
        let values = self.values();
        let mut fields: Map<String, Json> =
            typed.iter().map(|(name, ty)| (name.to_string(), values.any(chance, ty))).collect();
        let kind = match spec {
            TriggerSpec::Channel { channel, event } if **event == *"message" => {
                let word = chance.pick(&self.words).cloned().unwrap_or_default();
                return self.place(chance, channel).says(number, &word);
            }
            TriggerSpec::Channel { channel, event } => {
                let place = self.place(chance, channel);
                fields.extend(place.fields());
                fields.insert("member".to_owned(), place.user(&place.who));
                let about = if **event == *"edited" {
                    place.message(number, &chance.pick(&self.words).cloned().unwrap_or_default())
                } else {
                    place.reference(&format!("m{}", chance.below(10)))
                };
                fields.insert("message".to_owned(), about.clone());
                fields.insert("poll".to_owned(), about);
                return place.event(number, event, fields);
            }
            TriggerSpec::Command { channel, name, args } => {
                let place = self.place(chance, channel);
                // What the package's own tests say is plausible before all else.
                let said: Vec<&String> = self.words.iter().filter(|word| word.starts_with(&**name)).collect();
                if let Some(word) = chance.pick(&said).filter(|_| !number.is_multiple_of(4)) {
                    return place.says(number, &format!("/{word}"));
                }
                let mut text = format!("/{name}");
                for (_, ty) in args {
                    let said = match values.any(chance, ty) {
                        Json::String(text) => text,
                        Json::Object(money) => format!("{} EUR", money["amount"].as_str().unwrap_or("1")),
                        other => other.to_string(),
                    };
                    text.push_str(&format!(" {said}"));
                }
                return place.says(number, &text);
            }
            TriggerSpec::Webhook { path, method, .. } => EventKind::Webhook {
                package: None,
                path: path.clone(),
                method: method.clone(),
                id: chance.percent(80).then(|| format!("call{number}").into()),
            },
            TriggerSpec::Event { name, .. } => EventKind::Named { name: name.clone() },
            TriggerSpec::Manual { .. } => {
                let flows = self.package.module.flows.iter();
                let mut named =
                    flows.filter(|flow| flow.triggers.iter().any(|trigger| trigger.spec == *spec));
                let flow = named.next().map_or_else(|| "main.none".into(), |flow| flow.name.clone());
                EventKind::Manual { flow, id: None }
            }
            _ => EventKind::Started,
        };
        Event { kind, origin: None, at: None, fields }
    }

    fn place(&self, chance: &mut Chance, slot: &Arc<str>) -> Place {
        let who: Arc<str> = chance.pick(&PEOPLE).copied().unwrap_or("ana").into();
        let room = self.package.deploy().bindings.get(slot).cloned();
        if let Some(carapace_engine::Binding::Room { account, conversation }) = room {
            return Place { account, conversation, direct: false, who };
        }
        let direct = chance.percent(60);
        let conversation = if direct { who.clone() } else { "hall".into() };
        Place { account: slot.clone(), conversation, direct, who }
    }
}

/// Where somebody does something.
struct Place {
    account: Arc<str>,
    conversation: Arc<str>,
    direct: bool,
    who: Arc<str>,
}

impl Place {
    fn user(&self, who: &str) -> Json {
        json!({ "id": who, "name": who, "bot": false, "role": "admin", "channel": self.account })
    }

    fn reference(&self, id: &str) -> Json {
        json!({ "channel": self.account, "conversation": self.conversation, "id": id })
    }

    fn message(&self, number: u64, text: &str) -> Json {
        json!({
            "id": format!("i{number}"), "text": text, "attachments": [], "reply_to": null, "mentions": [],
            "mentioned": false,
        })
    }

    fn fields(&self) -> Map<String, Json> {
        let kind = if self.direct { "direct" } else { "room" };
        let fields = json!({
            "sender": self.user(&self.who),
            "conversation":
                { "id": self.conversation, "channel": self.account, "kind": kind, "title": null },
        });
        fields.as_object().cloned().unwrap_or_default()
    }

    fn says(&self, number: u64, text: &str) -> Event {
        let mut fields = self.fields();
        fields.insert("message".to_owned(), self.message(number, text));
        self.event(number, "message", fields)
    }

    fn presses(&self, number: u64, (id, label): &(String, String)) -> Event {
        let mut fields = self.fields();
        fields.insert("message".to_owned(), self.reference("m0"));
        fields.insert("value".to_owned(), json!(id));
        fields.insert("label".to_owned(), json!(label));
        self.event(number, "button", fields)
    }

    fn event(&self, number: u64, trigger: &str, fields: Map<String, Json>) -> Event {
        let origin = Origin {
            account: self.account.clone(),
            conversation: self.conversation.clone(),
            direct: self.direct,
            thread: None,
            sender: Some(self.who.clone()),
            message: Some(format!("i{number}").into()),
            route: Json::Null,
        };
        let (account, id) = (self.account.clone(), format!("e{number}").into());
        let kind = EventKind::Channel { account, id, trigger: trigger.into() };
        Event { kind, origin: Some(origin), at: None, fields }
    }
}

/// Words that mean something to a package: those that its code and its headers speak of.
fn words(package: &Package) -> Vec<String> {
    let module = &package.module;
    let constants = module.constants.iter().filter_map(Value::as_text).filter(|text| text.len() < 40);
    let flows = module.flows.iter().flat_map(|flow| {
        let required = flow.triggers.iter().flat_map(|trigger| &trigger.required_words);
        required.chain(&flow.cancellable).map(|word| &**word)
    });
    let words = constants.chain(flows).chain(["yes", "no", "2", "hello", "figs", "pears"]);
    let mut words: Vec<String> = words.map(str::to_owned).collect();
    words.sort();
    words.dedup();
    assert!(module.slots.iter().any(|slot| slot.kind == SlotKind::Channel) || !words.is_empty());
    words
}
