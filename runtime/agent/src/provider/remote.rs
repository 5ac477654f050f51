//! Providers on the network, through `genai`.

use super::fault::fault;
use super::{Answer, Answers, Called, Counted, Question, Stop, Told, Vectors};
use crate::{Error, Timeouts};
use async_trait::async_trait;
use carapace_channel_api::{ExposeSecret as _, SecretError, SecretString, Secrets};
use futures_util::StreamExt as _;
use genai::adapter::AdapterKind;
use genai::chat::{ChatOptions, ChatStreamEvent, ContentPart, ReasoningEffort, StopReason, StreamEnd, Usage};
use genai::resolver::{AuthData, Endpoint};
use genai::{Client, ModelIden, ServiceTarget};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::Dispatch;
use tracing::instrument::WithSubscriber as _;

/// What stands in words where the key stood.
const TAKEN_OUT: &str = "[secret]";

/// What is sent where a provider wants no key, and its wire has a place for one.
const NO_KEY: &str = "none";

/// The wire that a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Wire {
    /// Anthropic's Messages API.
    Anthropic,
    /// OpenAI's chat completions.
    Openai,
    /// OpenAI's responses.
    OpenaiResponses,
    /// Google's Gemini API.
    Gemini,
    /// Ollama's own.
    Ollama,
}

impl Wire {
    /// Where it is spoken, if nothing else is said.
    const fn place(self) -> &'static str {
        match self {
            Wire::Anthropic => "https://api.anthropic.com/v1/",
            Wire::Openai | Wire::OpenaiResponses => "https://api.openai.com/v1/",
            Wire::Gemini => "https://generativelanguage.googleapis.com/v1beta/",
            Wire::Ollama => "http://127.0.0.1:11434/",
        }
    }

    /// The name under which its prices are known.
    pub(crate) const fn priced(self) -> &'static str {
        match self {
            Wire::Anthropic => "anthropic",
            Wire::Openai | Wire::OpenaiResponses => "openai",
            Wire::Gemini => "gemini",
            Wire::Ollama => "ollama",
        }
    }

    const fn adapter(self) -> AdapterKind {
        match self {
            Wire::Anthropic => AdapterKind::Anthropic,
            Wire::Openai => AdapterKind::OpenAI,
            Wire::OpenaiResponses => AdapterKind::OpenAIResp,
            Wire::Gemini => AdapterKind::Gemini,
            Wire::Ollama => AdapterKind::Ollama,
        }
    }
}

/// For so long what is left of an answer may still come.
const LINGER: Duration = Duration::from_millis(5);

/// A provider on the network.
pub(crate) struct Remote {
    name: String,
    wire: Wire,
    client: Client,
    place: Arc<str>,
    key: Option<String>,
    secrets: Arc<dyn Secrets>,
    timeouts: Timeouts,
}

impl Remote {
    pub(crate) fn new(
        name: &str,
        wire: Wire,
        provider: &crate::Provider,
        http: &reqwest_of_genai::Client,
        secrets: Arc<dyn Secrets>,
        timeouts: Timeouts,
    ) -> Result<Remote, Error> {
        let place = provider.url.as_deref().unwrap_or(wire.place());
        let place = if place.ends_with('/') { place.into() } else { format!("{place}/").into() };
        let client = Client::builder().with_reqwest(http.clone()).build();
        let client = client.map_err(|e| Error::unavailable(format!("`{name}` cannot be set up: {e}")))?;
        let (name, key) = (name.to_owned(), provider.key.clone());
        Ok(Remote { name, wire, client, place, key, secrets, timeouts })
    }

    /// Where a model is asked, with the key as it is now.
    async fn target(&self, model: &str, key: Option<&SecretString>) -> ServiceTarget {
        let key = key.map_or(NO_KEY, |key| key.expose_secret());
        ServiceTarget {
            endpoint: Endpoint::from_owned(self.place.clone()),
            auth: AuthData::from_single(key),
            model: ModelIden::new(self.wire.adapter(), model),
        }
    }

