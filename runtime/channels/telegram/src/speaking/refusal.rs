//! What a failure means to whoever asked.

use crate::wire::{Failure, Refusal};
use carapace_channel_api::{Outcome, RefusalKind};

/// Words of Telegram's, by what they mean. There are no codes for these; the words have been the same for years.
const WORDS: [(&str, RefusalKind); 22] = [
    ("too long", RefusalKind::TooLarge),
    ("too big", RefusalKind::TooLarge),
    ("too large", RefusalKind::TooLarge),
    ("chat not found", RefusalKind::NotFound),
    ("user not found", RefusalKind::NotFound),
    ("not found", RefusalKind::NotFound),
    ("message_id_invalid", RefusalKind::NotFound),
    ("peer_id_invalid", RefusalKind::NotFound),
    ("wrong file_id", RefusalKind::NotFound),
    ("invalid file_id", RefusalKind::NotFound),
    ("wrong file identifier", RefusalKind::NotFound),
    ("can't be forwarded", RefusalKind::Unsupported),
    ("can't be edited", RefusalKind::Forbidden),
    ("can't be deleted", RefusalKind::Forbidden),
    ("not enough rights", RefusalKind::Forbidden),
    ("have no rights", RefusalKind::Forbidden),
    ("need administrator rights", RefusalKind::Forbidden),
    ("chat_write_forbidden", RefusalKind::Forbidden),
    ("chat_admin_required", RefusalKind::Forbidden),
    ("topic_closed", RefusalKind::Forbidden),
    ("user_is_blocked", RefusalKind::Forbidden),
    ("bot was kicked", RefusalKind::Forbidden),
];

/// What a failure means to whoever asked.
pub(super) fn outcome(failure: &Failure) -> Outcome {
    match failure {
        Failure::NotSent(message) => Outcome::NotPerformed { message: message.clone() },
        Failure::Lost(message) => Outcome::Unknown { message: message.clone() },
        Failure::Refused(refusal) => refused(refusal, failure.words()),
    }
}

fn refused(refusal: &Refusal, words: String) -> Outcome {
    if refusal.migrated_to.is_some() {
        return Outcome::later(RefusalKind::Unavailable, words, None);
    }
    match refusal.code {
        429 => Outcome::later(RefusalKind::RateLimited, words, refusal.retry_after),
        409 => Outcome::later(RefusalKind::Unavailable, words, None),
        403 => Outcome::refused(RefusalKind::Forbidden, words),
        413 => Outcome::refused(RefusalKind::TooLarge, words),
        _ if refusal.is_unauthorized() => Outcome::refused(RefusalKind::Unauthorized, words),
        _ => {
            let known = WORDS.iter().find(|(word, _)| refusal.says(word)).map(|(_, kind)| *kind);
            Outcome::refused(known.unwrap_or(RefusalKind::Invalid), words)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn kind(code: i64, description: &str) -> RefusalKind {
        let refusal = Refusal { code, description: description.to_owned(), ..Refusal::default() };
        match outcome(&Failure::Refused(refusal)) {
            Outcome::Refused { kind, transient: false, .. } => kind,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn telegrams_words_have_their_meaning() {
        for (code, description, meant) in [
            (400, "Bad Request: chat not found", RefusalKind::NotFound),
            (400, "Bad Request: message to edit not found", RefusalKind::NotFound),
            (400, "Bad Request: message can't be edited", RefusalKind::Forbidden),
            (400, "Bad Request: message is too long", RefusalKind::TooLarge),
            (400, "Bad Request: REACTION_INVALID", RefusalKind::Invalid),
            (403, "Forbidden: bot was blocked by the user", RefusalKind::Forbidden),
            (401, "Unauthorized", RefusalKind::Unauthorized),
            (404, "Not Found", RefusalKind::Unauthorized),
            (413, "Request Entity Too Large", RefusalKind::TooLarge),
        ] {
            assert_eq!(kind(code, description), meant, "{description}");
        }
    }

    #[test]
    fn a_flood_says_how_long_and_what_is_lost_is_unknown() {
        let after = Some(Duration::from_secs(7));
        let flood = Refusal { code: 429, retry_after: after, ..Refusal::default() };
        let Outcome::Refused { kind, retry_after, transient, .. } = outcome(&Failure::Refused(flood)) else {
            panic!()
        };
        assert_eq!((kind, retry_after, transient), (RefusalKind::RateLimited, after, true));
        assert!(matches!(outcome(&Failure::Lost(String::new())), Outcome::Unknown { .. }));
        assert!(matches!(outcome(&Failure::NotSent(String::new())), Outcome::NotPerformed { .. }));
    }
}
