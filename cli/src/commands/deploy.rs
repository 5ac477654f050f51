//! `carapace deploy`: packages handed to a runtime.

use super::document::finish;
use super::run::Account;
use super::runs::place::Lines;
use super::versions::{Candidate, Target, candidates, planned};
use crate::args::{Deploy, Results};
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use carapace_engine::inspect::Plan;
use serde_json::{Value as Json, json};

pub(crate) fn run(options: &Deploy) -> Result<Exit, Problem> {
    let target = Target::reach(&options.data)?;
    let there = target.deployments()?;
    let accounts = Account::of(&there.accounts);
    let assigned = (options.bind.as_slice(), options.set.as_slice());
    let Some(candidates) = candidates(&options.paths, assigned, &there.versions, &accounts)? else {
        return Ok(Exit::Findings);
    };
    let plans =
        candidates.iter().map(|candidate| target.plan(&candidate.deploy)).collect::<Result<Vec<_>, _>>()?;
    let refused = plans.iter().any(|plan| plan.refused.is_some());
    if options.format == Results::Human {
        let lines = Lines::of(&options.data);
        for (candidate, plan) in candidates.iter().zip(&plans) {
            output::print(&planned(plan, &lines));
            candidate.notes.iter().for_each(|note| output::note(&format!("note: {note}")));
        }
    }
    let mut numbers = Vec::new();
    if !refused && !options.dry_run {
        for Candidate { ready, deploy, .. } in candidates {
            ready.keep_sources(&options.data);
            numbers.push(target.deploy(deploy)?);
        }
    }
    match options.format {
        Results::Human => tell(options, &target, &plans, &numbers, refused),
        Results::Json => output::print(&document(&plans, &numbers, target.is_live())),
    }
    Ok(if refused { Exit::Findings } else { Exit::Fine })
}

fn tell(options: &Deploy, target: &Target, plans: &[Plan], numbers: &[u32], refused: bool) {
    if refused {
        let others = if plans.len() > 1 { ", not one of them" } else { "" };
        output::note(&format!("nothing was deployed{others}"));
    } else if options.dry_run {
        output::note("nothing was deployed: this is what would change");
    }
    for (plan, number) in plans.iter().zip(numbers).filter(|(plan, _)| !plan.same) {
        let then = if target.is_live() {
            "new events go to it".to_owned()
        } else {
            format!("`carapace run --data {}` serves it", options.data.display())
        };
        output::note(&format!("{} is deployed as {number}: {then}", plan.package));
    }
}

fn document(plans: &[Plan], numbers: &[u32], live: bool) -> String {
    let of = |(at, plan): (usize, &Plan)| {
        let mut document = json!(plan);
        if let Some(document) = document.as_object_mut() {
            document.insert("deployed".to_owned(), numbers.get(at).map_or(Json::Null, |n| json!(n)));
        }
        document
    };
    let packages: Vec<Json> = plans.iter().enumerate().map(of).collect();
    finish(json!({ "packages": packages }), live)
}
