//! Saying something. One request of ours may need several of Telegram's: files in groups, and a text too long to stand below.

use super::files::{As, Ready, groups, request};
use super::keyboard::keyboard;
use super::markup::html;
use super::place::{Place, number};
use super::refusal::outcome;
use super::speaker::{Speaker, sent};
use crate::wire::Failure;
use carapace_channel_api::{Content, Markup, MessageId, Outcome, RefusalKind};
use serde_json::{Map, Value, json};
use std::time::Duration;
use teloxide::payloads::{SendMessage, SendMessageSetters as _};
use teloxide::types::{InlineKeyboardMarkup, ParseMode, ReplyParameters};

/// Letters of a message, and of the text below a file (Bot API, `sendMessage`, `sendPhoto`).
const LONGEST: usize = 4_096;
const LONGEST_BELOW: usize = 1_024;

/// What stands before a message that may have come already.
const AGAIN: &str = "(again) ";

/// In the middle of several requests, a flood is waited for that long: what was begun should be ended.
const PATIENCE: Duration = Duration::from_secs(30);

/// One request of Telegram's.
enum Step<'a> {
    Files { group: Vec<Ready<'a>>, below: bool, keys: bool },
    Text,
}

/// A message in the making.
struct Draft {
    place: Place,
    text: String,
    markup: Markup,
    keys: Option<InlineKeyboardMarkup>,
    reply: Option<ReplyParameters>,
}

impl Speaker {
    pub(super) async fn say(
        &self,
        place: Place,
        content: &Content,
        reply_to: Option<&MessageId>,
        again: bool,
    ) -> Result<Outcome, Outcome> {
        let steps = steps(content)?;
        let length = content.text.chars().count();
        if length > LONGEST {
            let message = format!("a message of Telegram has at most {LONGEST} letters, not {length}");
            return Err(Outcome::refused(RefusalKind::TooLarge, message));
        }
        // A message that answers one that is gone, or was never Telegram's, is said all the same.
        let reply = reply_to.and_then(|message| number(message).ok());
        let reply = reply.map(|message| ReplyParameters::new(message).allow_sending_without_reply());
        let marked = again && !content.text.is_empty() && length + AGAIN.len() <= LONGEST;
        let text = if marked { format!("{AGAIN}{}", content.text) } else { content.text.clone() };
        let keys = keyboard(&content.buttons, &self.memory).await?;
        let mut draft = Draft { place, text, markup: content.markup, keys, reply };
        let mut answers = Vec::new();
        for (n, step) in steps.iter().enumerate() {
            match self.step(&draft, step, n > 0).await {
                Ok(answer) => answers.push(answer),
                Err(failure) => {
                    let ended = self.failed(&draft.place.chat, &failure).await;
                    return Err(if n == 0 { ended } else { partly(&failure, n, steps.len()) });
                }
            }
            draft.reply = None;
        }
        Ok(sent(&answers))
    }

    /// One request; in the middle of several, again where Telegram only wants a moment.
    async fn step(&self, draft: &Draft, step: &Step<'_>, middle: bool) -> Result<Value, Failure> {
        loop {
            let answer = match step {
                Step::Text => self.text(draft).await,
                Step::Files { group, below, keys } => self.files(draft, group, *below, *keys).await,
            };
            let rest =
                answer.as_ref().err().and_then(Failure::refusal).and_then(|refusal| refusal.retry_after);
            match rest.filter(|rest| middle && *rest <= PATIENCE) {
                Some(rest) => tokio::time::sleep(rest).await,
                None => return answer,
            }
        }
    }

    async fn text(&self, draft: &Draft) -> Result<Value, Failure> {
        let chat = self.now(&draft.place.chat).await;
        let mut plain = SendMessage::new(chat, draft.text.clone());
        plain.message_thread_id = draft.place.thread;
        plain.reply_parameters.clone_from(&draft.reply);
        if let Some(keys) = &draft.keys {
            plain = plain.reply_markup(keys.clone());
        }
        if draft.markup == Markup::Markdown {
            let mut marked = plain.clone();
            (marked.text, marked.parse_mode) = (html(&draft.text), Some(ParseMode::Html));
            match self.wire.call(&marked).await {
                Err(failure) if is_unreadable(&failure) => {}
                answer => return answer,
            }
        }
        self.wire.call(&plain).await
    }

