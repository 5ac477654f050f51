//! A provider that answers by a script: for tests, and to try a package out without a model.

use super::{Answer, Answers, Called, Counted, Question, Stop, Told, Vectors};
use crate::Error;
use async_trait::async_trait;
use carapace_effect::FailureKind;
use genai::chat::{ChatMessage, ChatRole, ContentPart};
use serde::Deserialize;
use serde_json::Value as Json;
use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

/// A line of a script: when it answers, and what.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    /// What the last message of the person has in it.
    text: Option<String>,
    /// What the last result of a tool has in it; only where that is what is to be answered.
    result: Option<String>,
    /// What the instructions have in them.
    instructions: Option<String>,
    /// Which model is asked.
    model: Option<String>,
    /// The how-manieth answer in the conversation it would be, counted from 1.
    turn: Option<usize>,
    /// How often it answers.
    times: Option<u32>,
    /// What is said; `{text}` stands for what the person wrote.
    say: Option<String>,
    /// What is said as JSON.
    json: Option<Json>,
    /// What a text means that has `text` in it. Such a line answers no question.
    vector: Option<Vec<f32>>,
    /// What is called.
    #[serde(default)]
    calls: Vec<Call>,
    /// How it fails instead.
    fail: Option<FailureKind>,
    /// In how many milliseconds it may be asked again.
    retry_after: Option<u64>,
    /// How many milliseconds it takes.
    #[serde(default)]
    slow: u64,
    /// How many milliseconds pass between two words.
    #[serde(default)]
    pace: u64,
    /// Whether it is cut off in the middle.
    #[serde(default)]
    cut: bool,
    /// Why it ends.
    #[serde(default)]
    stop: Stop,
    /// What it used up.
    tokens: Option<Counted>,
}

/// A call in a script.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    tool: String,
    #[serde(default)]
    arguments: serde_json::Map<String, Json>,
    id: Option<String>,
}

/// A provider that answers by a script.
pub(crate) struct Scripted {
    name: String,
    /// Each line, and how often it has answered.
    lines: Mutex<Vec<(Line, u32)>>,
}

impl Scripted {
    /// Reads a script: a JSON object a line; what begins with `//` or `#` says nothing.
    ///
    /// # Errors
    /// The file cannot be read, or a line of it is wrong.
    pub(crate) fn read(name: &str, path: &Path) -> Result<Scripted, Error> {
        let text = std::fs::read_to_string(path);
        let text =
            text.map_err(|e| Error::unavailable(format!("`{}` cannot be read: {e}", path.display())))?;
        let mut lines = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with("//") || line.starts_with('#') {
                continue;
            }
            let read = serde_json::from_str(line).map_err(|e| {
                let (path, at) = (path.display(), at.saturating_add(1));
                Error::unavailable(format!("line {at} of `{path}` is no line of a script: {e}"))
            })?;
            lines.push((read, 0));
        }
        Ok(Scripted { name: name.to_owned(), lines: Mutex::new(lines) })
    }

    /// The first line that fits.
    fn find(&self, question: &Question) -> Option<(usize, Line)> {
        let asked = Asked::of(question);
        self.first(|line| line.fits(&asked, question))
    }

    fn first(&self, fits: impl Fn(&Line) -> bool) -> Option<(usize, Line)> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let found = lines
            .iter_mut()
            .enumerate()
            .find(|(_, (line, used))| line.times.is_none_or(|times| *used < times) && fits(line));
        found.map(|(at, (line, used))| {
            *used = used.saturating_add(1);
            (at, line.clone())
        })
    }
}

/// What a question says, in the terms of scripts.
struct Asked {
    text: String,
    result: Option<String>,
    instructions: String,
    turn: usize,
}

impl Asked {
    fn of(question: &Question) -> Asked {
        let messages = &question.chat.messages;
        let said = |role: ChatRole| messages.iter().rev().find(move |message| message.role == role);
        let last = messages.last().filter(|message| message.role == ChatRole::Tool);
        let mut instructions: Vec<&str> = question.chat.system.iter().map(String::as_str).collect();
        let systems = messages.iter().filter(|message| message.role == ChatRole::System);
        instructions.extend(systems.flat_map(|message| message.content.texts()));
        Asked {
            text: said(ChatRole::User).map(words).unwrap_or_default(),
            result: last.map(words),
            instructions: instructions.join("\n"),
            turn: messages.iter().filter(|message| message.role == ChatRole::Assistant).count() + 1,
        }
    }
}