    /// The place where secrets lie may take its time: it is not waited for on a thread that others need.
    async fn key(&self) -> Result<Option<SecretString>, Error> {
        let Some(name) = self.key.clone() else { return Ok(None) };
        let secrets = self.secrets.clone();
        let looked = tokio::task::spawn_blocking(move || secrets.get(&name)).await;
        let broken = || SecretError::Unavailable { message: "looking one up broke down".to_owned() };
        let key = looked.unwrap_or_else(|_| Err(broken()));
        key.map(Some).map_err(|e| Error::unavailable(format!("`{}` cannot be asked: {e}", self.name)))
    }

    fn model(&self, model: &str) -> String {
        format!("{}/{model}", self.name)
    }

    async fn stream(
        &self,
        question: &Question,
        target: ServiceTarget,
        told: Told<'_>,
    ) -> Result<Answer, Error> {
        let model = self.model(&question.model);
        let chat = question.chat.clone();
        let options = self.options(question);
        let begun = self.client.exec_chat_stream(target, chat, Some(&options)).await;
        let mut stream = begun.map_err(|e| fault(&model, &e))?.stream;
        let mut text = String::new();
        loop {
            let event = timeout(self.timeouts.first, stream.next()).await;
            let event = event.map_err(|_| self.silent(&model, text.is_empty()))?;
            match event {
                Some(Ok(ChatStreamEvent::Chunk(chunk))) => {
                    text.push_str(&chunk.content);
                    told(&chunk.content);
                }
                Some(Ok(ChatStreamEvent::End(end))) => {
                    linger(stream);
                    return self.ended(&model, text, end);
                }
                // Tools and thoughts come whole with the end. That they are on their way has cost something.
                Some(Ok(ChatStreamEvent::ReasoningChunk(_) | ChatStreamEvent::ToolCallChunk(_))) => told(""),
                Some(Ok(_)) => {}
                Some(Err(e)) => return Err(fault(&model, &e)),
                None => return Err(cut(&model)),
            }
        }
    }

    fn silent(&self, model: &str, first: bool) -> Error {
        let seconds = self.timeouts.first.as_secs_f64();
        let what = if first { "said nothing" } else { "stopped in the middle of its answer" };
        Error::transient(format!("`{model}` {what} for {seconds} s (`models.timeouts.first`)"))
    }

    fn ended(&self, model: &str, text: String, end: StreamEnd) -> Result<Answer, Error> {
        let stop = match &end.captured_stop_reason {
            // Where the library makes an end itself when a stream is over, what ends without a reason was cut off.
            None if !matches!(self.wire, Wire::Openai | Wire::Anthropic) => return Err(cut(model)),
            Some(StopReason::MaxTokens(_)) => Stop::Length,
            Some(StopReason::ContentFilter(_)) => Stop::Filtered,
            _ => Stop::Done,
        };
        let counted = end.captured_usage.as_ref().and_then(counted);
        let (mut calls, mut thoughts) = (Vec::new(), Vec::new());
        let mut reasoned = false;
        for part in end.captured_content.into_iter().flat_map(genai::chat::MessageContent::into_parts) {
            match part {
                ContentPart::ToolCall(call) => calls.push(Called {
                    id: call.call_id,
                    name: call.fn_name,
                    arguments: call.fn_arguments,
                    signatures: call.thought_signatures.unwrap_or_default(),
                }),
                ContentPart::ThoughtSignature(_) | ContentPart::Custom(_) => thoughts.push(part),
                ContentPart::ReasoningContent(_) => {
                    reasoned = true;
                    thoughts.push(part);
                }
                _ => {}
            }
        }
        if let (false, false, Some(words)) = (reasoned, thoughts.is_empty(), end.captured_reasoning_content) {
            thoughts.push(ContentPart::ReasoningContent(words));
        }
        Ok(Answer { text, calls, thoughts, stop, counted })
    }

