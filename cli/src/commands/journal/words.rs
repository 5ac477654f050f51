//! Records in words.

use crate::output::plural;
use carapace_effect::{Event, EventKind, Life, RunId, Turn, Usage};
use carapace_engine::Record;
use carapace_engine::record::{Accepted, Change, DropReason, Requested, Stretched, Write};
use carapace_engine::stored::{End, Operation, OutcomeRecord};
use carapace_module::{Type, TypeTable, Value};
use carapace_store::Line;

/// The longest text of a message that is told.
const TEXT: usize = 60;

/// What a line tells, or that it cannot be understood.
pub(super) fn sentence(line: &Line<'_>) -> String {
    let mut told = Vec::new();
    for record in &line.records {
        match serde_json::from_str::<Record>(record.get()) {
            Ok(record) => told.extend(words(&record)),
            Err(error) => told.push(format!("a record that this version does not know ({error})")),
        }
    }
    if told.is_empty() { "nothing that anybody would see".to_owned() } else { told.join("; ") }
}

/// A time in words.
pub(super) fn time(at: i64) -> String {
    carapace_module::value::display(&Value::Time(at), &Type::Time, &TypeTable::default())
}

fn words(record: &Record) -> Option<String> {
    Some(match record {
        Record::Deployed(d) => match d.back_to {
            Some(back_to) => format!("`{}` is back at {}, as number {}", d.package, back_to.0, d.id.0),
            None => format!("`{}` is deployed, as number {}", d.package, d.id.0),
        },
        Record::Withdrawn(w) => format!("`{}` is withdrawn", w.package),
        Record::Retired(r) => {
            let numbers: Vec<String> = r.deployments.iter().map(|id| id.0.to_string()).collect();
            format!("nobody needs deployment {} any more", numbers.join(", "))
        }
        Record::Swept(s) => match s.modules.len() {
            1 => "a module that nobody needs is gone".to_owned(),
            n => format!("{n} modules that nobody needs are gone"),
        },
        Record::Accounts(a) if a.there.is_empty() => "the runtime has no account".to_owned(),
        Record::Accounts(a) => {
            let names: Vec<&str> = a.there.iter().map(|name| &**name).collect();
            format!("the runtime has {}", names.join(" and "))
        }
        Record::Accepted(accepted) => came(accepted),
        Record::Dropped(d) => format!("`{}` does not start: {}", d.flow, reason(&d.reason)),
        Record::Filtered(f) if f.passes => format!("`{}` lets it pass", f.flow),
        Record::Filtered(f) => format!("`{}` keeps it back", f.flow),
        Record::Debounced(d) => format!("`{}` waits for silence until {}", d.flow, time(d.due)),
        Record::Counted(_) | Record::Deduped(_) | Record::Worked { .. } | Record::Fired { .. } => {
            return None;
        }
        Record::Created(c) => format!("run {} of `{}`", short(c.run), c.flow),
        Record::Released(_) => "it starts".to_owned(),
        Record::Skipped(s) => format!("run {} never starts: {}", short(s.run), reason(&s.reason)),
        Record::Stretched(stretched) => went_on(stretched),
        Record::Requested(requested) => wants(requested),
        Record::Acted(a) if a.attempt > 1 => format!("sent once more, attempt {}", a.attempt),
        Record::Acted(_) => "sent".to_owned(),
        Record::Reported(r) => format!("run {}: {} of {}", short(r.act.run), life(r.life), r.act.op),
        Record::Queued(q) => format!("run {} waits for its turn to send", short(q.act.run)),
        Record::Returned(r) => {
            format!("nothing left, and it is tried again {}: {}", time(r.due), brief(&r.why))
        }
        Record::Slowed(s) => format!("so much went there that the next waits until {}", time(s.due)),
        Record::HeldBack(_) => "it waited too long, and a digest will say so".to_owned(),
        Record::Posted(p) => format!("a message of run {} is sent again", short(p.0.act.run)),
        Record::Digested(_) => "a digest of what was held back is sent".to_owned(),
        Record::Shelved(s) => format!("a message of run {} is kept: {}", short(s.0.act.run), brief(&s.0.why)),
        Record::Discarded(d) if d.sent => {
            format!("the message of run {} was sent after all", short(d.act.run))
        }
        Record::Discarded(d) => format!("the message of run {} is kept no longer", short(d.act.run)),
        Record::Reached(r) => format!("the message of run {} was {}", short(r.act.run), r.reach.name()),
        Record::StalenessSet(s) => format!("what waits too long for `{}` has another fate", s.account),
        Record::Prompted(p) => format!("run {} asks again", short(p.run)),
        Record::Voted(v) => format!("{} agrees with run {}", v.by.id, short(v.run)),
        Record::Buffered(b) => format!("run {} keeps the event for later", short(b.run)),
        Record::Delivered(d) => format!("run {} {}", short(d.run), outcome(&d.outcome)),
        Record::Late(l) => format!("run {} {}, late", short(l.run), outcome(&l.outcome)),
        Record::Abandoned(a) => format!("run {} no longer waits for {} things", short(a.run), a.ops.len()),
        Record::Cancelling(c) => format!("run {} shall end: {}", short(c.run), c.reason),
        Record::TimedOut(t) => format!("run {} took too long", short(t.run)),
        Record::Held(h) => {
            format!("run {} waits for its channel, until {} at most", short(h.run), time(h.until))
        }
        Record::Yielded(y) => format!("run {} is parked, and lets others go first", short(y.run)),
        Record::Woken(w) => format!("run {} can go on", short(w.run)),
        Record::Moved(m) => format!("run {} goes on with version {}", short(m.run), m.deployment.0),
        Record::Muted(m) => format!("`{}` is not heard until {}: {}", m.sender, time(m.until), m.why),
        Record::PassedOver(p) => {
            format!("it is passed over: its sender is not heard until {}", time(p.until))
        }
        Record::Crashed(c) => format!("the runtime ended while it carried out run {}", short(c.run)),
        Record::Quarantined(q) => format!("run {} is left alone: {}", short(q.run), brief(&q.why)),
        Record::Noted(n) => format!("`{}` notes ({}): {}", n.flow, n.level, brief(&n.message)),
        Record::Closed(c) => format!("run {} is over", short(c.run)),
        Record::Emitted(e) => format!("inside, {}", event(&e.event)),
        Record::Responded(r) => format!("the request is answered {}", r.status),
        Record::Scheduled(s) => match (s.claimed, s.next) {
            (Some(slot), _) => format!("the time of `{}` has come: {}", s.flow, time(slot)),
            (None, Some(next)) => format!("`{}` is next due {}", s.flow, time(next)),
            (None, None) => format!("`{}` has no more slots", s.flow),
        },
        Record::StateSet(set) => writes(std::slice::from_ref(&set.0)),
        Record::Forgotten(f) => format!("`{}` of {} is forgotten", f.state, f.key.0),
        Record::Said(_)
        | Record::Compacted(_)
        | Record::Context(_)
        | Record::Spent(_)
        | Record::Used(_)
        | Record::PutOff(_)
        | Record::Previewing(_)
        | Record::Previewed(_)
        | Record::PreviewTaken(_) => return of_agents(record),
        Record::ChannelHeard(c) if c.caught_up => format!("`{}` hears", c.account),
        Record::ChannelHeard(c) => format!("`{}` does not hear", c.account),
        Record::Forgetting(_) => "somebody is to be forgotten".to_owned(),
        Record::Forgot(f) => {
            format!("who was to be forgotten in line {} is: {} records are erased", f.line, f.records)
        }
        Record::Erased(e) => format!("erased, as line {} says", e.by),
    })
}

