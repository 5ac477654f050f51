//! What is to be deployed: packages that are compiled, and modules that were.

use crate::commands::run::{Account, Assignment, Bound, Ready, bind, compile, value};
use crate::output;
use crate::package::Package;
use crate::problem::Problem;
use crate::sources::Sources;
use carapace_engine::inspect::Version;
use carapace_engine::{Binding, Blob};
use carapace_gateway::webhooks::{Address, addresses};
use carapace_module::Module;
use carapace_module::container::MAGIC;
use carapace_module::signature::SlotKind;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Something to deploy, and what those who do should know about it.
pub(crate) struct Candidate {
    pub(crate) package: carapace_gateway::Package,
    /// Lines for people.
    pub(crate) notes: Vec<String>,
    /// Where it takes requests.
    pub(crate) webhooks: Vec<Address>,
}

/// What is said of slots and settings; where several mean the same, the last counts.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// What slots stand for.
    pub(crate) bind: Vec<Assignment>,
    /// Settings' values.
    pub(crate) set: Vec<Assignment>,
    /// Whether a configuration also speaks of packages that are not among those that are deployed.
    pub(crate) part: bool,
}

/// What these paths mean, compiled; none where a package has mistakes, which are told. Slots and settings that nothing is
/// said of are as in the version that serves.
pub(crate) fn candidates(
    paths: &[PathBuf],
    said: &Said,
    versions: &[Version],
    accounts: &[Account],
) -> Result<Option<Vec<Candidate>>, Problem> {
    let Some(ready) = all_ready(paths)? else { return Ok(None) };
    let mut names: Vec<&str> = ready.iter().map(|ready| &*ready.module.package).collect();
    names.sort_unstable();
    if let Some([twice, _]) = names.array_windows().find(|[a, b]| a == b) {
        return Err(Problem::new("E0935", format!("two packages are called `{twice}`"))
            .help("a package is called as its folder: deploy one of them, or rename it"));
    }
    // What was typed has no place in a file.
    let counts = |assignment: &&Assignment| !said.part || assignment.place.is_none();
    let slots = || ready.iter().flat_map(|ready| &ready.module.slots).map(|slot| &*slot.name);
    if let Some(stray) =
        said.bind.iter().filter(counts).find(|assignment| !slots().any(|name| assignment.names(name)))
    {
        return Err(stray.unknown("E0932", "slot", slots()));
    }
    let settings = || ready.iter().flat_map(|ready| &ready.module.settings).map(|setting| &*setting.name);
    if let Some(stray) =
        said.set.iter().filter(counts).find(|assignment| !settings().any(|name| assignment.names(name)))
    {
        return Err(stray.unknown("E0922", "setting", settings()));
    }
    let candidates = ready.into_iter().map(|ready| candidate(ready, said, versions, accounts));
    candidates.collect::<Result<Vec<_>, _>>().map(Some)
}

/// One of them, with what was said of its slots and settings.
pub(crate) fn candidate(
    ready: Ready,
    said: &Said,
    versions: &[Version],
    accounts: &[Account],
) -> Result<Candidate, Problem> {
    let serving = versions.iter().find(|v| v.serves && v.package == ready.module.package);
    let Bound { bindings, notes } = bindings(&ready.module, serving, accounts, &said.bind)?;
    let settings = given(&ready.module, serving, &said.set);
    let sources = ready.sources.files().clone();
    let webhooks = addresses(&ready.module);
    let package = carapace_gateway::Package { module: Blob(ready.bytes), settings, bindings, sources };
    Ok(Candidate { package, notes, webhooks })
}

fn all_ready(paths: &[PathBuf]) -> Result<Option<Vec<Ready>>, Problem> {
    let (mut all, mut whole) = (Vec::new(), true);
    for path in paths {
        if let Some(ready) = compiled(path)? {
            all.push(ready);
            continue;
        }
        for package in Package::find(std::slice::from_ref(path))? {
            match compile(&package) {
                Some(ready) => all.push(ready),
                None => whole = false,
            }
        }
    }
    if !whole {
        output::note("nothing is deployed: mend that first");
    }
    Ok(whole.then_some(all))
}

/// A module, where that is what the file is.
fn compiled(path: &Path) -> Result<Option<Ready>, Problem> {
    if !path.is_file() {
        return Ok(None);
    }
    let bytes = std::fs::read(path).map_err(|e| Problem::unreadable(path, &e))?;
    if !bytes.starts_with(MAGIC) {
        return Ok(None);
    }
    let module = Module::from_bytes(&bytes)
        .map_err(|e| Problem::new("E0921", format!("`{}` is no module: {e}", path.display())))?;
    Ok(Some(Ready { module, bytes: bytes.into(), sources: Sources::default() }))
}

fn bindings(
    module: &Module,
    serving: Option<&Version>,
    accounts: &[Account],
    typed: &[Assignment],
) -> Result<Bound, Problem> {
    let mut kept = BTreeMap::new();
    let mut others = Vec::new();
    for slot in &module.slots {
        let before = serving.and_then(|serving| serving.bindings.get(&slot.name));
        let fits = |binding: &&Binding| {
            matches!(
                (slot.kind, binding),
                (SlotKind::Channel, Binding::Channel { .. })
                    | (SlotKind::Room, Binding::Room { .. })
                    | (SlotKind::Group, Binding::Group { .. })
                    | (SlotKind::Connection, Binding::Connection { .. })
            )
        };
        let said = typed.iter().any(|assignment| assignment.names(&slot.name));
        match before.filter(fits).filter(|_| !said) {
            Some(binding) => drop(kept.insert(slot.name.clone(), binding.clone())),
            None => others.push(slot.clone()),
        }
    }
    let mut bound = bind(&others, accounts, typed)?;
    bound.bindings.extend(kept);
    Ok(bound)
}

fn given(
    module: &Module,
    serving: Option<&Version>,
    set: &[Assignment],
) -> BTreeMap<Arc<str>, serde_json::Value> {
    let mut given = BTreeMap::new();
    for setting in &module.settings {
        let before = serving.and_then(|serving| serving.given.get(&setting.name)).cloned();
        let typed = set.iter().rev().find(|assignment| assignment.names(&setting.name));
        if let Some(json) =
            typed.map(|typed| typed.json.clone().unwrap_or_else(|| value(&typed.value, setting))).or(before)
        {
            given.insert(setting.name.clone(), json);
        }
    }
    given
}
