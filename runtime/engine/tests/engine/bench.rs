//! An engine on small compiled flows, driven by hand: commands in, words of what followed out. After every command the
//! journal is read back: the engine rebuilt from it, and the one restored from its snapshot, must be the same.

use carapace_driver::{Checked, MemoryFiles};
use carapace_effect::{Failure, FailureKind, RunId};
use carapace_engine::machine::vm;
use carapace_engine::record::Record;
use carapace_engine::stored::{End, Entry, Operation, Phase};
use carapace_engine::{
    Act, Binding, Call, Core, Deploy, Destination, Event, EventKind, Input, Line, Origin, Outgoing, Person,
    Reply, Report, Reported,
};
use carapace_module::Module;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// When every test begins: Monday, 2026-01-05, 09:00 UTC.
pub(crate) const START: i64 = 1_767_603_600_000;
pub(crate) const SECOND: i64 = 1_000;
pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 3_600_000;
pub(crate) const DAY: i64 = 86_400_000;

const HEAD: &str = "
channel chat: telegram
room oncall: telegram
group managers
agent desk {
  model: \"test/model\"
  instructions: \"Answer.\"
}
";

/// The module of a source, after a head that declares `chat`, `oncall`, `managers` and `desk`.
pub(crate) fn module(source: &str) -> Module {
    let text = format!("{HEAD}{source}");
    let checked = Checked::of(&MemoryFiles::new([("main.flow", text.as_str())]), "main.flow");
    let compiled = checked.compile().unwrap_or_else(|checked| {
        let told: Vec<String> = checked
            .diagnostics
            .iter()
            .filter(|d| d.is_error())
            .map(|d| {
                let range = d.primary.span.range;
                let place = text.get(range.start as usize..range.end as usize).unwrap_or_default();
                format!("{} {} `{place}`", d.code, d.message)
            })
            .collect();
        panic!("{}\n{text}", told.join("\n"))
    });
    compiled.module
}

/// What everything is bound to: one account `net`, the room `oncall` on it, and two managers.
pub(crate) fn bindings() -> BTreeMap<Arc<str>, Binding> {
    let person = |id: &str| Person { account: "net".into(), id: id.into(), name: id.into() };
    BTreeMap::from([
        ("main.chat".into(), Binding::Channel { accounts: vec!["net".into()] }),
        ("main.oncall".into(), Binding::Room { account: "net".into(), conversation: "oncall".into() }),
        ("main.managers".into(), Binding::Group { members: vec![person("bo"), person("cy")] }),
    ])
}

/// An engine that is driven by hand.
pub(crate) struct Bench {
    pub(crate) core: Core,
    pub(crate) now: i64,
    /// Every line so far.
    pub(crate) lines: Vec<Line>,
    /// Acts that were performed and not reported.
    pub(crate) acts: Vec<Arc<Act>>,
    /// Whether chats take everything at once.
    pub(crate) quick: bool,
    /// What the last command was told.
    pub(crate) reply: Option<Reply>,
    /// What became of the request that it brought.
    pub(crate) call: Option<Call>,
    count: u64,
    seed: u64,
    names: BTreeMap<RunId, String>,
}

impl Bench {
    /// An engine with this package deployed.
    pub(crate) fn new(source: &str) -> Bench {
        Bench::of(&module(source))
    }

    /// An engine with this module deployed.
    pub(crate) fn of(module: &Module) -> Bench {
        let mut bench = Bench::empty();
        bench.deploy(module);
        bench
    }

    /// An engine before anything was deployed.
    pub(crate) fn empty() -> Bench {
        Bench {
            core: Core::new(vm::load, [7, 7]),
            now: START,
            lines: Vec::new(),
            acts: Vec::new(),
            quick: true,
            reply: None,
            call: None,
            count: 0,
            seed: 7,
            names: BTreeMap::new(),
        }
    }

