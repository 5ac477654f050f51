//! Who talks with us where, at which pace: so that two programs that answer each other do not go on for ever.
//!
//! A *round* is a message of somebody that comes after one of ours went there, which came after one of theirs. What counts
//! is how many rounds there were in a row, at a pace or with a sameness that no person keeps up.

use crate::forget::{Named, Sender};
use crate::record::Muted;
use crate::{Event, EventKind, Origin};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A person reads, thinks and types; nobody answers as quickly as this, in milliseconds, so often in a row …
const QUICK: (i64, u32) = (1_500, 30);

/// … for so long: what somebody pastes, forwards or had typed while they were offline comes at once, and is over sooner.
const LASTS: i64 = 20_000;

/// One whose network says that it is a program, answering within a minute each time.
const PROGRAM: (i64, u32) = (60_000, 12);

/// One that says the same as before, and is told the same as before, within a minute each time.
const SAME: (i64, u32) = (60_000, 12);

/// How long the first, the second, … pause is, in milliseconds; the last is that of all that follow.
const PAUSES: [i64; 5] = [60_000, 300_000, 1_800_000, 7_200_000, 43_200_000];

/// How long a pause is remembered after it is over, in milliseconds: the next one is longer until then.
const REMEMBERED: i64 = 86_400_000;

/// So many bytes of a text are looked at.
const LOOKED_AT: usize = 4_096;

type Place = (Arc<str>, Arc<str>);
type Talker = (Arc<str>, Arc<str>, Arc<str>);

/// Who talks with us where, at which pace.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Talks {
    #[serde(with = "crate::pairs")]
    open: BTreeMap<Place, Talk>,
    #[serde(with = "crate::pairs")]
    pauses: BTreeMap<Talker, Silence>,
    /// When each of `open` may be looked at again.
    ends: BTreeSet<(i64, Place)>,
}

/// One conversation, with the one who spoke last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Talk {
    sender: Arc<str>,
    heard: i64,
    /// When something of ours went there since.
    answered: Option<i64>,
    /// What they said last, as a hash.
    said: u64,
    /// Whether that was what they had said before.
    repeats: bool,
    /// What went there since, and in the round before; only where they repeat themselves.
    ours: [u64; 2],
    rounds: Rounds,
}

/// Rounds in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Rounds {
    quick: u32,
    /// When the first of the quick ones was.
    since: i64,
    steady: u32,
    same: u32,
}

/// Somebody is not heard for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Silence {
    times: u32,
    until: i64,
}

impl Talks {
    /// Until when the sender of this event is not heard, where that is so.
    pub fn muted(&self, event: &Event, now: i64) -> Option<i64> {
        let origin = message_of(event)?;
        let silence = self.pauses.get(&talker(origin)?)?;
        (silence.until > now).then_some(silence.until)
    }

    /// Whether this event shows that its sender and we only answer each other.
    pub(crate) fn loops(&self, event: &Event, now: i64) -> Option<Muted> {
        let origin = message_of(event)?;
        let talk = self.open.get(&place(origin))?;
        let rounds = talk.next(origin.sender.as_ref()?, hash(event), now);
        let program = event.at(["sender", "bot"]).and_then(serde_json::Value::as_bool) == Some(true);
        let why = match rounds {
            rounds if program && rounds.steady >= PROGRAM.1 => "it is a program",
            rounds if rounds.quick >= QUICK.1 && now.saturating_sub(rounds.since) >= LASTS => {
                "no person answers so quickly"
            }
            rounds if rounds.same >= SAME.1 => "both say the same again and again",
            _ => return None,
        };
        let before = self.pauses.get(&talker(origin)?);
        let times = before.filter(|before| before.until + REMEMBERED > now).map_or(0, |before| before.times);
        let pause = usize::try_from(times).ok().and_then(|n| PAUSES.get(n)).or(PAUSES.last());
        Some(Muted {
            account: origin.account.clone(),
            conversation: origin.conversation.clone(),
            sender: origin.sender.clone()?,
            at: now,
            until: now.saturating_add(pause.copied().unwrap_or_default()),
            times: times.saturating_add(1),
            why: why.into(),
        })
    }

    /// An event was taken in.
    pub(super) fn hear(&mut self, event: &Event, at: i64) {
        self.forget_until(at);
        let Some(origin) = message_of(event) else { return };
        let Some(sender) = &origin.sender else { return };
        let (place, said) = (place(origin), hash(event));
        let Some(talk) = self.open.get_mut(&place) else {
            self.ends.insert((at.saturating_add(PROGRAM.0), place.clone()));
            self.open.insert(place, Talk::new(sender.clone(), said, at));
            return;
        };
        let rounds = talk.next(sender, said, at);
        let same = *talk.sender == **sender && talk.said == said;
        *talk = Talk {
            repeats: same,
            ours: [0, talk.ours.first().copied().unwrap_or_default()],
            rounds,
            ..Talk::new(sender.clone(), said, at)
        };
    }

