//! The map of the crates in `docs/ARCHITECTURE.md` is the list of members in `Cargo.toml`.

use crate::tables::Table;
use libtest_mimic::Failed;
use std::collections::BTreeSet;
use std::path::Path;

/// What the map writes once for all channels.
const CHANNELS: &str = "runtime/channels/<name>";

pub(crate) fn agree(root: &Path) -> Result<(), Failed> {
    let manifest: toml::Table = std::fs::read_to_string(root.join("Cargo.toml"))?.parse()?;
    let members = manifest.get("workspace").and_then(|w| w.get("members")).and_then(toml::Value::as_array);
    let members = members.into_iter().flatten().filter_map(toml::Value::as_str).map(str::to_owned);
    let table = Table::below(&std::fs::read_to_string(root.join("docs/ARCHITECTURE.md"))?, "The map");
    let drawn: BTreeSet<String> = table.rows.iter().filter_map(|row| row.first()?.first().cloned()).collect();
    let known: BTreeSet<String> = members.map(|member| place(&drawn, member)).collect();
    if known == drawn {
        return Ok(());
    }
    let missing: Vec<_> = known.difference(&drawn).collect();
    let gone: Vec<_> = drawn.difference(&known).collect();
    Err(format!("not on the map: {missing:?}; on the map and not there: {gone:?}").into())
}

/// A member as the map writes it.
fn place(drawn: &BTreeSet<String>, member: String) -> String {
    if !drawn.contains(&member) && member.starts_with("runtime/channels/") {
        CHANNELS.to_owned()
    } else {
        member
    }
}
