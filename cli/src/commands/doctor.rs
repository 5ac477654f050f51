//! `carapace doctor`: whether a runtime has what it needs.

mod here;
mod there;

use super::table::{ALERT, BOLD, DIM, PLAIN, clean};
use crate::args::{Doctor, Results};
use crate::exit::Exit;
use crate::output::{self, plural};
use crate::problem::Problem;
use crate::reach::Client;
use carapace_channel_api::{Finding, Verdict};
use serde::Serialize;

/// What was found about one thing.
#[derive(Debug, Serialize)]
struct Looked {
    /// `clock`, `channel webchat`.
    what: String,
    #[serde(flatten)]
    finding: Finding,
}

impl Looked {
    fn at(what: impl Into<String>, finding: Finding) -> Looked {
        Looked { what: what.into(), finding }
    }
}

pub(crate) fn run(options: &Doctor) -> Result<Exit, Problem> {
    let mut looked = Vec::new();
    let client = Client::connect(&options.place)?;
    if options.place.remote.to.is_none() {
        here::look(options, client.is_some(), &mut looked)?;
    }
    match &client {
        Some(client) => there::look(client, &mut looked)?,
        None => looked.push(Looked::at(
            "runtime",
            Finding::unknown("it does not run: its channels are asked while it does"),
        )),
    }
    let wrong = looked.iter().filter(|looked| looked.finding.verdict == Verdict::Wrong).count();
    match options.format {
        Results::Json => {
            output::print(&format!("{:#}\n", serde_json::json!({ "findings": looked, "wrong": wrong })))
        }
        Results::Human => {
            looked.iter().for_each(|looked| output::print(&human(looked)));
            output::note(&match wrong {
                0 => "nothing is wrong".to_owned(),
                1 => "1 thing is wrong".to_owned(),
                _ => format!("{} are wrong", plural(wrong, "thing")),
            });
        }
    }
    Ok(if wrong == 0 { Exit::Fine } else { Exit::Findings })
}

fn human(looked: &Looked) -> String {
    let Looked { what, finding } = looked;
    let (sign, colour) = match finding.verdict {
        Verdict::Fine => ("ok", ""),
        Verdict::Unknown => ("?", DIM),
        Verdict::Doubtful => ("!", BOLD),
        Verdict::Wrong => ("wrong", ALERT),
    };
    let mut out = format!("{colour}{sign:<6}{PLAIN} {:<20} {}\n", clean(what), clean(&finding.message));
    if let Some(help) = &finding.help {
        out.push_str(&format!("       {:<20} help: {}\n", "", clean(help)));
    }
    out
}
