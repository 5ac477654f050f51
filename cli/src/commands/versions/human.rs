//! Versions for people.

use crate::commands::run::Astray;
use crate::commands::runs::place::Lines;
use crate::commands::runs::times::since;
use crate::output::plural;
use carapace_engine::inspect::{Change, Plan, StateChangeKind, Stranded, Version};
use carapace_engine::service::Clock;
use carapace_gateway::Collected;
use carapace_gateway::webhooks::Address;
use std::sync::Arc;
use unicode_width::UnicodeWidthStr as _;

const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const GREEN: &str = "\u{1b}[32m";
const RED: &str = "\u{1b}[31m";
const ALERT: &str = "\u{1b}[33;1m";
const PLAIN: &str = "\u{1b}[0m";

/// How many digits of a module's hash tell it from others.
const DIGITS: usize = 12;

/// What a deploy changes.
pub(crate) fn planned(plan: &Plan, (missing, astray): (&[Arc<str>], &[Astray]), lines: &Lines<'_>) -> String {
    let now = Clock::system().now();
    let mut out = format!("{BOLD}{}{PLAIN}  {}", plan.package, short(&plan.to));
    match &plan.from {
        Some(_) if plan.same => {
            out.push_str("  is what serves already: nothing changes\n");
            tell_astray(&mut Section::new(&mut out), astray);
            return out;
        }
        Some(from) => out.push_str(&format!(
            "  in place of deployment {} ({}, {})\n",
            from.number,
            short(&from.module),
            ago(from.at, now)
        )),
        None => out.push_str("  for the first time\n"),
    }
    let mut section = Section::new(&mut out);
    section.names("flows", "+", GREEN, &plan.flows.added);
    section.names("flows", "-", RED, &plan.flows.removed);
    section.names("flows", "~", "", &plan.flows.changed);
    for trigger in &plan.triggers {
        let flows = |flows: &[Arc<str>]| match flows {
            [] => "nothing".to_owned(),
            flows => flows.iter().map(|flow| last(flow)).collect::<Vec<_>>().join(", "),
        };
        let (before, after) = (flows(&trigger.before), flows(&trigger.after));
        if plan.from.is_none() {
            section.line("triggers", &format!("{} → {after}", trigger.trigger));
        } else {
            section.line("triggers", &format!("{}: {before} → {after}", trigger.trigger));
        }
    }
    section.names("may", "+", GREEN, &plan.gained);
    section.names("may", "-", RED, &plan.lost);
    for reach in &plan.reach {
        let flow = last(&reach.flow);
        section.each("may", &format!("{GREEN}+{PLAIN} {flow} now also: "), &reach.gained);
        section.each("may", &format!("{RED}-{PLAIN} {flow} no more: "), &reach.lost);
    }
    plan.bindings.iter().for_each(|change| section.line("bindings", &changed(change)));
    tell_astray(&mut section, astray);
    plan.settings.iter().for_each(|change| section.line("settings", &changed(change)));
    for name in missing {
        let name = clean(name);
        section
            .line("secrets", &format!("{ALERT}!{PLAIN} {name} is not there: `carapace secret set {name}`"));
    }
    for state in &plan.states {
        let values = plural(state.values, "value");
        section.line(
            "states",
            &match state.kind {
                StateChangeKind::Added => format!("{GREEN}+{PLAIN} {}", state.name),
                StateChangeKind::Removed if state.values == 0 => format!("{RED}-{PLAIN} {}", state.name),
                StateChangeKind::Removed => format!("{RED}-{PLAIN} {}: its {values} stay", state.name),
                StateChangeKind::Migrated => format!("~ {}: {values} migrated", state.name),
                StateChangeKind::Retyped => format!("{ALERT}!{PLAIN} {}: another type, {values}", state.name),
            },
        );
    }
    let keeping: usize = plan.keeping.values().sum();
    if keeping > 0 {
        let of: Vec<String> =
            plan.keeping.iter().map(|(flow, count)| format!("{count} of {}", last(flow))).collect();
        let go = if keeping == 1 { "goes on with the version it" } else { "go on with the version they" };
        let text = format!("{} {go} began with ({})", plural(keeping, "live run"), of.join(", "));
        section.line("runs", &text);
        section
            .line("", "`carapace runs move --all --dry-run` says which of them could go on with the new one");
    }
    out.push_str(&stranded(plan, lines));
    if let Some(refused) = &plan.refused {
        out.push_str(&format!("  {RED}refused{PLAIN}[{}]: {}\n", refused.code, clean(&refused.message)));
        if let Some(help) = &refused.help {
            out.push_str(&format!("    help: {}\n", clean(help)));
        }
    }
    out
}

/// Slots that stand for accounts that are not there.
fn tell_astray(section: &mut Section<'_>, astray: &[Astray]) {
    for astray in astray {
        section.line("bindings", &format!("{ALERT}!{PLAIN} {}", clean(&astray.words())));
        section.line("", &format!("  {}", clean(&astray.way_out())));
    }
}

/// Where a package's webhooks are served, and how a request proves where it comes from.
pub(crate) fn served(hooks: &[Address]) -> String {
    let mut out = String::new();
    let mut section = Section::new(&mut out);
    for hook in hooks {
        let proof = match (&hook.signature, &hook.secret) {
            (Some(signature), Some(secret)) => format!("{signature}, secret {}", clean(secret)),
            (Some(signature), None) => signature.to_string(),
            (None, _) => format!("{ALERT}asks nobody{PLAIN}"),
        };
        section.line("webhooks", &format!("{} {}  {DIM}{proof}{PLAIN}", hook.method, hook.path));
    }
    out
}