    /// Deploys a module; panics where that is refused.
    pub(crate) fn deploy(&mut self, module: &Module) -> Vec<String> {
        let said = self.deploy_with(module, BTreeMap::new());
        assert!(matches!(self.reply, Some(Reply::Deployed(_))), "{:?}", self.reply);
        said
    }

    pub(crate) fn deploy_with(&mut self, module: &Module, settings: BTreeMap<Arc<str>, Json>) -> Vec<String> {
        let deploy = Deploy { module: module.to_bytes().into(), settings, bindings: bindings() };
        self.submit(Input::Deploy(Box::new(deploy)))
    }

    /// Decides a command and lets everything follow that follows by itself.
    pub(crate) fn submit(&mut self, input: Input) -> Vec<String> {
        let decided = self.core.submit(self.now, input);
        (self.reply, self.call) = (Some(decided.reply), decided.call);
        self.go()
    }

    /// Something happens.
    pub(crate) fn event(&mut self, event: Event) -> Vec<String> {
        self.submit(Input::Event(Box::new(event)))
    }

    /// Somebody writes, in their direct conversation.
    pub(crate) fn message(&mut self, who: &str, text: &str) -> Vec<String> {
        let event = self.said(who, None, text);
        self.event(event)
    }

    /// Somebody writes in a room.
    pub(crate) fn message_in(&mut self, room: &str, who: &str, text: &str) -> Vec<String> {
        let event = self.said(who, Some(room), text);
        self.event(event)
    }

    /// The event of somebody writing.
    pub(crate) fn said(&mut self, who: &str, room: Option<&str>, text: &str) -> Event {
        self.count += 1;
        let id = format!("e{}", self.count);
        let message = json!({
            "id": id, "text": text, "attachments": [], "reply_to": null, "mentions": [], "mentioned": false,
        });
        channel_event(&id, "message", who, room, self.now, vec![("message", message)])
    }

    /// Somebody presses the n-th button of the act whose words contain `part`.
    pub(crate) fn press(&mut self, who: &str, buttons: &[(String, String)], n: usize) -> Vec<String> {
        self.count += 1;
        let id = format!("e{}", self.count);
        let (value, label) = &buttons[n];
        let message = json!({ "channel": "net", "conversation": who, "id": "m" });
        let fields = vec![("message", message), ("value", json!(value)), ("label", json!(label))];
        let event = channel_event(&id, "button", who, None, self.now, fields);
        self.event(event)
    }

