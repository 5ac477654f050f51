//! What is in scope where an old action is written down.

use super::module::{Helper, Module};
use super::text::{Found, literal};

/// What started the flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A message on the old channel of that name.
    Message { old: String },
    /// A command.
    Command,
    /// A request.
    Webhook,
    /// The clock.
    Schedule,
    /// An event of another flow's.
    Custom,
    /// Somebody came or left, on the old channel of that name.
    Member { old: String },
    /// A person's hand.
    Hand,
    /// Another flow; whether each that calls it has somebody to answer.
    Called { answers: bool },
}

impl Place {
    /// Whether there is a message.
    pub(super) const fn has_message(&self) -> bool {
        matches!(self, Place::Message { .. } | Place::Command)
    }

    /// Whether there is somebody to answer.
    pub(super) const fn answers(&self) -> bool {
        match self {
            Place::Message { .. } | Place::Command | Place::Member { .. } => true,
            Place::Called { answers } => *answers,
            Place::Webhook | Place::Schedule | Place::Custom | Place::Hand => false,
        }
    }

    /// Who the event is about.
    pub(super) const fn person(&self) -> Option<&'static str> {
        match self {
            Place::Message { .. } | Place::Command => Some("sender"),
            Place::Member { .. } => Some("member"),
            _ => None,
        }
    }

    /// The channel, as the old flow named it.
    pub(super) fn old_channel(&self) -> Option<&str> {
        match self {
            Place::Message { old } | Place::Member { old } => Some(old),
            Place::Command => Some("*"),
            _ => None,
        }
    }

    /// Data of the old event.
    pub(super) fn field(&self, module: &mut Module<'_>, name: &str) -> Found {
        let keyed = |map: &str| Found::May(format!("{map}[{}]", literal(name)));
        match self {
            Place::Message { old } | Place::Member { old } if name == "channel" => Found::Text(old.clone()),
            Place::Command if name == "channel" => Found::Is("channel.name".to_owned()),
            Place::Message { .. } | Place::Command if name == "text" => Found::Is("message.text".to_owned()),
            Place::Webhook => match (name, name.split_once('_')) {
                ("webhook_path", _) => Found::Is("path".to_owned()),
                ("webhook_method", _) => Found::Is("method".to_owned()),
                // Names of headers have hyphens, which no template could write.
                (_, Some(("header", header))) => {
                    Found::May(format!("headers[{}]", literal(&header.to_lowercase().replace('_', "-"))))
                }
                (_, Some(("body", member))) => {
                    module.helpers.insert(Helper::Member);
                    Found::May(format!("{}(body, {})", Helper::Member.name(), literal(member)))
                }
                _ => Found::Nowhere,
            },
            Place::Custom => keyed("payload"),
            Place::Hand | Place::Called { .. } => keyed("input"),
            _ => Found::Nowhere,
        }
    }
}
