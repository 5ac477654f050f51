//! Of a person who is forgotten no word is left in the data directory, whatever happens meanwhile; of all others every one.

use super::replayed::MONTH;
use super::*;
use base64::Engine as _;
use carapace_engine::forget::Report as Told;
use carapace_engine::inspect::{Replayed, replayed};
use carapace_engine::machine::vm;
use carapace_engine::service::How;
use carapace_store::disk::{Plan, SimulatedDisk};
use carapace_store::{Depth, JsonlStore, inspect};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicI64;

const FLOWS: &str = r#"channel chat: any

state visits: Int = 0 by sender
state last: Text = "" by sender
state talk: Text = "" by conversation
state count: Int = 0

flow greet on chat.message where message.text.first(3) == "hi "
  dedupe message.text for 7d
  limit 50 per 1h by sender
{
  set visits = visits + 1
  set last = message.text
  set talk = message.text
  set count = count + 1
  emit("greeted", message.text)
  reply("{visits} {message.text}")
}

flow heard on event("greeted", Text) {
  log("heard {payload}")
}

flow survey on chat.message where message.text.first(7) == "survey "
  timeout 9d
{
  let said = await chat.message from anyone
  emit("greeted", said.message.text)
  reply("thanks for {said.message.text}")
}

flow calm on chat.message where message.text.first(5) == "calm "
  debounce 10m by sender
{
  reply("quiet: {message.text}")
}

flow later on chat.message where message.text.first(6) == "later " {
  wait(1h)
  reply("an hour later: {message.text}")
}
"#;

/// The one who is forgotten, the words that only they said, and by what else they are known.
const ANA: &str = "main:ana-7731";
const HERS: [&str; 5] = ["zebra", "ana-7731", "Anastasia", "dm-ana", "id-ana"];

/// Everything that can rest, rests at once; everything is put away soon.
fn at_once() -> Options {
    Options { checkpoint_lines: 15, rest_after: 0, history: MONTH, ..Options::default() }
}

fn sizes(disk: &SimulatedDisk) -> carapace_store::Options {
    carapace_store::Options {
        segment_bytes: 9_000,
        padding_bytes: 2_000,
        reserve_bytes: 10_000,
        disk: Arc::new(disk.clone()),
        ..carapace_store::Options::new("data")
    }
}

fn begin(disk: &SimulatedDisk, clock: &Arc<AtomicI64>) -> Life {
    begin_with(disk, clock, at_once())
}

fn begin_with(disk: &SimulatedDisk, clock: &Arc<AtomicI64>, options: Options) -> Life {
    let store = Arc::new(JsonlStore::open(sizes(disk)).unwrap());
    Life::of(FLOWS, store, options, clock.clone())
}

fn clock() -> Arc<AtomicI64> {
    Arc::new(AtomicI64::new(life::START))
}

/// Somebody writes, in the room or to us alone.
fn message(n: u32, who: &str, place: &str, text: &str) -> Event {
    let direct = place.starts_with("dm-");
    let name = if who == "ana-7731" { "Anastasia" } else { who };
    let mut event = life::message(n, text);
    event.kind = EventKind::Channel {
        account: "main".into(),
        id: format!("id-{who}-{n}").into(),
        trigger: "message".into(),
    };
    let fields = json!({
        "message": { "id": format!("id-{who}-{n}"), "text": text, "attachments": [], "mentions": [], "mentioned": false },
        "sender": { "id": who, "name": name, "bot": false, "channel": "main" },
        "conversation": { "id": place, "channel": "main", "kind": if direct { "direct" } else { "group" }, "title": null },
    });
    event.fields = fields.as_object().unwrap().clone();
    event.origin = event.origin.map(|origin| Origin {
        conversation: place.into(),
        direct,
        sender: Some(who.into()),
        message: Some(format!("id-{who}-{n}").into()),
        ..origin
    });
    event
}

/// Does what is wanted until everything has come to rest.
async fn settle(life: &mut Life) {
    let handle = life.handle.clone();
    let rest = handle.settled();
    tokio::pin!(rest);
    loop {
        tokio::select! {
            biased;
            Some(outgoing) = life.outgoing.recv() => {
                if let Outgoing::Perform(act) = outgoing {
                    life.done(&act).await;
                }
            }
            () = &mut rest => return,
        }
    }
}

async fn say(life: &mut Life, n: u32, who: &str, place: &str, text: &str) {
    let reply = life.handle.event(message(n, who, place, text)).await.unwrap().reply;
    assert_eq!(reply, Reply::Accepted, "{text}");
    settle(life).await;
}

