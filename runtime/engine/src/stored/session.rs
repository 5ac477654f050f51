//! A session, and the rules by which its turns follow each other.
//!
//! What breaks a rule is refused before it is written, so that there is no session that a model would not take: no result
//! without its call, no second result, no answer while a call is open.

mod context;

pub use context::{Frame, LARGEST_PIN, LARGEST_SUMMARY, MOST_PINS};

use carapace_effect::{Called, Exchange, Recall, Remembered, SessionKey, Turn, Unanswered};
use context::Keeping;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A session with more turns than this is compacted, …
pub const MOST_TURNS: usize = 200;

/// … and one whose turns have more bytes, as they are written down.
pub const MOST_BYTES: usize = 128 << 10;

/// What may stay then: half of either.
const KEPT: usize = 2;

/// A session that has more is handed no further calls and results: an exchange that goes on for ever cannot be put away.
pub const LARGEST_SESSION: usize = 4 << 20;

/// A turn has at most so many bytes, as it is written down, where a performer hands it in.
pub const LARGEST_TURN: usize = 256 << 10;

/// Turns in order, of which the older ones may be put away.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Session {
    turns: Vec<Remembered>,
    /// The number of the last turn that was ever written.
    last: u64,
    /// Who said something that is put away.
    people: BTreeSet<Arc<str>>,
    /// What follows from the turns.
    rules: Rules,
    bytes: usize,
    /// How much of it its agent is given, and what beside it.
    keeping: Keeping,
}

/// As it is written down: what can be computed is not.
#[derive(Serialize, Deserialize)]
struct Written {
    last: u64,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    people: BTreeSet<Arc<str>>,
    turns: Vec<Remembered>,
    #[serde(default, skip_serializing_if = "Keeping::is_plain")]
    keeping: Keeping,
}

/// Exchanges and calls that are under way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Rules {
    /// Each exchange that has no end yet.
    open: BTreeMap<Exchange, Calls>,
}

/// The calls of an exchange.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Calls {
    open: BTreeSet<Arc<str>>,
    closed: BTreeSet<Arc<str>>,
}

/// Why a turn may not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The exchange is under way already.
    #[error("the exchange has begun already")]
    Begun,
    /// The exchange did not begin, or is over.
    #[error("no exchange is under way that it belongs to")]
    NoExchange,
    /// A call's id was used before.
    #[error("there was a call `{0}` in this exchange before")]
    CallTwice(Arc<str>),
    /// A result without its call.
    #[error("no call `{0}` is open: it was never made, or has its result")]
    NoCall(Arc<str>),
    /// The exchange may not end yet.
    #[error("the call `{0}` has no result yet")]
    OpenCall(Arc<str>),
    /// A note in the middle.
    #[error("a note on what is put away stands before all turns")]
    Note,
}

impl Rules {
    /// Takes the next turn, or says why it may not be written.
    fn take(&mut self, of: Option<&Exchange>, turn: &Turn) -> Result<(), Refusal> {
        let Some(of) = of else { return Err(Refusal::NoExchange) };
        if let Turn::User { .. } = turn {
            if self.open.contains_key(of) {
                return Err(Refusal::Begun);
            }
            self.open.insert(of.clone(), Calls::default());
            return Ok(());
        }
        let calls = self.open.get_mut(of).ok_or(Refusal::NoExchange)?;
        match turn {
            Turn::User { .. } | Turn::Compacted { .. } => return Err(Refusal::Note),
            Turn::Call { id, .. } if calls.open.contains(id) || calls.closed.contains(id) => {
                return Err(Refusal::CallTwice(id.clone()));
            }
            Turn::Call { id, .. } => drop(calls.open.insert(id.clone())),
            Turn::Result { id, .. } => {
                let id = calls.open.take(id).ok_or_else(|| Refusal::NoCall(id.clone()))?;
                calls.closed.insert(id);
            }
            Turn::Assistant { .. } | Turn::Unanswered { .. } => {
                if let Some(id) = calls.open.first() {
                    return Err(Refusal::OpenCall(id.clone()));
                }
                self.open.remove(of);
            }
        }
        Ok(())
    }
}

