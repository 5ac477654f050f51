//! Answers that are shown while they are written: best effort, and never in the way of what is sent.
//!
//! A preview is shown by what its network has for that; else as a message that is changed, and becomes the answer; else
//! somebody is seen typing. What is shown is no record. Only which message holds it is told on, so that the answer
//! can take its place after any crash.

use crate::lane;
use crate::outbound::plan;
use carapace_channel_api::parts::{Unit, split};
use carapace_channel_api::{
    Channel, Content, ConversationId, IdempotencyKey, MessageId, Operation, OperationId, Outbound, Outcome,
    RefusalKind,
};
use carapace_effect::{Act, Destination, Kind, OpId, RunId};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The shortest pause between two changes of what is shown. No network that can do it wants fewer a second.
const PAUSE: Duration = Duration::from_secs(1);

/// The longer an answer takes, the rarer the changes: after half a minute, one in seven seconds. Telegram lets a bot say 20 things a
/// minute in a group (Bots FAQ, "My bot is hitting limits").
const SHARE: u32 = 4;

/// After that long somebody is not seen typing any more (Bot API, `sendChatAction`).
const TYPING: Duration = Duration::from_secs(5);

/// The pause after a change that may or may not have been made.
const DOUBT: Duration = Duration::from_secs(5);

/// How long a network may take to answer. What is sent to the same place waits for it.
const ANSWER: Duration = Duration::from_secs(10);

/// What says that a message goes on.
const GOES_ON: &str = " …";

/// So many are known before those that nothing is written in are forgotten.
const MOST: usize = 4_096;

/// By its run, and the operation that began it.
pub(crate) type Name = (RunId, OpId);

/// What somebody writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Words {
    /// This, behind what is there.
    Text(Arc<str>),
    /// What is there does not count: it is begun again.
    Again,
    /// Nothing more, in this step.
    Over,
}

/// A message shows an answer so far, or does not any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previewed {
    /// The run.
    pub run: RunId,
    /// The operation that began the preview.
    pub op: OpId,
    /// The message; none where it was taken away.
    pub message: Option<MessageId>,
}

/// How something is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The network has previews.
    Preview,
    /// A message is changed.
    Message,
    /// It is not.
    Hidden,
}

/// What is shown of one answer.
struct Preview {
    /// The step that is written, or was last.
    act: Arc<Act>,
    to: Destination,
    kind: Option<&'static Kind>,
    way: Way,
    /// Whether typing can be shown.
    types: bool,
    /// Whether a step is under way.
    writes: bool,
    /// Whether pieces of it are missing.
    torn: bool,
    text: String,
    /// Whether it may say something that is not shown.
    new: bool,
    shown: String,
    message: Option<MessageId>,
    begun: Instant,
    /// When it may be changed next.
    next: Instant,
    /// When typing may be shown next.
    types_next: Instant,
    count: u32,
    busy: bool,
}

/// All of them.
#[derive(Default)]
pub(crate) struct Previews {
    table: BTreeMap<Name, Preview>,
    steps: HashMap<Name, Name>,
}

/// A request that shows something.
pub(crate) struct Change {
    pub(crate) name: Name,
    lane: String,
    request: Outbound,
    text: String,
}

/// What came of one.
pub(crate) struct Changed {
    pub(crate) name: Name,
    pub(crate) lane: String,
    text: String,
    request: Outbound,
    pub(crate) outcome: Outcome,
}

/// What an act finds that replaces a preview, or takes it away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Left {
    /// What the network calls it.
    pub(crate) called: String,
    /// The message that holds it.
    pub(crate) message: Option<MessageId>,
}

impl Previews {
    /// A step is written in it from here on.
    pub(crate) fn begin(&mut self, act: Arc<Act>, to: Destination, channel: &dyn Channel, now: Instant) {
        let Some(preview) = &act.preview else { return };
        let name = (act.id.run, preview.op.clone());
        if self.table.len() >= MOST {
            self.table.retain(|_, preview| preview.writes || preview.busy);
        }
        self.steps.insert((act.id.run, act.id.op.clone()), name.clone());
        let kind = Kind::named(channel.kind());
        let can = |ability| kind.is_some_and(|kind| kind.can(ability));
        let way = if can("preview") { Way::Preview } else { by_message(kind) };
        let message = preview.message.as_deref().map(MessageId::from);
        let known = self.table.entry(name).or_insert_with(|| Preview {
            act: act.clone(),
            to,
            kind,
            // What a message held before a crash is a message still.
            way: if message.is_some() { by_message(kind) } else { way },
            types: can("typing"),
            writes: true,
            torn: false,
            text: String::new(),
            new: false,
            shown: String::new(),
            message,
            begun: now,
            next: now,
            types_next: now,
            count: 0,
            busy: false,
        });
        (known.act, known.writes, known.torn) = (act, true, false);
        known.text.clear();
    }

