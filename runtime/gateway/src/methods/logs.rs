//! What flows logged, what went wrong, and what the runtime had to say.

use super::{LogsWanted, Methods, written};
use crate::rpc::Fault;
use carapace_effect::RunId;
use carapace_engine::inspect::{LogEntry, LogFilter, known_flows, log_start, logs, named};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Entries in one answer, where nothing is said; and at most.
const LISTED: (usize, usize) = (500, 5_000);

/// Lines of the journal that one answer looks at.
const LINES: usize = 50_000;

/// How long an answer waits at most: less than those wait who ask, and what stands between.
const LONGEST: Duration = Duration::from_secs(25);

/// How often it is looked whether the journal has grown.
const LOOK: Duration = Duration::from_millis(100);

/// Some of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LogsRead {
    /// The entries: those of the journal in its order, and notices of the runtime between them by their time.
    pub entries: Vec<LogEntry>,
    /// What is behind these, to be asked for as `after`.
    pub next: String,
    /// Whether there is more already.
    pub more: bool,
    /// How many notices are kept no longer that would have been among these.
    pub lost: u64,
}

/// How far somebody has read: a line of the journal, and a notice of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cursor {
    line: u64,
    instance: i64,
    notice: u64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.line, self.instance, self.notice)
    }
}

impl FromStr for Cursor {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Cursor, Fault> {
        let wrong = || Fault::params("`after` is what an answer gave as `next`");
        let mut parts = text.splitn(3, '.');
        let mut part = || parts.next().ok_or_else(wrong);
        let (line, instance, notice) = (part()?, part()?, part()?);
        Ok(Cursor {
            line: line.parse().map_err(|_| wrong())?,
            instance: instance.parse().map_err(|_| wrong())?,
            notice: notice.parse().map_err(|_| wrong())?,
        })
    }
}

impl Methods {
    pub(super) async fn logs(&self, wanted: LogsWanted) -> Result<Json, Fault> {
        let LogsWanted { after, limit, wait, flow, level, since } = wanted;
        let filter = LogFilter { flow, level, since };
        let limit = limit.unwrap_or(LISTED.0).clamp(1, LISTED.1);
        let wait = Duration::from_millis(wait.unwrap_or_default()).min(LONGEST);
        let until = tokio::time::Instant::now() + wait;
        let mut cursor = self.began(after.as_deref(), since).await?;
        let notices = self.host.notices();
        let mut changed = notices.as_ref().map(|notices| notices.watch());
        loop {
            if let Some(changed) = &mut changed {
                changed.borrow_and_update();
            }
            let read = self.read_logs(cursor, &filter, limit).await?;
            if !read.entries.is_empty() || read.more || read.lost > 0 || tokio::time::Instant::now() >= until
            {
                return written(&read);
            }
            // What is not wanted is not looked at again.
            cursor = read.next.parse()?;
            loop {
                let told = async {
                    match &mut changed {
                        Some(changed) => changed.changed().await.is_ok(),
                        None => std::future::pending().await,
                    }
                };
                let told = tokio::select! {
                    told = told => told,
                    () = tokio::time::sleep(LOOK) => false,
                };
                let over = tokio::time::Instant::now() >= until;
                if told || over || self.engine.durable()? > cursor.line {
                    break;
                }
            }
        }
    }

    /// Where a look begins.
    async fn began(&self, after: Option<&str>, since: Option<i64>) -> Result<Cursor, Fault> {
        let instance = self.host.notices().map_or(0, |notices| notices.instance());
        if let Some(after) = after {
            let cursor: Cursor = after.parse()?;
            // Another process has notices of its own, and nobody has read any of them.
            let notice = if cursor.instance == instance { cursor.notice } else { 0 };
            return Ok(Cursor { instance, notice, ..cursor });
        }
        let line = self.engine.read(move |journal, _| log_start(journal, since)).await?;
        let line = line.map_err(|e| Fault::refused("E0931", e.to_string(), None))?;
        Ok(Cursor { line, instance, notice: 0 })
    }

    async fn read_logs(&self, cursor: Cursor, filter: &LogFilter, limit: usize) -> Result<LogsRead, Fault> {
        let durable = self.engine.durable()?;
        let mut next = cursor;
        let mut entries = Vec::new();
        if durable > cursor.line {
            let wanted = filter.clone();
            let read =
                self.engine.read(move |journal, _| logs(journal, cursor.line, &wanted, (limit, LINES)));
            let mut logged = read.await?.map_err(|e| Fault::refused("E0931", e.to_string(), None))?;
            next.line = logged.after.max(cursor.line);
            if logged.entries.iter().any(|entry| entry.flow.is_none() && entry.run.is_some()) {
                let runs: Vec<RunId> = logged.entries.iter().filter_map(|entry| entry.run).collect();
                let known = self.engine.look(move |state| known_flows(state, &runs)).await?;
                let wanted = filter.clone();
                let named = self.engine.read(move |journal, _| {
                    named(journal, &mut logged.entries, &wanted, &known);
                    logged.entries
                });
                entries = named.await?;
            } else {
                logged.entries.retain(|entry| filter.takes(entry));
                entries = logged.entries;
            }
        }
        let mut lost = 0;
        if let Some(notices) = self.host.notices() {
            let (told, last, gone) = notices.after(cursor.notice);
            // A first look does not miss what was before it.
            lost = if cursor.notice == 0 { 0 } else { gone };
            next.notice = last;
            entries.extend(told.into_iter().filter(|entry| filter.takes(entry)));
            // Those of the journal are in order already, and stay so: the sort is stable.
            entries.sort_by_key(|entry| entry.at);
        }
        Ok(LogsRead { entries, next: next.to_string(), more: next.line < durable, lost })
    }
}
