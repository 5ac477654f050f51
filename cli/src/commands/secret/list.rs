//! `carapace secret list`.

use super::{answer, open, told};
use crate::args::{ListSecrets, Results};
use crate::commands::runs::times::instant;
use crate::commands::table::{table, width};
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

pub(crate) fn run(options: &ListSecrets) -> Result<Exit, Problem> {
    let at = &options.at;
    let (vault, _) = open(at)?;
    let listed = vault.list().map_err(told)?;
    let place = vault.describe().map_err(told)?;
    if at.format == Results::Json {
        let secret = |listed: &carapace_vault::Listed| {
            let set = listed.set.and_then(|set| Timestamp::from_millisecond(set).ok());
            json!({ "name": listed.name, "set": set.map(|set| set.to_string()) })
        };
        let secrets: Vec<Json> = listed.iter().map(secret).collect();
        answer(at, "", &json!({ "version": 1, "vault": place, "secrets": secrets }));
        return Ok(Exit::Fine);
    }
    if listed.is_empty() {
        let way = if vault.is_only_read() {
            "each is a file there, called as the secret"
        } else {
            "`carapace secret set NAME` sets one"
        };
        output::note(&format!("there is no secret in {place}; {way}"));
        return Ok(Exit::Fine);
    }
    let row = |listed: &carapace_vault::Listed| {
        let set = listed.set.map_or_else(String::new, instant);
        ([listed.name.clone(), set], false)
    };
    let rows: Vec<_> = listed.iter().map(row).collect();
    output::print(&table(["NAME", "SET"], 0, &rows, width()));
    output::note(&format!("in {place}"));
    Ok(Exit::Fine)
}
