//! What the kinds of channels can do, as `stdlib/kinds/*.flow` declares it. Made by `tests/tables`; do not edit.

use crate::{Kind, Limit, LimitBy};
use std::time::Duration;

/// Every kind, by name.
#[rustfmt::skip]
pub(crate) const KINDS: &[Kind] = &[
    Kind { name: "discord", max_text: 2_000, keyed: 120_000, redelivers: 0, limits: &[Limit { most: 50, per: Duration::from_millis(1000), by: LimitBy::Account }],
        can: &["ban", "buttons", "delete", "deletions", "direct", "edit", "edits", "kick", "media", "members", "multiple votes", "polls", "quote", "react", "reactions", "threads", "typing"] },
    Kind { name: "google_chat", max_text: 4_096, keyed: 86_400_000, redelivers: 86_400_000, limits: &[Limit { most: 3000, per: Duration::from_millis(60000), by: LimitBy::Account }, Limit { most: 1, per: Duration::from_millis(1000), by: LimitBy::Conversation }],
        can: &["buttons", "delete", "edit", "media", "members", "threads"] },
    Kind { name: "imessage", max_text: 4_000, keyed: 86_400_000, redelivers: 604_800_000, limits: &[],
        can: &["delete", "deletions", "direct", "edit", "edits", "media", "members", "quote", "react", "reactions", "typing"] },
    Kind { name: "line", max_text: 5_000, keyed: 86_400_000, redelivers: 86_400_000, limits: &[],
        can: &["buttons", "direct", "media by url", "members", "quote", "typing"] },
    Kind { name: "matrix", max_text: 60_000, keyed: 86_400_000, redelivers: 0, limits: &[],
        can: &["ban", "delete", "deletions", "direct", "edit", "edits", "kick", "media", "members", "multiple votes", "polls", "quote", "react", "reactions", "threads", "typing"] },
    Kind { name: "messenger", max_text: 2_000, keyed: 0, redelivers: 86_400_000, limits: &[],
        can: &["buttons", "media", "quote", "reactions", "typing"] },
    Kind { name: "signal", max_text: 4_000, keyed: 0, redelivers: 0, limits: &[],
        can: &["delete", "deletions", "direct", "edit", "edits", "media", "members", "quote", "react", "reactions", "typing"] },
    Kind { name: "skype", max_text: 25_000, keyed: 0, redelivers: 3_600_000, limits: &[Limit { most: 50, per: Duration::from_millis(1000), by: LimitBy::Account }, Limit { most: 1800, per: Duration::from_millis(3600000), by: LimitBy::Conversation }],
        can: &["buttons", "media", "members", "quote", "typing"] },
    Kind { name: "slack", max_text: 4_000, keyed: 0, redelivers: 3_600_000, limits: &[Limit { most: 1, per: Duration::from_millis(1000), by: LimitBy::Conversation }],
        can: &["buttons", "delete", "deletions", "direct", "edit", "edits", "kick", "media", "members", "quote", "react", "reactions", "threads", "typing"] },
    Kind { name: "teams", max_text: 25_000, keyed: 0, redelivers: 3_600_000, limits: &[Limit { most: 50, per: Duration::from_millis(1000), by: LimitBy::Account }, Limit { most: 1800, per: Duration::from_millis(3600000), by: LimitBy::Conversation }],
        can: &["buttons", "delete", "deletions", "edit", "edits", "media", "members", "quote", "reactions", "threads", "typing"] },
    Kind { name: "telegram", max_text: 4_096, keyed: 0, redelivers: 86_400_000, limits: &[Limit { most: 30, per: Duration::from_millis(1000), by: LimitBy::Account }, Limit { most: 1, per: Duration::from_millis(1000), by: LimitBy::Conversation }],
        can: &["ban", "buttons", "delete", "edit", "edits", "kick", "media", "members", "multiple votes", "polls", "preview", "quote", "react", "reactions", "threads", "typing"] },
    Kind { name: "terminal", max_text: 100_000, keyed: 0, redelivers: 0, limits: &[],
        can: &["buttons", "delete", "direct", "edit", "media by url", "preview", "react", "typing"] },
    Kind { name: "viber", max_text: 7_000, keyed: 0, redelivers: 86_400_000, limits: &[],
        can: &["buttons", "media by url", "members"] },
    Kind { name: "voice", max_text: 2_000, keyed: 0, redelivers: 0, limits: &[],
        can: &["buttons", "calls", "direct"] },
    Kind { name: "webchat", max_text: 20_000, keyed: 604_800_000, redelivers: 0, limits: &[],
        can: &["buttons", "delete", "deletions", "direct", "edit", "edits", "media", "members", "preview", "quote", "react", "reactions", "typing"] },
    Kind { name: "wechat", max_text: 2_048, keyed: 0, redelivers: 3_600_000, limits: &[],
        can: &["buttons", "media", "members", "typing"] },
    Kind { name: "whatsapp", max_text: 4_096, keyed: 0, redelivers: 604_800_000, limits: &[Limit { most: 80, per: Duration::from_millis(1000), by: LimitBy::Account }, Limit { most: 1, per: Duration::from_millis(6000), by: LimitBy::Conversation }],
        can: &["buttons", "media", "quote", "react", "reactions", "typing"] },
    Kind { name: "zalo", max_text: 2_000, keyed: 0, redelivers: 3_600_000, limits: &[],
        can: &["media by url"] },
    Kind { name: "zalo_oa", max_text: 2_000, keyed: 0, redelivers: 86_400_000, limits: &[],
        can: &["media by url", "members", "quote"] },
];
