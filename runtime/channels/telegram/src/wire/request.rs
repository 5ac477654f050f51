//! The wire itself.

use super::failure::{Failure, Refusal};
use super::token::Token;
use crate::Options;
use crate::part::Part;
use carapace_channel_api::{FetchError, Filling, Held, SecretString, Secrets};
use futures_util::StreamExt as _;
use reqwest::multipart::{Form, Part as FormPart};
use serde::Serialize;
use serde_json::Value;
use std::error::Error as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use teloxide::requests::Payload;
use tokio::time::Instant;

/// No answer is longer: a hundred updates are far less.
const LONGEST: u64 = 32 << 20;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(15);

/// For how long a token that Telegram does not know is not tried again: a server of one's own may have forgotten it for a while.
const UNKNOWN: Duration = Duration::from_secs(300);

/// Requests to a Bot API server for one bot.
pub(crate) struct Wire {
    http: reqwest::Client,
    server: String,
    secrets: Arc<dyn Secrets>,
    secret: String,
    answer: Duration,
    /// The token that Telegram does not know, and since when: it is not asked with that one again.
    refused: Mutex<Option<([u8; 32], Instant)>>,
}

/// A file that goes up with a request.
pub(crate) struct File {
    /// The field it goes as.
    pub(crate) field: String,
    /// Its name.
    pub(crate) name: String,
    /// What it is; left out where that is no media type.
    pub(crate) media_type: String,
    /// What is in it.
    pub(crate) bytes: Bytes,
}

/// The bytes of a file that goes up.
#[derive(Debug, Clone)]
pub(crate) enum Bytes {
    /// In memory: they came with an event, and are few.
    Here(Vec<u8>),
    /// On the disk, from where they are read as they go.
    Held(Held),
}

impl Wire {
    pub(crate) fn new(options: &Options) -> Result<Wire, String> {
        // A redirect would carry the token to whoever it names, and a proxy of the environment would see to whom we talk.
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .build()
            .map_err(words)?;
        Ok(Wire {
            http,
            server: options.server.trim_end_matches('/').to_owned(),
            secrets: options.secrets.clone(),
            secret: options.token.clone(),
            answer: options.answer,
            refused: Mutex::default(),
        })
    }

    /// Asks, with one of `teloxide`'s requests; its result as it came.
    pub(crate) async fn call<P: Payload + Serialize + Sync>(&self, payload: &P) -> Result<Value, Failure> {
        self.call_within(payload, self.answer).await
    }

    /// The same, where the answer may take this long.
    pub(crate) async fn call_within<P: Payload + Serialize + Sync>(
        &self,
        payload: &P,
        time: Duration,
    ) -> Result<Value, Failure> {
        let body = serde_json::to_value(payload).map_err(|error| Failure::NotSent(error.to_string()))?;
        self.post(P::NAME, &body, Vec::new(), time).await
    }

    /// Asks with files. The fields of `body` that are no texts go as JSON, as the Bot API wants it in forms.
    pub(crate) async fn upload(
        &self,
        method: &str,
        body: &Value,
        files: Vec<File>,
    ) -> Result<Value, Failure> {
        self.post(method, body, files, self.answer).await
    }

    async fn post(
        &self,
        method: &str,
        body: &Value,
        files: Vec<File>,
        time: Duration,
    ) -> Result<Value, Failure> {
        let token = self.token().map_err(Failure::NotSent)?;
        let answer = self.ask(&token, method, body, files, time).await;
        // Whoever answers knows the token, and may have put it into their words.
        answer.map_err(|failure| failure.map_words(|words| token.scrub(&words)))
    }

    async fn ask(
        &self,
        token: &Token,
        method: &str,
        body: &Value,
        files: Vec<File>,
        time: Duration,
    ) -> Result<Value, Failure> {
        let request = self.http.post(token.address(&self.server, "", method)).timeout(time);
        let request = match files.is_empty() {
            true => request.json(body),
            false => request.multipart(form(body, files).await.map_err(Failure::NotSent)?),
        };
        let response = request.send().await.map_err(|error| {
            let before = error.is_connect() || error.is_builder();
            if before { Failure::NotSent(words(error)) } else { Failure::Lost(words(error)) }
        })?;
        let status = response.status();
        let bytes = read(response, LONGEST).await.map_err(|error| match error {
            Some(error) => Failure::Lost(words(error)),
            None => Failure::Lost("the answer is too long".to_owned()),
        })?;
        answered(status.as_u16(), &bytes)
    }

    /// The bytes of a file that `getFile` named, as they come.
    pub(crate) async fn file(&self, path: &str, into: &mut Filling) -> Result<(), FetchError> {
        let unavailable = |message: String| FetchError::Unavailable { message };
        if path.starts_with('/')
            || path.split('/').any(|part| part == "..")
            || path.contains(['?', '#', '\\'])
        {
            let message = "the server keeps its files on its own disk (it runs with `--local`)";
            return Err(unavailable(message.to_owned()));
        }
        let token = self.token().map_err(unavailable)?;
        let request = self.http.get(token.address(&self.server, "/file", path)).timeout(self.answer);
        let response = request.send().await.map_err(|error| unavailable(token.scrub(&words(error))))?;
        match response.status().as_u16() {
            200 => {}
            404 => return Err(FetchError::NotFound),
            status => return Err(unavailable(format!("the server answered {status}"))),
        }
        let mut stream = response.bytes_stream();
        while let Some(chunk) = stream.next().await {
            into.write(&chunk.map_err(|error| unavailable(token.scrub(&words(error))))?).await?;
        }
        Ok(())
    }

