//! Flows of the first carapace, taken over: the source that is made of them, and what it does.
//!
//! A case is a folder: `flows.yaml` or `flows.json` as the first carapace kept it, `main.flow` as it is taken over (`BLESS=1` writes it),
//! `notes.txt` with what is told about it, and `tests.flow`, which is put behind the source and run. No source may have a
//! mistake or a warning.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod texts;

use carapace_driver::{Checked, MemoryFiles};
use carapace_import::{Form, Imported, import};
use carapace_rehearsal::{Loaded, Options, render};
use libtest_mimic::{Arguments, Failed, Trial};
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("import/cases");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 5, "only {} cases found", cases.len());
    let mut trials: Vec<Trial> = cases
        .into_iter()
        .map(|case| {
            let name = case.file_name().unwrap().to_string_lossy().into_owned();
            Trial::test(name, move || judge(&case))
        })
        .collect();
    trials.push(Trial::test("any text stays the text that it is", texts::any_text));
    trials.push(Trial::test("what is no such file is refused with the place", texts::refused));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// As the command does it.
pub(crate) fn taken_over(text: &str, form: Form) -> Result<Imported, carapace_import::Error> {
    let kinds: Vec<&str> = carapace_stdlib::MODULES
        .iter()
        .filter_map(|module| module.file.strip_prefix("kinds/")?.strip_suffix(".flow"))
        .collect();
    import(text, form, &kinds)
}

fn judge(case: &Path) -> Result<(), Failed> {
    let (yaml, json) = (case.join("flows.yaml"), case.join("flows.json"));
    let (file, form) = if yaml.exists() { (yaml, Form::Yaml) } else { (json, Form::Json) };
    let imported = taken_over(&fs::read_to_string(file)?, form)?;
    let notes: String = imported.notes.iter().map(|note| format!("{}: {}\n", note.flow, note.text)).collect();
    compare(&case.join("main.flow"), &imported.source)?;
    compare(&case.join("notes.txt"), &notes)?;
    checked(&imported.source)?;
    let tests = fs::read_to_string(case.join("tests.flow"))?;
    let compiled = checked(&format!("{}\n{tests}", imported.source))?.compile();
    let compiled = compiled.map_err(|checked| format!("{:?}", checked.diagnostics))?;
    let loaded = Loaded::new(compiled.module.to_bytes(), carapace_engine::machine::vm::load)?;
    let report = carapace_rehearsal::run(&loaded, &Options::default());
    if report.failed() > 0 {
        return Err(render::suite(&report, &compiled.sources.map("")).into());
    }
    Ok(())
}

/// The source without anything to say about it.
pub(crate) fn checked(source: &str) -> Result<Checked, Failed> {
    let checked = Checked::of(&MemoryFiles::new([("main.flow", source)]), "main.flow");
    let told: Vec<String> = checked.diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect();
    if told.is_empty() { Ok(checked) } else { Err(format!("{}\n{source}", told.join("\n")).into()) }
}

fn compare(path: &Path, found: &str) -> Result<(), Failed> {
    let expected = fs::read_to_string(path).unwrap_or_default();
    if expected == found {
        return Ok(());
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, found)?;
        return Ok(());
    }
    Err(format!("{}: expected\n{expected}\nfound\n{found}\n(BLESS=1 writes it)", path.display()).into())
}
