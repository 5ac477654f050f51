//! What flows do to the world: chat goes into the transcript, everything else needs an answer from the test.

use crate::agent::{answer_type, as_written, given_value, with_costs};
use crate::given::{GivenKind, Link, LinkOutcome, example};
use crate::matching::Called;
use crate::notation::notation;
use crate::people::Spot;
use crate::report::FailureClass;
use crate::transcript::{Happening, Output, duration, short};
use crate::world::{Asked, Step, World};
use carapace_effect::{EffectRequest, Failure, FailureKind};
use carapace_engine::{Act, Destination, Reported};
use carapace_module::signature::DeliveryClass;
use carapace_module::testing::CallTarget;
use carapace_module::{Type, Value};
use serde_json::Value as Json;
use std::sync::Arc;

impl World {
    /// Carries out an act in the simulated world.
    pub(crate) fn perform(&mut self, act: &Arc<Act>) -> Step {
        if let Some(outcome) = self.answer_before(act) {
            self.answer(act, outcome, 0);
            return Ok(());
        }
        if self.is_held(act) {
            self.hold(act);
            return Ok(());
        }
        if *act.request.effect == *"exchange.think" {
            self.think(act);
            return Ok(());
        }
        let call = self.called(&act.request);
        let given = self.givens.iter().rposition(|given| given.answers_to(&call));
        // Sent once more because nobody knew: that is the engine's care, and no other call.
        if !act.again {
            self.calls.push(call.clone());
        }
        let script = given.and_then(|i| self.givens.get(i)).map(|given| given.kind.clone());
        if let Some(GivenKind::Script { calls, says }) = script {
            self.begin_turn(act, &calls, says.as_ref());
            return Ok(());
        }
        let link = given.and_then(|i| self.givens.get_mut(i)).and_then(crate::given::Given::next);
        let Some(Link { outcome, takes, costs }) = link else { return self.perform_default(act, &call, 0) };
        let words = format!("{}{}", self.call_words(&call, act), if act.again { " once more" } else { "" });
        let after = if takes > 0 { format!(", after {}", duration(takes)) } else { String::new() };
        let reported = match outcome {
            LinkOutcome::Default => return self.perform_default(act, &call, takes),
            LinkOutcome::Value(value) if is_output(act) => {
                self.put_out(act);
                Reported::Value(value)
            }
            LinkOutcome::Value(value) => {
                let shown = notation(&value, answer_type(act), &self.loaded.module().types);
                self.note(Happening::Call { text: format!("{words} = {shown}{after}") });
                Reported::Value(given_value(act, value))
            }
            LinkOutcome::Fails(failure) => {
                self.note(Happening::Call { text: format!("{words} failed{after}: {}", failure.message) });
                Reported::Failed(failure)
            }
            LinkOutcome::Unknown => {
                self.note(Happening::Call {
                    text: format!("{words}: nobody knows whether it happened{after}"),
                });
                Reported::Unknown("as given".to_owned())
            }
        };
        self.answer(act, with_costs(reported, costs.as_ref()), takes);
        Ok(())
    }

    /// What happens to a call for which nothing is given.
    fn perform_default(&mut self, act: &Arc<Act>, call: &Called, takes: i64) -> Step {
        if *act.request.effect == *"exchange.sum_up" {
            // Of no interest to the author of a test: what is long is put away without a summary.
            let failure = Failure::new(FailureKind::Unavailable, "in a test nothing is summed up");
            self.answer(act, Reported::Failed(failure), takes);
            return Ok(());
        }
        if *act.request.effect == *"exchange.nearness" {
            // No model is there that could know: what is looked for is found by its words.
            self.answer(act, Reported::Value(Value::None), takes);
            return Ok(());
        }
        if is_output(act)
            && let Some(answer) = self.default_answer(&act.request.result, act)
        {
            let id = self.put_out(act);
            let answer = answer(&id);
            self.answer(act, Reported::Done(answer), takes);
            return Ok(());
        }
        let words = self.call_words(call, act);
        let mut failure = self.failure(
            FailureClass::MissingGiven,
            format!("`{}` called `{words}`, and the test does not say what it answers", short(&act.flow)),
        );
        let near = self.givens.iter().rev().find(|given| given.pattern.about(&call.target));
        let differs = near.and_then(|given| self.difference(&given.pattern, call));
        failure.help = Some(format!(
            "{}nothing leaves the machine in a test; paste this above the `when`:\n{}",
            differs.map(|words| format!("there is a `given` for it, but {words}\n")).unwrap_or_default(),
            self.given_line(call, act)
        ));
        Err(failure)
    }

