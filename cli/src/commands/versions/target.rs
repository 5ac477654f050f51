//! The runtime that a version is for: one that runs; or one that is stopped, through its journal.

use crate::args::Place;
use crate::commands::run::{Account, access, own_journal};
use crate::commands::runs::place::Lines;
use crate::data::{unopened, unusable};
use crate::problem::Problem;
use crate::reach::Client;
use carapace_engine::inspect::{self, Plan, plan, unneeded, versions};
use carapace_engine::machine::vm;
use carapace_engine::service::{Clock, Options, Service};
use carapace_engine::{Deploy, DeploymentId, Input, Rejection, Reply, State};
use carapace_gateway::{Back, Collected, DeployedAll, Deployments, Package, Request};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long it is waited for the socket of a runtime that is starting.
const STARTING: Duration = Duration::from_secs(10);

/// How often it is looked whether it is there.
const LOOK: Duration = Duration::from_millis(50);

/// The runtime of a place.
pub(crate) enum Target {
    /// It runs.
    Live(Client),
    /// It does not.
    Stopped {
        /// Its data directory.
        data: PathBuf,
        /// What its journal says; nothing where there is none yet.
        state: Box<State>,
    },
}

/// Whose a data directory is when it is to be changed.
enum Owner {
    /// This command's, for the moment.
    Us(Box<Service>),
    /// A runtime's, which was started meanwhile.
    Runtime(Client),
}

impl Target {
    /// The runtime of that place, which need not be there yet where that is a data directory.
    pub(crate) fn reach(place: &Place) -> Result<Target, Problem> {
        if let Some(client) = Client::connect(place)? {
            return Ok(Target::Live(client));
        }
        let data = &place.data();
        let read = inspect::read(data, vm::load).map_err(|e| unopened(data, &e))?;
        let state = read.map_or_else(|| State::new(vm::load), |stopped| stopped.state);
        Ok(Target::Stopped { data: data.to_owned(), state: Box::new(state) })
    }

    /// The runtime of that place, which has kept something there.
    pub(crate) fn existing(place: &Place) -> Result<Target, Problem> {
        match Target::reach(place)? {
            Target::Stopped { state, .. } if state.sequence == 0 => {
                let message = format!("no runtime has kept anything in `{}`", place.data().display());
                Err(Problem::new("E0941", message).help("`--data DIR` names its data directory"))
            }
            target => Ok(target),
        }
    }

    pub(crate) fn is_live(&self) -> bool {
        !matches!(self, Target::Stopped { .. })
    }