    /// Time passes, and whatever is due happens when it is due.
    pub(crate) fn pass(&mut self, ms: i64) -> Vec<String> {
        let (end, mut said) = (self.now + ms, Vec::new());
        while let Some(due) = self.core.next_due().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            said.extend(self.go());
        }
        self.now = end;
        said.extend(self.go());
        said
    }

    /// Nobody is there for so long; then everything that was due comes at once.
    pub(crate) fn sleep(&mut self, ms: i64) -> Vec<String> {
        self.now += ms;
        self.go()
    }

    /// The act whose words contain this.
    pub(crate) fn act(&self, part: &str) -> Arc<Act> {
        let found = self.acts.iter().find(|act| words_of(act).contains(part));
        let all: Vec<String> = self.acts.iter().map(|act| words_of(act)).collect();
        Arc::clone(found.unwrap_or_else(|| panic!("nothing with `{part}` is on its way: {all:?}")))
    }

    /// A performer reports about the act whose words contain `part`.
    pub(crate) fn report(&mut self, part: &str, outcome: Reported) -> Vec<String> {
        let act = self.act(part);
        if !matches!(outcome, Reported::Unknown(_)) {
            self.acts.retain(|open| open.id != act.id);
        }
        self.submit(Input::Report(Box::new(Report { act: act.id.clone(), attempt: act.attempt, outcome })))
    }

    /// It happened.
    pub(crate) fn done(&mut self, part: &str) -> Vec<String> {
        let act = self.act(part);
        self.report(part, Reported::Done(answer(&act)))
    }

    /// It did not.
    pub(crate) fn failed(&mut self, part: &str, kind: FailureKind) -> Vec<String> {
        self.report(part, Reported::Failed(Failure::new(kind, "no")))
    }

    /// The process dies; another one reads the journal and goes on.
    pub(crate) fn crash(&mut self) -> Vec<String> {
        let mut said = self.crash_deaf();
        said.extend(self.submit(Input::Channel { account: "net".into(), caught_up: true }));
        said
    }

    /// The same, and no channel has said yet that it hears.
    pub(crate) fn crash_deaf(&mut self) -> Vec<String> {
        self.seed += 1;
        self.core = Core::replay(&self.lines, vm::load, [self.seed, 7]);
        self.acts.clear();
        self.core.recover(self.now);
        self.go()
    }

    /// The only run that lives.
    pub(crate) fn run(&self) -> RunId {
        let runs: Vec<RunId> = self.core.state().runs.iter().map(|run| run.id).collect();
        assert_eq!(runs.len(), 1, "one run lives");
        runs[0]
    }

    /// Runs that live: flow, where it stands, and how many operations it waits for and settles.
    pub(crate) fn living(&self) -> Vec<String> {
        let words = |run: &carapace_engine::stored::Run| {
            let phase = match &run.phase {
                Phase::Queued => "queued",
                Phase::Running => "running",
                Phase::Cancelling => "ending",
                Phase::Over(_) => "over",
            };
            let settling = if run.settling.is_empty() { "" } else { ", settling" };
            format!("{} {phase}{settling}", short(&run.flow))
        };
        self.core.state().runs.iter().map(|run| words(&run)).collect()
    }

    /// A value of a state, as JSON.
    pub(crate) fn state(&self, name: &str) -> Vec<String> {
        let cells = self.core.state().values.of(name);
        cells.map(|(key, cell)| format!("{} = {:?}", key.0, cell.value.0)).collect()
    }

    /// Everything that goes on by itself at this instant.
    pub(crate) fn go(&mut self) -> Vec<String> {
        let mut said = Vec::new();
        loop {
            self.core.pump(self.now);
            for line in self.core.take_lines() {
                self.tell(&line, &mut said);
                self.lines.push(line);
            }
            let outgoing = self.core.take_outgoing(u64::MAX);
            if outgoing.is_empty() {
                break;
            }
            for outgoing in outgoing {
                self.perform(outgoing, &mut said);
            }
        }
        self.check();
        said
    }

    /// The flow of a run.
    fn name(&self, run: RunId) -> String {
        let created = || {
            self.lines.iter().flatten().find_map(|record| match record {
                Record::Created(created) if created.run == run => Some(short(&created.flow).to_owned()),
                _ => None,
            })
        };
        self.names.get(&run).cloned().or_else(created).unwrap_or_else(|| "?".to_owned())
    }

    fn perform(&mut self, outgoing: Outgoing, said: &mut Vec<String>) {
        match outgoing {
            Outgoing::Perform(act) => {
                said.push(format!("{}{}", words_of(&act), if act.again { " again" } else { "" }));
                if self.quick && act.request.effect.starts_with("chat.") {
                    let outcome = Reported::Done(answer(&act));
                    let report = Report { act: act.id.clone(), attempt: act.attempt, outcome };
                    self.core.report(self.now, report);
                } else {
                    self.acts.retain(|open| open.id != act.id);
                    self.acts.push(act);
                }
            }
            Outgoing::Abandon(id) => {
                let act = self.acts.iter().find(|act| act.id == id);
                said.extend(act.map(|act| format!("lets go of {}", words_of(act))));
            }
            Outgoing::Respond(r) => said.push(format!("responds {} {}", r.status, r.body)),
            Outgoing::Note(note) => said.push(format!("log {}", note.message)),
            // That a run failed, or is left alone, stands in the lines, too.
            Outgoing::Failed(_) | Outgoing::Quarantined(_) => {}
            Outgoing::Unanswered(_) => said.push("leaves a request".to_owned()),
            Outgoing::Muted(muted) => said.push(format!("mutes {}: {}", muted.sender, muted.why)),
        }
    }

    /// A line in words: what a person would want to know of it.
    fn tell(&mut self, line: &Line, said: &mut Vec<String>) {
        for record in line {
            match record {
                Record::Created(created) => {
                    let name = short(&created.flow).to_owned();
                    let released =
                        line.iter().any(|r| matches!(r, Record::Released(r) if r.run == created.run));
                    let verb = if released { "starts" } else { "queues" };
                    let otherwise = matches!(created.entry, Entry::Otherwise { .. });
                    said.push(format!("{verb} {name}{}", if otherwise { " else" } else { "" }));
                    self.names.insert(created.run, name);
                }
                Record::Released(released) => {
                    let born = line.iter().any(|r| matches!(r, Record::Created(c) if c.run == released.run));
                    if !born {
                        said.push(format!("lets in {}", self.name(released.run)));
                    }
                }
                Record::Dropped(dropped) => {
                    said.push(format!("drops {}: {:?}", short(&dropped.flow), dropped.reason));
                }
                Record::Skipped(skipped) => {
                    said.push(format!("skips {}: {:?}", self.name(skipped.run), skipped.reason));
                }
                Record::Filtered(filtered) if !filtered.passes => {
                    said.push(format!("{} drops it", short(&filtered.flow)));
                }
                Record::Closed(closed) => {
                    let finished = &self.core.state().finished;
                    let end = finished.iter().rev().find(|summary| summary.run == closed.run);
                    let end = end.map_or("is gone".to_owned(), |summary| how(&summary.end));
                    said.push(format!("{} {end}", self.name(closed.run)));
                }
                _ => {}
            }
        }
    }

    /// What must hold at any time. Where very much has happened it is looked at elsewhere: reading a long journal anew
    /// after every command takes its time.
    fn check(&self) {
        if self.lines.len() > 300 {
            return;
        }
        let snapshot = self.core.snapshot();
        let written: Vec<String> =
            self.lines.iter().map(|line| serde_json::to_string(line).unwrap()).collect();
        let read: Vec<Line> = written.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read, self.lines, "what is written can be read");
        let replayed = Core::replay(&read, vm::load, [0, 0]);
        let same = replayed.snapshot() == snapshot;
        assert!(same, "{}", difference(&snapshot, &replayed.snapshot()));
        let restored = Core::restore(&snapshot, vm::load, [0, 0]).unwrap();
        assert!(restored.snapshot() == snapshot, "{}", difference(&snapshot, &restored.snapshot()));
        for run in self.core.state().runs.iter() {
            for (op, operation) in &run.operations {
                assert!(!run.settling.contains_key(op), "{op} of {} is in two places", run.flow);
                let timer = matches!(operation, Operation::Timer { .. });
                let due = self.core.state().timers.iter().any(|(_, timer)| {
                    matches!(timer, carapace_engine::Timer::Operation { run: r, op: o } if *r == run.id && o == op)
                });
                assert_eq!(timer, due, "every timer is due, and nothing else: {op} of {}", run.flow);
            }
        }
    }
}