impl Session {
    /// Its turns, those that are put away aside: a note stands first then.
    pub fn turns(&self) -> &[Remembered] {
        &self.turns
    }

    /// How many bytes they have, as they are written down.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The blobs that hold what was put away, oldest first.
    pub fn archives(&self) -> &[Arc<str>] {
        match self.turns.first().map(|first| &first.turn) {
            Some(Turn::Compacted { archives, .. }) => archives,
            _ => &[],
        }
    }

    /// The number of the last turn that is put away; 0 where none is.
    pub fn through(&self) -> u64 {
        match self.turns.first().map(|first| &first.turn) {
            Some(Turn::Compacted { through, .. }) => *through,
            _ => 0,
        }
    }

    /// Whether a person said something in it, put away or not.
    pub(crate) fn has(&self, user: &str) -> bool {
        let theirs = |turn: &Turn| matches!(turn, Turn::User { by: Some(by), .. } if **by == *user);
        self.people.contains(user) || self.turns.iter().any(|remembered| theirs(&remembered.turn))
    }

    /// Exchanges that are under way.
    pub fn under_way(&self) -> impl Iterator<Item = &Exchange> {
        self.rules.open.keys()
    }

    /// The calls of an exchange that have no result.
    pub fn open_calls(&self, of: &Exchange) -> impl Iterator<Item = &Arc<str>> {
        self.rules.open.get(of).into_iter().flat_map(|calls| &calls.open)
    }

    /// Whether a turn may be written next.
    ///
    /// # Errors
    /// Why not.
    pub fn allows(&self, of: &Exchange, turn: &Turn) -> Result<(), Refusal> {
        let calls = self.rules.open.get(of).cloned();
        let mut rules = Rules { open: calls.map(|calls| (of.clone(), calls)).into_iter().collect() };
        rules.take(Some(of), turn)
    }

    /// The turns that bring an exchange to its end: what is open is closed as unknown first. An answer while a call is open is
    /// none: it says what is wrong instead, as `Err`.
    pub(crate) fn end(&self, of: &Exchange, end: Turn) -> Result<Vec<Turn>, (Vec<Turn>, String)> {
        let unknown = |id: &Arc<str>| Turn::Result { id: id.clone(), outcome: Called::Unknown };
        let mut turns: Vec<Turn> = self.open_calls(of).map(unknown).collect();
        match (&end, self.open_calls(of).next()) {
            (Turn::Assistant { .. }, Some(id)) => {
                let why = format!("the agent answered, and its call `{id}` has no result");
                turns.push(Turn::Unanswered { how: Unanswered::Failed, why: why.as_str().into() });
                Err((turns, why))
            }
            _ => {
                turns.push(end);
                Ok(turns)
            }
        }
    }

    /// What was decided is written. One that breaks a rule was not decided by any version of this, and is left out.
    pub(crate) fn push(&mut self, at: i64, of: &Exchange, turn: Turn) {
        if self.rules.take(Some(of), &turn).is_ok() {
            self.last += 1;
            let remembered = Remembered { number: self.last, at, of: Some(of.clone()), turn };
            self.bytes += length(&remembered);
            self.turns.push(remembered);
        }
    }

    /// How many of its turns are to be put away once it has so many times its window, if any: none of an exchange that stays in
    /// part.
    fn older(&self, times: usize) -> Option<usize> {
        let (most, kept) = (self.keeping.most(times), self.keeping.kept());
        if self.turns.len() <= most.turns && self.bytes <= most.bytes {
            return None;
        }
        let (mut under_way, mut bytes, mut found) = (BTreeSet::new(), 0, None);
        for (at, remembered) in self.turns.iter().enumerate() {
            bytes += length(remembered);
            match (&remembered.of, &remembered.turn) {
                (Some(of), Turn::User { .. }) => drop(under_way.insert(of)),
                (Some(of), turn) if turn.ends() => drop(under_way.remove(of)),
                _ => {}
            }
            let only_a_note = at == 0 && remembered.of.is_none();
            if !under_way.is_empty() || only_a_note || at + 1 == self.turns.len() {
                continue;
            }
            found = Some(at + 1);
            let (turns, rest) = (self.turns.len() - at - 1, self.bytes.saturating_sub(bytes));
            if turns <= kept.turns && rest <= kept.bytes {
                break;
            }
        }
        found
    }