    /// The lines behind places of it.
    pub(crate) fn lines(&self, place: &Place) -> Lines<'_> {
        match self {
            Target::Live(client) => Lines::of_runtime(client, &place.data()),
            Target::Stopped { data, .. } => Lines::of(data),
        }
    }

    /// What is deployed there, and the accounts that slots can be bound to.
    pub(crate) fn deployments(&self) -> Result<Deployments, Problem> {
        match self {
            Target::Live(client) => client.call(&Request::Deployments {}),
            Target::Stopped { state, .. } => {
                let accounts = Account::usual().iter().map(Account::told).collect();
                Ok(Deployments { versions: versions(state), accounts })
            }
        }
    }

    /// What deploys would change there. Of one that is stopped, its configuration says where its secrets lie.
    pub(crate) fn plan(&self, packages: &[Package], config: Option<&Path>) -> Result<DeployedAll, Problem> {
        match self {
            Target::Live(client) => {
                client.call(&Request::DeployAll { packages: packages.to_vec(), dry_run: true })
            }
            Target::Stopped { state, data, .. } => {
                let now = Clock::system().now();
                let plan = |package| plan(state, now, &deploy(package)).map_err(|r| problem(&r));
                let plans = packages.iter().map(plan).collect::<Result<Vec<Plan>, _>>()?;
                let unset = |plan: &Plan| crate::vault::unset(config, data, &plan.secrets);
                let missing_secrets = plans.iter().map(unset).collect();
                Ok(DeployedAll { plans, numbers: Vec::new(), missing_secrets })
            }
        }
    }

    /// Deploys there, all of them or none; gives the deployments' numbers.
    pub(crate) fn deploy(&self, packages: Vec<Package>) -> Result<Vec<u32>, Problem> {
        let live = |client: &Client, packages| -> Result<Vec<u32>, Problem> {
            let deployed: DeployedAll = client.call(&Request::DeployAll { packages, dry_run: false })?;
            Ok(deployed.numbers)
        };
        match self {
            Target::Live(client) => live(client, packages),
            Target::Stopped { data, .. } => match own(data)? {
                Owner::Runtime(client) => live(&client, packages),
                Owner::Us(mut service) => {
                    let input = Input::DeployAll(packages.iter().map(deploy).collect());
                    let ids = match service.prepare(input) {
                        Reply::DeployedAll(ids) => ids,
                        reply => return Err(refused(&reply)),
                    };
                    commit(*service, data, ("deploy.all", None))?;
                    for Package { module, sources, .. } in packages {
                        crate::sources::Sources::of_files(sources).keep(data, &module.0);
                    }
                    Ok(ids.into_iter().map(|id| id.0).collect())
                }
            },
        }
    }

    /// Goes back there.
    pub(crate) fn rollback(&self, package: &str, to: Option<u32>) -> Result<Back, Problem> {
        let live = |client: &Client| client.call(&Request::Rollback { package: package.into(), to });
        match self {
            Target::Live(client) => live(client),
            Target::Stopped { data, .. } => match own(data)? {
                Owner::Runtime(client) => live(&client),
                Owner::Us(mut service) => {
                    let input = Input::Rollback { package: package.into(), to: to.map(DeploymentId) };
                    let id = match service.prepare(input) {
                        Reply::Deployed(id) => id,
                        reply => return Err(refused(&reply)),
                    };
                    let deployment = service.state().deployments.get(id);
                    let back_to = deployment.and_then(|d| d.record.back_to).unwrap_or(id);
                    commit(*service, data, ("deployments.rollback", Some(package)))?;
                    Ok(Back { number: id.0, back_to: back_to.0 })
                }
            },
        }
    }

    /// Lets go there of what nobody needs.
    pub(crate) fn collect(&self, former: usize, dry_run: bool) -> Result<Collected, Problem> {
        let live = |client: &Client| client.call(&Request::Collect { former, dry_run });
        match self {
            Target::Live(client) => live(client),
            Target::Stopped { state, .. } if dry_run => {
                Ok(Collected { deployments: unneeded(state, former), modules: 0 })
            }
            Target::Stopped { data, .. } => match own(data)? {
                Owner::Runtime(client) => live(&client),
                Owner::Us(mut service) => {
                    let deployments = unneeded(service.state(), former);
                    service.prepare(Input::Collect { former });
                    let modules = service.sweep().map_err(|e| Problem::new("E0931", e.to_string()))?;
                    commit(*service, data, ("deployments.collect", None))?;
                    Ok(Collected { deployments, modules })
                }
            },
        }
    }
}

/// Takes a data directory over for this moment. Where somebody else has it, that is a runtime that is starting, mostly: its
/// socket comes soon.
fn own(data: &Path) -> Result<Owner, Problem> {
    let began = Instant::now();
    loop {
        let chosen = Options { history: Duration::MAX, ..Options::default() };
        let owned = match own_journal(data, chosen)? {
            Ok(opened) => return Ok(Owner::Us(Box::new(opened.service))),
            Err(owned) => owned,
        };
        if let Some(client) = Client::here(data)? {
            return Ok(Owner::Runtime(client));
        }
        if began.elapsed() > STARTING {
            return Err(unusable(data, &owned));
        }
        std::thread::sleep(LOOK);
    }
}

/// Makes it durable. What was done to a runtime that does not run is written down, too.
fn commit(service: Service, data: &Path, what: (&str, Option<&str>)) -> Result<(), Problem> {
    let access = access::alone(data)?;
    service.commit().map_err(|e| Problem::new("E0931", e.to_string()))?;
    access::note(&access, what)
}

fn deploy(package: &Package) -> Deploy {
    let Package { module, settings, bindings, .. } = package;
    Deploy { module: module.0.clone(), settings: settings.clone(), bindings: bindings.clone() }
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