    /// Something is written.
    pub(crate) fn written(&mut self, run: RunId, op: &OpId, attempt: u32, words: &Words) {
        let step = (run, op.clone());
        let Some(name) = self.steps.get(&step) else { return };
        let preview = self.table.get_mut(name);
        if let Some(preview) = preview.filter(|preview| preview.act.attempt == attempt) {
            match words {
                Words::Text(text) => {
                    preview.text.push_str(text);
                    preview.new = true;
                }
                Words::Again => {
                    preview.text.clear();
                    preview.torn = false;
                }
                Words::Over => preview.writes = false,
            }
        }
        if *words == Words::Over {
            self.steps.remove(&step);
        }
    }

    /// Pieces of what is written now are lost: no more is shown of it than is.
    pub(crate) fn lose(&mut self) {
        self.table.values_mut().for_each(|preview| preview.torn = preview.writes);
    }

    /// Those that may want to be changed: when, and where.
    pub(crate) fn wanting(&self) -> Vec<(Name, Instant, String, Arc<str>)> {
        let wanting = self.table.iter().filter(|(_, preview)| preview.may_want());
        let told = |(name, preview): (&Name, &Preview)| {
            (name.clone(), preview.due(), lane::name(&preview.to), preview.to.account().clone())
        };
        wanting.map(told).collect()
    }

    /// Not before then.
    pub(crate) fn put_off(&mut self, name: &Name, until: Instant) {
        if let Some(preview) = self.table.get_mut(name) {
            (preview.next, preview.types_next) = (until, until);
        }
    }

    /// The change that it wants.
    pub(crate) fn change(&mut self, name: &Name) -> Option<Change> {
        let preview = self.table.get_mut(name)?;
        preview.new = false;
        let text = preview.wants()?;
        let Some(request) = preview.request(name, &text) else {
            preview.way = Way::Hidden;
            return None;
        };
        preview.busy = true;
        Some(Change { name: name.clone(), lane: lane::name(&preview.to), request, text })
    }

    /// What came of a change; what is to be told of it.
    pub(crate) fn changed(&mut self, changed: &Changed, now: Instant) -> Option<Previewed> {
        let preview = self.table.get_mut(&changed.name)?;
        preview.busy = false;
        let before = preview.message.clone();
        preview.came(changed, now);
        let (run, op) = changed.name.clone();
        let message = preview.message.clone();
        (message != before).then_some(Previewed { run, op, message })
    }

    /// Something else replaces it, or takes it away: nothing more is shown of it.
    pub(crate) fn leave(&mut self, act: &Act) -> Option<Left> {
        let of = act.preview.as_ref()?;
        let name = (act.id.run, of.op.clone());
        let known = self.table.remove(&name);
        self.steps.retain(|_, other| *other != name);
        let message = known.and_then(|known| known.message);
        let message = message.or_else(|| of.message.as_deref().map(MessageId::from));
        Some(Left { called: called(&name), message })
    }

    /// The same run says something else in that place, so that what is shown would stand above it: the messages to take away.
    pub(crate) fn overtaken(&mut self, run: RunId, lane: &str) -> Vec<Previewed> {
        let mut gone = Vec::new();
        for ((of, op), preview) in &mut self.table {
            if *of == run && lane::name(&preview.to) == lane {
                preview.shown.clear();
                let message = preview.message.take();
                gone.extend(message.map(|id| Previewed { run, op: op.clone(), message: Some(id) }));
            }
        }
        gone
    }
}

impl Preview {
    /// Whether it is worth to look at what it says: that takes longer than to hear a word.
    fn may_want(&self) -> bool {
        !self.busy && (self.may_show() || self.may_type())
    }

    fn may_show(&self) -> bool {
        self.new && !self.torn && self.way != Way::Hidden && !self.text.trim_start().is_empty()
    }

    fn due(&self) -> Instant {
        if self.may_show() { self.next } else { self.types_next }
    }

    fn may_type(&self) -> bool {
        self.types && self.writes && self.shown.is_empty()
    }

    /// What it wants to show; nothing for typing.
    fn wants(&self) -> Option<String> {
        let most = self.kind.map_or(usize::MAX, |kind| kind.max_text);
        let tail = if self.way == Way::Message { GOES_ON } else { "" };
        // The first of the parts in which it would go out: the rest follows with the answer.
        let room = most.saturating_sub(tail.chars().count()).max(1);
        let first = split(&self.text, room, Unit::Chars).into_iter().next().unwrap_or_default().trim_end();
        if !first.is_empty() && !self.torn && self.way != Way::Hidden {
            let text = format!("{first}{tail}");
            return (text != self.shown).then_some(text);
        }
        self.may_type().then(String::new)
    }

