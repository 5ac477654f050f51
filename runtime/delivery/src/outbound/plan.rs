//! From an act to requests.

use super::content::Draft;
use crate::attachment::Place;
use carapace_channel_api::{
    AccountId, Button, Content, ConversationId, IdempotencyKey, MessageId, Operation, OperationId, Outbound,
    Poll, Route, Target, UserId,
};
use carapace_effect::{Act, Destination, Failure, FailureKind, Kind};
use serde_json::Value as Json;
use std::cell::RefCell;

/// What an act is made of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    /// The requests, in order; each has a key of its own.
    pub(crate) requests: Vec<Outbound>,
    /// What to say instead, where the network cannot pass the message on itself.
    pub(crate) copy: Option<Content>,
    /// Attachments of the first request, by position, whose bytes are with another account.
    pub(crate) elsewhere: Vec<(usize, AccountId)>,
    /// Whether the result is a reference to what was said.
    pub(crate) refers: bool,
    /// Whether it leaves something to be read.
    pub(crate) says: bool,
}

/// The act makes no sense for a channel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unplannable(pub(crate) Failure);

impl Unplannable {
    fn of(kind: FailureKind, message: impl Into<String>) -> Unplannable {
        Unplannable(Failure::new(kind, message))
    }
}

/// The requests that an act is made of, for an account of this kind; an unknown kind is taken to be able to do everything.
pub(crate) fn plan(act: &Act, to: &Destination, kind: Option<&Kind>) -> Result<Plan, Unplannable> {
    let asked = Asked { act, to, kind, elsewhere: RefCell::default() };
    let name = act.request.effect.strip_prefix("chat.").unwrap_or(&act.request.effect);
    let (operations, copy) = match name {
        "reply" | "send" => (asked.say(asked.argument("content"))?, None),
        "ask" | "ask_who" | "approve" => (asked.say(asked.argument("question"))?, None),
        "forward" => asked.forward()?,
        "react" => (vec![asked.react(false)?], None),
        "unreact" => (vec![asked.react(true)?], None),
        "edit" => (vec![asked.edit()?], None),
        "delete" => (vec![asked.delete()?], None),
        "typing" => (vec![Operation::Typing { conversation: asked.conversation()?, on: true }], None),
        "poll" => (vec![asked.poll()], None),
        other => return Err(Unplannable::of(FailureKind::Unavailable, format!("no channel can `{other}`"))),
    };
    let refers = matches!(name, "reply" | "send" | "forward" | "poll");
    let says = refers || matches!(name, "ask" | "ask_who" | "approve");
    let requests = asked.requests(operations);
    Ok(Plan { requests, copy, elsewhere: asked.elsewhere.into_inner(), refers, says })
}

struct Asked<'a> {
    act: &'a Act,
    to: &'a Destination,
    kind: Option<&'a Kind>,
    elsewhere: RefCell<Vec<(usize, AccountId)>>,
}

