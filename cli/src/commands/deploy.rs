//! `carapace deploy`: packages handed to a runtime.

mod consent;
mod wanted;

use super::document::finish;
use super::run::{Account, Astray};
use super::versions::{Target, candidates, planned, served};
use crate::args::{Deploy, Place, Results};
use crate::exit::Exit;
use crate::output::{self, plural};
use crate::problem::Problem;
use carapace_engine::inspect::Plan;
use carapace_gateway::webhooks::Address;
use carapace_gateway::{DeployedAll, Package};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use wanted::Wanted;

pub(crate) fn run(options: &Deploy) -> Result<Exit, Problem> {
    let Some(wanted) = Wanted::resolve(options)? else {
        output::note("nothing is deployed: mend that first");
        return Ok(Exit::Findings);
    };
    let data = options.at.place.data_with(options.config.as_deref());
    let place = options.at.place.settled(data);
    let target = Target::reach(&place)?;
    let there = target.deployments()?;
    let accounts =
        wanted.accounts.filter(|_| !target.is_live()).unwrap_or_else(|| Account::of(&there.accounts));
    let Some(candidates) = candidates(&wanted.paths, &wanted.said, &there.versions, &accounts)? else {
        return Ok(Exit::Findings);
    };
    let notes: Vec<Vec<String>> = candidates.iter().map(|candidate| candidate.notes.clone()).collect();
    let hooks: Vec<Vec<Address>> = candidates.iter().map(|candidate| candidate.webhooks.clone()).collect();
    let packages: Vec<Package> = candidates.into_iter().map(|candidate| candidate.package).collect();
    let astray = packages.iter().map(|package| Astray::find(&package.bindings, &accounts)).collect();
    let said = Said { notes, hooks, astray };
    let looked = target.plan(&packages, options.config.as_deref())?;
    let refused = looked.plans.iter().any(|plan| plan.refused.is_some());
    if options.at.format == Results::Human {
        show(&looked, &said, &target, &place);
    }
    let numbers = match refused || options.dry_run || !is_wanted(options, &looked.plans)? {
        true => Vec::new(),
        false => target.deploy(packages)?,
    };
    match options.at.format {
        Results::Human => tell(options, &target, &place, &looked.plans, &numbers, refused),
        Results::Json => output::print(&document((&looked, &said), &numbers, target.is_live())),
    }
    let done = !refused && (options.dry_run || !numbers.is_empty());
    Ok(if done { Exit::Fine } else { Exit::Findings })
}

/// Whether it shall take effect. What changes nothing is nothing to ask about.
fn is_wanted(options: &Deploy, plans: &[Plan]) -> Result<bool, Problem> {
    let changed: Vec<&Plan> = plans.iter().filter(|plan| !plan.same).collect();
    match changed.as_slice() {
        [] => Ok(true),
        [one] => consent::given(options, &format!("deploy {}?", one.package)),
        several => consent::given(options, &format!("deploy these {}?", plural(several.len(), "package"))),
    }
}

/// What is to be said of each package besides what it changes.
struct Said {
    /// Lines for people.
    notes: Vec<Vec<String>>,
    /// Where it takes requests.
    hooks: Vec<Vec<Address>>,
    /// Slots that stand for accounts that are not there.
    astray: Vec<Vec<Astray>>,
}

fn show(looked: &DeployedAll, said: &Said, target: &Target, place: &Place) {
    let Said { notes, hooks, astray } = said;
    let lines = target.lines(place);
    let none = Vec::new();
    for (at, plan) in looked.plans.iter().enumerate() {
        let secrets = looked.missing_secrets.get(at).unwrap_or(&none);
        let hooks = hooks.get(at).map_or(&[][..], Vec::as_slice);
        let astray = astray.get(at).map_or(&[][..], Vec::as_slice);
        output::print(&format!("{}{}", planned(plan, (secrets, astray), &lines), served(hooks)));
        hooks.iter().filter_map(Address::warning).for_each(|warning| output::note(&warning));
        let notes = notes.get(at).into_iter().flatten();
        notes.for_each(|note| output::note(&format!("note: {note}")));
    }
}

fn tell(options: &Deploy, target: &Target, place: &Place, plans: &[Plan], numbers: &[u32], refused: bool) {
    if refused {
        let others = if plans.len() > 1 { ", not one of them" } else { "" };
        output::note(&format!("nothing was deployed{others}"));
    } else if options.dry_run {
        output::note("nothing was deployed: this is what would change");
    }
    let flags = place.flags();
    for (plan, number) in plans.iter().zip(numbers).filter(|(plan, _)| !plan.same) {
        let then = if target.is_live() {
            "new events go to it".to_owned()
        } else {
            format!("`carapace run{flags}` serves it")
        };
        output::note(&format!("{} is deployed as {number}: {then}", plan.package));
        if let Some(from) = &plan.from {
            output::note(&format!("  `carapace rollback {} {}{flags}` goes back", plan.package, from.number));
        }
    }
}

fn document((looked, said): (&DeployedAll, &Said), numbers: &[u32], live: bool) -> String {
    let of = |(at, plan): (usize, &Plan)| {
        let mut document = json!(plan);
        if let Some(document) = document.as_object_mut() {
            document.insert("webhooks".to_owned(), json!(said.hooks.get(at)));
            document.insert("deployed".to_owned(), numbers.get(at).map_or(Json::Null, |n| json!(n)));
            let missing = looked.missing_secrets.get(at);
            let gone = said.astray.get(at).into_iter().flatten().flat_map(|astray| &astray.accounts);
            let gone: BTreeSet<&Arc<str>> = gone.collect();
            document.insert("missing_accounts".to_owned(), json!(gone));
            document.insert("missing_secrets".to_owned(), missing.map_or(json!([]), |names| json!(names)));
        }
        document
    };
    let packages: Vec<Json> = looked.plans.iter().enumerate().map(of).collect();
    finish(json!({ "packages": packages }), live)
}
