//! Advancing a run: from a consistent view of the state to what it wrote, asked for and came to.

use crate::Key;
use crate::blob::Blob;
use crate::decide::record_of;
use crate::entropy::Entropy;
use crate::hot::Kept;
use crate::machine::{Frames, Host, Limits, Stretch, StretchStatus, caught};
use crate::patch::{Patch, Pieces};
use crate::record::{Frames as Written, Read, Write};
use crate::state::{Deployment, State};
use crate::stored::{Entry, Run, Tell};
use crate::wire::Wire;
use carapace_effect::{Failure, FailureKind, RequestKind, RunId};
use carapace_module::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What one stretch may bring into the journal, in bytes: it is one line, and a line has to be read in one piece.
pub(crate) const LARGEST: u64 = 16 << 20;

/// Frames of fewer bytes are written whole: there is little to save.
const LEAST: usize = 1_024;

/// What came of advancing a run. Whoever computed it may have done so elsewhere, from a state that is older by now:
/// `decide` takes it only if nobody has written since to what it read.
#[derive(Debug, Clone, PartialEq)]
pub struct Ran {
    /// The run.
    pub run: RunId,
    /// Its `now()`.
    pub now: i64,
    /// What its `random()` came from.
    pub seed: u64,
    /// Which stretch of the run this is: that many tells and stretches it had behind it.
    pub work: u64,
    /// Whether it was told the first thing of its inbox.
    pub told: bool,
    /// State it read.
    pub reads: BTreeSet<Read>,
    /// State it wrote.
    pub writes: Vec<Write>,
    /// Its frames afterwards.
    pub frames: Written,
    /// What the machine said.
    pub stretch: Stretch,
}

/// A run that can go on.
struct Prepared {
    frames: Box<dyn Frames>,
    /// What it was written down as; nothing before its first stretch.
    before: Pieces,
    /// Whether it was told the first thing of its inbox.
    told: bool,
}

/// Advances a run that has work to do. None when it has none, or its deployment cannot be loaded: then it is parked.
pub fn advance(state: &State, id: RunId, now: i64, seed: u64) -> Option<Ran> {
    advance_kept(state, id, now, seed, None).map(|(ran, _)| ran)
}

/// As [`advance`], by what was kept of the run; gives what may be kept of it now.
pub(crate) fn advance_kept(
    state: &State,
    id: RunId,
    now: i64,
    seed: u64,
    kept: Option<Kept>,
) -> Option<(Ran, Option<Kept>)> {
    let run = state.runs.get(id)?;
    let work = run.work?;
    let deployment = state.deployments.get(run.deployment)?;
    let ran = caught(|| carry_out(state, deployment, run, work, now, seed, kept));
    Some(ran.unwrap_or_else(|panic| (ended(run, work, now, seed, StretchStatus::Panicked(panic)), None)))
}

fn carry_out(
    state: &State,
    deployment: &Deployment,
    run: &Run,
    work: u64,
    now: i64,
    seed: u64,
    kept: Option<Kept>,
) -> (Ran, Option<Kept>) {
    let id = run.id;
    let mut host = StretchHost::new(state, deployment, now, seed);
    host.run = Some(id);
    host.flow = Some(run.flow.clone());
    let Prepared { mut frames, before, told } = match prepare(state, run, deployment, kept) {
        Ok(prepared) => prepared,
        Err(fault) => return (ended(run, work, now, seed, StretchStatus::Fault(fault)), None),
    };
    let stretch = frames.advance(&mut host, Limits::STRETCH);
    let written = frames.pieces();
    let length = written.iter().map(|piece| piece.len()).sum();
    if length as u64 + host.size() + requested(&stretch) > LARGEST {
        let fault = format!("it holds, writes or asks for more than {} MiB at once", LARGEST >> 20);
        return (ended(run, work, now, seed, StretchStatus::Fault(fault)), None);
    }
    let changed = written_down(&before, &written, length);
    let waits = stretch.status == StretchStatus::Waiting;
    let kept = waits.then(|| Kept::frames(run.deployment, written, frames));
    let ran = Ran {
        run: id,
        now,
        seed,
        work,
        told,
        frames: changed,
        writes: host.written(),
        reads: host.reads,
        stretch,
    };
    (ran, kept)
}