impl Asked<'_> {
    fn argument(&self, name: &str) -> &Json {
        self.act.arguments.get(name).unwrap_or(&Json::Null)
    }

    fn text(&self, name: &str) -> String {
        self.argument(name).as_str().unwrap_or_default().to_owned()
    }

    fn target(&self) -> Target {
        match self.to {
            Destination::Conversation { conversation, .. } => {
                Target::Conversation(ConversationId::from(&**conversation))
            }
            Destination::User { user, .. } => Target::User(UserId::from(&**user)),
        }
    }

    fn conversation(&self) -> Result<ConversationId, Unplannable> {
        match self.to {
            Destination::Conversation { conversation, .. } => Ok(ConversationId::from(&**conversation)),
            Destination::User { .. } => {
                Err(Unplannable::of(FailureKind::Unavailable, "it is not known in which conversation"))
            }
        }
    }

    /// Whether it goes where the run's event came from.
    fn is_home(&self) -> bool {
        let Some(origin) = &self.act.origin else { return false };
        matches!(self.to, Destination::Conversation { account, conversation }
            if *account == origin.account && *conversation == origin.conversation)
    }

    fn say(&self, content: &Json) -> Result<Vec<Operation>, Unplannable> {
        let draft = self.draft(content)?;
        let quotes = self.act.request.effect.ends_with(".reply")
            && self.argument("quote").as_bool().unwrap_or(true)
            && self.is_home()
            && self.kind.is_none_or(|kind| kind.can("quote"));
        let quoted = self.act.origin.as_ref().filter(|_| quotes).and_then(|origin| origin.message.as_deref());
        let mut reply_to = quoted.map(MessageId::from);
        let send = |content| Operation::Send { to: self.target(), content, reply_to: reply_to.take() };
        Ok(draft.messages(self.kind).into_iter().map(send).collect())
    }

    fn draft(&self, content: &Json) -> Result<Draft, Unplannable> {
        let mut draft = Draft::of(content).map_err(|why| Unplannable::of(FailureKind::Refused, why))?;
        if self.act.question {
            draft.buttons =
                self.act.buttons.iter().map(|(id, label)| Button::new(id.as_str(), label)).collect();
        }
        let foreign = draft.files.iter().enumerate().filter_map(|(at, (_, place))| match place {
            Place::Account(account, _) if account.as_str() != &**self.to.account() => {
                Some((at, account.clone()))
            }
            Place::Account(..) | Place::Address(_) => None,
        });
        self.elsewhere.replace(foreign.collect());
        Ok(draft)
    }

    /// A message is passed on by the network where it stays within the account, and said again elsewhere.
    fn forward(&self) -> Result<(Vec<Operation>, Option<Content>), Unplannable> {
        let message = self.argument("message");
        let again: Vec<Operation> = self.say(message)?;
        let id = message.get("id").and_then(Json::as_str).unwrap_or_default();
        let origin = self.act.origin.as_ref().filter(|origin| origin.account == *self.to.account());
        let Some(origin) = origin.filter(|_| !id.is_empty()) else { return Ok((again, None)) };
        let copy = again.into_iter().find_map(|operation| match operation {
            Operation::Send { content, .. } => Some(content),
            _ => None,
        });
        let from = ConversationId::from(&*origin.conversation);
        Ok((vec![Operation::Forward { from, message: MessageId::from(id), to: self.target() }], copy))
    }

    /// The message that is meant: the one named, else the event's own.
    fn message(&self) -> Result<(ConversationId, MessageId), Unplannable> {
        let named = self.argument("message");
        let field = |name| named.get(name).and_then(Json::as_str);
        if let (Some(conversation), Some(id)) = (field("conversation"), field("id")) {
            return Ok((conversation.into(), id.into()));
        }
        let origin = self.act.origin.as_ref();
        let own = origin.and_then(|origin| Some((origin.conversation.as_ref(), origin.message.as_deref()?)));
        own.map(|(conversation, id)| (conversation.into(), id.into()))
            .ok_or_else(|| Unplannable::of(FailureKind::Unavailable, "the event is about no message"))
    }

    fn react(&self, remove: bool) -> Result<Operation, Unplannable> {
        let (conversation, message) = self.message()?;
        Ok(Operation::React { conversation, message, emoji: self.text("emoji"), remove })
    }

    fn edit(&self) -> Result<Operation, Unplannable> {
        let (conversation, message) = self.message()?;
        let mut contents = self.draft(self.argument("content"))?.messages(self.kind);
        match (contents.pop(), contents.len()) {
            (Some(content), 0) => Ok(Operation::Edit { conversation, message, content }),
            _ => Err(Unplannable::of(FailureKind::Refused, "the text is too long for one message")),
        }
    }

    fn delete(&self) -> Result<Operation, Unplannable> {
        let (conversation, message) = self.message()?;
        Ok(Operation::Delete { conversation, message })
    }

    fn poll(&self) -> Operation {
        let options = self.argument("options").as_array().into_iter().flatten();
        let poll = Poll {
            question: self.text("question"),
            options: options.filter_map(Json::as_str).map(str::to_owned).collect(),
            multiple: self.argument("multiple").as_bool().unwrap_or(false),
        };
        Operation::Poll { to: self.target(), poll }
    }

    fn requests(&self, operations: Vec<Operation>) -> Vec<Outbound> {
        let many = operations.len() > 1;
        let route =
            self.act.origin.as_ref().filter(|_| self.is_home()).map(|origin| Route(origin.route.clone()));
        let request = |(n, operation): (usize, Operation)| {
            // The first part has the act's own key, so that a text that grew longer is still recognised.
            let suffix = if many && n > 0 { format!(".{n}") } else { String::new() };
            Outbound {
                id: OperationId(format!("{}{suffix}", self.act.id)),
                key: IdempotencyKey(format!("{}{suffix}", self.act.key)),
                account: AccountId::from(&**self.to.account()),
                route: route.clone(),
                again: self.act.again,
                preview: None,
                operation,
            }
        };
        operations.into_iter().enumerate().map(request).collect()
    }
}
