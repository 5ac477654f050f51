//! Deploying, going back, letting go.

use super::{Methods, Package, written};
use crate::rpc::Fault;
use carapace_engine::inspect::{Plan, Version, plan, unneeded, versions};
use carapace_engine::service::Clock;
use carapace_engine::{Deploy, DeploymentId, Input, Reply};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::{Arc, PoisonError};

/// An account of the runtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Its channel's kind: `terminal`.
    pub kind: String,
}

/// What is deployed, and what could be bound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Deployments {
    /// The deployments that are there, by package and number.
    pub versions: Vec<Version>,
    /// The accounts that slots can be bound to.
    pub accounts: Vec<Account>,
}

/// A deploy, done or only looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Deployed {
    /// What it changes.
    pub plan: Plan,
    /// The deployment's number; none where it was only looked at.
    pub number: Option<u32>,
}

/// Deploys, done or only looked at, in the order in which they were asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeployedAll {
    /// What they change.
    pub plans: Vec<Plan>,
    /// The deployments' numbers; none where they were only looked at.
    pub numbers: Vec<u32>,
    /// By plan: secrets that the package may use and that are not there.
    #[serde(default)]
    pub missing_secrets: Vec<Vec<Arc<str>>>,
}

/// A way back that was taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Back {
    /// The new deployment.
    pub number: u32,
    /// The one that it is again.
    pub back_to: u32,
}

/// What was let go of, or would be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Collected {
    /// Deployments that nobody needs.
    pub deployments: Vec<Version>,
    /// How many modules went out of the data directory.
    pub modules: u64,
}

impl Methods {
    pub(super) async fn deploy(&self, deploy: Deploy, dry_run: bool) -> Result<Json, Fault> {
        let looked = deploy.clone();
        let planned = self.engine.look(move |state| plan(state, Clock::system().now(), &looked)).await?;
        let plan = planned.map_err(|r| Fault::refused(r.code, r.message, r.help))?;
        if dry_run {
            return written(&Deployed { plan, number: None });
        }
        match self.engine.deploy(deploy).await? {
            Reply::Deployed(id) => written(&Deployed { plan, number: Some(id.0) }),
            reply => Err(refused(reply)),
        }
    }

    pub(super) async fn deploy_all(&self, packages: Vec<Package>, dry_run: bool) -> Result<Json, Fault> {
        let of = |package: &Package| Deploy {
            module: package.module.0.clone(),
            settings: package.settings.clone(),
            bindings: package.bindings.clone(),
        };
        let deploys: Vec<Deploy> = packages.iter().map(of).collect();
        let looked = deploys.clone();
        let now = Clock::system().now();
        let planned = self.engine.look(move |state| {
            looked.iter().map(|deploy| plan(state, now, deploy)).collect::<Result<Vec<_>, _>>()
        });
        let plans = planned.await?.map_err(|r| Fault::refused(r.code, r.message, r.help))?;
        let missing_secrets = plans.iter().map(|plan| self.host.missing_secrets(&plan.secrets)).collect();
        if dry_run {
            return written(&DeployedAll { plans, numbers: Vec::new(), missing_secrets });
        }
        for package in &packages {
            self.host.keep_sources(&package.module.0, &package.sources);
        }
        match self.engine.submit(Input::DeployAll(deploys)).await?.reply {
            Reply::DeployedAll(ids) => {
                let numbers = ids.into_iter().map(|id| id.0).collect();
                written(&DeployedAll { plans, numbers, missing_secrets })
            }
            reply => Err(refused(reply)),
        }
    }

    pub(super) async fn deployments(&self) -> Result<Json, Fault> {
        let versions = self.engine.look(versions).await?;
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner).clone();
        written(&Deployments { versions, accounts })
    }

    pub(super) async fn rollback(&self, package: Arc<str>, to: Option<u32>) -> Result<Json, Fault> {
        let input = Input::Rollback { package, to: to.map(DeploymentId) };
        let id = match self.engine.submit(input).await?.reply {
            Reply::Deployed(id) => id,
            reply => return Err(refused(reply)),
        };
        let back_to = self.engine.look(move |state| state.deployments.get(id)?.record.back_to).await?;
        written(&Back { number: id.0, back_to: back_to.unwrap_or(id).0 })
    }

    pub(super) async fn collect(&self, former: usize, dry_run: bool) -> Result<Json, Fault> {
        let deployments = self.engine.look(move |state| unneeded(state, former)).await?;
        if dry_run {
            return written(&Collected { deployments, modules: 0 });
        }
        self.engine.submit(Input::Collect { former }).await?;
        let modules = self.engine.sweep().await?.map_err(|why| Fault::refused("E0931", why, None))?;
        written(&Collected { deployments, modules })
    }
}

fn refused(reply: Reply) -> Fault {
    match reply {
        Reply::Rejected(rejection) => Fault::refused(rejection.code, rejection.message, rejection.help),
        other => Fault::refused("E0944", format!("it was answered with {other:?}"), None),
    }
}