/// Frames as they are written down: what has changed, where that is much less than all.
fn written_down(before: &[Arc<[u8]>], now: &[Arc<[u8]>], length: usize) -> Written {
    if !before.is_empty() && length >= LEAST {
        let patch = Patch::between(before, now);
        if patch.size() < length / 2 {
            return Written::Changed(patch);
        }
    }
    Written::Whole(Blob(match now {
        [whole] => Arc::clone(whole),
        pieces => pieces.concat().into(),
    }))
}

/// The logical size of what it asks for.
fn requested(stretch: &Stretch) -> u64 {
    let sizes = stretch.requests.iter().map(|request| match &request.kind {
        RequestKind::Effect(effect) => effect.args.iter().map(Value::size).sum(),
        RequestKind::Start { args, .. } => args.iter().map(Value::size).sum::<u64>(),
        _ => 0,
    });
    sizes.sum()
}

fn prepare(
    state: &State,
    run: &Run,
    deployment: &Deployment,
    kept: Option<Kept>,
) -> Result<Prepared, String> {
    let code = deployment.code.as_ref().map_err(Clone::clone)?;
    let Some(frames) = &run.frames else {
        let mut frames = begin(state, run, deployment, kept)?;
        // One that is cancelled before it began does not begin.
        let told = match run.inbox.front() {
            Some(Tell::Cancel { reason }) => {
                frames.cancel(reason);
                true
            }
            _ => false,
        };
        return Ok(Prepared { frames, before: Vec::new(), told });
    };
    let (before, mut frames) = match kept.and_then(|kept| kept.into_frames(run, frames)) {
        Some(kept) => kept,
        None => (vec![Arc::clone(&frames.0)], code.restore(&frames.0)?),
    };
    let Some(tell) = run.inbox.front() else { return Ok(Prepared { frames, before, told: false }) };
    match tell {
        Tell::Outcome { op, outcome } => frames.apply(op, outcome.to_outcome()),
        Tell::Late { op, outcome } => frames.apply_late(op, outcome.to_outcome()),
        Tell::Cancel { reason } => frames.cancel(reason),
        Tell::Timeout => {
            frames.fail(Failure::new(FailureKind::Timeout, "the run took longer than its timeout"))
        }
    }
    Ok(Prepared { frames, before, told: true })
}

fn begin(
    state: &State,
    run: &Run,
    deployment: &Deployment,
    kept: Option<Kept>,
) -> Result<Box<dyn Frames>, String> {
    let code = deployment.code.as_ref().map_err(Clone::clone)?;
    let flow = deployment.flow(&run.flow).ok_or_else(|| format!("there is no flow `{}`", run.flow))?;
    let record = kept.and_then(|kept| kept.into_record(run));
    let event = |trigger: u32| {
        if let Some(record) = record {
            return Ok(record);
        }
        let taken = run.event.and_then(|n| state.events.get(n)).ok_or("its event is gone")?;
        record_of(deployment, flow, trigger, taken)
    };
    match &run.entry {
        Entry::Trigger { trigger } => Ok(code.start(flow.body, vec![event(*trigger)?])),
        Entry::Otherwise { trigger, function } => Ok(code.start(*function, vec![event(*trigger)?])),
        Entry::Call { args } => Ok(code.start(flow.body, args.iter().map(|w| w.0.clone()).collect())),
    }
}

/// A stretch of which nothing counts but how it ended.
fn ended(run: &Run, work: u64, now: i64, seed: u64, status: StretchStatus) -> Ran {
    Ran {
        run: run.id,
        now,
        seed,
        work,
        told: !run.inbox.is_empty(),
        reads: BTreeSet::new(),
        writes: Vec::new(),
        frames: Written::Whole(Blob::default()),
        stretch: Stretch {
            requests: Vec::new(),
            abandoned: Vec::new(),
            status,
            handled: false,
            fuel_used: 0,
        },
    }
}

/// The state as one stretch sees it: the tables, and its own writes above them.
pub(crate) struct StretchHost<'a> {
    state: &'a State,
    deployment: &'a Deployment,
    now: i64,
    /// Nobody's own, in a pure call.
    run: Option<RunId>,
    /// The flow whose manifest counts; none in a pure call, which asks for nothing.
    pub(crate) flow: Option<Arc<str>>,
    entropy: Entropy,
    pub(crate) reads: BTreeSet<Read>,
    writes: BTreeMap<(Arc<str>, Key), (Wire, Option<i64>)>,
    before: BTreeMap<(Arc<str>, Key), Wire>,
    /// Logical size in bytes of what it read and wrote, more or less.
    held: u64,
}

