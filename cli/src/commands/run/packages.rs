//! The packages that run: compiled, and compiled again.

use super::bindings::{Assignment, Bound};
use super::options::Options;
use crate::args::Format;
use crate::output;
use crate::package::Package;
use crate::problem::Problem;
use crate::sources::Sources;
use carapace_engine::{Binding, Deploy};
use carapace_module::Module;
use carapace_module::signature::SettingSignature;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The packages that run, and the values their settings are given.
pub(crate) struct Packages {
    packages: Vec<Package>,
    settings: Vec<Assignment>,
    data: PathBuf,
}

/// A package, compiled.
pub(crate) struct Ready {
    /// Its module.
    pub(crate) module: Module,
    pub(crate) bytes: Arc<[u8]>,
    pub(crate) sources: Sources,
}

impl Ready {
    /// Of a package that was compiled.
    pub(crate) fn of(compiled: carapace_driver::Compiled) -> Ready {
        let bytes = compiled.module.to_bytes().into();
        let sources = Sources::of(&compiled.sources);
        Ready { module: compiled.module, bytes, sources }
    }

    /// Keeps its sources in a data directory, for people who look into runs.
    pub(crate) fn keep_sources(&self, data: &Path) {
        self.sources.keep(data, &self.bytes);
    }
}

impl Packages {
    /// Those that the paths mean.
    pub(crate) fn find(paths: &[PathBuf], options: &Options) -> Result<Packages, Problem> {
        let packages = Package::find(paths)?;
        let mut names: Vec<&str> = packages.iter().map(Package::package).collect();
        names.sort_unstable();
        if let Some([twice, _]) = names.array_windows().find(|[a, b]| a == b) {
            return Err(Problem::new("E0935", format!("two packages are called `{twice}`"))
                .help("a package is called as its folder: run one of them elsewhere, or rename it"));
        }
        Ok(Packages { packages, settings: options.set.clone(), data: options.data.clone() })
    }

    /// The folders in which a change concerns them.
    pub(crate) fn folders(&self) -> Vec<PathBuf> {
        self.packages.iter().map(|package| package.files.root.clone()).collect()
    }

    /// Compiles all of them; none where one has mistakes, which are told.
    pub(crate) fn compile(&self) -> Option<Vec<Ready>> {
        let all: Vec<Option<Ready>> = self.packages.iter().map(compile).collect();
        all.into_iter().collect()
    }

    /// What is deployed of these modules, one after the other.
    pub(crate) fn deploys(&self, modules: &[Ready], bound: &[Bound]) -> Vec<Deploy> {
        let all = modules.iter().zip(bound);
        all.map(|(ready, bound)| self.deploy(ready, bound.bindings.clone())).collect()
    }

    /// Keeps the sources of a module, for people who look into runs.
    pub(crate) fn keep_sources(&self, ready: &Ready) {
        ready.keep_sources(&self.data);
    }

    /// What is deployed of a module: its settings, and what its slots stand for.
    fn deploy(&self, ready: &Ready, bindings: BTreeMap<Arc<str>, Binding>) -> Deploy {
        let mut settings = BTreeMap::new();
        for assignment in &self.settings {
            for setting in ready.module.settings.iter().filter(|setting| assignment.names(&setting.name)) {
                let json = assignment.json.clone().unwrap_or_else(|| value(&assignment.value, setting));
                settings.insert(setting.name.clone(), json);
            }
        }
        Deploy { module: ready.bytes.clone(), settings, bindings }
    }

    /// Assignments to settings that no package declares.
    pub(crate) fn check_settings(&self, modules: &[Ready]) -> Result<(), Problem> {
        let known = || modules.iter().flat_map(|ready| &ready.module.settings).map(|setting| &*setting.name);
        let stray = self.settings.iter().find(|assignment| !known().any(|name| assignment.names(name)));
        match stray {
            None => Ok(()),
            Some(assignment) => Err(assignment.unknown("E0922", "setting", known())),
        }
    }
}

/// A value as typed: JSON where it is JSON, else a text.
pub(crate) fn value(text: &str, setting: &SettingSignature) -> Json {
    match setting.ty {
        carapace_module::Type::Text => Json::from(text),
        _ => serde_json::from_str(text).unwrap_or_else(|_| Json::from(text)),
    }
}

/// Compiles a package; none where it has mistakes, which are told.
pub(crate) fn compile(package: &Package) -> Option<Ready> {
    let checked = package.check();
    let map = checked.sources.map(&package.prefix);
    output::diagnostics(&checked.diagnostics, &map, Format::Human);
    match checked.compile() {
        Ok(compiled) => Some(Ready::of(compiled)),
        Err(checked) => {
            output::note(&format!(
                "{} does not check: {}",
                package.name(),
                output::count(&checked.diagnostics)
            ));
            None
        }
    }
}
