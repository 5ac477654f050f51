//! What can be looked at on this machine: files, the disk, the clock, the address.

use super::Looked;
use super::there::bindings;
use crate::args::Doctor;
use crate::commands::run::Account;
use crate::commands::run::unasked::unasked;
use crate::config;
use crate::problem::{Problem, reason};
use crate::vault::{self, Wanted};
use carapace_channel_api::Finding;
use carapace_config::{AccountConfig, Config, Placed};
use carapace_engine::inspect::{self, Stopped};
use carapace_engine::machine::vm;
use carapace_module::Module;
use carapace_store::{Depth, Options, Position};
use carapace_vault::Vault;
use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A clock that says less than this was never set, in seconds since 1970: the beginning of 2025.
const EARLIEST: u64 = 1_735_689_600;

/// How far the journal may be ahead of the clock.
const AHEAD: Duration = Duration::from_secs(60);

pub(super) fn look(options: &Doctor, runs: bool, looked: &mut Vec<Looked>) -> Result<(), Problem> {
    let (listen, config) = configuration(options, looked)?;
    let data = options.place.data_with(options.config.as_deref());
    let last = directory(&data, looked);
    // What is wrong with the journal was said already.
    let stopped = inspect::read(&data, vm::load).ok().flatten();
    let deployed: Vec<&Module> = stopped.iter().flat_map(deployed).collect();
    secrets(&config, &data, &deployed, looked);
    agents(&config, &deployed, looked);
    if let Some(stopped) = stopped.as_ref().filter(|_| !runs) {
        let of = |account: &Placed<AccountConfig>| Account {
            name: account.value.name.as_str().into(),
            kind: account.value.kind.as_str().into(),
        };
        let named = config.accounts.as_ref().map(|accounts| accounts.iter().map(of).collect());
        let accounts = named.unwrap_or_else(Account::usual);
        looked.extend(bindings(&inspect::versions(&stopped.state), &accounts));
    }
    clock(last, looked);
    if !runs {
        address(listen, looked);
    }
    Ok(())
}

/// The configuration; and the address that it has served.
fn configuration(options: &Doctor, looked: &mut Vec<Looked>) -> Result<(SocketAddr, Config), Problem> {
    let usual = SocketAddr::from(([127, 0, 0, 1], 7171));
    let Some(file) = config::file(options.config.as_deref()) else {
        looked.push(Looked::at("configuration", Finding::fine("there is none: flags say what runs")));
        return Ok((usual, Config::default()));
    };
    let loaded = config::load(&file)?;
    let shown = file.display();
    for diagnostic in &loaded.diagnostics {
        let place = loaded.place(diagnostic.primary.span);
        let message = format!("{place}: {}", diagnostic.message);
        let help = format!("`carapace config check {shown}` shows it");
        let finding = if diagnostic.is_error() {
            Finding::wrong(message, help)
        } else {
            Finding::doubtful(message, help)
        };
        looked.push(Looked::at("configuration", finding));
    }
    if loaded.diagnostics.is_empty() {
        looked.push(Looked::at("configuration", Finding::fine(format!("{shown} has no mistakes"))));
    }
    let config = Config::of(&loaded);
    Ok((config.listen.as_ref().map_or(usual, |listen| listen.value), config))
}

/// What serves, as far as it can be loaded.
fn deployed(stopped: &Stopped) -> impl Iterator<Item = &Module> {
    stopped.state.deployments.serving().filter_map(|deployment| Some(deployment.code.as_ref().ok()?.module()))
}

/// The agents that are deployed: whether the configuration says whom each asks. What a model would answer costs, so nobody is asked.
fn agents(config: &Config, deployed: &[&Module], looked: &mut Vec<Looked>) {
    if deployed.iter().all(|module| module.agents.is_empty()) {
        return;
    }
    let unasked = unasked(deployed.iter().copied(), &config.models);
    if unasked.is_empty() {
        looked.push(Looked::at(
            "agents",
            Finding::fine("each names a model that the configuration has somebody for"),
        ));
    }
    looked.extend(unasked.into_iter().map(|one| {
        let message = format!("`{}` {}: {}", one.agent, one.cannot, one.why);
        Looked::at("agents", Finding::wrong(message, one.help))
    }));
}

