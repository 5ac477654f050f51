//! What shall be deployed: what was typed, with what the configuration says.

use crate::args::{Deploy, Format};
use crate::commands::run::{Account, Assignment};
use crate::commands::versions::Said;
use crate::problem::Problem;
use crate::{config, output};
use carapace_config::{Config, Loaded};
use std::path::{Path, PathBuf};

/// What shall be deployed.
pub(super) struct Wanted {
    pub(super) paths: Vec<PathBuf>,
    pub(super) said: Said,
    /// The accounts that the configuration names, if it does: a runtime that is stopped cannot say which it will have.
    pub(super) accounts: Option<Vec<Account>>,
}

impl Wanted {
    /// Of the flags and the configuration; none where that has mistakes, which are told.
    pub(super) fn resolve(flags: &Deploy) -> Result<Option<Wanted>, Problem> {
        let read =
            |texts: &[String]| texts.iter().map(|text| Assignment::read(text)).collect::<Result<Vec<_>, _>>();
        let typed = Said { bind: read(&flags.bind)?, set: read(&flags.set)?, part: false };
        let Some(file) = config::file(flags.config.as_deref()) else {
            let paths = if flags.paths.is_empty() { vec![PathBuf::from(".")] } else { flags.paths.clone() };
            return Ok(Some(Wanted { paths, said: typed, accounts: None }));
        };
        let loaded = config::load(&file)?;
        output::diagnostics(&loaded.diagnostics, &loaded.sources, Format::Human);
        if loaded.is_broken() {
            return Ok(None);
        }
        Ok(Some(Wanted::of(flags, typed, &file, &loaded)))
    }

    fn of(flags: &Deploy, typed: Said, file: &Path, loaded: &Loaded) -> Wanted {
        let config = Config::of(loaded);
        let packages = config.packages.map(|packages| packages.value);
        // Slots and settings that the file speaks of are those of its packages: of another one that is named, nothing is said.
        let counts = flags.paths.is_empty()
            || packages
                .as_ref()
                .is_some_and(|own| flags.paths.iter().all(|path| own.iter().any(|o| same(o, path))));
        let mut said = Said::default();
        if counts {
            said.bind = config
                .bindings
                .into_iter()
                .map(|(name, places)| Assignment {
                    place: Some(loaded.place(name.span)),
                    name: name.value,
                    value: places.join(","),
                    json: None,
                })
                .collect();
            said.set = config
                .settings
                .into_iter()
                .map(|(name, json)| Assignment {
                    place: Some(loaded.place(name.span)),
                    name: name.value,
                    value: json.as_str().map_or_else(|| json.to_string(), str::to_owned),
                    json: Some(json),
                })
                .collect();
        }
        // A part of the packages has a part of the slots: what is said of the others does not matter now.
        said.part = !flags.paths.is_empty();
        said.bind.extend(typed.bind);
        said.set.extend(typed.set);
        let here = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let paths = match packages {
            _ if !flags.paths.is_empty() => flags.paths.clone(),
            Some(packages) => packages,
            None => vec![here.to_owned()],
        };
        let account = |account: &carapace_config::AccountConfig| Account {
            name: account.name.as_str().into(),
            kind: account.kind.as_str().into(),
        };
        let accounts = config.accounts.map(|all| all.iter().map(|one| account(&one.value)).collect());
        Wanted { paths, said, accounts }
    }
}

/// Whether two paths are the same place.
fn same(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}
