//! Agents that obey whoever attacks: what pages, messages, tools and skills tell them to do, their model does, and nothing forbidden
//! happens. Each file of `obeyed/` is a package whose tests say so.

use carapace_driver::{Checked, MemoryFiles};
use carapace_engine::machine::vm;
use carapace_rehearsal::{Loaded, Options, render};
use libtest_mimic::{Failed, Trial};
use std::path::{Path, PathBuf};

/// How many attacks there must be.
const ENOUGH: usize = 7;

pub(crate) fn trials() -> Vec<Trial> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("attacks/obeyed");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let one = |file: PathBuf| {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        Trial::test(format!("obeyed › {name}"), move || nothing_happens(&file))
    };
    files.into_iter().map(one).collect()
}

fn nothing_happens(file: &Path) -> Result<(), Failed> {
    let text = std::fs::read_to_string(file)?;
    let checked = Checked::of(&MemoryFiles::new([("main.flow", text.as_str())]), "main.flow");
    let compiled = checked.compile().map_err(|checked| format!("{:?}", checked.diagnostics))?;
    let loaded = Loaded::new(compiled.module.to_bytes(), vm::load).map_err(|error| error.to_string())?;
    let report =
        carapace_rehearsal::run(&loaded, &Options { crash_after_each_await: true, ..Options::default() });
    if report.failed() == 0 && report.passed() >= ENOUGH {
        return Ok(());
    }
    Err(render::suite(&report, &compiled.sources.map("")).into())
}