/// Where two snapshots begin to differ.
pub(crate) fn difference(one: &[u8], two: &[u8]) -> String {
    let at = one.iter().zip(two).take_while(|(a, b)| a == b).count();
    let around = |bytes: &[u8]| {
        let from = at.saturating_sub(150);
        String::from_utf8_lossy(&bytes[from..bytes.len().min(at + 150)]).into_owned()
    };
    format!("they differ:\n{}\n{}", around(one), around(two))
}

/// An event of the account `net`.
pub(crate) fn channel_event(
    id: &str,
    trigger: &str,
    who: &str,
    room: Option<&str>,
    now: i64,
    more: Vec<(&str, Json)>,
) -> Event {
    let conversation = room.unwrap_or(who);
    let kind = if room.is_some() { "room" } else { "direct" };
    let mut fields = Map::new();
    let sender = json!({ "id": who, "name": who, "bot": false, "role": null, "channel": "net" });
    fields.insert("sender".into(), sender);
    let here = json!({ "id": conversation, "channel": "net", "kind": kind, "title": null });
    fields.insert("conversation".into(), here);
    fields.extend(more.into_iter().map(|(name, json)| (name.to_owned(), json)));
    let origin = Origin {
        account: "net".into(),
        conversation: conversation.into(),
        direct: room.is_none(),
        thread: None,
        sender: Some(who.into()),
        message: Some(id.into()),
        route: Json::Null,
    };
    let kind = EventKind::Channel { account: "net".into(), id: id.into(), trigger: trigger.into() };
    Event { kind, origin: Some(origin), at: Some(now), fields }
}

