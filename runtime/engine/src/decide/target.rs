//! Where a message goes: names of the language become conversations and people of accounts.

use super::world::{field_text, tag};
use crate::Destination;
use crate::Origin;
use crate::state::Deployment;
use carapace_effect::{Failure, FailureKind};
use carapace_module::{Type, TypeTable, Value};

fn unavailable(message: String) -> Failure {
    Failure::new(FailureKind::Unavailable, message)
}

/// The run's own conversation.
pub(super) fn own(origin: Option<&Origin>) -> Result<Destination, Failure> {
    let origin = origin.ok_or_else(|| unavailable("this run belongs to no conversation".to_owned()))?;
    Ok(Destination::Conversation {
        account: origin.account.clone(),
        conversation: origin.conversation.clone(),
    })
}

/// The places that a `Target` names: one, or each member of a group.
pub(super) fn resolve(
    deployment: &Deployment,
    types: &TypeTable,
    ty: &Type,
    value: &Value,
) -> Result<Vec<Destination>, Failure> {
    let (name, fields, values) =
        tag(types, ty, value).ok_or_else(|| unavailable("it is not said where to".to_owned()))?;
    let (Some(field), Some(value)) = (fields.first(), values.first()) else {
        return Err(unavailable("it is not said where to".to_owned()));
    };
    let text = |key| field_text(types, &field.ty, value, key).unwrap_or_default();
    let account = |channel: &str| {
        deployment.account(channel).ok_or_else(|| unavailable(format!("channel `{channel}` is not bound")))
    };
    match name {
        "to_room" => {
            let room = text("name");
            let (account, conversation) =
                deployment.room(&room).ok_or_else(|| unavailable(format!("room `{room}` is not bound")))?;
            Ok(vec![Destination::Conversation { account, conversation }])
        }
        "to_conversation" => {
            let account = account(&text("channel"))?;
            Ok(vec![Destination::Conversation { account, conversation: text("id") }])
        }
        "to_user" => Ok(vec![Destination::User { account: account(&text("channel"))?, user: text("id") }]),
        "to_group" => {
            let group = text("name");
            let members = deployment
                .group(&group)
                .ok_or_else(|| unavailable(format!("group `{group}` is not bound")))?;
            if members.is_empty() {
                return Err(unavailable(format!("nobody is in group `{group}`")));
            }
            let to = |m: &crate::deployment::Person| Destination::User {
                account: m.account.clone(),
                user: m.id.clone(),
            };
            Ok(members.iter().map(to).collect())
        }
        other => Err(unavailable(format!("nothing can be sent to `{other}`"))),
    }
}
