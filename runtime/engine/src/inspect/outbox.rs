//! Messages on their way out, and those that are kept.

use super::{After, Entry, Place, history, words};
use crate::decide::{act_of, begins, places};
use crate::state::{Deployments, SentMessage, State};
use crate::stored::{Letter, LetterState, OutcomeRecord, Part, Run, Spot};
use crate::{ActId, Destination};
use carapace_effect::{Life, Reach, RunId};
use carapace_store::{Error, Past};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stands {
    /// It has not left.
    Queued,
    /// Its channel has it; it may have left.
    Sending,
    /// Nobody knows whether it was sent.
    Unknown,
    /// It failed for good, and is kept.
    Dead,
    /// It was sent, as far as its platform says.
    Sent,
}

/// Which messages are meant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OutboxFilter {
    /// Only those that stand so.
    pub state: Option<Stands>,
    /// Only those of this account.
    pub channel: Option<String>,
    /// Only those behind the ones of the answer that gave this as `next`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// At most so many, the oldest.
    pub limit: Option<usize>,
}

/// Messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OutboxListed {
    /// Oldest first.
    pub messages: Vec<Message>,
    /// How many there are of the kind that was asked for.
    pub total: usize,
    /// How many that were kept are forgotten, because there were too many.
    pub forgotten: u64,
    /// Accounts whose channel takes nothing now.
    pub away: Vec<AwayView>,
    /// What asks for those behind these, as `after`; none where there are no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// An account whose channel takes nothing now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AwayView {
    /// The account.
    pub account: Arc<str>,
    /// Since when, in milliseconds since 1970 UTC.
    pub since: i64,
    /// When it is tried again.
    pub next: i64,
    /// Why.
    pub why: Arc<str>,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Message {
    /// Its name: run, operation and part.
    pub id: String,
    /// Where it stands.
    pub state: Stands,
    /// The account that sends it.
    pub account: Arc<str>,
    /// The conversation or person it goes to.
    pub to: String,
    /// `chat.send`.
    pub effect: Arc<str>,
    /// How it begins.
    pub text: String,
    /// The flow that asked for it, by full name.
    pub flow: Arc<str>,
    /// The run that did.
    pub run: RunId,
    /// Since when it is on its way, in milliseconds since 1970 UTC.
    pub since: i64,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried again, where that is known.
    pub next: Option<i64>,
    /// Why it is not there yet, or never will be.
    pub why: Option<String>,
    /// How far it got, where it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<Reach>,
    /// The platform's ids of it, where it was sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<Arc<str>>,
    /// Where in the source, innermost first.
    pub places: Vec<Place>,
    /// The hash of the module, by which its sources are kept.
    pub module: Arc<str>,
}

/// All about one message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OutboxShown {
    /// The message.
    pub message: Message,
    /// What it went through.
    pub history: Vec<Entry>,
}

/// The messages that a filter means.
pub fn outbox(state: &State, filter: &OutboxFilter) -> OutboxListed {
    let limit = filter.limit.unwrap_or(usize::MAX);
    let ours = |to: &Destination| filter.channel.as_ref().is_none_or(|channel| **channel == **to.account());
    let wanted = |stands| filter.state.is_none_or(|state| state == stands);
    // By time, and by their place among those of the same time.
    let mut found: Vec<(i64, u64, Stands, ActId)> = Vec::new();
    for (to, lane) in state.outbox.lanes().filter(|(to, _)| ours(to)) {
        if wanted(Stands::Queued) {
            let waiting = lane.waiting.iter();
            found.extend(waiting.map(|e| (e.at, e.number.saturating_add(1), Stands::Queued, e.act.clone())));
        }
        if wanted(Stands::Sending) {
            for act in &lane.flying {
                let since = part_of(state, act).and_then(|(_, part)| part.first);
                let letter = || state.outbox.letter(act).filter(|l| l.to == *to).map(|l| l.since);
                found.push((since.or_else(letter).unwrap_or_default(), 0, Stands::Sending, act.clone()));
            }
        }
    }
    if wanted(Stands::Unknown) {
        found.extend(
            unknown(state).filter(|(_, to, _)| ours(to)).map(|(at, _, act)| (at, 0, Stands::Unknown, act)),
        );
    }
    for (letter, n) in state.outbox.letters().zip(0..).filter(|(letter, _)| ours(&letter.to)) {
        let stands = match letter.state {
            LetterState::Dead => Stands::Dead,
            LetterState::Unknown => Stands::Unknown,
            LetterState::Sending => continue,
        };
        if wanted(stands) {
            found.push((letter.since, n, stands, letter.act.clone()));
        }
    }
    // Only for those who ask: there is always some.
    if filter.state == Some(Stands::Sent) {
        let sent = state.outbox.sent().zip(0..).filter(|(message, _)| ours(&message.to));
        found.extend(sent.map(|(message, n)| (0, n, Stands::Sent, message.act.clone())));
    }
    found.sort();
    let total = found.len();
    let after = filter.after.as_ref().and_then(|after| after.parse().ok());
    let first = behind(&found, after.as_ref());
    let mut rest = found.into_iter().skip(first);
    let some: Vec<_> = rest.by_ref().take(limit).collect();
    let next = rest.next().and(some.last());
    let next = next.map(|(at, _, _, act)| After { at: *at, name: act.to_string() }.to_string());
    let messages = some.iter().filter_map(|(_, _, stands, act)| view(state, *stands, act));
    OutboxListed {
        messages: messages.collect(),
        next,
        total,
        forgotten: state.outbox.forgotten,
        away: away(state, filter.channel.as_deref()),
    }
}