    /// Its first turns, one a line. A note among them is kept, too: what is put away may come back.
    pub(crate) fn lines(&self, count: usize) -> Vec<u8> {
        self.turns.iter().take(count).fold(Vec::new(), |mut lines, remembered| {
            lines.extend(serde_json::to_vec(remembered).unwrap_or_default());
            lines.push(b'\n');
            lines
        })
    }

    /// The turns up to this number are put away.
    pub(crate) fn put_away(&mut self, at: i64, through: u64, archive: &Arc<str>) {
        let mut archives = self.archives().to_vec();
        archives.push(archive.clone());
        let summary = self.keeping.put_away(through).or_else(|| self.summary().cloned());
        let gone = self.turns.extract_if(.., |remembered| remembered.number <= through);
        self.people.extend(gone.filter_map(|remembered| match remembered.turn {
            Turn::User { by, .. } => by,
            _ => None,
        }));
        let note = Turn::Compacted { through, archives, summary };
        self.turns.insert(0, Remembered { number: through, at, of: None, turn: note });
        self.bytes = self.turns.iter().map(length).sum();
    }

    /// Forgets the exchanges that a person began. Where such were put away, nothing that was put away is meant any more: gives the
    /// blobs that hold it.
    pub(crate) fn forget(&mut self, user: &str) -> Vec<Arc<str>> {
        let mut archives = Vec::new();
        if self.people.contains(user) {
            archives = self.archives().to_vec();
            self.people.clear();
            self.turns.retain(|remembered| remembered.of.is_some());
        }
        let of_them = |remembered: &&Remembered| matches!(&remembered.turn, Turn::User { by: Some(by), .. } if **by == *user);
        let gone: BTreeSet<Exchange> =
            self.turns.iter().filter(of_them).filter_map(|remembered| remembered.of.clone()).collect();
        self.turns.retain(|remembered| remembered.of.as_ref().is_none_or(|of| !gone.contains(of)));
        self.rules.open.retain(|of, _| !gone.contains(of));
        self.keeping.forget(user);
        self.bytes = self.turns.iter().map(length).sum();
        archives
    }

    /// What an agent is reminded of when it is asked by this exchange.
    pub fn recall(&self, key: &SessionKey, own: &Exchange) -> Recall {
        let beside = |of: &Exchange| of != own && self.rules.open.contains_key(of);
        let mut order: BTreeMap<&Exchange, usize> = BTreeMap::new();
        let mut turns: Vec<(usize, &Remembered)> = Vec::with_capacity(self.turns.len());
        for remembered in &self.turns {
            let Some(of) = &remembered.of else {
                turns.push((0, remembered));
                continue;
            };
            if beside(of) {
                continue;
            }
            let next = order.len() + 1;
            let place = *order.entry(of).or_insert(next);
            turns.push((if of == own { usize::MAX } else { place }, remembered));
        }
        turns.sort_by_key(|(place, _)| *place);
        let turns = turns.into_iter().map(|(_, remembered)| remembered.clone()).collect();
        Recall { key: key.clone(), turns, pins: self.pinned() }
    }
}

