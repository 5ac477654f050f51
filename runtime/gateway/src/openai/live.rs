//! An answer, told as it comes (WHATWG HTML, section 9.2).

use super::answer::Answer;
use super::asking::{Next, Running};
use super::models::{Delta, Said};
use super::trouble::Trouble;
use crate::auth::Caller;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use carapace_effect::OpId;
use futures_util::stream;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

/// For how long it is waited whether there is an answer at all: what fails before has a status of its own, what fails later is
/// told in the stream.
const PATIENCE: Duration = Duration::from_secs(10);

/// What stands between what an agent says before it calls a tool, and after.
const BETWEEN: &str = "\n\n";

/// A form of telling.
pub(super) trait Form: Send + 'static {
    /// Before anything is said.
    fn begin(&mut self) -> Vec<Event>;
    /// The agent says this.
    fn said(&mut self, text: &str) -> Vec<Event>;
    /// That was the answer; all of its text was said.
    fn answered(&mut self, answer: &Answer) -> impl Future<Output = Vec<Event>> + Send;
    /// There will be none.
    fn failed(&mut self, trouble: &Trouble) -> Vec<Event>;
}

struct Live<F> {
    running: Running,
    caller: Caller,
    form: F,
    saying: Saying,
    events: VecDeque<Event>,
    over: bool,
}

/// Tells the answer as it comes.
pub(super) async fn tell<F: Form>(
    mut running: Running,
    caller: Caller,
    mut form: F,
) -> Result<Response, Trouble> {
    let first = tokio::time::timeout(PATIENCE, running.next()).await.ok();
    let first = match first {
        Some(Next::Ended(Err(trouble))) => return Err(trouble),
        first => first,
    };
    let events = form.begin().into();
    let mut live = Live { running, caller, form, saying: Saying::default(), events, over: false };
    if let Some(next) = first {
        live.take(next).await;
    }
    let told = stream::unfold(live, async |mut live| {
        let event = live.next().await?;
        Some((Ok::<Event, Infallible>(event), live))
    });
    Ok(Sse::new(told).keep_alive(KeepAlive::default()).into_response())
}

impl<F: Form> Live<F> {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            if self.over {
                return None;
            }
            tokio::select! {
                next = self.running.next() => self.take(next).await,
                () = self.caller.over() => return None,
            }
        }
    }

    async fn take(&mut self, next: Next) {
        match next {
            Next::Said(delta) => {
                if let Some(text) = self.saying.piece(&delta) {
                    self.events.extend(self.form.said(&text));
                }
            }
            Next::Lost => self.saying.lost = true,
            Next::Ended(Ok(answer)) => {
                if let Some(rest) = self.saying.rest(&answer.text) {
                    self.events.extend(self.form.said(&rest));
                }
                self.events.extend(self.form.answered(&answer).await);
                self.over = true;
            }
            Next::Ended(Err(trouble)) => {
                self.events.extend(self.form.failed(&trouble));
                self.over = true;
            }
        }
    }
}

/// Puts pieces together, so that in the end everything was said that the answer says.
#[derive(Debug, Default)]
struct Saying {
    /// The step that says something now.
    op: Option<OpId>,
    /// What was told of it.
    told: String,
    /// Whether it is told no further, as it was begun again: the rest is told at the end.
    again: bool,
    /// Whether anything was told.
    any: bool,
    /// Whether pieces are lost: the rest is told at the end.
    lost: bool,
}

impl Saying {
    /// What is told on.
    fn piece(&mut self, delta: &Delta) -> Option<String> {
        let new = self.op.as_ref() != Some(&delta.op);
        if new {
            self.op = Some(delta.op.clone());
            self.told.clear();
            self.again = false;
        }
        let text = match &delta.said {
            Said::Text(text) if !(self.lost || self.again || text.is_empty()) => text,
            Said::Text(_) => return None,
            Said::Again => {
                // What nobody heard can be begun again.
                self.again = !self.told.is_empty();
                return None;
            }
        };
        let between = if self.told.is_empty() && self.any { BETWEEN } else { "" };
        self.told.push_str(text);
        self.any = true;
        Some(format!("{between}{text}"))
    }

    /// What of the answer was not told yet.
    fn rest(&mut self, text: &str) -> Option<String> {
        match text.strip_prefix(self.told.as_str()) {
            Some("") => None,
            Some(rest) if self.told.is_empty() && self.any => Some(format!("{BETWEEN}{rest}")),
            Some(rest) => Some(rest.to_owned()),
            // A model that was asked again says something else.
            None if text.is_empty() => None,
            None => Some(format!("{BETWEEN}{text}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use carapace_effect::RunId;

    /// A text of a step; `again` begins it again, and `lost` says that some was lost.
    fn told(pieces: &[(&str, &str)], answer: &str) -> String {
        let mut saying = Saying::default();
        let mut told = String::new();
        for (op, text) in pieces {
            let said = match *text {
                "again" => Said::Again,
                "lost" => {
                    saying.lost = true;
                    continue;
                }
                text => Said::Text(text.into()),
            };
            let op = op.parse().unwrap();
            told.extend(saying.piece(&Delta { run: RunId(1), op, agent: "main.desk".into(), said }));
        }
        told.extend(saying.rest(answer));
        told
    }

    #[test]
    fn in_the_end_all_of_the_answer_was_told() {
        for (pieces, answer, expected) in [
            (&[][..], "whole", "whole"),
            (&[(":1", "wh"), (":1", "ole")], "whole", "whole"),
            (&[(":1", "wh"), (":1", "lost"), (":1", "ole")], "whole", "whole"),
            (&[(":1", "I look."), (":2", "Found")], "Found.", "I look.\n\nFound."),
            (&[(":1", "I look."), (":1", "lost"), (":2", "Found")], "Found.", "I look.\n\nFound."),
            (&[(":1", "I look."), (":2", "")], "Found.", "I look.\n\nFound."),
            (&[(":1", "wh"), (":1", "again"), (":1", "whole")], "whole", "whole"),
            (&[(":1", "{no"), (":1", "again"), (":1", "{}")], "{}", "{no\n\n{}"),
            (&[(":1", "again"), (":1", "{}")], "{}", "{}"),
            (&[(":1", "I call.")], "", "I call."),
        ] {
            assert_eq!(told(pieces, answer), expected, "{pieces:?}");
        }
    }
}