    /// What Telegram is to say when it brings updates.
    pub(crate) fn webhook_secret(&self) -> Result<SecretString, String> {
        Ok(self.token()?.webhook())
    }

    /// Telegram does not know the token as it is.
    pub(crate) fn refuse(&self) {
        let digest = self.token().ok().map(|token| (token.digest(), Instant::now()));
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = digest;
    }

    /// Whether Telegram said a moment ago that it does not know the token as it is.
    pub(crate) fn is_refused(&self) -> bool {
        let refused = *self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((digest, _)) = refused.filter(|(_, since)| since.elapsed() < UNKNOWN) else { return false };
        self.token().is_ok_and(|token| token.digest() == digest)
    }

    /// The token as it is now: one that was rotated counts at once.
    pub(crate) fn token(&self) -> Result<Token, String> {
        let secret = self.secrets.get(&self.secret).map_err(|error| error.to_string())?;
        Token::new(secret).ok_or_else(|| {
            format!("the secret `{}` is no token of a bot, which looks like `123456:AAH…`", self.secret)
        })
    }
}

/// What an answer says.
fn answered(status: u16, bytes: &[u8]) -> Result<Value, Failure> {
    let Ok(mut answer) = serde_json::from_slice::<Value>(bytes) else {
        let words = format!("the server answered {status}, and not in words of the Bot API");
        return Err(match status {
            // Something in between turned it away: it did not reach the bot's server.
            400..500 => {
                Failure::Refused(Refusal { code: status.into(), description: words, ..Refusal::default() })
            }
            _ => Failure::Lost(words),
        });
    };
    let part = Part::of(&answer);
    if part.at("ok").is_true() {
        return Ok(answer.get_mut("result").map(Value::take).unwrap_or_default());
    }
    let code = part.at("error_code").number().unwrap_or_else(|| i64::from(status));
    let description = part.at("description").text().unwrap_or("no reason given").to_owned();
    if code >= 500 || !part.at("ok").is_there() {
        return Err(Failure::Lost(format!("the server answered {code}: {description}")));
    }
    let parameters = part.at("parameters");
    let seconds = parameters.at("retry_after").number().and_then(|seconds| u64::try_from(seconds).ok());
    let retry_after = seconds.map(Duration::from_secs);
    let migrated_to = parameters.at("migrate_to_chat_id").number();
    Err(Failure::Refused(Refusal { code, description, retry_after, migrated_to }))
}

async fn form(body: &Value, files: Vec<File>) -> Result<Form, String> {
    let mut form = Form::new();
    for (name, value) in body.as_object().into_iter().flatten() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        form = form.text(name.clone(), text);
    }
    for File { field, name, media_type, bytes } in files {
        let part = match bytes {
            Bytes::Here(bytes) => FormPart::bytes(bytes),
            Bytes::Held(held) => {
                let file = held.open().await.map_err(|error| format!("`{name}` cannot be read: {error}"))?;
                FormPart::stream_with_length(file, held.size())
            }
        };
        // What is no media type is left out, and found out without touching the file.
        let typed = FormPart::text("").mime_str(&media_type).is_ok();
        let part = part.file_name(name);
        form = match typed {
            true => form.part(field, part.mime_str(&media_type).map_err(words)?),
            false => form.part(field, part),
        };
    }
    Ok(form)
}

/// At most `limit` bytes; no error where there are more.
async fn read(response: reqwest::Response, limit: u64) -> Result<Vec<u8>, Option<reqwest::Error>> {
    let mut bytes = Vec::new();
    let mut stream = response.bytes_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        if bytes.len() as u64 + chunk.len() as u64 > limit {
            return Err(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// An error of the client with what is behind it, and without the address, in which the token stands.
fn words(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer came in time".to_owned();
    }
    let error = error.without_url();
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        cause = error.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_result_a_refusal_or_nothing_that_is_known() {
        assert_eq!(answered(200, br#"{"ok":true,"result":7}"#), Ok(7.into()));
        let flood = br#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 5","parameters":{"retry_after":5}}"#;
        let Err(Failure::Refused(refusal)) = answered(429, flood) else { panic!() };
        assert_eq!((refusal.code, refusal.retry_after), (429, Some(Duration::from_secs(5))));
        let moved =
            br#"{"ok":false,"error_code":400,"description":"x","parameters":{"migrate_to_chat_id":-1001}}"#;
        assert_eq!(answered(400, moved).unwrap_err().refusal().unwrap().migrated_to, Some(-1001));
        for (status, body) in [
            (502, &b"<html>Bad Gateway</html>"[..]),
            (500, br#"{"ok":false,"error_code":500,"description":"Internal Server Error"}"#),
            (200, b"{"),
            (200, b"{}"),
            (200, b"[]"),
            (200, b""),
        ] {
            assert!(matches!(answered(status, body), Err(Failure::Lost(_))), "{status}");
        }
        assert!(matches!(answered(403, b"no"), Err(Failure::Refused(_))));
    }
}