fn words(message: &ChatMessage) -> String {
    let parts = message.content.parts().iter().filter_map(|part| match part {
        ContentPart::Text(text) => Some(text.as_str()),
        ContentPart::ToolResponse(response) => Some(response.content.as_str()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("\n")
}

impl Line {
    fn fits(&self, asked: &Asked, question: &Question) -> bool {
        let has = |wanted: &Option<String>, text: &str| wanted.as_deref().is_none_or(|w| text.contains(w));
        self.vector.is_none()
            && has(&self.text, &asked.text)
            && self.result.as_deref().is_none_or(|w| asked.result.as_deref().is_some_and(|r| r.contains(w)))
            && has(&self.instructions, &asked.instructions)
            && self.model.as_deref().is_none_or(|model| model == question.model)
            && self.turn.is_none_or(|turn| turn == asked.turn)
    }

    /// Whether it says what this text means to that model.
    fn means(&self, text: &str, model: &str) -> bool {
        self.vector.is_some()
            && self.text.as_deref().is_none_or(|wanted| text.contains(wanted))
            && self.model.as_deref().is_none_or(|wanted| wanted == model)
    }

    /// Takes its time, and fails where it is to.
    async fn begin(&self, model: &str) -> Result<(), Error> {
        if self.slow > 0 {
            tokio::time::sleep(Duration::from_millis(self.slow)).await;
        }
        let Some(kind) = self.fail else { return Ok(()) };
        let retry_after = self.retry_after.map(Duration::from_millis);
        let said = self.say.as_deref().unwrap_or("the script says so");
        Err(Error { retry_after, ..Error::new(kind, format!("`{model}` failed: {said}")) })
    }

    fn answer(&self, at: usize, asked: &Asked) -> Answer {
        let said = self.say.as_ref().map(|say| say.replace("{text}", &asked.text));
        let text = said.or_else(|| self.json.as_ref().map(Json::to_string)).unwrap_or_default();
        let call = |(n, call): (usize, &Call)| Called {
            id: call.id.clone().unwrap_or_else(|| format!("script_{at}_{}_{n}", asked.turn)),
            name: call.tool.clone(),
            arguments: call.arguments.clone().into(),
            signatures: Vec::new(),
        };
        let calls = self.calls.iter().enumerate().map(call).collect();
        Answer { text, calls, thoughts: Vec::new(), stop: self.stop, counted: self.tokens }
    }
}

#[async_trait]
impl Answers for Scripted {
    async fn ask(&self, question: &Question, told: Told<'_>) -> Result<Answer, Error> {
        let model = format!("{}/{}", self.name, question.model);
        let asked = Asked::of(question);
        let Some((at, line)) = self.find(question) else {
            return Err(Error::unavailable(format!("no line of the script of `{model}` answers that")));
        };
        line.begin(&model).await?;
        let answer = line.answer(at, &asked);
        let mut pieces: Vec<&str> = answer.text.split_inclusive(' ').collect();
        if line.cut {
            pieces.truncate(pieces.len().div_ceil(2));
        }
        for (n, piece) in pieces.into_iter().enumerate() {
            if n > 0 && line.pace > 0 {
                tokio::time::sleep(Duration::from_millis(line.pace)).await;
            }
            told(piece);
        }
        if line.cut {
            return Err(Error::transient(format!("the answer of `{model}` was cut off in the middle")));
        }
        Ok(answer)
    }
    async fn embed(&self, model: &str, texts: &[String]) -> Result<(Vectors, Option<Counted>), Error> {
        let full = format!("{}/{model}", self.name);
        let (mut vectors, mut counted) = (Vectors::new(), None);
        for text in texts {
            let Some((_, line)) = self.first(|line| line.means(text, model)) else {
                return Err(Error::unavailable(format!(
                    "no line of the script of `{full}` says what that means"
                )));
            };
            line.begin(&full).await?;
            vectors.extend(line.vector);
            if let Some(Counted { input, .. }) = line.tokens {
                let before: Counted = counted.unwrap_or_default();
                counted = Some(Counted { input: before.input.saturating_add(input), ..before });
            }
        }
        Ok((vectors, counted))
    }
}