/// What a read or a write counts for, in bytes, beside its key and value.
const ENTRY: u64 = 128;

impl<'a> StretchHost<'a> {
    pub(crate) fn new(state: &'a State, deployment: &'a Deployment, now: i64, seed: u64) -> StretchHost<'a> {
        StretchHost {
            state,
            deployment,
            now,
            run: None,
            flow: None,
            entropy: Entropy::new([seed, 0]),
            reads: BTreeSet::new(),
            writes: BTreeMap::new(),
            before: BTreeMap::new(),
            held: 0,
        }
    }

    /// The logical size of what it wrote.
    fn size(&self) -> u64 {
        self.writes.values().map(|(value, _)| value.0.size()).sum()
    }

    /// What was written before, by others of the same decision.
    pub(crate) fn see<'w>(&mut self, writes: impl Iterator<Item = &'w [Write]>) {
        for write in writes.flatten() {
            let key = (write.state.clone(), write.key.clone());
            self.before.insert(key, write.value.clone());
        }
    }

    /// What it wrote.
    pub(crate) fn written(&mut self) -> Vec<Write> {
        let writes = std::mem::take(&mut self.writes).into_iter();
        writes.map(|((state, key), (value, until))| Write { state, key, value, until }).collect()
    }

    fn signature(&self, index: u32) -> Option<(Arc<str>, Option<i64>)> {
        let code = self.deployment.code.as_ref().ok()?;
        let signature = code.module().states.get(index as usize)?;
        Some((signature.name.clone(), signature.keep))
    }
}

impl Host for StretchHost<'_> {
    fn setting(&mut self, index: u32) -> Option<Value> {
        self.deployment.setting(index)
    }

    fn state_get(&mut self, index: u32, key: &[Value]) -> Option<Value> {
        let (name, _) = self.signature(index)?;
        let key = Key::of(key);
        if let Some((value, _)) = self.writes.get(&(name.clone(), key.clone())) {
            return Some(value.0.clone());
        }
        if let Some(value) = self.before.get(&(name.clone(), key.clone())) {
            return Some(value.0.clone());
        }
        let cell = self.state.values.get(&name, &key);
        // A value that is due to be forgotten is gone, also before the timer came to it.
        let cell = cell.filter(|cell| cell.until.is_none_or(|until| until > self.now));
        let value = cell.map(|cell| cell.value.0.clone());
        let version = self.state.values.version(&name, &key);
        let size = ENTRY.saturating_add(key.0.len() as u64);
        if self.reads.insert(Read { state: name, key, version }) {
            self.held = self.held.saturating_add(size);
        }
        value
    }

    fn state_set(&mut self, index: u32, key: &[Value], value: Value) {
        let Some((name, keep)) = self.signature(index) else { return };
        let until = keep.map(|keep| self.now.saturating_add(keep));
        let key = Key::of(key);
        self.held = self.held.saturating_add(value.size());
        let size = ENTRY.saturating_add(key.0.len() as u64);
        match self.writes.insert((name, key), (Wire(value), until)) {
            Some((before, _)) => self.held = self.held.saturating_sub(before.0.size()),
            None => self.held = self.held.saturating_add(size),
        }
    }

    fn permits(&mut self, asked: &RequestKind) -> Result<(), String> {
        let (Some(flow), Ok(code)) = (&self.flow, &self.deployment.code) else { return Ok(()) };
        self.deployment.permits.request(flow, asked, &code.module().types)
    }

    fn permits_state(&mut self, index: u32, write: bool) -> Result<(), String> {
        let (Some(flow), Ok(code)) = (&self.flow, &self.deployment.code) else { return Ok(()) };
        self.deployment.permits.state(flow, code.module(), index, write)
    }

    fn held(&self) -> u64 {
        self.held
    }

    fn roll_back(&mut self) {
        self.writes.clear();
    }

    fn now(&mut self) -> i64 {
        self.now
    }

    fn random(&mut self) -> i64 {
        i64::try_from(self.entropy.next() >> 1).unwrap_or(i64::MAX)
    }

    fn run_id(&mut self) -> Arc<str> {
        self.run.map(|run| run.to_string()).unwrap_or_default().into()
    }
}