/// The secrets that deployed flows, providers of models and accounts name: whether each is set.
fn secrets(config: &Config, data: &Path, deployed: &[&Module], looked: &mut Vec<Looked>) {
    let accounts = config.accounts.iter().flatten().map(|account| &account.value);
    let mut wanted: BTreeSet<Wanted> = accounts
        .flat_map(|account| {
            let by = |name| Wanted { by: account.name.clone(), name };
            account.secrets().into_iter().map(by).collect::<Vec<_>>()
        })
        .collect();
    wanted.extend(config.models.secrets().into_iter().map(|(by, name)| Wanted { by, name }));
    wanted.extend(deployed.iter().flat_map(|module| Wanted::of(module)));
    let wanted: Vec<Wanted> = wanted.into_iter().collect();
    if wanted.is_empty() {
        return;
    }
    let vault = Vault::new(vault::options(config, data, None, vault::RUNTIME));
    let findings = match vault::not_set(&vault, &wanted) {
        Ok(unset) if unset.is_empty() => {
            vec![Finding::fine(
                "each secret that a deployed flow, a provider of models or an account names is set",
            )]
        }
        Ok(unset) => unset.iter().map(|wanted| Finding::wrong(wanted.lack(), wanted.way_out())).collect(),
        Err(error) => {
            let names: BTreeSet<String> = wanted.iter().map(|wanted| format!("`{}`", wanted.name)).collect();
            let names = names.into_iter().collect::<Vec<_>>().join(", ");
            let unknown =
                Finding::unknown(format!("whether {names} are set cannot be said from here: {error}"));
            vec![Finding { help: Some(error.help()), ..unknown }]
        }
    };
    looked.extend(findings.into_iter().map(|finding| Looked::at("secrets", finding)));
}

/// The data directory: whose it is, whether it can be written, whether all of its journal can be read; when its last line was written.
fn directory(data: &Path, looked: &mut Vec<Looked>) -> Option<i64> {
    let shown = data.display();
    let mut push = |finding| looked.push(Looked::at("data", finding));
    let about = match std::fs::metadata(data) {
        Ok(about) if about.is_dir() => about,
        Ok(_) => {
            push(Finding::wrong(format!("`{shown}` is no folder"), "name another one: `--data DIR`"));
            return None;
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            push(Finding::fine(format!("`{shown}` is not there yet: the first start makes it")));
            return None;
        }
        Err(error) => {
            push(Finding::wrong(
                format!("`{shown}` cannot be read: {}", reason(&error)),
                "run this as the user who runs the runtime",
            ));
            return None;
        }
    };
    if is_open(&about) {
        let help = format!("what people wrote lies there: `chmod 700 {shown}`");
        push(Finding::doubtful(format!("others on this machine can look into `{shown}`"), help));
    }
    if let Err(error) = writable(data) {
        let why = reason(&error);
        push(Finding::wrong(
            format!("`{shown}` cannot be written to: {why}"),
            "make room, or give the user who runs the runtime the right to write there",
        ));
    }
    let mut last = None;
    let read = carapace_store::inspect(&Options::new(data), Depth::Live, Position(0), &mut |line| {
        last = Some(line.at)
    });
    push(match read {
        Ok(None) => Finding::fine(format!("nothing is kept in `{shown}` yet")),
        Ok(Some(found)) if found.findings.is_empty() => Finding::fine(format!(
            "`{shown}` is writable, and its journal can be read up to line {}",
            found.last
        )),
        Ok(Some(found)) => Finding::wrong(
            format!("the journal in `{shown}` is damaged at {} places", found.findings.len()),
            format!("`carapace journal verify --data {shown}` says where, and what can be done"),
        ),
        Err(error) => Finding::wrong(
            format!("the journal cannot be read: {error}"),
            "`carapace journal verify` says more",
        ),
    });
    last
}

/// Whether there is room for some more, and the right to use it.
fn writable(data: &Path) -> std::io::Result<()> {
    let probe = data.join(format!("doctor-{}.tmp", std::process::id()));
    let written = crate::data::write_private(&probe, &vec![0; 1 << 20]);
    let removed = std::fs::remove_file(&probe);
    written.and(removed)
}

#[cfg(unix)]
fn is_open(about: &std::fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open(_: &std::fs::Metadata) -> bool {
    false
}

fn clock(last: Option<i64>, looked: &mut Vec<Looked>) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let ahead = last.and_then(|at| u64::try_from(at).ok()).map(Duration::from_millis);
    let help = "set it, and keep it right: `timedatectl set-ntp true`; deadlines and schedules go by it";
    looked.push(Looked::at(
        "clock",
        match ahead {
            _ if now.as_secs() < EARLIEST => Finding::wrong("it was never set", help),
            Some(last) if last > now.saturating_add(AHEAD) => Finding::wrong(
                format!(
                    "it is {} s behind what the journal has seen already",
                    last.saturating_sub(now).as_secs()
                ),
                help,
            ),
            _ => Finding::fine("it is not behind what the journal has seen"),
        },
    ));
}

fn address(listen: SocketAddr, looked: &mut Vec<Looked>) {
    looked.push(Looked::at("address", match TcpListener::bind(listen) {
        Ok(_) => Finding::fine(format!("`{listen}` is free")),
        Err(error) => Finding::wrong(
            format!("`{listen}` cannot be served: {}", reason(&error)),
            "another program has it, or it is none of this machine: `listen` in the configuration names another",
        ),
    }));
}
