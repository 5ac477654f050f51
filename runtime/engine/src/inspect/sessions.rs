//! Sessions: what agents and people have said, and whether all of it can be read.

use super::After;
use crate::state::State;
use crate::stored::{Session, verify};
use carapace_effect::{Pin, Remembered, SessionKey, With};
use carapace_store::{BlobId, Error, Past};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Sessions, those first in which something was said last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SessionsListed {
    /// Some of them.
    pub sessions: Vec<SessionBrief>,
    /// How many there are.
    pub total: usize,
    /// What asks for those behind these, as `after`; none where there are no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A session in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SessionBrief {
    /// Its short name.
    pub id: String,
    /// The agent, by full name.
    pub agent: Arc<str>,
    /// With whom it talks.
    pub with: With,
    /// How many turns it has, those that are put away aside.
    pub turns: usize,
    /// How many bytes those have, as they are written down.
    pub bytes: usize,
    /// The number of the last turn that is put away; 0 where none is.
    pub put_away: u64,
    /// How many exchanges are under way.
    pub under_way: usize,
    /// When the last turn was written, in milliseconds since 1970 UTC.
    pub at: i64,
}

/// All that a session holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SessionShown {
    /// In short.
    pub session: SessionBrief,
    /// Its turns: those that are put away first, or a note in their place, with their summary where there is one.
    pub turns: Vec<Remembered>,
    /// Facts that its agent is always given, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<Pin>,
    /// What is wrong with it; nothing where all is well.
    pub wrong: Vec<String>,
}

/// What a look through sessions found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SessionsVerified {
    /// How many were looked through.
    pub sessions: usize,
    /// How many turns they have, those that are put away as well.
    pub turns: u64,
    /// Those of which something is wrong.
    pub wrong: Vec<SessionWrong>,
}

/// What is wrong with a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SessionWrong {
    /// Its short name.
    pub id: String,
    /// What.
    pub what: Vec<String>,
}

/// A session, taken out of a state to be looked at elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenSession {
    key: SessionKey,
    session: Session,
}

/// What was put away of a session last.
#[derive(Debug, Clone, PartialEq)]
pub struct Restorable {
    /// The session.
    pub session: SessionKey,
    /// The blob.
    pub archive: Arc<str>,
    /// What it holds.
    pub turns: Vec<Remembered>,
}

/// Why nothing comes back: code, message, help.
pub type NotBack = (&'static str, String, String);

/// Reads blobs.
pub type ReadBlob<'a> = dyn FnMut(BlobId) -> Result<Option<Vec<u8>>, Error> + 'a;

/// Reads the blobs of a journal.
pub fn blobs_of<J: Past + ?Sized>(journal: &J) -> impl FnMut(BlobId) -> Result<Option<Vec<u8>>, Error> + '_ {
    move |id| journal.blob(id)
}

/// The sessions of a state: those of an agent, where one is named, in full or by the end of its name; at most so many, behind one of an
/// earlier answer.
pub fn sessions(state: &State, agent: Option<&str>, after: Option<&After>, limit: usize) -> SessionsListed {
    let named = |key: &SessionKey| {
        agent.is_none_or(|agent| {
            key.agent.strip_suffix(agent).is_some_and(|rest| rest.is_empty() || rest.ends_with(['.', '/']))
        })
    };
    let found = state.sessions.iter().filter(|(key, _)| named(key));
    let mut sessions: Vec<SessionBrief> = found.map(|(key, session)| brief(key, session)).collect();
    let total = sessions.len();
    sessions.sort_by(|one, other| other.at.cmp(&one.at).then_with(|| one.id.cmp(&other.id)));
    if let Some(after) = after {
        sessions.retain(|one| one.at < after.at || (one.at == after.at && one.id > after.name));
    }
    let more = sessions.len() > limit;
    sessions.truncate(limit);
    let last = sessions.last().filter(|_| more);
    let next = last.map(|one| After { at: one.at, name: one.id.clone() }.to_string());
    SessionsListed { sessions, total, next }
}

fn brief(key: &SessionKey, session: &Session) -> SessionBrief {
    SessionBrief {
        id: key.id(),
        agent: key.agent.clone(),
        with: key.with.clone(),
        turns: session.turns().iter().filter(|remembered| remembered.of.is_some()).count(),
        bytes: session.bytes(),
        put_away: session.through(),
        under_way: session.under_way().count(),
        at: session.turns().last().map_or(0, |remembered| remembered.at),
    }
}

/// The one session whose id begins with `text`.
///
/// # Errors
/// Where it is not one: those that it may be.
pub fn find_session(state: &State, text: &str) -> Result<SeenSession, Vec<String>> {
    let named = state.sessions.iter().filter(|(key, _)| !text.is_empty() && key.id().starts_with(text));
    let found: Vec<_> = named.collect();
    match found.as_slice() {
        [(key, session)] => Ok(SeenSession { key: (*key).clone(), session: (*session).clone() }),
        several => Err(several.iter().map(|(key, _)| key.id()).collect()),
    }
}