/// Where those begin that come after one. Where that is gone, those of its time come again: none is left out.
fn behind(found: &[(i64, u64, Stands, ActId)], after: Option<&After>) -> usize {
    let Some(after) = after else { return 0 };
    let itself = found.iter().position(|(at, _, _, act)| *at == after.at && act.to_string() == after.name);
    itself.map_or_else(|| found.partition_point(|(at, ..)| *at < after.at), |at| at.saturating_add(1))
}

fn away(state: &State, channel: Option<&str>) -> Vec<AwayView> {
    let accounts = state.outbox.accounts().filter(|(account, _)| channel.is_none_or(|c| *c == ***account));
    let view = |(account, here): (&Arc<str>, &crate::state::Account)| {
        let away = here.away.as_ref()?;
        let (account, why) = (account.clone(), away.why.clone());
        Some(AwayView { account, since: away.since, next: away.pause.due, why })
    };
    accounts.filter_map(view).collect()
}

fn unknown(state: &State) -> impl Iterator<Item = (i64, &Destination, ActId)> {
    // One that rests has nothing of which nobody knows whether it happened.
    let operations = state.runs.awake().flat_map(|run| {
        run.operations.iter().chain(&run.settling).map(move |(op, operation)| (run.id, op, operation))
    });
    operations.flat_map(|(run, op, operation)| {
        let parts = (0..).zip(operation.parts()).filter(|(_, part)| part.life == Life::Unknown);
        parts.filter_map(move |(part, state)| {
            let act = ActId { run, op: op.clone(), part };
            Some((state.first.unwrap_or_default(), state.to.as_ref()?, act))
        })
    })
}

/// The one message that `text` means: a run's id or the beginning of it, its operation and, where it has several, the part.
///
/// # Errors
/// Those that it may mean, where that is not exactly one.
pub fn find_message(state: &State, text: &str) -> Result<(Stands, ActId), Vec<ActId>> {
    let all = outbox_acts(state);
    let mut found: Vec<(Stands, ActId)> = all.into_iter().filter(|(_, act)| names(text, act)).collect();
    match (found.pop(), found.len()) {
        (Some(only), 0) => Ok(only),
        (last, _) => Err(found.into_iter().chain(last).map(|(_, act)| act).take(9).collect()),
    }
}

/// Why a text names no message: code, message and the way out.
pub fn no_message(text: &str, some: &[ActId]) -> (&'static str, String, String) {
    let shown: String = text.chars().take(40).collect();
    if some.is_empty() {
        let message = format!("no message `{shown}` is on its way or kept");
        return ("E0961", message, "`carapace outbox list` lists them".to_owned());
    }
    let names: Vec<String> = some.iter().map(name).collect();
    let help = format!("say which: {}", names.join(", "));
    ("E0961", format!("`{shown}` means several messages"), help)
}

fn outbox_acts(state: &State) -> Vec<(Stands, ActId)> {
    let lanes = state.outbox.lanes().flat_map(|(_, lane)| {
        let waiting = lane.waiting.iter().map(|entry| (Stands::Queued, entry.act.clone()));
        waiting.chain(lane.flying.iter().map(|act| (Stands::Sending, act.clone())))
    });
    let unknown = unknown(state).map(|(_, _, act)| (Stands::Unknown, act));
    let letters = state.outbox.letters().filter(|letter| letter.state != LetterState::Sending);
    let letters = letters.map(|letter| (Stands::Dead, letter.act.clone()));
    let found = lanes.chain(unknown).chain(letters);
    let sent = state.outbox.sent().map(|message| (Stands::Sent, message.act.clone()));
    found.chain(sent).collect()
}

fn names(text: &str, act: &ActId) -> bool {
    let mut pieces = text.splitn(3, '/');
    let run = pieces.next().unwrap_or_default();
    let part = |act: &ActId, piece: &str| act.part.to_string() == piece;
    !run.is_empty()
        && act.run.to_string().starts_with(&run.to_ascii_lowercase())
        && pieces.next().is_none_or(|op| op == act.op.to_string())
        && pieces.next().is_none_or(|piece| part(act, piece))
}