    /// What is wanted of it, and how its wire says so.
    fn options(&self, question: &Question) -> ChatOptions {
        let mut options = question.options.clone();
        options.capture_usage = Some(true);
        options.capture_content = Some(true);
        options.capture_tool_calls = Some(true);
        // With tools Anthropic wants its thoughts back as they were; elsewhere asking for them changes the answer.
        options.capture_reasoning_content = match self.wire {
            Wire::Anthropic => Some(true),
            Wire::OpenaiResponses => options.reasoning_effort.is_some().then_some(true),
            Wire::Openai | Wire::Gemini | Wire::Ollama => None,
        };
        // The library reads an effort out of names such as `qwen-max`, and asks for `qwen` then.
        let is_taken_apart = ReasoningEffort::from_model_name(&question.model).0.is_some();
        if is_taken_apart && options.reasoning_effort.is_none() && self.wire == Wire::Openai {
            options.extra_body = Some(json!({ "model": question.model, "reasoning_effort": null }));
        }
        options
    }

    /// Words without the key, whoever wrote it into them.
    fn clean(key: Option<&SecretString>, mut error: Error) -> Error {
        if let Some(key) = key.map(|key| key.expose_secret()).filter(|key| !key.is_empty()) {
            error.message = error.message.replace(key, TAKEN_OUT);
        }
        error
    }
}

#[async_trait]
impl Answers for Remote {
    async fn ask(&self, question: &Question, told: Told<'_>) -> Result<Answer, Error> {
        let key = self.key().await?;
        let target = self.target(&question.model, key.as_ref()).await;
        let until = Instant::now() + self.timeouts.whole;
        // The library logs what providers say, in which anything may stand.
        let asked = self.stream(question, target, told).with_subscriber(Dispatch::none());
        let answered = timeout_at(until, asked).await.unwrap_or_else(|_| {
            let model = self.model(&question.model);
            let seconds = self.timeouts.whole.as_secs_f64();
            Err(Error::transient(format!("`{model}` took more than {seconds} s (`models.timeouts.whole`)")))
        });
        answered.map_err(|error| Remote::clean(key.as_ref(), error))
    }

    async fn embed(&self, model: &str, texts: &[String]) -> Result<(Vectors, Option<Counted>), Error> {
        let key = self.key().await?;
        let target = self.target(model, key.as_ref()).await;
        let name = self.model(model);
        let asked = self.client.embed_batch(target, texts.to_vec(), None).with_subscriber(Dispatch::none());
        let answered = match timeout(self.timeouts.whole, asked).await {
            Ok(answered) => answered.map_err(|e| fault(&name, &e)),
            Err(_) => Err(Error::transient(format!("`{name}` took too long"))),
        };
        let response = answered.map_err(|error| Remote::clean(key.as_ref(), error))?;
        let counted = counted(&response.usage);
        let mut embeddings = response.embeddings;
        embeddings.sort_by_key(|embedding| embedding.index);
        Ok((embeddings.into_iter().map(|embedding| embedding.vector).collect(), counted))
    }
}

/// Keeps an answer whose words are all there until its end has come, too: what says so is often a piece of its own, and a connection
/// whose answer was let go of before it is closed instead of used again.
fn linger(stream: impl Send + 'static) {
    tokio::spawn(async move {
        sleep(LINGER).await;
        drop(stream);
    });
}

fn cut(model: &str) -> Error {
    Error::transient(format!("the answer of `{model}` was cut off in the middle"))
}

/// What was used up; none where that is not said.
fn counted(usage: &Usage) -> Option<Counted> {
    let number = |count: Option<i32>| u64::try_from(count.unwrap_or_default()).unwrap_or_default();
    let details = usage.prompt_tokens_details.as_ref();
    let counted = Counted {
        input: number(usage.prompt_tokens),
        cached: number(details.and_then(|details| details.cached_tokens)),
        written: number(details.and_then(|details| details.cache_creation_tokens)),
        output: number(usage.completion_tokens),
    };
    (counted.input > 0 || counted.output > 0).then_some(counted)
}
