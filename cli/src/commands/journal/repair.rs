//! `carapace journal repair`: says what would be cut off and what that loses; with `--yes`, does it.

use super::verify::{sentence, told};
use super::{look, words};
use crate::args::journal::Repair;
use crate::data::unusable;
use crate::exit::Exit;
use crate::output::{note, print};
use crate::problem::Problem;
use carapace_store::{Depth, FindingKind, Inspection, Options, Position, cut};
use std::path::Path;

/// How many of the lines that would be lost are told in words.
const SHOWN: usize = 20;

pub(super) fn run(data: &Path, options: &Repair) -> Result<Exit, Problem> {
    let found = look(data, Depth::Archive, Position(0), &mut |_| {})?;
    for finding in &found.findings {
        print(&format!("{}\n", sentence(finding)));
    }
    let Some(last) = place(&found, options)? else {
        note("everything can be read: there is nothing to repair");
        return Ok(Exit::Fine);
    };
    lost(data, &found, last)?;
    if !options.yes {
        note("nothing was changed; `--yes` does it");
        return Ok(Exit::Findings);
    }
    let done = cut(&Options::new(data), &found, last).map_err(|e| unusable(data, &e))?;
    note(&format!("cut behind line {last}: {} bytes removed", done.bytes));
    for kept in done.kept {
        note(&format!("what was removed is kept in {}", kept.display()));
    }
    Ok(Exit::Fine)
}

/// The last line that stays; none where there is nothing to do.
fn place(found: &Inspection, options: &Repair) -> Result<Option<Position>, Problem> {
    if found.findings.is_empty() && options.cut_at.is_none() {
        return Ok(None);
    }
    let live = |kind| matches!(kind, FindingKind::Torn | FindingKind::Damaged);
    let first = found.findings.iter().filter(|finding| live(finding.kind)).filter_map(|f| f.seq).min();
    let whole = first.map_or(found.last, |seq| Position(seq.0.saturating_sub(1)));
    if found.findings.iter().any(|finding| finding.kind == FindingKind::Truth) {
        return Err(Problem::new("E0954", "a manifest or a checkpoint cannot be mended by cutting")
            .help("put the folder back from a copy: what the checkpoint held stands nowhere else"));
    }
    if first.is_none() && options.cut_at.is_none() {
        return Err(told(found).help("this cannot be mended by cutting: put the files back from a copy"));
    }
    let Some(wanted) = options.cut_at else {
        if found.is_only_torn() {
            return Ok(Some(whole));
        }
        let mut help = format!(
            "`--cut-at {whole}` keeps everything before the damage, and loses everything from there on"
        );
        if whole < found.checkpoint {
            "put the folder back from a copy: the damage is in what the checkpoint stands on"
                .clone_into(&mut help);
        }
        return Err(Problem::new(
            "E0953",
            "something that was durable is damaged, and is not cut off by itself",
        )
        .help(help));
    };
    let wanted = Position(wanted);
    if wanted > whole || wanted < found.checkpoint {
        let message = format!("the journal cannot be cut behind line {wanted}");
        return Err(Problem::new("E0954", message).help(format!(
            "the checkpoint holds lines up to {}, and up to {whole} everything can be read",
            found.checkpoint
        )));
    }
    Ok(Some(wanted))
}

/// Says what goes with what is cut off.
fn lost(data: &Path, found: &Inspection, last: Position) -> Result<(), Problem> {
    let durable = found.durable.0.saturating_sub(last.0);
    if durable == 0 {
        note(&format!("everything behind line {last} would be cut off; nothing of it was ever durable"));
        return Ok(());
    }
    note(&format!("everything behind line {last} would be cut off; {durable} lines of it were durable:"));
    let mut shown = 0;
    look(data, Depth::Live, last, &mut |line| {
        shown += 1;
        if shown <= SHOWN {
            print(&format!("{:>6}  {}  {}\n", line.seq, words::time(line.at), words::sentence(line)));
        }
    })?;
    note(
        "what they tell is forgotten: events that channels bring again are new, and what was sent may be sent again",
    );
    Ok(())
}