    fn request(&self, (run, op): &Name, text: &str) -> Option<Outbound> {
        let mut pretended = Act::clone(&self.act);
        pretended.request.effect = "chat.reply".into();
        pretended.arguments = std::iter::once(("content".to_owned(), json!(text))).collect();
        let mut request = match plan(&pretended, &self.to, self.kind) {
            Ok(plan) => plan.requests.into_iter().next()?,
            Err(_) => return None,
        };
        let Destination::Conversation { conversation, .. } = &self.to else { return None };
        let conversation = ConversationId::from(&**conversation);
        request.id = OperationId(format!("{run}/{op}/preview"));
        request.key = IdempotencyKey(format!("preview-{run}-{op}-{}", self.count));
        request.again = false;
        if text.is_empty() {
            request.operation = Operation::Typing { conversation, on: true };
        } else if self.way == Way::Preview {
            let preview = called(&(*run, op.clone()));
            request.operation = Operation::Preview { conversation, preview, text: text.to_owned() };
        } else if let Some(message) = self.message.clone() {
            request.operation = Operation::Edit { conversation, message, content: Content::text(text) };
        }
        Some(request)
    }

    fn came(&mut self, changed: &Changed, now: Instant) {
        let types = matches!(changed.request.operation, Operation::Typing { .. });
        if types {
            (self.new, self.types_next) = (true, now + TYPING);
            self.types &= changed.outcome.is_done();
            return;
        }
        self.next = now + self.pause(now);
        self.count = self.count.saturating_add(1);
        let sends = matches!(changed.request.operation, Operation::Send { .. });
        match &changed.outcome {
            Outcome::Done { messages, .. } => {
                self.shown.clone_from(&changed.text);
                if sends {
                    self.message = messages.first().cloned();
                }
            }
            // It has none in this conversation.
            Outcome::Refused { kind: RefusalKind::Unsupported, .. } if self.way == Way::Preview => {
                self.way = by_message(self.kind);
                (self.new, self.next) = (true, now);
            }
            Outcome::Refused { retry_after, transient: true, .. } => {
                self.new = true;
                self.next = self.next.max(now + retry_after.unwrap_or(DOUBT));
            }
            // Somebody took it away, or nothing is to be shown here: so it is not.
            Outcome::Refused { kind, .. } => {
                self.way = Way::Hidden;
                if *kind == RefusalKind::NotFound {
                    self.message = None;
                }
            }
            // A second one beside it would be worse than none.
            Outcome::Unknown { .. } if sends => self.way = Way::Hidden,
            Outcome::NotPerformed { .. } | Outcome::Unknown { .. } => {
                (self.new, self.next) = (true, now + DOUBT);
            }
        }
    }

    fn pause(&self, now: Instant) -> Duration {
        PAUSE.max(now.saturating_duration_since(self.begun) / SHARE)
    }
}

impl Changed {
    /// The account that was asked.
    pub(crate) fn account(&self) -> &str {
        self.request.account.as_str()
    }
}

impl Change {
    /// Asks the network.
    pub(crate) async fn make(self, channel: Arc<dyn Channel>) -> Changed {
        let Change { name, lane, request, text } = self;
        let asked = request.clone();
        // On a task of its own, so that an adapter that breaks down costs one change.
        let performed = tokio::spawn(async move { channel.perform(asked).await });
        let unanswered = |message: &str| Outcome::Unknown { message: message.to_owned() };
        let outcome = match tokio::time::timeout(ANSWER, performed).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => unanswered("the channel's adapter broke down"),
            Err(_) => unanswered("no answer came in time"),
        };
        Changed { name, lane, text, request, outcome }
    }
}

/// As a message that is changed, where that can be.
fn by_message(kind: Option<&Kind>) -> Way {
    let can = kind.is_some_and(|kind| kind.can("edit") && kind.can("delete"));
    if can { Way::Message } else { Way::Hidden }
}

/// What a network calls a preview.
fn called((run, op): &Name) -> String {
    format!("{run}/{op}")
}

/// Whether the act leaves something to be read in its conversation.
pub(crate) fn says(act: &Act) -> bool {
    let name = act.request.effect.strip_prefix("chat.");
    matches!(name, Some("reply" | "send" | "forward" | "poll" | "ask" | "ask_who" | "approve"))
}

/// The answer of what only takes something away.
pub(crate) const NOTHING: Json = Json::Null;
