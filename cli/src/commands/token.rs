//! `carapace token`: who comes in from elsewhere.

mod runtime;

use super::runs::times::instant;
use super::table::{clean, table, width};
use crate::args::{CreateToken, Results, RevokeToken, Token, TokenCommand, Where};
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use carapace_gateway::auth::{Grant, Shown, Standing};
use serde_json::json;
use std::io::Read as _;

/// Bytes of a token on standard input at most.
const LONGEST: u64 = 4_096;

pub(crate) fn run(options: &Token) -> Result<Exit, Problem> {
    match &options.command {
        TokenCommand::Create(options) => create(options),
        TokenCommand::List(at) => list(at),
        TokenCommand::Revoke(options) => revoke(options),
    }
}

fn create(options: &CreateToken) -> Result<Exit, Problem> {
    let grant = Grant {
        name: options.name.clone(),
        scopes: options.scope.iter().copied().collect(),
        lives: lives(&options.expires)?,
    };
    let chosen = if options.stdin { Some(typed()?) } else { None };
    let made = runtime::create(&options.at.place, grant, chosen)?;
    match options.at.format {
        Results::Json => output::print(&format!("{:#}\n", json!(made))),
        Results::Human if options.stdin => output::note(&told(&made.entry)),
        Results::Human => {
            output::note(&told(&made.entry));
            output::note("this is shown once, and nothing here can say it again:");
            output::print(&format!("{}\n", made.token));
        }
    }
    Ok(Exit::Fine)
}

/// `ci may deploy and read, until 2026-11-27 01:02:03 UTC`.
pub(crate) fn told(entry: &Shown) -> String {
    let until = entry.expires.map_or("for good".to_owned(), |at| format!("until {} UTC", instant(at)));
    format!("`{}` may {}, {until}", entry.name, scopes(entry))
}

fn scopes(entry: &Shown) -> String {
    entry.scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(", ")
}

fn list(at: &Where) -> Result<Exit, Problem> {
    let all = runtime::list(&at.place)?;
    match at.format {
        Results::Json => output::print(&format!("{:#}\n", json!({ "tokens": all }))),
        Results::Human if all.is_empty() => {
            output::print("nobody has a token: who asks at this machine needs none, nobody else gets in\n");
        }
        Results::Human => {
            let head = ["NAME", "MAY", "SINCE", "UNTIL", "STANDS", "ID"];
            let rows: Vec<_> = all.iter().map(row).collect();
            output::print(&table(head, 1, &rows, width()));
        }
    }
    Ok(Exit::Fine)
}

fn row(entry: &Shown) -> ([String; 6], bool) {
    let stands = match entry.standing {
        Standing::Live => "counts",
        Standing::Expired => "is over",
        Standing::Revoked => "was taken back",
    };
    let until = entry.expires.map_or("for good".to_owned(), instant);
    let (name, since, id) = (clean(&entry.name), instant(entry.created), entry.id.clone());
    ([name, scopes(entry), since, until, stands.to_owned(), id], false)
}

fn revoke(options: &RevokeToken) -> Result<Exit, Problem> {
    let entry = runtime::revoke(&options.at.place, &options.token)?;
    output::print(&match options.at.format {
        Results::Json => format!("{:#}\n", json!(entry)),
        Results::Human => format!("`{}` lets nobody in any more\n", entry.name),
    });
    Ok(Exit::Fine)
}

/// How long a token counts, in milliseconds; for good, where that is none.
pub(crate) fn lives(text: &str) -> Result<Option<i64>, Problem> {
    if text == "never" {
        return Ok(None);
    }
    let lives = carapace_config::milliseconds(text).filter(|lives| *lives > 0);
    lives.map(Some).ok_or_else(|| {
        Problem::new("E1025", format!("`{text}` does not say how long the token counts"))
            .help("write a number and `s`, `m`, `h` or `d`: `--expires 90d`; `--expires never` is for good")
    })
}

/// A token on standard input.
fn typed() -> Result<String, Problem> {
    let mut text = String::new();
    std::io::stdin().take(LONGEST).read_to_string(&mut text).map_err(|e| {
        Problem::new("E1024", format!("standard input cannot be read: {}", crate::problem::reason(&e)))
    })?;
    Ok(text.trim().to_owned())
}