/// Runs that the new version leaves behind.
fn stranded(plan: &Plan, lines: &Lines<'_>) -> String {
    if plan.strandeds == 0 {
        return String::new();
    }
    let mut out = format!("  {ALERT}{} left behind{PLAIN}\n", plural(plan.strandeds, "live run"));
    for stranded in &plan.stranded {
        let Stranded { run, code, why } = stranded;
        let id: String = run.run.to_string().chars().take(8).collect();
        let spot = run.waits.iter().find_map(|waiting| lines.spot(&run.module, &waiting.places));
        let at = spot.as_ref().map(|spot| format!(" at {}", spot.name())).unwrap_or_default();
        out.push_str(&format!("    {id} {}{at}: {} [{code}]\n", run.flow, clean(why)));
        if let Some(line) = spot.as_ref().and_then(|spot| spot.line.as_ref()) {
            out.push_str(&format!("             {DIM}{}{PLAIN}\n", clean(&line.text)));
        }
    }
    let more = plan.strandeds.saturating_sub(plan.stranded.len());
    if more > 0 {
        out.push_str(&format!("    {DIM}and {more} more{PLAIN}\n"));
    }
    out
}

/// What is deployed.
pub(crate) fn listed(versions: &[Version], live: bool) -> String {
    let now = Clock::system().now();
    let mut out = String::new();
    if !live {
        out.push_str(&format!("{DIM}the runtime does not run; this is what its journal says{PLAIN}\n"));
    }
    if versions.is_empty() {
        out.push_str("nothing is deployed\n");
        return out;
    }
    let head = ["", "PACKAGE", "NO", "MODULE", "DEPLOYED", "RUNS", ""].map(str::to_owned);
    let mut rows = vec![head];
    for version in versions {
        let note = match (&version.fault, version.back_to) {
            (Some(why), _) => format!("cannot be loaded (E0927): {}", clean(why)),
            (None, Some(back_to)) => format!("{back_to} again"),
            (None, None) => String::new(),
        };
        rows.push([
            if version.serves { "*" } else { "" }.to_owned(),
            version.package.to_string(),
            version.number.to_string(),
            short(&version.module),
            ago(version.at, now),
            version.runs.to_string(),
            note,
        ]);
    }
    let mut widths = [0_usize; 7];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    for (index, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width()))))
            .collect();
        let line = cells.join("  ");
        let serves = row.first().is_some_and(|cell| cell == "*");
        let colour = if index == 0 || serves { BOLD } else { "" };
        out.push_str(&format!("{colour}{}{PLAIN}\n", line.trim_end()));
    }
    out
}

/// What was let go of.
pub(crate) fn collected(collected: &Collected, dry_run: bool) -> String {
    let now = Clock::system().now();
    let mut out = String::new();
    for version in &collected.deployments {
        let Version { package, number, module, at, .. } = version;
        out.push_str(&format!("{package} {number}  {}  {}\n", short(module), ago(*at, now)));
    }
    let count = plural(collected.deployments.len(), "version");
    out.push_str(&match (collected.deployments.len(), dry_run) {
        (0, true) => "nothing would go: every version is needed\n".to_owned(),
        (0, false) if collected.modules == 0 => "nothing to let go of: every version is needed\n".to_owned(),
        (_, true) => format!("{count} would go\n"),
        (_, false) => {
            format!("{count} gone, and {} from the data directory\n", plural_u64(collected.modules, "module"))
        }
    });
    out
}

/// Lines under a word that stands before the first of them.
struct Section<'o> {
    out: &'o mut String,
    word: &'static str,
}

impl<'o> Section<'o> {
    fn new(out: &'o mut String) -> Section<'o> {
        Section { out, word: "" }
    }

    fn line(&mut self, word: &'static str, text: &str) {
        let shown = if self.word == word { "" } else { word };
        self.word = word;
        self.out.push_str(&format!("  {DIM}{shown:<9}{PLAIN} {text}\n"));
    }

    /// A line for each, behind the same beginning.
    fn each(&mut self, word: &'static str, begin: &str, names: &[Arc<str>]) {
        names.iter().for_each(|name| self.line(word, &format!("{begin}{}", clean(name))));
    }

    fn names(&mut self, word: &'static str, sign: &str, colour: &str, names: &[Arc<str>]) {
        for name in names {
            self.line(word, &format!("{colour}{sign}{PLAIN} {}", clean(name)));
        }
    }
}

fn changed(change: &Change) -> String {
    let name = &change.name;
    match (&change.before, &change.after) {
        (None, Some(after)) => format!("{GREEN}+{PLAIN} {name}: {}", clean(after)),
        (Some(before), None) => format!("{RED}-{PLAIN} {name}: {}", clean(before)),
        (before, after) => {
            let text = |value: &Option<String>| clean(value.as_deref().unwrap_or_default());
            format!("~ {name}: {} → {}", text(before), text(after))
        }
    }
}

fn short(hash: &str) -> String {
    hash.chars().take(DIGITS).collect()
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// `2 h ago`.
fn ago(at: i64, now: i64) -> String {
    format!("{} ago", since(at, now).trim_start_matches("for "))
}

fn plural_u64(n: u64, noun: &str) -> String {
    plural(usize::try_from(n).unwrap_or(usize::MAX), noun)
}

/// What others wrote, without what would steer the terminal.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
