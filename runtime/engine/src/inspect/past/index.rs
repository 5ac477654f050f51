//! Which runs some lines tell of, and what became of them there.

use crate::inspect::words;
use crate::stored::End;
use carapace_effect::RunId;
use carapace_store::{Indexer, Line};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an end is shortened to, in characters.
const LONGEST: usize = 200;

/// What lines tell of a run. What they do not tell, earlier ones do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    /// Its flow.
    #[serde(default, rename = "f", skip_serializing_if = "Option::is_none")]
    pub(super) flow: Option<Arc<str>>,
    /// When it came to be.
    #[serde(default, rename = "s", skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<i64>,
    /// How its code ended.
    #[serde(default, rename = "h", skip_serializing_if = "Option::is_none")]
    pub(super) how: Option<Arc<str>>,
    /// When it was over.
    #[serde(default, rename = "a", skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<i64>,
}

/// The runs that some lines tell of. As an [`Indexer`] it reads no more of a record than it needs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Runs {
    pub(super) runs: BTreeMap<RunId, Told>,
}

/// The members of a record that say what run it is about, whatever kind of record it is.
#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow)]
    run: Option<&'a RawValue>,
    #[serde(borrow)]
    act: Option<&'a RawValue>,
    #[serde(borrow)]
    retries: Option<&'a RawValue>,
    #[serde(borrow)]
    flow: Option<&'a RawValue>,
    #[serde(borrow)]
    at: Option<&'a RawValue>,
    #[serde(borrow)]
    end: Option<&'a RawValue>,
}

/// An act, as far as it names its run.
#[derive(Deserialize)]
struct Act {
    run: RunId,
}

impl Runs {
    /// For the store: makes the index of a part.
    pub fn indexer() -> Box<dyn Indexer> {
        Box::new(Runs::default())
    }

    /// The index of a part; none where it has none that can be understood.
    pub(super) fn read(index: &[u8]) -> Option<Runs> {
        serde_json::from_slice(index).ok()
    }

    fn record(&mut self, at: i64, record: &RawValue) {
        let Ok(kinds) = serde_json::from_str::<BTreeMap<&str, &RawValue>>(record.get()) else { return };
        for (kind, record) in kinds {
            let Ok(members) = serde_json::from_str::<Members<'_>>(record.get()) else { continue };
            let act = members.act.and_then(read::<Act>).map(|act| act.run);
            if let Some(retried) = members.retries.and_then(read::<RunId>) {
                // It is part of that one's story, too, that it was tried again.
                self.runs.entry(retried).or_default();
            }
            let Some(run) = members.run.and_then(read::<RunId>).or(act) else { continue };
            let told = self.runs.entry(run).or_default();
            match kind {
                "created" => {
                    told.flow = members.flow.and_then(read);
                    told.since = members.at.and_then(read);
                }
                "stretched" => told.how = members.end.map(how).or(told.how.take()),
                "closed" => told.at = members.at.and_then(read),
                "skipped" => {
                    told.at = Some(at);
                    told.how = Some("did not start".into());
                }
                _ => {}
            }
        }
    }
}

impl Indexer for Runs {
    fn line(&mut self, line: &Line<'_>) {
        for record in &line.records {
            self.record(line.at, record);
        }
    }

    fn finish(&mut self) -> Vec<u8> {
        // A map of texts can always be written.
        serde_json::to_vec(self).unwrap_or_else(|_| b"{}".to_vec())
    }
}

impl Told {
    /// Adds what earlier lines tell.
    pub(super) fn add_earlier(&mut self, earlier: &Told) {
        self.flow = self.flow.take().or_else(|| earlier.flow.clone());
        self.since = self.since.or(earlier.since);
        self.how = self.how.take().or_else(|| earlier.how.clone());
        self.at = self.at.or(earlier.at);
    }

    /// Whether nothing is left to ask earlier lines.
    pub(super) fn is_whole(&self) -> bool {
        self.flow.is_some() && self.since.is_some() && self.how.is_some()
    }
}

fn read<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}

fn how(end: &RawValue) -> Arc<str> {
    if end.get().starts_with("{\"succeeded\"") {
        // What it came to may be large, and is of no interest here.
        return "succeeded".into();
    }
    let Some(end) = read::<End>(end) else { return "ended".into() };
    words::end(&end).chars().take(LONGEST).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use carapace_store::Position;

    const ONE: RunId = RunId(1);
    const TWO: RunId = RunId(2);

    fn index(lines: &[&str]) -> Runs {
        let mut runs = Runs::default();
        for (at, line) in (100..).zip(lines) {
            let records: Vec<&RawValue> = serde_json::from_str(line).unwrap();
            runs.line(&Line { seq: Position(1), durable: Position(0), at, records });
        }
        assert_eq!(Runs::read(&runs.finish()).unwrap(), runs, "it is read back");
        runs
    }

    #[test]
    fn what_parts_tell_of_a_run_is_put_together() {
        let earlier = index(&[
            r#"[{"created":{"run":"01","flow":"shop.buy","at":5,"deployment":1}},{"worked":{"work":3}}]"#,
        ]);
        let mut later = index(&[
            r#"[{"stretched":{"run":"01","end":{"failed":{"kind":"refused","message":"no"}}}}]"#,
            r#"[{"closed":{"run":"01","at":9}}]"#,
        ]);
        let told = later.runs.get_mut(&ONE).unwrap();
        assert!(!told.is_whole());
        told.add_earlier(&earlier.runs[&ONE]);
        assert!(told.is_whole());
        assert_eq!((told.flow.as_deref(), told.since, told.at), (Some("shop.buy"), Some(5), Some(9)));
        assert_eq!(told.how.as_deref(), Some("failed (refused): no"));
    }

    #[test]
    fn every_record_that_is_about_a_run_is_seen() {
        for record in [
            r#"{"acted":{"act":{"run":"01","op":":1","part":0},"attempt":1,"at":1}}"#,
            r#"{"shelved":{"act":{"run":"01","op":":1","part":0},"effect":"chat.send"}}"#,
            r#"{"created":{"run":"02","retries":"01","flow":"shop.buy","at":5}}"#,
            r#"{"of_a_later_version":{"run":"01"}}"#,
        ] {
            assert!(index(&[&format!("[{record}]")]).runs.contains_key(&ONE), "{record}");
        }
        let skipped = index(&[r#"[{"skipped":{"run":"02","reason":"guard"}}]"#]);
        assert_eq!(
            (skipped.runs[&TWO].at, skipped.runs[&TWO].how.as_deref()),
            (Some(100), Some("did not start"))
        );
    }

    #[test]
    fn what_is_about_no_run_is_passed_over() {
        for nonsense in
            ["[]", "[1]", r#"["run"]"#, r#"[{"run":"01"}]"#, r#"[{"x":{"run":7}}]"#, r#"[{"x":[1,2]},null]"#]
        {
            assert!(index(&[nonsense]).runs.is_empty(), "{nonsense}");
        }
    }
}
