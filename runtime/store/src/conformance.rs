//! What every store must do. An implementation passes by running [`all`] over a function that makes empty ones.

use crate::store::{Checkpoint, Epoch, Position, Store, Transaction};
use crate::{BlobId, Error, Indexer, Line, Spot};
use std::ops::ControlFlow;
use std::sync::mpsc;

/// What is wrong with the store, for a person.
pub type Failure = String;

/// One rule, by name.
pub type Rule = (&'static str, fn(&dyn Store) -> Result<(), Failure>);

/// Every rule. Each wants an empty store.
pub const RULES: &[Rule] = &[
    ("lines come back in order", order),
    ("a transaction comes back as it went in", faithful),
    ("an old epoch may not write", fenced),
    ("a wrong position adds nothing", conflict),
    ("an empty batch changes nothing", empty_batch),
    ("sync makes everything durable and tells it", durable),
    ("what is being done is what was marked last", mark),
    ("reading starts after a position and stops when told", partial_read),
    ("the latest checkpoint is kept", checkpoints),
    ("a checkpoint of the future is refused", future_checkpoint),
    ("only what a checkpoint holds is truncated", truncation),
    ("what is put into the archive is read as before", archive),
    ("old parts of the archive go, the rest stays", shortening),
    ("archived lines are put in the place of others, and nothing else is", rewriting),
    ("what is put on the shelf is read back", shelf),
    ("a shelf goes on behind an extent", resumed),
    ("blobs are named by their bytes", blobs),
    ("swept blobs are gone, kept ones stay", sweeping),
];

/// Runs every rule over a fresh store each, and answers the first failure with its rule's name.
///
/// # Errors
/// The rule that does not hold, and why.
pub fn all<S: Store>(mut empty: impl FnMut() -> S) -> Result<(), Failure> {
    for (name, rule) in RULES {
        rule(&empty()).map_err(|why| format!("{name}: {why}"))?;
    }
    Ok(())
}

/// `count` transactions whose records tell them apart, the first of them about line `from`.
pub fn lines(from: u64, count: u64) -> Vec<Transaction> {
    let one = |n: u64| {
        let record = serde_json::json!({ "n": n, "text": format!("line {n}, ünï\ncode") });
        Transaction::of(i64::try_from(n).unwrap_or(0), &[record, serde_json::json!(n)])
    };
    (from..from.saturating_add(count)).filter_map(|n| one(n).ok()).collect()
}

/// The `n` of each line's first record after a position.
///
/// # Errors
/// The store's.
pub fn numbers(store: &dyn Store, after: Position) -> Result<Vec<u64>, Error> {
    let mut found = Vec::new();
    store.read(after, &mut |line| {
        let first = line.records.first().map_or("", |r| r.get());
        let value: serde_json::Value = serde_json::from_str(first).unwrap_or_default();
        found.push(value.get("n").and_then(serde_json::Value::as_u64).unwrap_or(u64::MAX));
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

fn order(store: &dyn Store) -> Result<(), Failure> {
    let epoch = lease(store)?;
    let mut position = Position(0);
    for count in [1, 3, 2] {
        let next = add(store, epoch, position, count)?;
        same("the position", next, Position(position.0.saturating_add(count)))?;
        position = next;
    }
    same("the position", store.position(), Position(6))?;
    same("the lines", told(numbers(store, Position(0)))?, (1..=6).collect())
}

fn faithful(store: &dyn Store) -> Result<(), Failure> {
    let epoch = lease(store)?;
    let texts = [r#"{"a":"\u0000 \\ \" ✓"}"#, "[1.50,1e400,-0]", "null", r#""line\nbreak""#];
    let records = format!("[{}]", texts.join(","));
    told(store.append(epoch, Position(0), &[Transaction { at: -5, records }]))?;
    let mut seen = Vec::new();
    told(store.read(Position(0), &mut |line| {
        seen.push((line.seq, line.at, line.records.iter().map(|r| r.get().to_owned()).collect::<Vec<_>>()));
        ControlFlow::Continue(())
    }))?;
    same("the line", seen, vec![(Position(1), -5, texts.map(str::to_owned).to_vec())])
}

fn fenced(store: &dyn Store) -> Result<(), Failure> {
    let old = lease(store)?;
    let new = lease(store)?;
    holds("epochs grow", new > old)?;
    let refused = |result: Result<(), Error>| holds("refused", matches!(result, Err(Error::Fenced { .. })));
    refused(store.append(old, Position(0), &lines(1, 1)).map(|_| ()))?;
    refused(store.write_checkpoint(old, &Checkpoint { at: Position(0), state: Vec::new() }))?;
    refused(store.truncate_before(old, Position(0)))?;
    refused(store.archive_before(old, Position(0), &mut Counting::boxed))?;
    refused(store.shorten_archive(old, 0).map(|_| ()))?;
    refused(store.roll(old))?;
    refused(store.rewrite_archive(old, &mut |_| None, &mut Counting::boxed).map(|_| ()))?;
    refused(store.sweep_blobs(old, &|_| true).map(|_| ()))?;
    add(store, new, Position(0), 1)?;
    same("the lines", told(numbers(store, Position(0)))?, vec![1])
}

fn conflict(store: &dyn Store) -> Result<(), Failure> {
    let epoch = lease(store)?;
    add(store, epoch, Position(0), 2)?;
    for wrong in [0, 1, 3] {
        let result = store.append(epoch, Position(wrong), &lines(9, 1));
        holds("refused", matches!(result, Err(Error::Conflict { actual: Position(2), .. })))?;
    }
    same("the lines", told(numbers(store, Position(0)))?, vec![1, 2])
}

fn empty_batch(store: &dyn Store) -> Result<(), Failure> {
    let epoch = lease(store)?;
    same("the position", told(store.append(epoch, Position(0), &[]))?, Position(0))?;
    same("the durable position", told(store.sync())?, Position(0))
}

fn durable(store: &dyn Store) -> Result<(), Failure> {
    let (tell, heard) = mpsc::channel();
    store.on_durable(Box::new(move |result| {
        // The receiver is gone when the rule has ended.
        let _ = tell.send(result.ok());
    }));
    let epoch = lease(store)?;
    let position = add(store, epoch, Position(0), 5)?;
    same("the synced position", told(store.sync())?, position)?;
    same("the durable position", store.durable(), position)?;
    let mut last = None;
    while last != Some(position) {
        let next = heard.recv_timeout(std::time::Duration::from_secs(10));
        last = next.map_err(|_| "nobody told that the lines are durable".to_owned())?;
    }
    Ok(())
}

fn mark(store: &dyn Store) -> Result<(), Failure> {
    same("the mark of an empty store", told(store.marked())?, String::new())?;
    let longest = "x".repeat(60);
    for what in ["a longer one", "short", &longest, ""] {
        told(store.mark(what))?;
        same("the mark", told(store.marked())?.as_str(), what)?;
    }
    Ok(())
}

fn partial_read(store: &dyn Store) -> Result<(), Failure> {
    let epoch = lease(store)?;
    add(store, epoch, Position(0), 50)?;
    same("the lines", told(numbers(store, Position(48)))?, vec![49, 50])?;
    same("behind the end", told(numbers(store, Position(50)))?, Vec::new())?;
    let mut count = 0;
    told(store.read(Position(10), &mut |_| {
        count += 1;
        if count == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }))?;
    same("the visits", count, 3)
}

fn checkpoints(store: &dyn Store) -> Result<(), Failure> {
    same("at first", told(store.read_checkpoint())?, None)?;
    let epoch = lease(store)?;
    add(store, epoch, Position(0), 4)?;
    for at in [2, 4] {
        let checkpoint = Checkpoint { at: Position(at), state: vec![u8::try_from(at).unwrap_or(0); 100_000] };
        told(store.write_checkpoint(epoch, &checkpoint))?;
        same("the checkpoint", told(store.read_checkpoint())?, Some(checkpoint))?;
    }
    same("the lines", told(numbers(store, Position(0)))?.len(), 4)?;
    let earlier = store.write_checkpoint(epoch, &Checkpoint { at: Position(1), state: Vec::new() });
    holds("an earlier one is refused", matches!(earlier, Err(Error::Conflict { .. })))
}

fn future_checkpoint(store: &dyn Store) -> Result<(), Failure> {
    let epoch = lease(store)?;
    add(store, epoch, Position(0), 1)?;
    let future = store.write_checkpoint(epoch, &Checkpoint { at: Position(2), state: Vec::new() });
    holds("refused", matches!(future, Err(Error::Conflict { .. })))?;
    same("the checkpoint", told(store.read_checkpoint())?, None)
}

fn truncation(store: &dyn Store) -> Result<(), Failure> {
    let epoch = lease(store)?;
    add(store, epoch, Position(0), 200)?;
    let early = store.truncate_before(epoch, Position(1));
    holds("without a checkpoint it is refused", matches!(early, Err(Error::Conflict { .. })))?;
    told(store.write_checkpoint(epoch, &Checkpoint { at: Position(150), state: vec![1] }))?;
    let far = store.truncate_before(epoch, Position(151));
    holds("behind the checkpoint it is refused", matches!(far, Err(Error::Conflict { .. })))?;
    told(store.truncate_before(epoch, Position(150)))?;
    same("the lines after it", told(numbers(store, Position(150)))?, (151..=200).collect())?;
    match numbers(store, Position(0)) {
        Ok(all) => same("a store that kept all", all.len(), 200)?,
        Err(Error::Truncated { gone }) => {
            holds("no more than asked is gone", gone <= Position(150))?;
            same("the rest", told(numbers(store, gone))?, (gone.0.saturating_add(1)..=200).collect())?;
        }
        Err(error) => return Err(error.to_string()),
    }
    same("the next position", add(store, epoch, Position(200), 1)?, Position(201))
}

/// Makes an index that says how many lines a part has.
struct Counting(u64);

impl Counting {
    fn boxed() -> Box<dyn Indexer> {
        Box::new(Counting(0))
    }
}

impl Indexer for Counting {
    fn line(&mut self, _: &Line<'_>) {
        self.0 = self.0.saturating_add(1);
    }

    fn finish(&mut self) -> Vec<u8> {
        format!("{{\"lines\":{}}}", self.0).into_bytes()
    }
}

fn archive(store: &dyn Store) -> Result<(), Failure> {
    let epoch = lease(store)?;
    add(store, epoch, Position(0), 200)?;
    let early = store.archive_before(epoch, Position(1), &mut Counting::boxed);
    holds("without a checkpoint it is refused", matches!(early, Err(Error::Conflict { .. })))?;
    for upto in [100, 150] {
        told(store.write_checkpoint(epoch, &Checkpoint { at: Position(upto), state: vec![1] }))?;
        told(store.archive_before(epoch, Position(upto), &mut Counting::boxed))?;
        same("the lines", told(numbers(store, Position(0)))?, (1..=200).collect())?;
        same("some of them", told(numbers(store, Position(97)))?, (98..=200).collect())?;
    }
    let mut next = Position(1);
    for first in told(store.archived())? {
        let (part, index) = told(store.read_part(first))?;
        same("a part follows the one before it", (first, part.first), (next, next))?;
        let lines = part.last.0.saturating_sub(first.0).saturating_add(1);
        same("its index", index, format!("{{\"lines\":{lines}}}").into_bytes())?;
        same("its first time", part.from, i64::try_from(first.0).unwrap_or(0))?;
        same("its last time", part.until, i64::try_from(part.last.0).unwrap_or(0))?;
        next = part.last.next();
    }
    same("the live lines follow the last part", told(store.first_live())?, next)?;
    holds("no part reaches behind the checkpoint", next <= Position(151))?;
    let beyond = store.archive_before(epoch, Position(151), &mut Counting::boxed);
    holds("behind the checkpoint it is refused", matches!(beyond, Err(Error::Conflict { .. })))?;
    same("the next position", add(store, epoch, Position(200), 1)?, Position(201))
}

fn shortening(store: &dyn Store) -> Result<(), Failure> {
    let epoch = lease(store)?;
    add(store, epoch, Position(0), 200)?;
    for upto in [100, 150] {
        told(store.write_checkpoint(epoch, &Checkpoint { at: Position(upto), state: vec![1] }))?;
        told(store.archive_before(epoch, Position(upto), &mut Counting::boxed))?;
    }
    let parts = told(store.archived())?;
    if let Some(first) = parts.first() {
        let (oldest, _) = told(store.read_part(*first))?;
        same("what is not older stays", told(store.shorten_archive(epoch, oldest.until))?, 0)?;
        let gone = told(store.shorten_archive(epoch, oldest.until.saturating_add(1)))?;
        same("what is older goes", gone, 1)?;
        holds(
            "it is told",
            matches!(numbers(store, Position(0)), Err(Error::Truncated { gone }) if gone == oldest.last),
        )?;
        same(
            "the rest",
            told(numbers(store, oldest.last))?,
            (oldest.last.0.saturating_add(1)..=200).collect(),
        )?;
        same("the parts", told(store.archived())?, parts.get(1..).unwrap_or_default().to_vec())?;
    }
    told(store.truncate_before(epoch, Position(150)))?;
    same("what is truncated is in no archive", told(store.archived())?, Vec::new())?;
    same("the lines after it", told(numbers(store, Position(150)))?, (151..=200).collect())
}

fn rewriting(store: &dyn Store) -> Result<(), Failure> {
    let epoch = lease(store)?;
    add(store, epoch, Position(0), 150)?;
    told(store.roll(epoch))?;
    add(store, epoch, Position(150), 50)?;
    told(store.write_checkpoint(epoch, &Checkpoint { at: Position(150), state: vec![1] }))?;
    told(store.archive_before(epoch, Position(150), &mut Counting::boxed))?;
    same("what was there when it was rolled can leave", told(store.first_live())?, Position(151))?;
    let before = told(store.archived())?;
    let third = |seq: u64| seq.is_multiple_of(3);
    let mut change = |line: &Line<'_>| third(line.seq.0).then(|| "[{\"n\":0},{}]".to_owned());
    let rewritten = told(store.rewrite_archive(epoch, &mut change, &mut Counting::boxed))?;
    same("the parts that have other lines", rewritten.parts, u64::try_from(before.len()).unwrap_or(0))?;
    let expected: Vec<u64> = (1..=200).map(|n| if n <= 150 && third(n) { 0 } else { n }).collect();
    same("the lines", told(numbers(store, Position(0)))?, expected.clone())?;
    same(
        "some of them",
        told(numbers(store, Position(97)))?.as_slice(),
        expected.get(97..).unwrap_or_default(),
    )?;
    same("the parts", told(store.archived())?, before.clone())?;
    for first in before {
        let (part, index) = told(store.read_part(first))?;
        let lines = part.last.0.saturating_sub(first.0).saturating_add(1);
        same("its index", index, format!("{{\"lines\":{lines}}}").into_bytes())?;
        same("its first time", part.from, i64::try_from(first.0).unwrap_or(0))?;
    }
    let again = told(store.rewrite_archive(epoch, &mut |_| None, &mut Counting::boxed))?;
    same("where nothing is to be changed", again.parts, 0)?;
    same("the next position", add(store, epoch, Position(200), 1)?, Position(201))
}

fn shelf(store: &dyn Store) -> Result<(), Failure> {
    let shelf = store.shelf();
    same("at first", shelf.extent(), None)?;
    let entries = ["{}", r#"{"a":"ünï\ncode"}"#, r#"{"b":{"c":[1,2,3]}}"#];
    let mut spots = Vec::new();
    for entry in entries {
        spots.push(told(shelf.put(entry.as_bytes()))?);
    }
    for (spot, entry) in spots.iter().zip(entries).rev() {
        same("the entry", told(shelf.get(*spot))?.as_slice(), entry.as_bytes())?;
    }
    let all: Vec<_> = spots.into_iter().zip(entries.map(str::to_owned)).collect();
    same("the entries in order", on_shelf(store)?, all.clone())?;
    let next = told(shelf.roll())?;
    let spot = told(shelf.put(b"{\"last\":1}"))?;
    holds("a new file", spot.file == next && all.iter().all(|(before, _)| before.file < next))?;
    same("all of them", on_shelf(store)?, [all, vec![(spot, "{\"last\":1}".to_owned())]].concat())?;
    told(shelf.drop_before(next))?;
    same("what is in the new file stays", told(shelf.get(spot))?.as_slice(), &b"{\"last\":1}"[..])
}

fn resumed(store: &dyn Store) -> Result<(), Failure> {
    let shelf = store.shelf();
    let epoch = lease(store)?;
    let first = told(shelf.put(b"{\"n\":1}"))?;
    let extent = shelf.extent();
    told(store.write_checkpoint(epoch, &Checkpoint { at: Position(0), state: vec![1] }))?;
    let forgotten = told(shelf.put(b"{\"n\":2}"))?;
    told(shelf.resume(extent))?;
    same("what the extent holds", on_shelf(store)?, vec![(first, "{\"n\":1}".to_owned())])?;
    holds("the rest is gone", told(shelf.get(forgotten)).is_err())?;
    let next = told(shelf.put(b"{\"n\":3}"))?;
    let both = vec![(first, "{\"n\":1}".to_owned()), (next, "{\"n\":3}".to_owned())];
    same("what comes next", on_shelf(store)?, both)?;
    told(shelf.resume(None))?;
    same("without a checkpoint", shelf.extent(), None)
}

fn on_shelf(store: &dyn Store) -> Result<Vec<(Spot, String)>, Failure> {
    let shelf = store.shelf();
    let mut found = Vec::new();
    if let Some(extent) = shelf.extent() {
        told(shelf.scan(extent, &mut |spot, object| {
            found.push((spot, String::from_utf8_lossy(object).into_owned()));
            ControlFlow::Continue(())
        }))?;
    }
    Ok(found)
}

fn blobs(store: &dyn Store) -> Result<(), Failure> {
    for bytes in [&b""[..], b"hello", &[0; 100_000]] {
        let id = told(store.put_blob(bytes))?;
        same("the name", id, BlobId::of(bytes))?;
        same("again", told(store.put_blob(bytes))?, id)?;
        same("the bytes", told(store.get_blob(id))?.as_deref(), Some(bytes))?;
    }
    same("an unknown one", told(store.get_blob(BlobId::of(b"never stored")))?, None)
}

fn sweeping(store: &dyn Store) -> Result<(), Failure> {
    let epoch = lease(store)?;
    let (kept, gone) = (told(store.put_blob(b"kept"))?, told(store.put_blob(b"gone"))?);
    same("the count", told(store.sweep_blobs(epoch, &|id| id == kept))?, 1)?;
    same("the swept", told(store.get_blob(gone))?, None)?;
    same("the kept", told(store.get_blob(kept))?.as_deref(), Some(&b"kept"[..]))?;
    same("put again", told(store.put_blob(b"gone"))?, gone)?;
    same("is there", told(store.get_blob(gone))?.is_some(), true)
}

fn lease(store: &dyn Store) -> Result<Epoch, Failure> {
    told(store.lease())
}

fn add(store: &dyn Store, epoch: Epoch, after: Position, count: u64) -> Result<Position, Failure> {
    told(store.append(epoch, after, &lines(after.0.saturating_add(1), count)))
}

fn told<T, E: std::fmt::Display>(result: Result<T, E>) -> Result<T, Failure> {
    result.map_err(|error| error.to_string())
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, actual: T, expected: T) -> Result<(), Failure> {
    if actual == expected { Ok(()) } else { Err(format!("{what}: {actual:?} instead of {expected:?}")) }
}

fn holds(what: &str, true_: bool) -> Result<(), Failure> {
    if true_ { Ok(()) } else { Err(format!("not so: {what}")) }
}
