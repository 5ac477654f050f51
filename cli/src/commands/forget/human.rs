//! What was erased, for people.

use crate::commands::table::clean;
use crate::output::plural;
use carapace_gateway::ForgetReport;

pub(super) fn told(report: &ForgetReport, left: &[String], dry_run: bool) -> String {
    let ForgetReport { journal: report, channel } = report;
    let count = |count: u64, what: &str| plural(usize::try_from(count).unwrap_or(usize::MAX), what);
    let several = |number: u64, what: &str| {
        // `line of rooms`: the first word is the one that is counted.
        let (noun, rest) = what.split_once(' ').map_or((what, String::new()), |(n, r)| (n, format!(" {r}")));
        format!("{}{rest}", count(number, noun))
    };
    let mut out = if dry_run {
        format!("of {} there is:\n", report.sender)
    } else {
        format!("{} is forgotten; erased:\n", report.sender)
    };
    let mut line = |text: String| out.push_str(&format!("  {}\n", clean(&text)));
    line(format!(
        "{}, and {} of which they are part",
        count(report.events, "event"),
        count(report.runs, "run")
    ));
    line(format!("{} of states that are kept `by sender`", count(report.values, "value")));
    let sent = count(report.sent, "message");
    line(format!("{} that failed, and how far {sent} got", count(report.letters, "message")));
    line(format!("of {} with agents what they said", count(report.sessions, "session")));
    for kept in channel.iter().flat_map(|channel| &channel.erased) {
        line(format!("{} that the channel keeps for itself", several(kept.count, &kept.what)));
    }
    if !dry_run {
        line(format!(
            "{} of the journal, in {} of the archive",
            count(report.records, "record"),
            count(report.parts, "part")
        ));
    }
    for file in &report.removed {
        line(format!("{file}, which could not be read, and so not be searched"));
    }
    if !report.living.is_empty() {
        out.push_str("these runs would have to end first:\n");
        for living in &report.living {
            out.push_str(&format!("  {} of {}\n", living.run, clean(&living.flow)));
        }
    }
    out.push_str("not touched:\n");
    for what in left {
        out.push_str(&format!("  {}\n", clean(what)));
    }
    out.push_str(
        "that an event of theirs came is remembered by its hash for a week, so that it does not come twice\n",
    );
    out
}