/// Three people talk: to us, and in a room, where one answers what another asked.
async fn talk(life: &mut Life, rounds: u32) {
    for n in 0..rounds {
        say(life, 10 * n, "ana-7731", "dm-ana", &format!("hi zebra {n}")).await;
        say(life, 10 * n + 1, "bo", "dm-bo", &format!("hi walrus {n}")).await;
        say(life, 10 * n + 2, "cy", "room", &format!("hi lemur {n}")).await;
    }
    say(life, 100, "cy", "dm-cy", "later lemur").await;
    say(life, 101, "bo", "room", "survey walrus").await;
    say(life, 102, "ana-7731", "room", "zebra in the room").await;
    say(life, 103, "bo", "dm-bo", "survey walrus alone").await;
    say(life, 104, "ana-7731", "room", "hi zebra, room").await;
    // What a state keeps of a room is the room's.
    say(life, 105, "cy", "room", "hi lemur, room").await;
}

/// Every file, as text; what is compressed, as it was.
fn files(disk: &SimulatedDisk) -> BTreeMap<PathBuf, String> {
    let text = |path: &PathBuf| text_of(path, &disk.contents(path).unwrap_or_default());
    disk.files().iter().map(|path| (path.clone(), text(path))).collect()
}

fn text_of(path: &Path, bytes: &[u8]) -> String {
    let packed = path.extension().is_some_and(|ending| ending == "zst");
    let bytes = if packed { zstd::decode_all(bytes).unwrap() } else { bytes.to_vec() };
    String::from_utf8_lossy(&bytes).into_owned()
}

#[expect(clippy::disallowed_methods, reason = "what the store wrote is looked at from outside")]
fn bytes_of(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

/// The files in which a word stands, as it is or inside of bytes that are written as base64.
fn that_say<'f>(files: &'f BTreeMap<PathBuf, String>, word: &str) -> Vec<&'f PathBuf> {
    let mut forms = vec![word.to_owned()];
    for (before, unsure) in [(0, 0), (1, 2), (2, 3)] {
        let padded = [vec![0; before], word.as_bytes().to_vec()].concat();
        let code = base64::engine::general_purpose::STANDARD_NO_PAD.encode(padded);
        // What the first and the last digit say depends on what stands beside the word.
        let inner = code.get(unsure..code.len() - 1).unwrap();
        forms.push(inner.to_owned());
    }
    files
        .iter()
        .filter(|(_, text)| forms.iter().any(|form| text.contains(form)))
        .map(|(path, _)| path)
        .collect()
}

/// Every record of the journal that says a word, in their order.
fn records(disk: &SimulatedDisk, word: &str) -> Vec<String> {
    let look = || {
        let mut found = Vec::new();
        let mut visit = |line: &carapace_store::Line<'_>| {
            found.extend(
                line.records.iter().map(|r| r.get().to_owned()).filter(|record| record.contains(word)),
            );
        };
        let seen = inspect(&sizes(disk), Depth::Archive, carapace_store::Position(0), &mut visit);
        assert_eq!(seen.unwrap().unwrap().findings, []);
        found
    };
    // Segments may be put away between two looks, or in the middle of one.
    let mut last = look();
    loop {
        let next = look();
        if next == last {
            return next;
        }
        last = next;
    }
}

fn nothing_is_left(disk: &SimulatedDisk, when: &str) {
    let files = files(disk);
    for word in HERS {
        assert_eq!(that_say(&files, word), Vec::<&PathBuf>::new(), "`{word}` {when}");
    }
}

/// The records of others, before and after: those of their own are all there.
fn others_are_there(before: &[Vec<String>; 2], disk: &SimulatedDisk) {
    for (word, before) in ["hi walrus", "lemur"].iter().zip(before) {
        assert!(before.len() > 3);
        assert_eq!(records(disk, word), *before, "`{word}`");
    }
}

fn of_others(disk: &SimulatedDisk) -> [Vec<String>; 2] {
    ["hi walrus", "lemur"].map(|word| records(disk, word))
}

