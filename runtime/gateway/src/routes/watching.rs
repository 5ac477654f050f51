//! Watching what happens: from a line of the journal on, without loss, and without holding anything for whoever is slow.

use crate::Methods;
use crate::rpc::Fault;
use carapace_engine::inspect::{Happened, Occurrence};
use carapace_engine::service::Handle;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// Lines that are read at a time by whoever is behind.
const PAGE: usize = 100;

/// What somebody wants to watch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// What happened after this line; from now on, where nothing is said.
    #[serde(default)]
    pub(crate) after: Option<u64>,
    /// Only things of these names.
    #[serde(default)]
    pub(crate) events: Option<BTreeSet<String>>,
}

/// What a watcher is told.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Told {
    /// Something happened.
    Happened(Happened),
    /// Some of it is kept no longer.
    Missed(Missed),
    /// The runtime ends, or the journal cannot be read.
    Ended,
}

/// Lines that are kept no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Missed {
    /// The line after which it was asked.
    pub(crate) after: u64,
    /// The last line that is gone.
    pub(crate) through: u64,
}

/// One who watches. It reads the journal as long as it is behind, and then hears what becomes durable; whoever takes long is behind
/// again.
#[derive(Debug)]
pub(crate) struct Watcher {
    engine: Handle,
    live: Receiver<Arc<Happened>>,
    /// The last line that was looked at.
    through: u64,
    behind: bool,
    page: VecDeque<Happened>,
    events: Option<BTreeSet<String>>,
}

impl Wanted {
    /// Reads what was asked.
    pub(crate) fn read(params: Json) -> Result<Wanted, Fault> {
        let wanted: Wanted = serde_json::from_value(params).map_err(|e| Fault::params(e.to_string()))?;
        for name in wanted.events.iter().flatten() {
            if !Occurrence::NAMES.contains(&name.as_str()) {
                let shown: String = name.chars().take(40).collect();
                let names = Occurrence::NAMES.join("`, `");
                return Err(Fault::params(format!(
                    "nothing that happens is called `{shown}`; these are: `{names}`"
                )));
            }
        }
        Ok(wanted)
    }
}

impl Watcher {
    /// Begins to watch.
    ///
    /// # Errors
    /// Where the runtime ends, or the line was never written.
    pub(crate) async fn begin(methods: &Methods, wanted: Wanted) -> Result<Watcher, Fault> {
        let engine = methods.engine.clone();
        // Before it is asked how far things are: what is written in between is heard.
        let live = engine.watch()?;
        let last = engine.look(|state| state.sequence).await?;
        let through = wanted.after.unwrap_or(last);
        if through > last {
            let why = format!("there is no line {through}: the last one is {last}");
            let help = "begin anew, without `after`: the data directory is another one";
            return Err(Fault::refused("E1036", why, Some(help.to_owned())));
        }
        let behind = wanted.after.is_some();
        Ok(Watcher { engine, live, through, behind, page: VecDeque::new(), events: wanted.events })
    }

    /// The last line that was looked at: who goes on after it misses nothing.
    pub(crate) fn through(&self) -> u64 {
        self.through
    }

    /// The next that is to be told.
    pub(crate) async fn next(&mut self) -> Told {
        loop {
            if let Some(happened) = self.page.pop_front() {
                if let Some(happened) = self.wanted(happened) {
                    return Told::Happened(happened);
                }
            } else if self.behind {
                let after = self.through;
                let found = match self.engine.happened(after, PAGE).await {
                    Ok(Ok(found)) => found,
                    Ok(Err(error)) => {
                        tracing::warn!(%error, "the journal cannot be read for somebody who watches");
                        return Told::Ended;
                    }
                    Err(_) => return Told::Ended,
                };
                (self.through, self.behind, self.page) = (found.through, !found.all, found.lines.into());
                if let Some(through) = found.gone {
                    return Told::Missed(Missed { after, through });
                }
            } else {
                match self.live.recv().await {
                    Ok(happened) if happened.seq <= self.through => {}
                    Ok(happened) => {
                        self.through = happened.seq;
                        self.page.push_back(Happened::clone(&happened));
                    }
                    Err(RecvError::Lagged(_)) => self.behind = true,
                    Err(RecvError::Closed) => return Told::Ended,
                }
            }
        }
    }

    /// What of it is wanted.
    fn wanted(&self, mut happened: Happened) -> Option<Happened> {
        if let Some(events) = &self.events {
            happened.events.retain(|one| events.contains(one.name()));
        }
        (!happened.events.is_empty()).then_some(happened)
    }
}
