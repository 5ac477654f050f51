//! Sessions: what agents and people have said.

use crate::forget::Named;
use crate::record::{Change, Compacted, Context, Said};
use crate::stored::Session;
use carapace_effect::{Exchange, OpId, RunId, SessionKey, TaskPath, With};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Sessions by key.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Sessions {
    table: BTreeMap<SessionKey, Session>,
    /// Exchanges that are under way.
    under_way: BTreeMap<Exchange, SessionKey>,
    /// Those that are remembered as long as a run lives.
    by_run: BTreeMap<RunId, Vec<SessionKey>>,
    /// Those of which something is to be put away.
    full: BTreeSet<SessionKey>,
    /// Blobs of those who are forgotten, and those whose turns are back.
    gone: BTreeSet<Arc<str>>,
}

/// As they are written down.
#[derive(Serialize, Deserialize)]
struct Written {
    table: Vec<(SessionKey, Session)>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    gone: BTreeSet<Arc<str>>,
}

impl Sessions {
    /// A session.
    pub fn get(&self, key: &SessionKey) -> Option<&Session> {
        self.table.get(key)
    }

    /// All, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&SessionKey, &Session)> {
        self.table.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The session in which an exchange is under way.
    pub fn of(&self, exchange: &Exchange) -> Option<(&SessionKey, &Session)> {
        let key = self.under_way.get(exchange)?;
        Some((key, self.table.get(key)?))
    }

    /// The exchanges of a run that are under way.
    pub fn under_way(&self, run: RunId) -> impl Iterator<Item = &Exchange> {
        let first = Exchange { run, op: OpId { task: TaskPath::default(), ordinal: 0 } };
        self.under_way.range(first..).map(|(of, _)| of).take_while(move |of| of.run == run)
    }

    /// A run is over: what is remembered only as long as it lives is forgotten.
    pub(super) fn run_over(&mut self, run: RunId) {
        let of_it = |key: &SessionKey| key.with == With::Run { run };
        let gone: Vec<SessionKey> = self.by_run.remove(&run).into_iter().flatten().filter(of_it).collect();
        for key in gone {
            self.table.remove(&key);
            self.full.remove(&key);
        }
    }

    /// What is to be put away next: the session, the number of the last turn of it, and the turns, one a line.
    pub fn to_put_away(&self) -> Option<(SessionKey, u64, Vec<u8>)> {
        let key = self.full.first()?;
        let session = self.table.get(key)?;
        let count = session.ripe()?;
        let last = session.turns().get(count.checked_sub(1)?)?;
        Some((key.clone(), last.number, session.lines(count)))
    }

    pub(super) fn said(&mut self, said: &Said) {
        self.entry(&said.session).push(said.at, &said.of, said.said.clone());
        if said.said.ends() {
            self.under_way.remove(&said.of);
        } else {
            self.under_way.insert(said.of.clone(), said.session.clone());
        }
        self.look_after(&said.session);
    }

    fn entry(&mut self, key: &SessionKey) -> &mut Session {
        if let With::Run { run } = &key.with
            && !self.table.contains_key(key)
        {
            self.by_run.entry(*run).or_default().push(key.clone());
        }
        self.table.entry(key.clone()).or_default()
    }

    /// Whether something of it is to be put away may have changed.
    fn look_after(&mut self, key: &SessionKey) {
        if self.table.get(key).is_some_and(|session| session.ripe().is_some()) {
            self.full.insert(key.clone());
        } else {
            self.full.remove(key);
        }
    }

    pub(super) fn context(&mut self, context: &Context) {
        let Context { session: key, at, change, .. } = context;
        match change {
            Change::Framed(_) | Change::Pinned { .. } => self.entry(key).change(*at, change),
            _ => {
                let Some(session) = self.table.get_mut(key) else { return };
                session.change(*at, change);
            }
        }
        if let Change::Restored { archive, .. } = change {
            self.gone.insert(archive.clone());
        }
        self.look_after(key);
    }

    pub(super) fn compacted(&mut self, compacted: &Compacted) {
        self.full.remove(&compacted.session);
        // The same turns were put away before, and had come back.
        self.gone.remove(&compacted.archive);
        let Some(session) = self.table.get_mut(&compacted.session) else { return };
        session.put_away(compacted.at, compacted.through, &compacted.archive);
    }

    /// How many sessions have something of a person in them.
    pub(crate) fn of_person(&self, named: &Named) -> usize {
        self.table
            .iter()
            .filter(|(key, session)| is_theirs(key, named) || is_part_of(key, session, named))
            .count()
    }

    /// Forgets a person: their own sessions, and what they began in those they share with others.
    pub(super) fn forget(&mut self, named: &Named) {
        let mut gone = std::mem::take(&mut self.gone);
        self.table.retain(|key, session| {
            if is_theirs(key, named) {
                gone.extend(session.archives().iter().cloned());
                return false;
            }
            if is_part_of(key, session, named) {
                gone.extend(session.forget(&named.sender.id));
            }
            true
        });
        let table = std::mem::take(&mut self.table).into_iter().collect();
        *self = Sessions::from(Written { table, gone });
    }

    /// Blobs that held something of those who are forgotten, until they are removed.
    pub(crate) fn gone(&self) -> impl Iterator<Item = &Arc<str>> {
        self.gone.iter()
    }

    /// Those are removed.
    pub(super) fn removed(&mut self) {
        self.gone.clear();
    }
}

/// Whether a session is with this person and nobody else.
fn is_theirs(key: &SessionKey, named: &Named) -> bool {
    match &key.with {
        With::Sender { account, user } => *account == named.sender.account && *user == named.sender.id,
        With::Conversation { account, conversation } => named.talks_in(account, conversation),
        With::Run { .. } => false,
    }
}

/// Whether they said something in one that others share.
fn is_part_of(key: &SessionKey, session: &Session, named: &Named) -> bool {
    key.with.account() == Some(&named.sender.account) && session.has(&named.sender.id)
}

impl From<Written> for Sessions {
    fn from(written: Written) -> Sessions {
        let mut sessions = Sessions { gone: written.gone, ..Sessions::default() };
        for (key, session) in written.table {
            let under_way = session.under_way().map(|exchange| (exchange.clone(), key.clone()));
            sessions.under_way.extend(under_way);
            if session.ripe().is_some() {
                sessions.full.insert(key.clone());
            }
            if let With::Run { run } = &key.with {
                sessions.by_run.entry(*run).or_default().push(key.clone());
            }
            sessions.table.insert(key, session);
        }
        sessions
    }
}

impl From<Sessions> for Written {
    fn from(sessions: Sessions) -> Written {
        Written { table: sessions.table.into_iter().collect(), gone: sessions.gone }
    }
}
