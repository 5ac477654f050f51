//! The runtime that a version is for: one that runs, through its socket; or one that is stopped, through its journal.

use crate::commands::run::{Account, open_journal};
#[cfg(unix)]
use crate::commands::runs::client::Client;
use crate::data::unopened;
use crate::problem::Problem;
use carapace_engine::inspect::{self, Plan, plan, unneeded, versions};
use carapace_engine::machine::vm;
use carapace_engine::service::{Clock, Options, Service};
use carapace_engine::{Deploy, DeploymentId, Input, Rejection, Reply, State};
use carapace_gateway::{Back, Collected, Deployed, Deployments};
use std::path::{Path, PathBuf};
use std::time::Duration;

#[cfg(unix)]
use carapace_gateway::Request;

/// The runtime of a data directory.
pub(crate) enum Target {
    /// It runs.
    #[cfg(unix)]
    Live(Client),
    /// It does not.
    Stopped {
        /// Its data directory.
        data: PathBuf,
        /// What its journal says; nothing where there is none yet.
        state: Box<State>,
    },
}

impl Target {
    /// The runtime of that folder, which need not be there yet.
    pub(crate) fn reach(data: &Path) -> Result<Target, Problem> {
        #[cfg(unix)]
        if let Some(client) = Client::connect(data)? {
            return Ok(Target::Live(client));
        }
        let read = inspect::read(data, vm::load).map_err(|e| unopened(data, &e))?;
        let state = read.map_or_else(|| State::new(vm::load), |stopped| stopped.state);
        Ok(Target::Stopped { data: data.to_owned(), state: Box::new(state) })
    }

    /// The runtime of that folder, which has kept something there.
    pub(crate) fn existing(data: &Path) -> Result<Target, Problem> {
        match Target::reach(data)? {
            Target::Stopped { state, .. } if state.sequence == 0 => {
                let message = format!("no runtime has kept anything in `{}`", data.display());
                Err(Problem::new("E0941", message).help("`--data DIR` names its data directory"))
            }
            target => Ok(target),
        }
    }

    pub(crate) fn is_live(&self) -> bool {
        !matches!(self, Target::Stopped { .. })
    }

    /// What is deployed there, and the accounts that slots can be bound to.
    pub(crate) fn deployments(&self) -> Result<Deployments, Problem> {
        match self {
            #[cfg(unix)]
            Target::Live(client) => client.call(&Request::Deployments {}),
            Target::Stopped { state, .. } => {
                let accounts = Account::usual().iter().map(Account::told).collect();
                Ok(Deployments { versions: versions(state), accounts })
            }
        }
    }

    /// What a deploy would change there.
    pub(crate) fn plan(&self, deploy: &Deploy) -> Result<Plan, Problem> {
        match self {
            #[cfg(unix)]
            Target::Live(client) => Ok(ask(client, deploy, true)?.plan),
            Target::Stopped { state, .. } => {
                plan(state, Clock::system().now(), deploy).map_err(|rejection| problem(&rejection))
            }
        }
    }

    /// Deploys there; gives the deployment's number.
    pub(crate) fn deploy(&self, deploy: Deploy) -> Result<u32, Problem> {
        match self {
            #[cfg(unix)]
            Target::Live(client) => Ok(ask(client, &deploy, false)?.number.unwrap_or_default()),
            Target::Stopped { data, .. } => {
                change(data, |service| match service.prepare(Input::Deploy(Box::new(deploy))) {
                    Reply::Deployed(id) => Ok(id.0),
                    reply => Err(refused(&reply)),
                })
            }
        }
    }

    /// Goes back there.
    pub(crate) fn rollback(&self, package: &str, to: Option<u32>) -> Result<Back, Problem> {
        match self {
            #[cfg(unix)]
            Target::Live(client) => client.call(&Request::Rollback { package: package.into(), to }),
            Target::Stopped { data, .. } => change(data, |service| {
                let to = to.map(DeploymentId);
                match service.prepare(Input::Rollback { package: package.into(), to }) {
                    Reply::Deployed(id) => {
                        let deployment = service.state().deployments.get(id);
                        let back_to = deployment.and_then(|d| d.record.back_to).unwrap_or(id);
                        Ok(Back { number: id.0, back_to: back_to.0 })
                    }
                    reply => Err(refused(&reply)),
                }
            }),
        }
    }

    /// Lets go there of what nobody needs.
    pub(crate) fn collect(&self, former: usize, dry_run: bool) -> Result<Collected, Problem> {
        match self {
            #[cfg(unix)]
            Target::Live(client) => client.call(&Request::Collect { former, dry_run }),
            Target::Stopped { state, .. } if dry_run => {
                Ok(Collected { deployments: unneeded(state, former), modules: 0 })
            }
            Target::Stopped { data, .. } => change(data, |service| {
                let deployments = unneeded(service.state(), former);
                service.prepare(Input::Collect { former });
                let modules = service.sweep().map_err(|e| Problem::new("E0931", e.to_string()))?;
                Ok(Collected { deployments, modules })
            }),
        }
    }
}

#[cfg(unix)]
fn ask(client: &Client, deploy: &Deploy, dry_run: bool) -> Result<Deployed, Problem> {
    client.call(&Request::Deploy {
        module: carapace_engine::Blob(deploy.module.clone()),
        settings: deploy.settings.clone(),
        bindings: deploy.bindings.clone(),
        dry_run,
    })
}

/// Changes a runtime that is stopped, as its owner for this moment.
fn change<T>(data: &Path, change: impl FnOnce(&mut Service) -> Result<T, Problem>) -> Result<T, Problem> {
    let chosen = Options { history: Duration::MAX, ..Options::default() };
    let mut service = open_journal(data, chosen)?.service;
    let result = change(&mut service)?;
    service.commit().map_err(|e| Problem::new("E0931", e.to_string()))?;
    Ok(result)
}

pub(crate) fn problem(rejection: &Rejection) -> Problem {
    let problem = Problem::new(rejection.code, rejection.message.clone());
    match &rejection.help {
        Some(help) => problem.help(help.clone()),
        None => problem,
    }
}

fn refused(reply: &Reply) -> Problem {
    match reply {
        Reply::Rejected(rejection) => problem(rejection),
        other => Problem::new("E0944", format!("it was answered with {other:?}")),
    }
}
