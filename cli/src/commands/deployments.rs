//! `carapace deployments`: what is deployed.

use super::document::finish;
use super::versions::{Target, listed};
use crate::args::{Deployments, Results};
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use serde_json::json;

pub(crate) fn run(options: &Deployments) -> Result<Exit, Problem> {
    let target = Target::existing(&options.at.place)?;
    let mut versions = target.deployments()?.versions;
    if let Some(package) = &options.package {
        versions.retain(|version| *version.package == **package);
    }
    output::print(&match options.at.format {
        Results::Human => listed(&versions, target.is_live()),
        Results::Json => finish(json!({ "deployments": versions }), target.is_live()),
    });
    Ok(Exit::Fine)
}
