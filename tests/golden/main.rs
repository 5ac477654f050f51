//! Modules as they are made today, and as they were made once.
//!
//! Each `modules/NAME.flow` is compiled; `NAME.txt` is the module printed, so that a change of the compiler is seen in the
//! instructions; `BLESS=1 cargo test -p carapace-tests --test golden` writes it. `NAME.flowc` is the module as it was when the
//! group came to be. It is never written again: whoever compiled a flow once can run it for ever, so it has to load, and its
//! tests have to pass. A missing one is written by `FREEZE=1`.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use carapace_driver::{Checked, MemoryFiles};
use carapace_module::Module;
use carapace_rehearsal::{Loaded, Options, render};
use libtest_mimic::{Arguments, Failed, Trial};
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/modules");
    let mut sources: Vec<PathBuf> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    sources.retain(|path| path.extension().is_some_and(|extension| extension == "flow"));
    sources.sort();
    assert!(sources.len() >= 8, "only {} groups found", sources.len());
    let trials = sources.into_iter().flat_map(|source| {
        let name = source.file_stem().unwrap().to_string_lossy().into_owned();
        let (printed, frozen) = (source.clone(), source.clone());
        [
            Trial::test(format!("{name} is compiled as before"), move || compiled(&printed)),
            Trial::test(format!("{name}, compiled long ago, runs"), move || runs(&frozen)),
        ]
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

fn module(source: &Path) -> Result<Module, Failed> {
    let text = fs::read_to_string(source).unwrap();
    if carapace_syntax::format(&text) != text {
        return Err(format!("`carapace fmt {}` mends its style", source.display()).into());
    }
    let checked = Checked::of(&MemoryFiles::new([("main.flow", text.as_str())]), "main.flow");
    let told: Vec<String> = checked
        .diagnostics
        .iter()
        .filter(|d| d.is_error())
        .map(|d| format!("{} {}", d.code, d.message))
        .collect();
    if !told.is_empty() {
        return Err(told.join("\n").into());
    }
    Ok(checked.compile().map_err(|checked| format!("{:?}", checked.diagnostics))?.module)
}

/// The same instructions as before, and the same bytes whenever it is compiled.
fn compiled(source: &Path) -> Result<(), Failed> {
    let (once, twice) = (module(source)?, module(source)?);
    if once.to_bytes() != twice.to_bytes() {
        return Err("compiled twice, the bytes differ".into());
    }
    let (printed, path) = (carapace_module::print(&once), source.with_extension("txt"));
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &printed).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if printed == expected {
        return Ok(());
    }
    let difference = similar::TextDiff::from_lines(&expected, &printed);
    Err(format!("{} (BLESS=1 accepts):\n{}", path.display(), difference.unified_diff().context_radius(2))
        .into())
}

/// The module's own tests, in the module as it was.
fn runs(source: &Path) -> Result<(), Failed> {
    let path = source.with_extension("flowc");
    if !path.exists() && std::env::var_os("FREEZE").is_some() {
        fs::write(&path, module(source)?.to_bytes()).unwrap();
    }
    let bytes = fs::read(&path).map_err(|_| format!("{} is missing: FREEZE=1 writes it", path.display()))?;
    let read = Module::from_bytes(&bytes).map_err(|error| error.to_string())?;
    if read.to_bytes() != bytes {
        return Err("it is written otherwise than it was read".into());
    }
    let loaded = Loaded::new(bytes, carapace_engine::machine::vm::load).map_err(|error| error.to_string())?;
    let report =
        carapace_rehearsal::run(&loaded, &Options { crash_after_each_await: true, ..Options::default() });
    if report.passed() == 0 || report.failed() > 0 {
        return Err(render::suite(&report, &carapace_diagnostic::SourceMap::new()).into());
    }
    Ok(())
}