    /// The call as a pattern sees it.
    pub(crate) fn called(&self, request: &EffectRequest) -> Called {
        let signature = self
            .loaded
            .module()
            .effects
            .iter()
            .find(|effect| effect.name == request.effect && effect.version == request.version);
        let mut args: Vec<(Arc<str>, Value)> = signature
            .map(|signature| signature.params.iter().map(|(name, _)| name.clone()))
            .into_iter()
            .flatten()
            .zip(request.args.iter().cloned())
            .collect();
        let on_slot = request.effect.starts_with("agent.")
            || args.first().is_some_and(|(name, value)| is_receiver(name, value, &self.loaded));
        let receiver = if on_slot && !args.is_empty() {
            let (_, value) = args.remove(0);
            value.as_text().map(Arc::from)
        } else {
            None
        };
        let target =
            CallTarget::Effect { effect: request.effect.clone(), version: request.version, receiver };
        as_written(Called { target, args })
    }

    /// Writes what was put out into the transcript; gives the message's id.
    fn put_out(&mut self, act: &Act) -> String {
        let spot = match (&act.to, &act.origin) {
            (Some(Destination::Conversation { account, conversation }), _) => {
                Spot { account: account.clone(), conversation: conversation.clone() }
            }
            (Some(Destination::User { account, user }), _) => {
                Spot { account: account.clone(), conversation: user.clone() }
            }
            (None, Some(origin)) => {
                Spot { account: origin.account.clone(), conversation: origin.conversation.clone() }
            }
            (None, None) => Spot { account: "nowhere".into(), conversation: "nowhere".into() },
        };
        let id = format!("m{}", self.count());
        let name = act.request.effect.split_once('.').map_or(&*act.request.effect, |(_, name)| name);
        let verb = verb_of(name);
        let mut buttons: Vec<String> = act.buttons.iter().map(|(_, label)| label.clone()).collect();
        if buttons.is_empty() {
            buttons = content_buttons(&act.arguments);
        }
        if act.question {
            let (approval, buttons) = (act.approval, act.buttons.clone());
            self.asked.push(Asked { spot: spot.clone(), message: id.clone(), approval, buttons });
        }
        let slot = self.people.slot_of(&spot);
        self.note(Happening::Output(Output {
            verb: verb.into(),
            account: spot.account,
            conversation: spot.conversation,
            slot,
            text: text_of(&act.arguments),
            buttons,
            id: id.clone(),
            expected: false,
        }));
        id
    }

    /// What a channel answers by itself, as a function of the message's id; none where only the test can know.
    fn default_answer(&self, result: &Type, act: &Act) -> Option<impl FnOnce(&str) -> Json + use<>> {
        let plain = act.request.class == DeliveryClass::Engine;
        let is_ref = match result {
            Type::Declared(id, _) => {
                let def = self.loaded.module().types.get(*id)?;
                if &*def.name != "std/world.MessageRef" && !plain {
                    return None;
                }
                !plain
            }
            Type::Nothing | Type::Optional(_) | Type::Bool => false,
            _ if plain => false,
            _ => return None,
        };
        let spot = act.to.as_ref().map(|to| match to {
            Destination::Conversation { account, conversation } => (account.clone(), conversation.clone()),
            Destination::User { account, user } => (account.clone(), user.clone()),
        });
        let (account, conversation) = spot.unwrap_or_default();
        let yes = matches!(result, Type::Bool);
        Some(move |id: &str| {
            if is_ref || plain {
                serde_json::json!({ "channel": account, "conversation": conversation, "id": id })
            } else if yes {
                Json::Bool(true)
            } else {
                Json::Null
            }
        })
    }