/// A webhook's call.
pub(crate) fn webhook(path: &str, id: Option<&str>, body: Json) -> Event {
    let mut fields = Map::new();
    fields.insert("body".into(), body);
    fields.insert("headers".into(), json!({}));
    fields.insert("query".into(), json!({}));
    fields.insert("path".into(), json!(path));
    fields.insert("method".into(), json!("POST"));
    let kind =
        EventKind::Webhook { package: None, path: path.into(), method: "POST".into(), id: id.map(Arc::from) };
    Event { kind, origin: None, at: None, fields }
}

/// An event of our own.
pub(crate) fn named(name: &str, payload: Json) -> Event {
    let fields = std::iter::once(("payload".to_owned(), payload)).collect();
    Event { kind: EventKind::Named { name: name.into() }, origin: None, at: None, fields }
}

/// `main.f` is `f`.
pub(crate) fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn how(end: &End) -> String {
    match end {
        End::Succeeded(_) => "succeeded".to_owned(),
        End::Failed(failure) => format!("failed: {}", failure.message),
        End::Cancelled(reason) => format!("was cancelled: {reason}"),
        End::Fault(fault) => format!("broke: {fault}"),
    }
}

/// `send hello → oncall`, `ask Sure? [yes|no] → ana`.
pub(crate) fn words_of(act: &Act) -> String {
    let text = |json: &Json| match json {
        Json::String(text) => Some(text.clone()),
        Json::Object(content) => content.get("text").and_then(Json::as_str).map(str::to_owned),
        _ => None,
    };
    let named = ["content", "question", "text", "message", "prompt", "emoji", "connection"];
    let asked = || {
        let turns = &act.session.as_ref()?.turns;
        turns.iter().rev().find_map(|turn| match &turn.turn {
            carapace_effect::Turn::User { text, .. } => Some(text.to_string()),
            _ => None,
        })
    };
    let said = named.iter().find_map(|name| act.arguments.get(*name).and_then(text));
    let said = said.or_else(asked).unwrap_or_default();
    let labels: Vec<&str> = act.buttons.iter().map(|(_, label)| label.as_str()).collect();
    let buttons = if labels.is_empty() { String::new() } else { format!(" [{}]", labels.join("|")) };
    let to = match &act.to {
        Some(Destination::Conversation { conversation, .. }) => format!(" → {conversation}"),
        Some(Destination::User { user, .. }) => format!(" → @{user}"),
        None => String::new(),
    };
    format!("{} {said}{buttons}{to}", short(&act.request.effect))
}

/// What a platform answers.
pub(crate) fn answer(act: &Act) -> Json {
    match &act.to {
        Some(Destination::Conversation { account, conversation }) => {
            json!({ "channel": account, "conversation": conversation, "id": "m" })
        }
        Some(Destination::User { account, user }) => {
            json!({ "channel": account, "conversation": user, "id": "m" })
        }
        None => Json::Null,
    }
}
