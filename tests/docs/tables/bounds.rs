//! The bounds of `docs/language/running.md` are the machine's.

use super::Table;
use carapace_vm::Limits;
use libtest_mimic::Failed;

pub(super) fn agree(table: &Table) -> Result<(), Failed> {
    let shown: Vec<u64> =
        table.rows.iter().filter_map(|row| row.get(1)?.first()?.replace('_', "").parse().ok()).collect();
    let known: Vec<u64> = [Limits::STRETCH, Limits::PURE]
        .iter()
        .flat_map(|limits| [limits.fuel, limits.memory, limits.frames as u64])
        .collect();
    if shown == known { Ok(()) } else { Err(format!("they are {known:?}, and {shown:?} are shown").into()) }
}