    /// The call as somebody would write it.
    pub(crate) fn call_words(&self, call: &Called, act: &Act) -> String {
        let types = &self.loaded.module().types;
        let skip = act.request.types.len().saturating_sub(call.args.len());
        let args: Vec<String> = call
            .args
            .iter()
            .zip(act.request.types.iter().skip(skip))
            .filter(|((_, value), _)| !matches!(value, Value::None))
            .map(|((_, value), ty)| notation(value, ty, types))
            .collect();
        format!("{}({})", self.target_words(&call.target), args.join(", "))
    }

    pub(crate) fn target_words(&self, target: &CallTarget) -> String {
        match target {
            CallTarget::Flow(name) => short(name).to_owned(),
            CallTarget::Effect { effect, receiver: Some(receiver), .. } => {
                format!("{}.{}", short(receiver), short(effect))
            }
            CallTarget::Effect { effect, .. } => match effect.split_once('.') {
                // What is in scope everywhere is written without its module.
                Some(("chat" | "time" | "run" | "event" | "webhook" | "log", name)) => name.to_owned(),
                _ => effect.to_string(),
            },
        }
    }

    fn given_line(&self, call: &Called, act: &Act) -> String {
        let holes = vec!["_"; call.args.len().min(1)].join(", ");
        let ty = match (answer_type(act), &act.request.type_arg) {
            (Type::Param(_), Some(ty)) => ty,
            (result, _) => result,
        };
        let value = example(ty, &self.loaded.module().types, &self.module, 0);
        format!("given {}({holes}) = {value}", self.target_words(&call.target))
    }
}

/// Whether the effect says or does something in a chat.
fn is_output(act: &Act) -> bool {
    act.to.is_some()
        || matches!(act.request.class, DeliveryClass::OfChannel)
        || (act.request.class == DeliveryClass::Engine && act.request.effect.starts_with("chat."))
}

fn is_receiver(name: &str, value: &Value, loaded: &crate::Loaded) -> bool {
    let Some(text) = value.as_text() else { return false };
    matches!(name, "channel" | "agent" | "connection" | "receiver" | "self")
        && (loaded.module().slots.iter().any(|slot| *slot.name == *text)
            || loaded.module().agents.iter().any(|agent| *agent.name == *text))
}

/// `said` of `reply`, and so on: the past tense that expectations use.
fn verb_of(effect: &str) -> &str {
    match effect {
        "reply" | "send" => "said",
        "forward" => "forwarded",
        "ask" | "ask_who" | "approve" => "asked",
        "react" => "reacted",
        "unreact" => "unreacted",
        "edit" => "edited",
        "delete" => "deleted",
        "poll" => "polled",
        "kick" => "kicked",
        "ban" => "banned",
        other => other,
    }
}

/// The text of an output: its content's, its question's, its emoji's, …
fn text_of(arguments: &serde_json::Map<String, Json>) -> String {
    let text = |json: &Json| match json {
        Json::String(text) => Some(text.clone()),
        Json::Object(content) => content.get("text").and_then(Json::as_str).map(str::to_owned),
        _ => None,
    };
    let named = ["content", "question", "text", "emoji", "message", "user"];
    named.iter().find_map(|name| arguments.get(*name).and_then(text)).unwrap_or_default()
}

fn content_buttons(arguments: &serde_json::Map<String, Json>) -> Vec<String> {
    let buttons =
        arguments.get("content").and_then(|content| content.get("buttons")).and_then(Json::as_array);
    let label = |button: &Json| button.get("label").and_then(Json::as_str).map(str::to_owned);
    buttons.into_iter().flatten().filter_map(label).collect()
}
