//! The data directory's journal, taken over.

use super::measured::Measured;
use crate::data::{unopened, unusable};
use crate::output;
use crate::problem::Problem;
use carapace_engine::service::{Opened, Options as EngineOptions, Service};
use carapace_store::{JsonlStore, Store};
use std::path::Path;
use std::sync::Arc;

/// Takes a data directory's journal over, for an engine of these choices.
pub(crate) fn open_journal(data: &Path, chosen: EngineOptions) -> Result<Opened, Problem> {
    own_journal(data, chosen)?.map_err(|owned| unusable(data, &owned))
}

/// The same; where another process has it, that is an answer.
pub(crate) fn own_journal(
    data: &Path,
    chosen: EngineOptions,
) -> Result<Result<Opened, carapace_store::Error>, Problem> {
    own(data, carapace_store::Options::new(data), chosen)
}

/// Takes it over as [`open_journal`] does, with what its disk does counted.
pub(super) fn open_measured(data: &Path, chosen: EngineOptions) -> Result<(Opened, Measured), Problem> {
    let disk = Measured::new(data);
    let options =
        carapace_store::Options { disk: Arc::new(disk.clone()), ..carapace_store::Options::new(data) };
    Ok((own(data, options, chosen)?.map_err(|owned| unusable(data, &owned))?, disk))
}

fn own(
    data: &Path,
    options: carapace_store::Options,
    chosen: EngineOptions,
) -> Result<Result<Opened, carapace_store::Error>, Problem> {
    prepare(data)?;
    let store = match JsonlStore::open(options) {
        Err(owned @ carapace_store::Error::Owned { .. }) => return Ok(Err(owned)),
        store => store.map_err(|e| unusable(data, &e))?,
    };
    if let Some(torn) = &store.recovered().torn {
        let (file, byte) = (torn.file.display(), torn.byte);
        output::note(&format!(
            "the end of the journal was torn and is overwritten: {file}, byte {byte}: {}; nothing of it was ever durable",
            torn.why
        ));
    }
    let store: Arc<dyn Store> = Arc::new(store);
    Service::open(store, chosen).map(Ok).map_err(|e| unopened(data, &e))
}

/// Makes the data directory, where it is not there, for its owner alone.
pub(crate) fn prepare(data: &Path) -> Result<(), Problem> {
    crate::data::make_private(data).map_err(|e| Problem::unwritable(data, &e))?;
    keep_out_of_repositories(data);
    Ok(())
}

/// What a runtime remembers of people belongs into no repository.
fn keep_out_of_repositories(data: &Path) {
    let ignore = data.join(".gitignore");
    if !ignore.exists() {
        // It is a courtesy: without it everything works.
        let _ = std::fs::write(ignore, "*\n");
    }
}