/// What has to do with agents.
fn of_agents(record: &Record) -> Option<String> {
    Some(match record {
        Record::Said(s) => format!("session {}: {}", s.session.id(), said(&s.said)),
        Record::Compacted(c) => {
            format!("session {}: the turns up to {} are put away", c.session.id(), c.through)
        }
        Record::Previewing(p) => format!("what an agent writes is shown for run {}", short(p.run)),
        Record::Previewed(p) => match &p.message {
            Some(message) => format!("message {message} shows an answer of run {} so far", short(p.run)),
            None => format!("what showed an answer of run {} is taken away", short(p.run)),
        },
        Record::PreviewTaken(p) => {
            format!("operation {} of run {} sees to what is shown", p.taken, short(p.run))
        }
        Record::Context(c) => format!("session {}: {}", c.session.id(), changed(&c.change)),
        Record::PutOff(p) if p.left.is_some() => {
            format!("a deadline of run {} stands still while somebody is asked", short(p.run))
        }
        Record::PutOff(p) => format!("a deadline of run {} is {} now", short(p.run), time(p.due)),
        Record::Spent(s) => used_up(&s.payer.agent, &s.usage),
        Record::Used(u) => used_up(u.payer.sender.as_deref().unwrap_or("somebody"), &u.usage),
        _ => return None,
    })
}

fn used_up(who: &str, usage: &[Usage]) -> String {
    let tokens: u64 = usage.iter().map(Usage::tokens).sum();
    let models: Vec<&str> = usage.iter().map(|usage| &*usage.model).collect();
    format!("`{who}` used up {tokens} tokens of {}", models.join(", "))
}

/// What changed of what an agent is given.
fn changed(change: &Change) -> String {
    match change {
        Change::Framed(frame) => {
            let window = frame.window.map_or_else(|| "as usual".to_owned(), |bytes| format!("{bytes} bytes"));
            let summaries = if frame.summaries { "" } else { ", without summaries" };
            format!("the window is {window}{summaries}")
        }
        Change::Asked { through } => format!("the turns up to {through} are to be summed up"),
        Change::Summed { through, summary: Some(text) } => {
            format!("the turns up to {through} in short: {}", brief(text))
        }
        Change::Summed { through, summary: None } => format!("the turns up to {through} have no summary"),
        Change::Pinned { fact, .. } => format!("pinned: {}", brief(fact)),
        Change::Unpinned { fact } => format!("no longer pinned: {}", brief(fact)),
        Change::Restored { turns, .. } => {
            format!("{} that were put away are back", plural(turns.len(), "turn"))
        }
    }
}