#[tokio::test(start_paused = true)]
async fn no_word_of_theirs_is_left_and_every_one_of_others() {
    let (disk, clock) = (SimulatedDisk::new(), clock());
    let mut life = begin(&disk, &clock);
    talk(&mut life, 6).await;
    let before = files(&disk);
    for word in HERS {
        assert!(that_say(&before, word).len() > 2, "`{word}` is looked for where it stands");
    }
    let others = of_others(&disk);
    let dry = life.handle.forget(ANA, How { dry_run: true, ..How::default() }).await.unwrap().unwrap();
    assert!(that_say(&files(&disk), "zebra").len() > 2, "saying what would go changes nothing");
    let report = life.handle.forget(ANA, How::default()).await.unwrap().unwrap();
    let (records, parts) = (report.records, report.parts);
    assert!(records > 50 && parts > 3, "{report:?}");
    assert_eq!(report, Told { records, parts, ..dry });
    // Eight messages, of which seven were greetings that were told; and what was told when one of bo's runs heard her.
    assert_eq!((report.events, report.runs, report.values), (16, 16, 3), "{report:?}");
    nothing_is_left(&disk, "while it runs");
    others_are_there(&others, &disk);
    let values = life.handle.look(|state| state.values.of("main.visits").count()).await.unwrap();
    assert_eq!(values, 2, "others have their values");

    // Others go on, and she may come again as somebody who was never there.
    say(&mut life, 200, "bo", "dm-bo", "hi walrus again").await;
    life.pass(3_600_000);
    settle(&mut life).await;
    assert_eq!(life.handle.look(|state| state.runs.len()).await.unwrap(), 0);
    say(&mut life, 201, "ana-7731", "dm-ana", "hi zebra 0").await;
    let visits = life.handle.look(|state| {
        let values = state.values.of("main.visits").map(|(_, cell)| cell.value.clone());
        values.map(|value| serde_json::to_value(value).unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(visits.await.unwrap(), [json!(1), json!(6), json!(7)]);
    life.stop().await.unwrap();
    let life = begin(&disk, &clock);
    let report = life.handle.forget(ANA, How::default()).await.unwrap().unwrap();
    assert_eq!((report.events, report.runs), (2, 2));
    nothing_is_left(&disk, "after they came again");
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_step_comes_to_the_same_end() {
    let (whole, time) = (SimulatedDisk::new(), clock());
    let mut life = begin(&whole, &time);
    talk(&mut life, 1).await;
    life.stop().await.unwrap();
    let others = of_others(&whole);
    let plans: [fn(u64) -> Plan; 3] = [
        |n| Plan { fail_sync: Some(n), ..Plan::default() },
        |n| Plan { fail_write: Some(n), ..Plan::default() },
        |n| Plan { fail_rename: Some(n), ..Plan::default() },
    ];
    for (kind, plan) in plans.into_iter().enumerate() {
        let mut step = 1;
        loop {
            let disk = whole.power_loss(step);
            let life = begin(&disk, &time);
            life.handle.settled().await;
            disk.plan(plan(step));
            let done = life.handle.forget(ANA, How::default()).await.is_ok_and(|told| told.is_ok());
            let (writes, syncs, renames) = disk.counts();
            let steps = [syncs, writes, renames].into_iter().nth(kind).unwrap();
            life.cut().await;
            let when = format!("after step {step} of kind {kind}, done: {done}");
            let after = disk.power_loss(step + 7);
            if done {
                drop(JsonlStore::open(sizes(&after)).unwrap());
                nothing_is_left(&after, &when);
            }
            // What was begun is finished by the next start, and what was not can be asked for again.
            let mut life = begin(&after, &time);
            settle(&mut life).await;
            match life.handle.forget(ANA, How::default()).await.unwrap() {
                Ok(report) => assert!(!done && report.events > 0, "{when}: {report:?}"),
                Err(rejection) => {
                    assert!(["E0967", "E0969"].contains(&rejection.code), "{when}: {rejection:?}");
                    while life.handle.look(|state| state.forgettings.is_under_way()).await.unwrap() {
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
            }
            life.stop().await.unwrap();
            nothing_is_left(&after, &when);
            others_are_there(&others, &after);
            // A write that fails may have been one that nothing depends on.
            if done && step > steps {
                break;
            }
            // Most writes are pieces of a file that has no name yet.
            step += if kind == 1 { 3 } else { 1 };
        }
        assert!(step > 10, "there are that many steps: {step}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_who_is_not_known_and_nobody_twice() {
    let (disk, clock) = (SimulatedDisk::new(), clock());
    let mut life = begin(&disk, &clock);
    talk(&mut life, 1).await;
    for (typed, meant) in [
        ("main:ana", "`main:ana-7731` (Anastasia)"),
        ("anastasia", "`main:ana-7731` (Anastasia)"),
        ("other:bo", "`main:bo` (bo)"),
        ("main:nobody", "`main:cy` (cy), `main:ana-7731` (Anastasia), `main:bo` (bo)"),
    ] {
        let before = life.handle.look(|state| state.sequence).await.unwrap();
        let rejection = life.handle.forget(typed, How::default()).await.unwrap().unwrap_err();
        assert_eq!(rejection.code, "E0967", "{typed}");
        assert!(rejection.help.as_ref().is_some_and(|help| help.ends_with(meant)), "{typed}: {rejection:?}");
        assert_eq!(life.handle.look(|state| state.sequence).await.unwrap(), before, "nothing was changed");
    }
    life.handle.forget(ANA, How::default()).await.unwrap().unwrap();
    let again = life.handle.forget(ANA, How::default()).await.unwrap().unwrap_err();
    assert_eq!(again.code, "E0967", "there is nothing any more: {again:?}");
    nothing_is_left(&disk, "after they were asked for again");
}

#[tokio::test(start_paused = true)]
async fn runs_that_live_have_to_end_first() {
    let (disk, clock) = (SimulatedDisk::new(), clock());
    let mut life = begin(&disk, &clock);
    talk(&mut life, 1).await;
    // Hers, and one of bo that heard her.
    say(&mut life, 300, "ana-7731", "dm-ana", "later zebra").await;
    say(&mut life, 301, "bo", "room", "later walrus").await;
    let how = |cancel| How { cancel, ..How::default() };
    let before = life.handle.look(|state| state.sequence).await.unwrap();
    let rejection = life.handle.forget(ANA, how(false)).await.unwrap().unwrap_err();
    assert_eq!(rejection.code, "E0968");
    assert!(
        rejection.message.contains("of `main.later`") && !rejection.message.contains(','),
        "{rejection:?}"
    );
    assert_eq!(life.handle.look(|state| state.sequence).await.unwrap(), before, "nothing was changed");
    let handle = life.handle.clone();
    let forgetting = tokio::spawn(async move { handle.forget(ANA, how(true)).await });
    let report = forgetting.await.unwrap().unwrap().unwrap();
    assert!(report.living.is_empty() && report.runs > 5, "{report:?}");
    nothing_is_left(&disk, "after runs were ended");
    assert_eq!(life.handle.look(|state| state.runs.len()).await.unwrap(), 3, "the others live");
}

#[tokio::test(start_paused = true)]
async fn what_failed_or_waits_is_dropped_too() {
    let (disk, clock) = (SimulatedDisk::new(), clock());
    let mut life = begin(&disk, &clock);
    for (n, who) in ["ana-7731", "bo"].into_iter().enumerate() {
        let n = u32::try_from(n).unwrap();
        let word = if who == "bo" { "walrus" } else { "zebra" };
        let event = message(n, who, &format!("dm-{}", &who[..2]), &format!("hi {word}"));
        life.handle.event(event).await.unwrap();
        let act = life.act().await;
        let failure = carapace_effect::Failure::new(carapace_effect::FailureKind::Refused, "blocked");
        let report = Report { act: act.id.clone(), attempt: act.attempt, outcome: Reported::Failed(failure) };
        life.handle.report(report).await.unwrap();
        settle(&mut life).await;
    }
    let kept = |state: &carapace_engine::State| {
        (state.outbox.letters().count(), state.failed.iter().count(), state.finished.iter().count())
    };
    assert_eq!(life.handle.look(kept).await.unwrap(), (2, 2, 4));
    let report = life.handle.forget(ANA, How::default()).await.unwrap().unwrap();
    assert_eq!((report.letters, report.values), (1, 3), "{report:?}");
    assert_eq!(life.handle.look(kept).await.unwrap(), (1, 1, 2));
    for word in ["zebra", "ana-7731", "Anastasia", "dm-an", "id-ana"] {
        assert_eq!(that_say(&files(&disk), word), Vec::<&PathBuf>::new(), "`{word}`");
    }
    assert!(!that_say(&files(&disk), "hi walrus").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_nobody_serves_is_searched_verified_and_replayed() {
    let folder = replayed::folder("forgotten");
    let options =
        || carapace_store::Options { segment_bytes: 9_000, ..carapace_store::Options::new(&folder) };
    let begin = || Life::of(FLOWS, Arc::new(JsonlStore::open(options()).unwrap()), at_once(), clock());
    let mut life = begin();
    talk(&mut life, 3).await;
    life.stop().await.unwrap();
    assert!(matches!(replayed(&folder, vm::load).unwrap(), Some(Replayed::Same { .. })));
    let search = |word: &str| {
        let inner = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let all = inner.flat_map(|path| match std::fs::read_dir(&path) {
            Ok(inside) => inside.map(|entry| entry.unwrap().path()).collect(),
            Err(_) => vec![path],
        });
        all.filter(|path| text_of(path, &bytes_of(path)).contains(word)).count()
    };
    assert!(HERS.iter().all(|word| search(word) > 1));
    let service = || {
        let store = Arc::new(JsonlStore::open(options()).unwrap());
        let clock = Clock::of(|| life::START);
        Service::open(store, Options { clock, ..at_once() }).unwrap().service
    };
    let served = service();
    let found = served.find(ANA).unwrap();
    let report = served.forget_now(found).unwrap().unwrap();
    assert!(report.records > 40 && report.parts > 2, "{report:?}");
    assert_eq!(HERS.map(search), [0; 5]);
    let seen =
        inspect(&options(), Depth::Archive, carapace_store::Position(0), &mut |_| {}).unwrap().unwrap();
    assert_eq!(seen.findings, []);
    let told = replayed(&folder, vm::load).unwrap();
    assert!(matches!(told, Some(Replayed::Erased { lines: 0, .. })), "{told:?}");

    let mut life = begin();
    say(&mut life, 400, "bo", "dm-bo", "hi walrus, all the same").await;
    life.cut().await;
    let told = replayed(&folder, vm::load).unwrap();
    assert!(matches!(told, Some(Replayed::Erased { lines: 1.., .. })), "{told:?}");
    let served = service();
    let found = served.find(ANA).unwrap();
    assert_eq!(found.check().unwrap_err().code, "E0967");
}

#[tokio::test(start_paused = true)]
async fn an_archive_that_cannot_be_searched_is_told_before_anything_is_changed() {
    let (disk, clock) = (SimulatedDisk::new(), clock());
    let mut life = begin(&disk, &clock);
    talk(&mut life, 2).await;
    let part = disk.files().into_iter().find(|path| path.extension().is_some_and(|e| e == "zst"));
    let part = part.map(|seal| PathBuf::from(seal.to_string_lossy().replace(".index.", ".jsonl."))).unwrap();
    let whole = disk.contents(&part).unwrap();
    disk.damage(&part, b"nothing that could be read".to_vec());
    let rejection = life.handle.forget(ANA, How::default()).await.unwrap().unwrap_err();
    assert!(rejection.code == "E0970" && rejection.message.contains("00001.jsonl.zst"), "{rejection:?}");
    assert!(!life.handle.look(|state| state.forgettings.is_under_way()).await.unwrap());
    disk.damage(&part, whole);
    assert!(!that_say(&files(&disk), "zebra").is_empty());
    life.handle.forget(ANA, How::default()).await.unwrap().unwrap();
    nothing_is_left(&disk, "after the part was put back");
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_silence_goes_and_that_of_others_comes() {
    let (disk, clock) = (SimulatedDisk::new(), clock());
    let mut life = begin(&disk, &clock);
    say(&mut life, 1, "ana-7731", "dm-ana", "calm zebra").await;
    say(&mut life, 2, "bo", "dm-bo", "calm walrus").await;
    let waiting = |state: &carapace_engine::State| state.regulation.debounces.len();
    assert_eq!(life.handle.look(waiting).await.unwrap(), 2);
    let report = life.handle.forget(ANA, How::default()).await.unwrap().unwrap();
    assert_eq!((report.events, report.runs), (1, 0), "{report:?}");
    assert_eq!(life.handle.look(waiting).await.unwrap(), 1);
    nothing_is_left(&disk, "while others wait for silence");
    life.pass(600_000);
    assert_eq!(life.act().await.arguments["content"]["text"], "quiet: calm walrus");
    assert!(life.outgoing.is_empty(), "nobody answers who is forgotten");
}

#[tokio::test(start_paused = true)]
async fn where_no_history_is_kept_the_state_tells_what_is_theirs() {
    let (disk, clock) = (SimulatedDisk::new(), clock());
    let mut life = begin_with(&disk, &clock, Options { history: Duration::ZERO, ..at_once() });
    say(&mut life, 300, "ana-7731", "dm-ana", "later zebra").await;
    for n in 0..20 {
        say(&mut life, n, "bo", "dm-bo", &format!("hi walrus {n}")).await;
    }
    assert!(records(&disk, "zebra").is_empty(), "no line tells of her any more");
    let rejection = life.handle.forget(ANA, How::default()).await.unwrap().unwrap_err();
    assert_eq!(rejection.code, "E0968", "but a run does: {rejection:?}");
    let cancel = How { cancel: true, ..How::default() };
    let report = life.handle.forget(ANA, cancel).await.unwrap().unwrap();
    assert_eq!((report.events, report.runs, report.parts), (1, 1, 0), "{report:?}");
    nothing_is_left(&disk, "without history");
    assert_eq!(life.handle.look(|state| state.values.of("main.visits").count()).await.unwrap(), 1);
}