/// A message as it stands; none where it is none.
pub fn view(state: &State, stands: Stands, id: &ActId) -> Option<Message> {
    if let Some(message) = state.outbox.sent().rev().find(|m| stands == Stands::Sent && m.act == *id) {
        return Some(of_sent(message));
    }
    if let Some(letter) = state.outbox.letter(id) {
        return Some(of_letter(letter, stands));
    }
    let (run, part) = part_of(state, id)?;
    let act = act_of(state, id)?;
    let to = part.to.as_ref()?;
    let lane = state.outbox.lane(to);
    let waiting = lane.and_then(|lane| lane.waiting.iter().find(|entry| entry.act == *id));
    let deployment = state.deployments.get(run.deployment)?;
    let spots = places(state, run, &id.op);
    Some(Message {
        id: name(id),
        state: stands,
        account: to.account().clone(),
        to: place(to),
        effect: act.request.effect.clone(),
        text: begins(&act.arguments),
        flow: act.flow.clone(),
        run: id.run,
        since: waiting.map(|entry| entry.at).or(part.first).unwrap_or_default(),
        attempts: part.attempts,
        next: part.resend.or_else(|| next(state, to).filter(|_| waiting.is_some())),
        why: why(state, part, to),
        reach: None,
        ids: Vec::new(),
        places: spots.into_iter().map(spot).collect(),
        module: deployment.record.module.hash().clone(),
    })
}

/// When something may go to a place again that nothing goes to now.
fn next(state: &State, to: &Destination) -> Option<i64> {
    let lane = state.outbox.lane(to).and_then(|lane| lane.pause.as_ref());
    let account = state.outbox.account(to.account()).and_then(|account| account.away.as_ref());
    lane.into_iter().chain(account.map(|away| &away.pause)).map(|pause| pause.due).max()
}

fn why(state: &State, part: &Part, to: &Destination) -> Option<String> {
    match (part.life, &part.outcome) {
        (_, Some(OutcomeRecord::Failed(failure) | OutcomeRecord::Partly(_, failure))) => {
            Some(failure.message.clone())
        }
        (Life::Unknown, _) => Some("nobody knows whether it was sent".to_owned()),
        (Life::Started { .. }, _) if part.resend.is_some() => {
            Some("nobody knows whether it was sent; it is sent again".to_owned())
        }
        (Life::Requested, _) => {
            let away = state.outbox.account(to.account()).and_then(|account| account.away.as_ref());
            Some(match away {
                Some(away) => away.why.to_string(),
                None => "others go before it".to_owned(),
            })
        }
        _ => None,
    }
}

fn of_letter(letter: &Letter, stands: Stands) -> Message {
    Message {
        id: name(&letter.act),
        state: stands,
        account: letter.to.account().clone(),
        to: place(&letter.to),
        effect: letter.effect.clone(),
        text: begins(&letter.arguments),
        flow: letter.flow.clone(),
        run: letter.act.run,
        since: letter.since,
        attempts: letter.attempts,
        next: None,
        why: Some(letter.why.to_string()),
        reach: None,
        ids: Vec::new(),
        places: letter.places.iter().cloned().map(spot).collect(),
        module: letter.module.clone(),
    }
}

fn of_sent(message: &SentMessage) -> Message {
    Message {
        id: name(&message.act),
        state: Stands::Sent,
        account: message.to.account().clone(),
        to: place(&message.to),
        effect: message.effect.clone(),
        text: String::new(),
        flow: message.flow.clone(),
        run: message.act.run,
        since: 0,
        attempts: 1,
        next: None,
        why: None,
        reach: Some(message.sent.reach),
        ids: message.sent.messages.clone(),
        places: Vec::new(),
        module: "".into(),
    }
}

fn part_of<'s>(state: &'s State, id: &ActId) -> Option<(&'s Run, &'s Part)> {
    let run = state.runs.get(id.run)?;
    let operation = run.operations.get(&id.op).or_else(|| run.settling.get(&id.op))?;
    Some((run, operation.parts().get(usize::try_from(id.part).ok()?)?))
}

/// `0123abcd/:3`, and the part where it is not the first.
fn name(act: &ActId) -> String {
    let part = if act.part == 0 { String::new() } else { format!("/{}", act.part) };
    format!("{}/{}{part}", words::short(act.run), act.op)
}

fn place(to: &Destination) -> String {
    match to {
        Destination::Conversation { conversation, .. } => conversation.to_string(),
        Destination::User { user, .. } => format!("@{user}"),
    }
}

fn spot(spot: Spot) -> Place {
    Place { function: spot.function, file: spot.file, start: spot.start, end: spot.end }
}

/// What a message went through, as far back as the journal goes. Reads the whole journal.
///
/// # Errors
/// Where the journal cannot be read.
pub fn message_history<J: Past + ?Sized>(
    journal: &J,
    act: &ActId,
    deployments: &Deployments,
) -> Result<Vec<Entry>, Error> {
    let history = history(journal, act.run, deployments)?;
    let op = act.op.to_string();
    Ok(history.entries.into_iter().filter(|entry| entry.op.as_deref() == Some(&op)).collect())
}
