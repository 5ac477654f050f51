//! `carapace audit`: who did what, and whether the log of it is whole.

use super::runs::times::instant;
use super::table::{clean, table, width};
use crate::args::{Audit, AuditCommand, ListActs, Results, VerifyActs};
use crate::exit::Exit;
use crate::output::{self, plural};
use crate::problem::{Problem, reason};
use carapace_gateway::audit::{Entry, Verified, list, verify};
use serde_json::json;

pub(crate) fn run(options: &Audit) -> Result<Exit, Problem> {
    match &options.command {
        AuditCommand::List(options) => listed(options),
        AuditCommand::Verify(options) => verified(options),
    }
}

fn listed(options: &ListActs) -> Result<Exit, Problem> {
    let acts = list(&options.at.data(), options.limit).map_err(|error| unreadable(&error))?;
    output::print(&match options.at.format {
        Results::Json => format!("{:#}\n", json!({ "acts": acts.iter().map(written).collect::<Vec<_>>() })),
        Results::Human if acts.is_empty() => "nothing was done yet\n".to_owned(),
        Results::Human => {
            let head = ["WHEN (UTC)", "WHO", "FROM", "WHAT", "ON", "OUTCOME"];
            table(head, 4, &acts.iter().map(row).collect::<Vec<_>>(), width())
        }
    });
    Ok(Exit::Fine)
}

/// With its own hash, which a line does not say of itself before it is one.
fn written(entry: &Entry) -> serde_json::Value {
    let mut written = json!(entry);
    if let Some(written) = written.as_object_mut() {
        written.insert("hash".to_owned(), entry.hash.as_str().into());
    }
    written
}

fn row(entry: &Entry) -> ([String; 6], bool) {
    let on = entry.on.as_deref().map(clean).unwrap_or_default();
    let missed = match entry.missed {
        0 => String::new(),
        missed => {
            format!(" (and {} before it)", plural(usize::try_from(missed).unwrap_or(usize::MAX), "refusal"))
        }
    };
    let outcome = format!("{}{missed}", clean(&entry.outcome));
    let row = [instant(entry.at), clean(&entry.who), clean(&entry.from), clean(&entry.what), on, outcome];
    (row, entry.outcome != "done")
}

fn verified(options: &VerifyActs) -> Result<Exit, Problem> {
    let verified = verify(&options.at.data(), options.head.as_deref()).map_err(|error| unreadable(&error))?;
    match options.at.format {
        Results::Json => output::print(&format!("{:#}\n", json!(verified))),
        Results::Human => told(&verified),
    }
    Ok(if verified.found.is_empty() { Exit::Fine } else { Exit::Findings })
}

fn told(verified: &Verified) {
    for damage in &verified.found {
        let place = match (&damage.file, damage.line) {
            (Some(file), Some(line)) => format!("audit/{file}:{line}: "),
            (Some(file), None) => format!("audit/{file}: "),
            (None, _) => String::new(),
        };
        Problem::new("E1027", format!("{place}{}", damage.why)).print();
    }
    let Verified { first, last, newest, .. } = verified;
    let whole = if verified.found.is_empty() { "whole" } else { "not as it was written" };
    if *last == 0 {
        output::print(&format!("the audit log is empty, and {whole}\n"));
        return;
    }
    output::print(&format!("the audit log is {whole}: lines {first} to {last}\nthe newest is {newest}\n"));
}

fn unreadable(error: &std::io::Error) -> Problem {
    Problem::new("E1027", format!("the audit log cannot be read: {}", reason(error)))
        .help("`--data DIR` names the data directory; its owner may read it")
}