    /// Something of ours goes to a conversation; `what` is asked only where it matters.
    pub(super) fn answer(&mut self, to: &Place, at: i64, what: impl FnOnce() -> Vec<u8>) {
        let Some(talk) = self.open.get_mut(to) else { return };
        talk.answered = Some(at);
        if talk.repeats
            && let Some(ours) = talk.ours.first_mut()
        {
            *ours = ours.rotate_left(7) ^ hash_of(&what());
        }
    }

    /// Somebody is not heard for a while.
    pub(super) fn mute(&mut self, muted: &Muted) {
        let place = (muted.account.clone(), muted.conversation.clone());
        self.open.remove(&place);
        let talker = (place.0, place.1, muted.sender.clone());
        self.pauses.insert(talker, Silence { times: muted.times, until: muted.until });
    }

    /// Somebody is forgotten.
    pub(super) fn forget(&mut self, named: &Named) {
        let Sender { account, id } = &named.sender;
        self.open.retain(|place, talk| {
            let spoke = place.0 == *account && talk.sender == *id;
            !spoke && !named.talks_in(&place.0, &place.1)
        });
        self.ends.retain(|(_, place)| self.open.contains_key(place));
        self.pauses.retain(|talker, _| talker.0 != *account || talker.2 != *id);
    }

    fn forget_until(&mut self, now: i64) {
        while self.ends.first().is_some_and(|(end, _)| *end <= now) {
            let Some((_, place)) = self.ends.pop_first() else { return };
            let Some(talk) = self.open.get(&place) else { continue };
            let last = talk.answered.unwrap_or(talk.heard).max(talk.heard).saturating_add(PROGRAM.0);
            if last > now {
                self.ends.insert((last, place));
            } else {
                self.open.remove(&place);
            }
        }
        if self.pauses.values().any(|silence| silence.until.saturating_add(REMEMBERED) <= now) {
            self.pauses.retain(|_, silence| silence.until.saturating_add(REMEMBERED) > now);
        }
    }

    /// How many entries it holds in all: for those who watch that it does not grow.
    pub fn len(&self) -> usize {
        self.open.len() + self.pauses.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Talk {
    fn new(sender: Arc<str>, said: u64, heard: i64) -> Talk {
        let rounds = Rounds::default();
        Talk { sender, heard, answered: None, said, repeats: false, ours: [0; 2], rounds }
    }

    /// The rounds in a row, with a message that comes now.
    fn next(&self, sender: &str, said: u64, now: i64) -> Rounds {
        let Some(answered) = self.answered.filter(|_| *self.sender == *sender) else {
            return Rounds::default();
        };
        let took = now.saturating_sub(answered);
        let go_on = |count: u32, holds: bool| if holds { count.saturating_add(1) } else { 0 };
        let [ours, before] = self.ours;
        let same = self.said == said && self.repeats && ours == before && took <= SAME.0;
        let quick = go_on(self.rounds.quick, took <= QUICK.0);
        Rounds {
            quick,
            since: if quick > 1 { self.rounds.since } else { now },
            steady: go_on(self.rounds.steady, took <= PROGRAM.0),
            same: go_on(self.rounds.same, same),
        }
    }
}

/// Where a message came from. Nothing else is part of a talk: a button is pressed by a person, and what has no text is a
/// picture or a file, which may come by the dozen.
fn message_of(event: &Event) -> Option<&Origin> {
    let is_message = matches!(&event.kind, EventKind::Channel { trigger, .. } if **trigger == *"message");
    let says = || event.text().is_some_and(|text| !text.trim().is_empty());
    event.origin.as_ref().filter(|_| is_message && says())
}

fn place(origin: &Origin) -> Place {
    (origin.account.clone(), origin.conversation.clone())
}

fn talker(origin: &Origin) -> Option<Talker> {
    Some((origin.account.clone(), origin.conversation.clone(), origin.sender.clone()?))
}

fn hash(event: &Event) -> u64 {
    hash_of(event.text().unwrap_or_default().as_bytes())
}

/// The same everywhere, as it is written down.
fn hash_of(bytes: &[u8]) -> u64 {
    let hash = blake3::hash(bytes.get(..LOOKED_AT).unwrap_or(bytes));
    let first = hash.as_bytes().first_chunk::<8>().copied();
    u64::from_le_bytes(first.unwrap_or_default())
}
