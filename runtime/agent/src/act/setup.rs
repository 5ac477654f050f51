//! What an agent's declaration says about how it is asked.

use crate::Error;
use crate::models::{Models, Target};
use crate::provider::{Answer, Question, Stop, Wire};
use carapace_effect::{Agent, FailureKind};
use genai::chat::{CacheControl, ChatMessage, ChatOptions, ChatRequest, ReasoningEffort, Tool};
use serde_json::Value as Json;
use std::sync::Arc;

/// An agent, ready to be asked.
pub(super) struct Setup {
    agent: Arc<Agent>,
    /// Whom to ask, in order.
    pub(super) chain: Vec<Target>,
    /// What it is told, if anything.
    pub(super) instructions: String,
    options: ChatOptions,
}

impl Setup {
    pub(super) fn of(agent: Option<&Arc<Agent>>, models: &Models) -> Result<Setup, Error> {
        let agent = agent.ok_or_else(|| Error::unavailable("no agent is named"))?;
        let text = |name: &str| agent.property(name).and_then(Json::as_str);
        let model = text("model").ok_or_else(|| {
            Error::unavailable(format!("`{}` says no `model`: write `model: \"provider/model\"`", agent.name))
        })?;
        let chain = chain(agent, model, models)?;
        let options = ChatOptions {
            temperature: agent.property("temperature").and_then(Json::as_f64),
            max_tokens: agent
                .property("max_tokens")
                .and_then(Json::as_u64)
                .and_then(|n| u32::try_from(n).ok()),
            reasoning_effort: agent.property("effort").map(effort).transpose()?,
            ..ChatOptions::default()
        };
        let instructions = text("instructions").unwrap_or_default().to_owned();
        Ok(Setup { agent: agent.clone(), chain, instructions, options })
    }

    /// The options that its declaration says, to be completed.
    pub(super) fn options(&self) -> ChatOptions {
        self.options.clone()
    }

    /// A request of one message, without tools.
    pub(super) fn question(
        &self,
        target: &Target,
        system: String,
        messages: Vec<ChatMessage>,
        options: ChatOptions,
    ) -> Question {
        let mut chat = ChatRequest::new(messages);
        chat.system = Some(system).filter(|system| !system.is_empty());
        self.finish(target, chat, ChatOptions { cache_control: hint(target), ..options })
    }

    /// A step of a conversation. What was said before is said again with each further step, so all of it may be kept.
    pub(super) fn step(
        &self,
        target: &Target,
        system: &str,
        mut messages: Vec<ChatMessage>,
        tools: Vec<Tool>,
        options: ChatOptions,
    ) -> Question {
        let mut chat = ChatRequest::default();
        match hint(target) {
            Some(hint) => {
                if let Some(last) = messages.last_mut() {
                    last.options = Some(hint.clone().into());
                }
                if !system.is_empty() {
                    messages.insert(0, ChatMessage::system(system).with_options(hint));
                }
            }
            None => chat.system = Some(system.to_owned()).filter(|system| !system.is_empty()),
        }
        chat.messages = messages;
        chat.tools = Some(tools).filter(|tools| !tools.is_empty());
        self.finish(target, chat, options)
    }

    fn finish(&self, target: &Target, chat: ChatRequest, mut options: ChatOptions) -> Question {
        let openai = matches!(target.takes.wire, Some(Wire::Openai | Wire::OpenaiResponses));
        if openai && target.takes.own {
            options.prompt_cache_key = Some(self.agent.name.to_string());
        }
        Question { model: String::new(), chat, options }
    }

    /// Whether the answer is all that the model wanted to say; where its author has set a limit, up to there.
    pub(super) fn whole(&self, answer: &Answer, target: &Target, limited: bool) -> Result<(), Error> {
        let model = &target.full;
        match answer.stop {
            Stop::Filtered => Err(Error::new(FailureKind::Refused, format!("`{model}` declined to answer"))),
            Stop::Length if answer.text.is_empty() || !answer.calls.is_empty() || !limited => {
                let help = "`max_tokens` of the agent says how long an answer may be";
                Err(Error::invalid(format!("the answer of `{model}` was too long and is not whole: {help}")))
            }
            _ if answer.text.is_empty() && answer.calls.is_empty() => {
                Err(Error::invalid(format!("`{model}` said nothing")))
            }
            _ => Ok(()),
        }
    }
}

/// Whom to ask, in order, where an agent's declaration names a model.
pub(super) fn chain(agent: &Agent, model: &str, models: &Models) -> Result<Vec<Target>, Error> {
    let provider = agent.property("provider").and_then(Json::as_str).filter(|_| !model.contains('/'));
    match provider {
        Some(provider) => models.named(&format!("{provider}/{model}")),
        None => models.named(model),
    }
}

/// Anthropic keeps what it is told to keep; others decide for themselves.
fn hint(target: &Target) -> Option<CacheControl> {
    (target.takes.wire == Some(Wire::Anthropic)).then_some(CacheControl::Ephemeral)
}

/// Whether an agent's `effort` is one, in words or in tokens.
pub fn is_effort(said: &Json) -> bool {
    effort(said).is_ok()
}

/// `low`, `medium`, `high`, …, or tokens to think with.
pub(super) fn effort(said: &Json) -> Result<ReasoningEffort, Error> {
    let known = match said {
        Json::String(word) => ReasoningEffort::from_keyword(word),
        Json::Number(number) => {
            number.as_u64().and_then(|n| u32::try_from(n).ok()).map(ReasoningEffort::Budget)
        }
        _ => None,
    };
    known.ok_or_else(|| {
        Error::unavailable(format!(
            "`{said}` is no effort: there is `none`, `low`, `medium`, `high`, `xhigh` and `max`"
        ))
    })
}
