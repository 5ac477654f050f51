//! What a provider answered, written down and played again.

use super::{Answer, Answers, Counted, Embedded, Question, Told};
use crate::Error;
use crate::models::Takes;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A line of a recording. No key is in it: a question knows none.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    /// What the provider takes: by it questions differ.
    takes: Takes,
    asked: Json,
    answered: Answer,
}

/// A provider whose answers are written down. Failures are not: they say nothing about the model.
pub(crate) struct Recording {
    inner: Arc<dyn Answers>,
    takes: Takes,
    path: PathBuf,
    /// Lines do not get into each other.
    writing: Mutex<()>,
}

/// Answers that were written down: each question is found as it was asked; one that was asked again and again has its
/// answers in their order, and the last for good.
pub(crate) struct Replay {
    name: String,
    takes: Option<Takes>,
    answers: Mutex<HashMap<String, (Vec<Answer>, usize)>>,
}

impl Recording {
    pub(crate) fn new(inner: Arc<dyn Answers>, takes: Takes, path: PathBuf) -> Recording {
        Recording { inner, takes, path, writing: Mutex::new(()) }
    }

    fn write(&self, question: &Question, answer: &Answer) -> std::io::Result<()> {
        let line =
            Line { takes: self.takes, asked: serde_json::to_value(question)?, answered: answer.clone() };
        let mut text = serde_json::to_string(&line)?;
        text.push('\n');
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&self.path);
        file?.write_all(text.as_bytes())
    }
}

#[async_trait]
impl Answers for Recording {
    async fn ask(&self, question: &Question, told: Told<'_>) -> Result<Answer, Error> {
        let answer = self.inner.ask(question, told).await?;
        if let Err(e) = self.write(question, &answer) {
            tracing::warn!("what a model answered cannot be written into `{}`: {e}", self.path.display());
        }
        Ok(answer)
    }

    async fn embed(&self, model: &str, inputs: Vec<String>) -> Result<(Embedded, Option<Counted>), Error> {
        self.inner.embed(model, inputs).await
    }
}

impl Replay {
    /// # Errors
    /// The file cannot be read, or a line of it is wrong.
    pub(crate) fn read(name: &str, path: &Path) -> Result<Replay, Error> {
        let text = std::fs::read_to_string(path);
        let text =
            text.map_err(|e| Error::unavailable(format!("`{}` cannot be read: {e}", path.display())))?;
        let mut answers: HashMap<String, (Vec<Answer>, usize)> = HashMap::new();
        let mut takes = None;
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let line: Line = serde_json::from_str(line).map_err(|e| {
                let (path, at) = (path.display(), at.saturating_add(1));
                Error::unavailable(format!("line {at} of `{path}` is no line of a recording: {e}"))
            })?;
            takes = takes.or(Some(line.takes));
            answers.entry(line.asked.to_string()).or_default().0.push(line.answered);
        }
        Ok(Replay { name: name.to_owned(), takes, answers: Mutex::new(answers) })
    }

    /// What whoever answered takes; none where nothing was written down.
    pub(crate) const fn takes(&self) -> Option<Takes> {
        self.takes
    }

    fn find(&self, question: &Question) -> Option<Answer> {
        let asked = serde_json::to_value(question).ok()?.to_string();
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let (answers, next) = answers.get_mut(&asked)?;
        let answer = answers.get(*next).or_else(|| answers.last()).cloned();
        *next = next.saturating_add(1);
        answer
    }
}

#[async_trait]
impl Answers for Replay {
    async fn ask(&self, question: &Question, told: Told<'_>) -> Result<Answer, Error> {
        let answer = self.find(question).ok_or_else(|| {
            let model = format!("{}/{}", self.name, question.model);
            Error::unavailable(format!("nothing that was written down answers what `{model}` is asked"))
        })?;
        if !answer.text.is_empty() {
            told(&answer.text);
        }
        Ok(answer)
    }
}