/// All sessions, to be looked through elsewhere.
pub fn every_session(state: &State) -> Vec<SeenSession> {
    let seen =
        |(key, session): (&SessionKey, &Session)| SeenSession { key: key.clone(), session: session.clone() };
    state.sessions.iter().map(seen).collect()
}

/// That a text names no session, or several: code, message, help.
pub fn no_session(text: &str, some: &[String]) -> (&'static str, String, String) {
    let help = "`carapace session list` names all there are".to_owned();
    if some.is_empty() {
        return ("E0972", format!("there is no session `{text}`"), help);
    }
    ("E0972", format!("`{text}` may be {} sessions: {}", some.len(), some.join(", ")), help)
}

impl SeenSession {
    /// All of it; `whole`: with the turns that are put away.
    pub fn shown(&self, whole: bool, read: &mut ReadBlob<'_>) -> SessionShown {
        let session = brief(&self.key, &self.session);
        let (turns, mut wrong) =
            if whole { self.whole(read) } else { (self.session.turns().to_vec(), Vec::new()) };
        wrong.extend(verify(&turns));
        SessionShown { session, turns, pins: self.session.pins().to_vec(), wrong }
    }

    /// What was put away of it last: the session, the blob, and what that holds. `Err`, where that cannot come back: why.
    ///
    /// # Errors
    /// Nothing is put away, or it cannot be read: code, message, help.
    pub fn last_put_away(&self, read: &mut ReadBlob<'_>) -> Result<Restorable, NotBack> {
        let Some(archive) = self.session.archives().last().cloned() else {
            let help = "`carapace session list` says where older turns are put away";
            return Err(("E1131", "nothing of this session is put away".to_owned(), help.to_owned()));
        };
        let broken = |why: String| {
            let help = "`carapace session verify` says what is wrong with it".to_owned();
            ("E0973", format!("what was put away cannot be read: {why}"), help)
        };
        let id = archive.parse::<BlobId>().map_err(|_| broken(format!("`{archive}` names no blob")))?;
        let bytes = read(id).map_err(|e| broken(e.to_string()))?;
        let bytes = bytes.ok_or_else(|| broken(format!("the blob `{archive}` is not there")))?;
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let turns: Result<Vec<Remembered>, _> = lines.map(serde_json::from_slice).collect();
        let turns = turns.map_err(|e| broken(e.to_string()))?;
        Ok(Restorable { session: self.key.clone(), archive, turns })
    }

    /// What is wrong with it, of what was put away too; and how many turns it has.
    fn verified(&self, read: &mut ReadBlob<'_>) -> (u64, Vec<String>) {
        let shown = self.shown(true, read);
        (shown.turns.iter().filter(|remembered| remembered.of.is_some()).count() as u64, shown.wrong)
    }

    fn whole(&self, read: &mut ReadBlob<'_>) -> (Vec<Remembered>, Vec<String>) {
        let (mut turns, mut wrong) = (Vec::new(), Vec::new());
        for name in self.session.archives() {
            let bytes = match name.parse::<BlobId>().map(&mut *read) {
                Ok(Ok(Some(bytes))) => bytes,
                Ok(Ok(None)) => {
                    wrong.push(format!("the turns that were put away as blob `{name}` are not there"));
                    continue;
                }
                Ok(Err(error)) => {
                    wrong.push(format!("the turns that were put away cannot be read: {error}"));
                    continue;
                }
                Err(_) => {
                    wrong.push(format!("`{name}` names no blob"));
                    continue;
                }
            };
            for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                match serde_json::from_slice::<Remembered>(line) {
                    // The note that stood before them: what it stands for is read, too.
                    Ok(note) if note.of.is_none() => {}
                    Ok(turn) => turns.push(turn),
                    Err(error) => {
                        wrong.push(format!("a turn in blob `{name}` cannot be understood: {error}"))
                    }
                }
            }
        }
        turns.extend(self.session.turns().iter().filter(|remembered| remembered.of.is_some()).cloned());
        (turns, wrong)
    }
}

/// Looks through sessions, what was put away of them too.
pub fn verify_sessions(seen: &[SeenSession], read: &mut ReadBlob<'_>) -> SessionsVerified {
    let mut verified = SessionsVerified { sessions: seen.len(), turns: 0, wrong: Vec::new() };
    for one in seen {
        let (turns, what) = one.verified(read);
        verified.turns = verified.turns.saturating_add(turns);
        if !what.is_empty() {
            verified.wrong.push(SessionWrong { id: one.key.id(), what });
        }
    }
    verified
}
