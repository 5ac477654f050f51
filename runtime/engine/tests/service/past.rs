//! Runs that are over are found and told of, wherever their lines lie.

use super::replayed::{MONTH, folder, live};
use super::*;
use carapace_effect::RunId;
use carapace_engine::inspect::{Found, find_past, finished, history};
use carapace_store::{Checkpoint, JsonlReader, Line, Part, Past, Position, Shelf};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

fn reader(folder: &Path) -> JsonlReader {
    JsonlReader::open(carapace_store::Options::new(folder)).unwrap().unwrap()
}

/// Every run that any line tells of: when it was closed, where it was.
fn runs(journal: &dyn Past) -> BTreeMap<RunId, Option<i64>> {
    let mut runs = BTreeMap::new();
    let visit = &mut |line: Line<'_>| {
        for record in &line.records {
            let record: serde_json::Value = serde_json::from_str(record.get()).unwrap();
            let (kind, body) = record.as_object().unwrap().iter().next().unwrap();
            if let Some(run) = body.get("run").and_then(|run| run.as_str()) {
                let closed: &mut Option<i64> = runs.entry(run.parse().unwrap()).or_default();
                *closed = closed.or(body["at"].as_i64().filter(|_| kind == "closed"));
            }
        }
        ControlFlow::Continue(())
    };
    journal.lines(Position(0), visit).unwrap();
    runs
}

/// A journal whose parts may have no index that says anything, or be damaged; and that counts the lines that are read of it.
struct Plain<'a> {
    journal: &'a JsonlReader,
    indexed: bool,
    damaged: Option<Position>,
    gone: Option<Position>,
    read: Cell<u64>,
}

impl Past for Plain<'_> {
    fn part(&self, first: Position) -> Result<(Part, Vec<u8>), carapace_store::Error> {
        if self.damaged == Some(first) {
            let why = "planned damage".to_owned();
            return Err(carapace_store::Error::Corrupt {
                file: "part".into(),
                byte: 0,
                seq: Some(first),
                why,
            });
        }
        if self.gone == Some(first) {
            return Err(carapace_store::Error::Truncated { gone: first });
        }
        let (part, index) = self.journal.part(first)?;
        Ok((part, if self.indexed { index } else { b"{}".to_vec() }))
    }
    fn lines(
        &self,
        after: Position,
        visit: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>,
    ) -> Result<(), carapace_store::Error> {
        self.journal.lines(after, &mut |line| {
            self.read.set(self.read.get() + 1);
            visit(line)
        })
    }
    fn checkpoint(&self) -> Result<Option<Checkpoint>, carapace_store::Error> {
        self.journal.checkpoint()
    }
    fn shelf(&self) -> Arc<dyn Shelf> {
        self.journal.shelf()
    }
    fn live(&self) -> Result<Position, carapace_store::Error> {
        self.journal.live()
    }
    fn parts(&self) -> Result<Vec<Position>, carapace_store::Error> {
        self.journal.parts()
    }
    fn blob(&self, id: carapace_store::BlobId) -> Result<Option<Vec<u8>>, carapace_store::Error> {
        self.journal.blob(id)
    }
}

#[tokio::test(start_paused = true)]
async fn the_story_of_each_is_the_same_with_the_index_and_takes_fewer_lines() {
    let folder = folder("past-stories");
    live(&folder, 4_000, MONTH).await;
    let journal = reader(&folder);
    let all = runs(&journal);
    assert!(journal.parts().unwrap().len() > 5 && all.len() >= 20, "{all:?}");
    let deployments = carapace_engine::State::new(carapace_engine::machine::vm::load).deployments;
    let of = |indexed| Plain { journal: &journal, indexed, damaged: None, gone: None, read: Cell::new(0) };
    let mut fewer = 0;
    for run in all.keys() {
        let (with, without) = (of(true), of(false));
        let story = history(&with, *run, &deployments).unwrap();
        assert_eq!(story, history(&without, *run, &deployments).unwrap());
        assert!(story.whole && !story.damaged && !story.entries.is_empty());
        assert_eq!(without.read.get(), journal.position().0);
        fewer += u64::from(with.read.get() * 2 < without.read.get());
    }
    assert!(fewer * 2 > u64::try_from(all.len()).unwrap(), "most runs are in few parts: {fewer}");
}

#[tokio::test(start_paused = true)]
async fn those_that_are_over_are_listed_the_latest_first_and_found_by_the_beginning_of_their_ids() {
    let folder = folder("past-listed");
    live(&folder, 4_000, MONTH).await;
    let journal = reader(&folder);
    let closed: BTreeMap<RunId, i64> =
        runs(&journal).into_iter().filter_map(|(run, at)| Some((run, at?))).collect();
    let listed = finished(&journal, None, None, 1_000).unwrap();
    assert_eq!(listed.runs.iter().map(|over| (over.run, over.at)).collect::<BTreeMap<_, _>>(), closed);
    assert!(
        listed.runs.is_sorted_by_key(|over| std::cmp::Reverse(over.at)) && !listed.more && !listed.damaged
    );
    assert!(listed.runs.iter().all(|over| &*over.flow == "main.count_up" && over.how == "succeeded"));
    assert!(listed.runs.iter().all(|over| over.since <= over.at && over.since > 0));

    let plain = Plain { journal: &journal, indexed: true, damaged: None, gone: None, read: Cell::new(0) };
    let few = finished(&plain, Some("count_up"), None, 3).unwrap();
    assert!(few.more && few.runs.len() == 3);
    assert!(plain.read.get() < journal.position().0, "the archive itself is not read for a list");
    assert_eq!(finished(&journal, Some("later"), None, 10).unwrap().runs, [], "those live");

    for (run, at) in closed {
        match find_past(&journal, &run.to_string()[..20]).unwrap() {
            Found::Over(over) => assert_eq!((over.run, over.at), (run, at)),
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(find_past(&journal, "").unwrap(), Found::Nothing));
    assert!(matches!(find_past(&journal, "no id").unwrap(), Found::Nothing));
}

#[tokio::test(start_paused = true)]
async fn a_part_that_cannot_be_read_hides_only_what_is_in_it_and_that_is_said() {
    let folder = folder("past-damaged");
    live(&folder, 4_000, MONTH).await;
    let journal = reader(&folder);
    let all = finished(&journal, None, None, 1_000).unwrap().runs.len();
    let damaged = journal.parts().unwrap().get(1).copied();
    let gone = Plain { journal: &journal, indexed: true, damaged: None, gone: damaged, read: Cell::new(0) };
    let rest = finished(&gone, None, None, 1_000).unwrap();
    assert!(!rest.damaged && rest.runs.len() <= all, "what went meanwhile is no damage");
    let journal = Plain { journal: &journal, indexed: true, damaged, gone: None, read: Cell::new(0) };
    let listed = finished(&journal, None, None, 1_000).unwrap();
    assert!(listed.damaged && !listed.runs.is_empty() && listed.runs.len() <= all);
    let deployments = carapace_engine::State::new(carapace_engine::machine::vm::load).deployments;
    let story = history(&journal, listed.runs[0].run, &deployments).unwrap();
    assert!(story.damaged && !story.entries.is_empty(), "{story:?}");
}
