//! Whether a bot works, found out by asking Telegram.

use crate::part::Part;
use crate::wire::{Failure, Wire};
use crate::{Mode, Options};
use carapace_channel_api::Finding;
use carapace_channel_api::access::Groups;
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;
use teloxide::payloads::{GetMe, GetWebhookInfo};
use teloxide::requests::Payload;

/// How long Telegram may take for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Looks at the token, at what the bot may see, and at how updates come.
pub(crate) async fn checkup(options: &Options, wire: &Wire) -> Vec<Finding> {
    if let Err(message) = wire.token() {
        let help = format!("`carapace secret set {}` takes the token that @BotFather gave", options.token);
        return vec![Finding::wrong(message, help)];
    }
    let me = match ask(wire, &GetMe::new()).await {
        Ok(me) => me,
        Err(finding) => return vec![finding],
    };
    let me = Part::of(&me);
    let name = me.at("username").text().unwrap_or("?");
    let mut findings = vec![Finding::fine(format!("telegram knows the token: it is @{name}'s"))];
    if options.access.groups == Groups::All && !me.at("can_read_all_group_messages").is_true() {
        findings.push(Finding::doubtful(
            "`groups` is `all`, and telegram shows the bot only what is addressed to it",
            "turn its privacy mode off: `/setprivacy` at @BotFather; then take it out of the group and add it again",
        ));
    }
    if options.access.groups != Groups::Off
        && me.at("can_join_groups").is_there()
        && !me.at("can_join_groups").is_true()
    {
        findings.push(Finding::doubtful(
            "the bot cannot be added to groups",
            "`/setjoingroups` at @BotFather lets it; `groups: \"off\"` says that it is meant so",
        ));
    }
    findings.push(match ask(wire, &GetWebhookInfo::new()).await {
        Ok(info) => webhook(options, Part::of(&info)),
        Err(finding) => finding,
    });
    findings
}

async fn ask<P: Payload + Serialize + Sync>(wire: &Wire, payload: &P) -> Result<Value, Finding> {
    wire.call_within(payload, PATIENCE).await.map_err(|failure| match &failure {
        Failure::Refused(refusal) if refusal.is_unauthorized() => Finding::wrong(
            "telegram does not know the token",
            "@BotFather shows the one that counts: `/mybots`, the bot, API Token",
        ),
        other => Finding::wrong(
            format!("telegram cannot be asked: {}", other.words()),
            "look at the network of this machine, and at `server` where the account has one",
        ),
    })
}

/// How updates come.
fn webhook(options: &Options, info: Part<'_>) -> Finding {
    let set = info.at("url").text();
    let error = info.at("last_error_message").text();
    match (&options.mode, set) {
        (Mode::Polling, None) => Finding::fine("updates are asked for, and no webhook is in the way"),
        (Mode::Polling, Some(url)) => Finding::doubtful(
            format!("a webhook is set, `{url}`, which the next start of this account deletes"),
            "where another program needs it, give this account a bot of its own",
        ),
        (Mode::Webhook(address), Some(url)) if url == address => match error {
            Some(error) => Finding::doubtful(
                format!("telegram had trouble with bringing updates to `{url}`: {error}"),
                "the address has to lead to the runtime's gateway, over TLS, on port 443, 80, 88 or 8443",
            ),
            None => Finding::fine(format!("telegram brings updates to `{url}`")),
        },
        (Mode::Webhook(address), _) => Finding::doubtful(
            format!("telegram does not bring updates to `{address}` yet"),
            "the next start of this account sets the webhook",
        ),
    }
}