/// As much of a run's id as tells it from the others.
fn short(run: RunId) -> String {
    run.to_string().chars().take(8).collect()
}

fn said(turn: &Turn) -> String {
    match turn {
        Turn::User { text, by } => {
            format!("`{}` says {}", by.as_deref().unwrap_or("somebody"), brief(text))
        }
        Turn::Assistant { text } => format!("the agent says {}", brief(text)),
        Turn::Unanswered { why, .. } => format!("there is no answer: {}", brief(why)),
        Turn::Call { id, name, .. } => format!("the agent calls `{name}` as {id}"),
        Turn::Result { id, .. } => format!("the call {id} has its result"),
        Turn::Compacted { through, .. } => format!("the turns up to {through} are put away"),
    }
}

fn brief(text: &str) -> String {
    let one: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(TEXT).collect();
    if text.chars().count() > TEXT { format!("{one}…") } else { one }
}

fn came(accepted: &Accepted) -> String {
    event(&accepted.event)
}

fn event(event: &Event) -> String {
    let said = event.text().map(|text| format!(": {}", brief(text))).unwrap_or_default();
    match &event.kind {
        EventKind::Channel { account, trigger, .. } => {
            let origin = event.origin.as_ref();
            let who = origin.and_then(|origin| origin.sender.as_deref()).unwrap_or("somebody");
            let place = origin.map_or("", |origin| &origin.conversation);
            format!("{trigger} of {who} on {account} in {place}{said}")
        }
        EventKind::Named { name } => format!("event `{name}`"),
        EventKind::Webhook { path, method, .. } => format!("{method} {path}"),
        EventKind::Slot { flow, slot, .. } => format!("slot {} of `{flow}`", time(*slot)),
        EventKind::Started => "the runtime came up".to_owned(),
        EventKind::Failed { flow, run } => format!("run {} of `{flow}` has failed", short(*run)),
        EventKind::Manual { flow, .. } => format!("`{flow}` is started by hand"),
    }
}

fn reason(reason: &DropReason) -> String {
    match reason {
        DropReason::Limit(_) => "over its limit".to_owned(),
        DropReason::Dedupe => "the same came before".to_owned(),
        DropReason::LaneBusy => "its lane is busy".to_owned(),
        DropReason::LaneFull => "its lane is full".to_owned(),
        DropReason::Fault(why) => format!("it could not be judged: {}", brief(why)),
        DropReason::Debounced => "a later event came".to_owned(),
        DropReason::Cancelled(why) => format!("cancelled: {}", brief(why)),
        DropReason::Guard => "its guard does not hold any more".to_owned(),
        DropReason::Replaced => "a later run took its place".to_owned(),
        DropReason::Missed => "nobody was there at that time".to_owned(),
    }
}

fn went_on(stretched: &Stretched) -> String {
    let run = short(stretched.run);
    let what = match &stretched.end {
        None => format!("run {run} goes on"),
        Some(End::Succeeded(_)) => format!("run {run} has succeeded"),
        Some(End::Failed(failure)) => format!("run {run} has failed: {}", brief(&failure.message)),
        Some(End::Cancelled(why)) => format!("run {run} is cancelled: {}", brief(why)),
        Some(End::Fault(why)) => format!("run {run} broke a rule: {}", brief(why)),
    };
    if stretched.writes.is_empty() { what } else { format!("{what}, and {}", writes(&stretched.writes)) }
}

fn writes(writes: &[Write]) -> String {
    let names: Vec<String> = writes.iter().map(|write| format!("`{}`", write.state)).collect();
    format!("sets {}", names.join(", "))
}

fn wants(requested: &Requested) -> String {
    match &requested.operation {
        Operation::Effect { call, .. } => format!("it asks for `{}`", call.effect),
        Operation::Question { call, .. } => format!("it asks people (`{}`)", call.effect),
        Operation::Timer { due, .. } => format!("it waits until {}", time(*due)),
        Operation::Await { .. } => "it waits for an event".to_owned(),
        Operation::Listen { .. } => "it listens".to_owned(),
        Operation::Next { .. } => "it waits for what it listens to".to_owned(),
        Operation::HandedOver { failure } => {
            format!("a person has to see to it: {}", brief(&failure.message))
        }
    }
}

fn life(life: Life) -> &'static str {
    match life {
        Life::Requested => "nothing has left",
        Life::Started { .. } => "nobody knows yet, and it will be tried again:",
        Life::Done => "done:",
        Life::Refused => "refused:",
        Life::NotPerformed => "not performed:",
        Life::Unknown => "nobody knows what became",
    }
}

fn outcome(outcome: &OutcomeRecord) -> String {
    match outcome {
        OutcomeRecord::Done(_) => "has what it waited for".to_owned(),
        OutcomeRecord::Failed(failure) => format!("is told of a failure: {}", brief(&failure.message)),
        OutcomeRecord::Partly(_, failure) => {
            format!("is told that it happened in part: {}", brief(&failure.message))
        }
        OutcomeRecord::Unknown => "is told that nobody knows".to_owned(),
    }
}