/// What is wrong with turns in order, in words; nothing where every rule is kept.
pub fn verify<'a>(turns: impl IntoIterator<Item = &'a Remembered>) -> Vec<String> {
    let (mut rules, mut last, mut wrong) = (Rules::default(), 0, Vec::new());
    for (at, remembered) in turns.into_iter().enumerate() {
        let number = remembered.number;
        let note = remembered.of.is_none() && matches!(remembered.turn, Turn::Compacted { .. });
        if note && at == 0 {
            last = number;
            continue;
        }
        if number <= last {
            wrong.push(format!("turn {number} comes after turn {last}"));
        }
        last = last.max(number);
        if let Err(why) = rules.take(remembered.of.as_ref(), &remembered.turn) {
            wrong.push(format!("turn {number}: {why}"));
        }
    }
    wrong
}

fn length(remembered: &Remembered) -> usize {
    serde_json::to_vec(remembered).map_or(0, |json| json.len() + 1)
}

impl From<Written> for Session {
    fn from(written: Written) -> Session {
        let mut rules = Rules::default();
        for remembered in written.turns.iter().filter(|remembered| remembered.of.is_some()) {
            // Nothing that was written breaks a rule; `carapace session verify` says where that is not so.
            let _ = rules.take(remembered.of.as_ref(), &remembered.turn);
        }
        let bytes = written.turns.iter().map(length).sum();
        Session {
            turns: written.turns,
            last: written.last,
            people: written.people,
            rules,
            bytes,
            keeping: written.keeping,
        }
    }
}

