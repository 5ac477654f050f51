//! What a provider answered, written down and played again.

use super::{Answer, Answers, Counted, Question, Told, Vectors};
use crate::Error;
use crate::models::Takes;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answered: Option<Answer>,
    /// What a text means, where that was asked: each text has a line, whatever it was sent with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vector: Option<Vec<f32>>,
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
    vectors: HashMap<String, Vec<f32>>,
}

/// How a text stands in a recording.
fn meaning(model: &str, text: &str) -> Json {
    json!({ "model": model, "embed": text })
}

impl Recording {
    pub(crate) fn new(inner: Arc<dyn Answers>, takes: Takes, path: PathBuf) -> Recording {
        Recording { inner, takes, path, writing: Mutex::new(()) }
    }

    fn line(&self, question: &Question, answer: &Answer) -> std::io::Result<Line> {
        let asked = serde_json::to_value(question)?;
        Ok(Line { takes: self.takes, asked, answered: Some(answer.clone()), vector: None })
    }

    fn note(&self, lines: impl IntoIterator<Item = std::io::Result<Line>>) {
        if let Err(e) = self.write(lines) {
            tracing::warn!("what a model answered cannot be written into `{}`: {e}", self.path.display());
        }
    }

    fn write(&self, lines: impl IntoIterator<Item = std::io::Result<Line>>) -> std::io::Result<()> {
        let mut text = String::new();
        for line in lines {
            text.push_str(&serde_json::to_string(&line?)?);
            text.push('\n');
        }
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&self.path);
        file?.write_all(text.as_bytes())
    }
}

#[async_trait]
impl Answers for Recording {
    async fn ask(&self, question: &Question, told: Told<'_>) -> Result<Answer, Error> {
        let answer = self.inner.ask(question, told).await?;
        self.note([self.line(question, &answer)]);
        Ok(answer)
    }

    async fn embed(&self, model: &str, texts: &[String]) -> Result<(Vectors, Option<Counted>), Error> {
        let (vectors, counted) = self.inner.embed(model, texts).await?;
        self.note(texts.iter().zip(&vectors).map(|(text, vector)| {
            let (asked, vector) = (meaning(model, text), Some(vector.clone()));
            Ok(Line { takes: self.takes, asked, answered: None, vector })
        }));
        Ok((vectors, counted))
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
        let (mut takes, mut vectors) = (None, HashMap::new());
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let wrong = |why: String| {
                let (path, at) = (path.display(), at.saturating_add(1));
                Error::unavailable(format!("line {at} of `{path}` is no line of a recording: {why}"))
            };
            let line: Line = serde_json::from_str(line).map_err(|e| wrong(e.to_string()))?;
            takes = takes.or(Some(line.takes));
            let asked = line.asked.to_string();
            match (line.answered, line.vector) {
                (Some(answered), _) => answers.entry(asked).or_default().0.push(answered),
                (None, Some(vector)) => {
                    vectors.insert(asked, vector);
                }
                (None, None) => return Err(wrong("nothing is answered".to_owned())),
            }
        }
        Ok(Replay { name: name.to_owned(), takes, answers: Mutex::new(answers), vectors })
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

    fn nothing(&self, model: &str) -> Error {
        let model = format!("{}/{model}", self.name);
        Error::unavailable(format!("nothing that was written down answers what `{model}` is asked"))
    }
}

#[async_trait]
impl Answers for Replay {
    async fn ask(&self, question: &Question, told: Told<'_>) -> Result<Answer, Error> {
        let answer = self.find(question).ok_or_else(|| self.nothing(&question.model))?;
        if !answer.text.is_empty() {
            told(&answer.text);
        }
        Ok(answer)
    }

    async fn embed(&self, model: &str, texts: &[String]) -> Result<(Vectors, Option<Counted>), Error> {
        let vector = |text: &String| self.vectors.get(&meaning(model, text).to_string()).cloned();
        let vectors: Option<Vectors> = texts.iter().map(vector).collect();
        Ok((vectors.ok_or_else(|| self.nothing(model))?, None))
    }
}