    async fn files(
        &self,
        draft: &Draft,
        group: &[Ready<'_>],
        below: bool,
        keys: bool,
    ) -> Result<Value, Failure> {
        let mut marked = below && draft.markup == Markup::Markdown;
        let mut group = group.to_vec();
        loop {
            let mut text = Map::new();
            if below && !draft.text.is_empty() {
                let words = if marked { html(&draft.text) } else { draft.text.clone() };
                text.insert("caption".to_owned(), words.into());
                if marked {
                    text.insert("parse_mode".to_owned(), "HTML".into());
                }
            }
            let (method, mut body, uploads) = request(&group, text);
            if let Some(fields) = body.as_object_mut() {
                self.address(draft, fields, keys).await;
            }
            let failure = match self.wire.upload(method, &body, uploads).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            if marked && is_unreadable(&failure) {
                marked = false;
            } else if is_no_photo(&failure) && group.iter().any(|file| file.kind == As::Photo) {
                // As a document it arrives, and whole.
                group.iter_mut().for_each(|file| file.kind = As::Document);
            } else {
                return Err(failure);
            }
        }
    }

    /// Where it goes, what it answers and what can be chosen below it.
    async fn address(&self, draft: &Draft, fields: &mut Map<String, Value>, keys: bool) {
        fields.insert("chat_id".to_owned(), json!(self.now(&draft.place.chat).await));
        if let Some(thread) = &draft.place.thread {
            fields.insert("message_thread_id".to_owned(), json!(thread));
        }
        if let Some(reply) = &draft.reply {
            fields.insert("reply_parameters".to_owned(), json!(reply));
        }
        if let Some(markup) = draft.keys.as_ref().filter(|_| keys) {
            fields.insert("reply_markup".to_owned(), json!(markup));
        }
    }
}

/// Which requests a message needs.
fn steps(content: &Content) -> Result<Vec<Step<'_>>, Outcome> {
    let invalid = |message: &str| Outcome::refused(RefusalKind::Invalid, message);
    let groups = groups(&content.attachments)?;
    let one = match groups.as_slice() {
        [group] => Some(group.len() == 1),
        _ => None,
    };
    let has_text = !content.text.trim().is_empty();
    let takes = groups.first().and_then(|group| group.first()).is_some_and(|first| first.kind.takes_text());
    let short = content.text.chars().count() <= LONGEST_BELOW;
    // Choices stand below one message: an album has none, and of several groups none is the last word.
    let below = takes && short && (content.buttons.is_empty() || one == Some(true));
    let keys = one == Some(true) && (below || !has_text);
    let text_after = has_text && !below;
    if !has_text && !content.buttons.is_empty() && !keys {
        return Err(invalid("telegram shows choices only below a text or a single file"));
    }
    if !has_text && groups.is_empty() {
        return Err(invalid("there is nothing to send"));
    }
    let files = groups.into_iter().enumerate();
    let files = files.map(|(n, group)| Step::Files { group, below: below && n == 0, keys });
    Ok(files.chain(text_after.then_some(Step::Text)).collect())
}

/// What became of a message of which only the first parts went out. It is not tried again: they would come twice.
fn partly(failure: &Failure, done: usize, all: usize) -> Outcome {
    let words = format!("only {done} of {all} parts went out: {}", failure.words());
    match outcome(failure) {
        Outcome::Unknown { .. } => Outcome::Unknown { message: words },
        Outcome::Refused { kind, .. } => Outcome::refused(kind, words),
        _ => Outcome::refused(RefusalKind::Unavailable, words),
    }
}

fn is_unreadable(failure: &Failure) -> bool {
    failure.refusal().is_some_and(|refusal| refusal.says("can't parse entities"))
}

/// Telegram takes pictures of ordinary proportions only.
fn is_no_photo(failure: &Failure) -> bool {
    let words = ["photo_invalid_dimensions", "image_process_failed", "photo_ext_invalid"];
    failure.refusal().is_some_and(|refusal| words.iter().any(|words| refusal.says(words)))
}
