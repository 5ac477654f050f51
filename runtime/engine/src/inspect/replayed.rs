//! A whole journal, replayed: do its lines still tell what the runtime knows?

use crate::machine::Loader;
use crate::service::{Error, recover, replay};
use crate::state::State;
use carapace_store::{JsonlReader, Options, Past, Position};
use std::collections::BTreeMap;
use std::path::Path;

/// What came of replaying a journal from its first line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replayed {
    /// The state it leads to is, byte for byte, that of the checkpoint and the lines after it.
    Same {
        /// How many lines there are.
        lines: u64,
    },
    /// It is another.
    Differs {
        /// The tables that differ.
        tables: Vec<String>,
    },
    /// Somebody was forgotten, and what was theirs is erased from the lines up to that: they tell no longer what they told.
    /// The checkpoint does, and the lines behind it go on from there.
    Erased {
        /// The line that said that they were to be forgotten.
        upto: Position,
        /// The last line that the checkpoint holds.
        checkpoint: Position,
        /// How many lines were replayed on it.
        lines: u64,
    },
    /// Its first lines are kept no longer: the checkpoint alone has what they told, and the lines behind it go on from
    /// there.
    NoBeginning {
        /// The last line that is gone.
        gone: Position,
        /// The last line that the checkpoint holds.
        checkpoint: Position,
        /// How many lines were replayed on it.
        lines: u64,
    },
}

/// Replays the journal in a data directory from its first line, archived ones too, without owning it; `None` where there is none.
///
/// # Errors
/// Where it cannot be read or understood.
pub fn replayed(folder: &Path, loader: Loader) -> Result<Option<Replayed>, Error> {
    let Some(reader) = JsonlReader::open(Options::new(folder))? else { return Ok(None) };
    let known = recover(&reader, loader)?;
    let checkpoint = Past::checkpoint(&reader)?.map(|checkpoint| checkpoint.at).unwrap_or_default();
    let lines = known.sequence.saturating_sub(checkpoint.0);
    let told = match replay(&reader, State::new(loader), |_| {}) {
        Err(Error::Store(carapace_store::Error::Truncated { gone })) => {
            return Ok(Some(Replayed::NoBeginning { gone, checkpoint, lines }));
        }
        told => told?,
    };
    if known.forgettings.last > 0 {
        let upto = Position(known.forgettings.last);
        return Ok(Some(Replayed::Erased { upto, checkpoint, lines }));
    }
    let (known_bytes, told_bytes) = (known.snapshot(), told.snapshot());
    if let Some(failure) = known.failure() {
        return Err(failure.clone().into());
    }
    if known_bytes == told_bytes {
        return Ok(Some(Replayed::Same { lines: told.sequence }));
    }
    Ok(Some(Replayed::Differs { tables: differing(&known_bytes, &told_bytes) }))
}

/// The members in which two snapshots differ.
fn differing(one: &[u8], two: &[u8]) -> Vec<String> {
    let members = |bytes| serde_json::from_slice::<BTreeMap<String, Box<serde_json::value::RawValue>>>(bytes);
    let (one, two) = (members(one).unwrap_or_default(), members(two).unwrap_or_default());
    let differs = |name: &&String| one.get(*name).map(|raw| raw.get()) != two.get(*name).map(|raw| raw.get());
    let mut names: Vec<String> = one.keys().chain(two.keys()).filter(differs).cloned().collect();
    names.sort();
    names.dedup();
    names
}
