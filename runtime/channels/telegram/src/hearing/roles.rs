//! Who runs a group: Telegram says it in no message, and is asked.

use crate::part::Part;
use crate::wire::Wire;
use carapace_channel_api::{AccountId, ConversationId, ConversationKind, Inbound, Role, UserId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use teloxide::payloads::GetChatAdministrators;
use teloxide::types::{ChatId, Recipient};
use tokio::time::Instant;

/// For so long an answer counts. Who is no administrator any more may be taken for one until then, where Telegram does not tell
/// us: it tells only administrators of such changes.
const COUNTS: Duration = Duration::from_secs(300);

/// After no answer it is asked again no sooner.
const REST: Duration = Duration::from_secs(30);

/// How long an answer may take: everybody's messages wait for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Groups of which it is known; beyond that those that were asked first are forgotten.
const MOST: usize = 1_000;

/// Who runs which group, as it was said a moment ago.
pub(crate) struct Roles {
    wire: Arc<Wire>,
    account: AccountId,
    known: BTreeMap<ConversationId, Known>,
}

struct Known {
    people: BTreeMap<UserId, Role>,
    until: Instant,
}

impl Roles {
    pub(crate) fn new(wire: Arc<Wire>, account: AccountId) -> Roles {
        Roles { wire, account, known: BTreeMap::new() }
    }

    /// Says what the sender is, where they are somebody in a group. Who is said to be more by the message itself stays that.
    pub(super) async fn fill(&mut self, inbound: &mut Inbound) {
        let Inbound { conversation, sender, .. } = inbound;
        if conversation.kind == ConversationKind::Direct || sender.role != Role::Member {
            return;
        }
        let now = Instant::now();
        if self.known.get(&conversation.id).is_none_or(|known| known.until <= now) {
            let known = self.ask(&conversation.id, now).await;
            if self.known.len() >= MOST {
                self.forget_some(now);
            }
            self.known.insert(conversation.id.clone(), known);
        }
        if let Some(role) = self.known.get(&conversation.id).and_then(|known| known.people.get(&sender.id)) {
            sender.role = *role;
        }
    }

    /// Somebody became something else there: who, Telegram is asked the next time.
    pub(super) fn changed(&mut self, update: Part<'_>) {
        for field in ["chat_member", "my_chat_member"] {
            if let Some(chat) = update.at(field).at("chat").at("id").number() {
                self.known.remove(&ConversationId(chat.to_string()));
            }
        }
    }

    /// All who run a group, in one request. `getChatMember` would be one for each who writes, and answers only bots that are
    /// administrators themselves for certain (Bot API).
    async fn ask(&self, chat: &ConversationId, now: Instant) -> Known {
        let nobody = |rest| Known { people: BTreeMap::new(), until: now + rest };
        let Ok(id) = chat.as_str().parse() else { return nobody(COUNTS) };
        let request = GetChatAdministrators::new(Recipient::Id(ChatId(id)));
        match self.wire.call_within(&request, PATIENCE).await {
            Ok(answer) => {
                let people = Part::of(&answer).list().filter_map(administrator).collect();
                Known { people, until: now + COUNTS }
            }
            // Nobody is taken for an administrator who may not be one.
            Err(failure) => {
                let (account, words) = (&self.account, failure.words());
                tracing::warn!(%account, %chat, "who runs the group is not known, so all are members: {words}");
                nobody(
                    failure.refusal().and_then(|refusal| refusal.retry_after).unwrap_or_default().max(REST),
                )
            }
        }
    }

    fn forget_some(&mut self, now: Instant) {
        self.known.retain(|_, known| known.until > now);
        while self.known.len() >= MOST {
            let first = self.known.iter().min_by_key(|(_, known)| known.until).map(|(chat, _)| chat.clone());
            let Some(first) = first else { return };
            self.known.remove(&first);
        }
    }
}

/// An administrator of a list of them, and what they are (Bot API, `ChatMember`).
fn administrator(member: Part<'_>) -> Option<(UserId, Role)> {
    let role = match member.at("status").text()? {
        "creator" => Role::Owner,
        "administrator" => Role::Admin,
        _ => return None,
    };
    Some((UserId(member.at("user").at("id").number()?.to_string()), role))
}