impl From<Session> for Written {
    fn from(session: Session) -> Written {
        Written { last: session.last, people: session.people, turns: session.turns, keeping: session.keeping }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use carapace_effect::{OpId, RunId, TaskPath, With};
    use proptest::prelude::*;
    use serde_json::json;

    fn exchange(number: u32) -> Exchange {
        Exchange { run: RunId(u128::from(number)), op: OpId { task: TaskPath::default(), ordinal: 0 } }
    }

    fn user(text: &str) -> Turn {
        Turn::User { text: text.into(), by: Some("ana".into()) }
    }

    fn assistant(text: &str) -> Turn {
        Turn::Assistant { text: text.into() }
    }

    fn call(id: &str) -> Turn {
        Turn::Call {
            id: id.into(),
            name: "main.refund".into(),
            arguments: json!({ "order": 7 }),
            says: None,
            opaque: None,
        }
    }

    fn result(id: &str) -> Turn {
        Turn::Result { id: id.into(), outcome: Called::Done(json!("done")) }
    }

    fn key() -> SessionKey {
        SessionKey {
            agent: "main.desk".into(),
            with: With::Sender { account: "net".into(), user: "ana".into() },
        }
    }

    #[test]
    fn what_would_brick_a_session_is_refused() {
        let (mut session, one, two) = (Session::default(), exchange(1), exchange(2));
        assert_eq!(session.allows(&one, &call("a")), Err(Refusal::NoExchange));
        session.push(1, &one, user("hello"));
        assert_eq!(session.allows(&one, &user("again")), Err(Refusal::Begun));
        assert_eq!(session.allows(&one, &result("a")), Err(Refusal::NoCall("a".into())));
        session.push(2, &one, call("a"));
        assert_eq!(session.allows(&one, &call("a")), Err(Refusal::CallTwice("a".into())));
        assert_eq!(session.allows(&one, &assistant("hi")), Err(Refusal::OpenCall("a".into())));
        assert_eq!(session.allows(&two, &result("a")), Err(Refusal::NoExchange), "it is another's call");
        session.push(3, &one, result("a"));
        assert_eq!(session.allows(&one, &result("a")), Err(Refusal::NoCall("a".into())), "it has its result");
        assert_eq!(session.allows(&one, &call("a")), Err(Refusal::CallTwice("a".into())));
        let note = Turn::Compacted { through: 1, archives: Vec::new(), summary: None };
        assert_eq!(session.allows(&one, &note), Err(Refusal::Note));
        session.push(4, &one, assistant("hi"));
        assert_eq!(session.allows(&one, &assistant("hi")), Err(Refusal::NoExchange));
        // Whatever was written, nothing that breaks a rule gets in.
        session.push(5, &one, result("a"));
        assert_eq!(session.turns().len(), 4);
        assert_eq!(verify(session.turns()), [""; 0]);
    }

    #[test]
    fn a_look_through_notices_each_broken_rule() {
        let of = Some(exchange(1));
        let turn = |number, turn| Remembered { number, at: 0, of: of.clone(), turn };
        let whole = [turn(1, user("a")), turn(2, call("x")), turn(3, result("x")), turn(4, assistant("b"))];
        assert_eq!(verify(&whole), [""; 0]);
        for (gone, said) in [
            (0, "turn 2: no exchange is under way"),
            (1, "turn 3: no call `x` is open"),
            (2, "turn 4: the call `x` has no result yet"),
        ] {
            let rest: Vec<_> =
                whole.iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, t)| t).collect();
            let wrong = verify(rest);
            assert!(wrong.first().is_some_and(|wrong| wrong.starts_with(said)), "{wrong:?}");
        }
        let twice = [turn(1, user("a")), turn(1, assistant("b"))];
        assert_eq!(verify(&twice), ["turn 1 comes after turn 1"]);
    }

    #[test]
    fn an_answer_while_a_call_is_open_is_none_and_the_call_is_closed() {
        let (mut session, of) = (Session::default(), exchange(1));
        session.push(1, &of, user("hello"));
        session.push(2, &of, call("a"));
        let (turns, why) = session.end(&of, assistant("hi")).unwrap_err();
        assert_eq!(why, "the agent answered, and its call `a` has no result");
        turns.into_iter().for_each(|turn| session.push(3, &of, turn));
        assert!(matches!(
            session.turns().last().map(|t| &t.turn),
            Some(Turn::Unanswered { how: Unanswered::Failed, .. })
        ));
        assert_eq!((session.under_way().count(), verify(session.turns())), (0, Vec::new()));
    }

    #[test]
    fn an_agent_is_reminded_of_whole_exchanges_in_order() {
        let (mut session, one, two, three) = (Session::default(), exchange(1), exchange(2), exchange(3));
        for (of, turn) in [
            (&one, user("one")),
            (&two, user("two")),
            (&one, call("a")),
            (&three, user("three")),
            (&one, result("a")),
            (&three, assistant("to three")),
            (&one, assistant("to one")),
        ] {
            session.push(1, of, turn);
        }
        let said = |own: &Exchange| -> Vec<u64> {
            session.recall(&key(), own).turns.iter().map(|turn| turn.number).collect()
        };
        assert_eq!(said(&two), [1, 3, 5, 7, 4, 6, 2], "what is to be answered stands last");
        assert_eq!(verify(session.turns()), [""; 0]);
    }

    #[test]
    fn what_a_person_said_is_forgotten_and_the_rest_is_whole() {
        let mut session = Session::default();
        for number in 1..=3 {
            let by = if number == 2 { "bo" } else { "ana" };
            session.push(1, &exchange(number), Turn::User { text: "hello".into(), by: Some(by.into()) });
            session.push(1, &exchange(number), assistant("hi"));
        }
        assert_eq!(session.forget("bo"), [] as [Arc<str>; 0]);
        assert_eq!(session.turns().iter().map(|t| t.number).collect::<Vec<_>>(), [1, 2, 5, 6]);
        session.put_away(2, 2, &"blob".into());
        assert_eq!(session.forget("cy"), [] as [Arc<str>; 0]);
        assert_eq!(session.forget("ana"), ["blob".into()], "she is in what was put away");
        assert_eq!((session.turns().len(), session.through()), (0, 0));
    }

    /// What may happen to a session.
    #[derive(Debug, Clone)]
    enum Step {
        Turn(u32, Turn),
        /// The answer comes, or word that there is none.
        End(u32, Turn),
        /// The process ends and the next one goes on: what is open is closed as unknown.
        Crash,
        /// What is too much is put away, as the engine does when it can.
        PutAway,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let id = || prop::sample::select(vec!["a", "b", "c"]);
        let turn = prop_oneof![
            "[a-z]{0,900}".prop_map(|text| user(&text)),
            id().prop_map(call),
            id().prop_map(result),
            Just(assistant("hi")),
            Just(Turn::Unanswered { how: Unanswered::Failed, why: "no".into() }),
            Just(Turn::Compacted { through: 3, archives: Vec::new(), summary: None }),
        ];
        let end = prop_oneof![
            Just(assistant("hi")),
            Just(Turn::Unanswered { how: Unanswered::Cancelled, why: "no".into() })
        ];
        let step = prop_oneof![
            8 => (0_u32..6, turn).prop_map(|(n, turn)| Step::Turn(n, turn)),
            3 => (0_u32..6, end).prop_map(|(n, turn)| Step::End(n, turn)),
            1 => Just(Step::Crash),
            1 => Just(Step::PutAway),
        ];
        prop::collection::vec(step, 0..700)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_happens_a_session_is_whole_and_nothing_is_lost(steps in steps()) {
            let (mut session, mut written, mut away) = (Session::default(), 0, Vec::new());
            // An exchange is one call of `chat`: once it is over another one comes.
            let mut generation = [0_u32; 6];
            let of = |generation: &[u32; 6], n: u32| exchange(n + 10 * generation[n as usize]);
            for step in steps {
                match step {
                    Step::Turn(n, turn) => {
                        let of = of(&generation, n);
                        let (allowed, ends) = (session.allows(&of, &turn).is_ok(), turn.ends());
                        session.push(1, &of, turn);
                        written += u64::from(allowed);
                        generation[n as usize] += u32::from(allowed && ends);
                    }
                    Step::End(n, turn) => {
                        let of = of(&generation, n);
                        if session.under_way().any(|open| *open == of) {
                            let turns = session.end(&of, turn).unwrap_or_else(|(turns, _)| turns);
                            written += turns.len() as u64;
                            turns.into_iter().for_each(|turn| session.push(1, &of, turn));
                            generation[n as usize] += 1;
                        }
                    }
                    Step::Crash => {
                        let read: Session = serde_json::from_value(json!(session)).unwrap();
                        prop_assert_eq!(&read, &session);
                        session = read;
                        for of in session.under_way().cloned().collect::<Vec<_>>() {
                            for id in session.open_calls(&of).cloned().collect::<Vec<_>>() {
                                session.push(1, &of, Turn::Result { id, outcome: Called::Unknown });
                                written += 1;
                            }
                        }
                    }
                    Step::PutAway => {
                        if let Some(count) = session.ripe() {
                            away.extend(session.lines(count));
                            let through = session.turns()[count - 1].number;
                            session.put_away(1, through, &"blob".into());
                            prop_assert!(session.turns()[0].of.is_none() && session.through() == through);
                        }
                    }
                }
            }
            prop_assert_eq!(session.bytes(), session.turns().iter().map(length).sum::<usize>());
            prop_assert_eq!(verify(session.turns()), Vec::<String>::new());
            let mut whole: Vec<Remembered> =
                away.split(|b| *b == b'\n').filter(|l| !l.is_empty()).map(|l| serde_json::from_slice(l).unwrap()).collect();
            whole.retain(|turn| turn.of.is_some());
            whole.extend(session.turns().iter().filter(|turn| turn.of.is_some()).cloned());
            prop_assert_eq!(verify(&whole), Vec::<String>::new());
            let numbers: Vec<u64> = whole.iter().map(|turn| turn.number).collect();
            prop_assert_eq!(numbers, (1..=written).collect::<Vec<_>>());
            for own in session.under_way() {
                let turns = session.recall(&key(), own).turns;
                prop_assert!(turns.last().and_then(|last| last.of.as_ref()) == Some(own));
                let mut rules = Rules::default();
                for turn in turns.iter().filter(|turn| turn.of.is_some()) {
                    prop_assert_eq!(rules.take(turn.of.as_ref(), &turn.turn), Ok(()));
                    prop_assert!(rules.open.len() <= 1, "exchanges stand one after the other");
                }
            }
        }
    }
}
