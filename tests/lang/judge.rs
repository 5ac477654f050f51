//! Whether a case is as it says.

use crate::case::Case;
use crate::values;
use carapace_diagnostic::Diagnostic;
use carapace_diagnostic::SourceMap;
use carapace_diagnostic::render::{Human, human};
use carapace_driver::{Checked, MemoryFiles};
use carapace_module::Module;
use carapace_rehearsal::{Loaded, Options, SuiteReport, render};

/// Judges a case.
pub(crate) fn judge(case: &Case) -> Result<(), String> {
    let files = case.files();
    let checked = Checked::of(&files, "main.flow");
    if let Some(block) = case.block("says") {
        return same("the compiler says", &block.text, &said(&checked));
    }
    // A case is shorter than what anybody would keep: that something in it is unused is no mistake of it.
    if checked.has_errors() {
        return Err(human(&checked.diagnostics, &checked.sources.map(""), Human::default()));
    }
    let module = compile(checked)?;
    let mut shown = false;
    if !module.tests.is_empty() {
        shown = true;
        let expected = case.block("fails").map_or("", |block| &block.text);
        for crash_after_each_await in [false, expected.is_empty()] {
            let report = rehearse(&module, &Options { crash_after_each_await, ..Options::default() })?;
            let shown = |difference| format!("{difference}\n{}", render::suite(&report, &SourceMap::new()));
            same("the tests say", expected, &failed(&report)).map_err(shown)?;
        }
    }
    if let Some(block) = case.block("values") {
        shown = true;
        same("the values are", &block.text, &values::evaluated(case, &block.text))?;
    }
    if !shown {
        return Err("it shows nothing: give it `test` blocks, `says` or `values`".to_owned());
    }
    formatted(&files, &module)
}

/// What the compiler says: `3: E0101 …`, or `shop/orders.flow:3: E0101 …`.
pub(crate) fn said(checked: &Checked) -> String {
    checked.diagnostics.iter().map(|diagnostic| line(checked, diagnostic)).collect()
}

fn line(checked: &Checked, diagnostic: &Diagnostic) -> String {
    let span = diagnostic.primary.span;
    let (path, text) = checked.text(span.file).unwrap_or(("nowhere", ""));
    let before = text.get(..span.range.start as usize).unwrap_or("");
    let path = if path == "main.flow" { String::new() } else { format!("{path}:") };
    format!("{path}{}: {} {}\n", before.matches('\n').count() + 1, diagnostic.code, diagnostic.message)
}

/// The module of a package without mistakes.
pub(crate) fn compile(checked: Checked) -> Result<Module, String> {
    let compiled = checked.compile().map_err(|checked| said(&checked))?;
    Ok(compiled.module)
}

/// Runs the tests of a module, in the real machine.
pub(crate) fn rehearse(module: &Module, options: &Options) -> Result<SuiteReport, String> {
    let loaded = Loaded::new(module.to_bytes(), carapace_engine::machine::vm::load);
    let loaded = loaded.map_err(|error| format!("the module is not sound: {error}"))?;
    Ok(carapace_rehearsal::run(&loaded, options))
}

/// The tests that failed, and why: a line each.
pub(crate) fn failed(report: &SuiteReport) -> String {
    let failures = report.tests.iter().filter_map(|test| Some((&test.title, test.failure.as_ref()?)));
    failures.map(|(title, failure)| format!("{title}: {}\n", failure.message.replace('\n', " "))).collect()
}

/// The formatter changes nothing but the looks.
fn formatted(files: &MemoryFiles, module: &Module) -> Result<(), String> {
    use carapace_driver::Files as _;
    let mut pretty = files.clone();
    for path in files.list().unwrap() {
        let text = String::from_utf8(files.read(&path, usize::MAX - 1).unwrap()).unwrap();
        let once = carapace_syntax::format(&text);
        same("formatted twice", &once, &carapace_syntax::format(&once))?;
        pretty.insert(&path, once.as_bytes());
    }
    let again = compile(Checked::of(&pretty, "main.flow"))?;
    let (module, again) = (without_places(module), without_places(&again));
    same("the module of the formatted source", &format!("{module:#?}"), &format!("{again:#?}"))
}

/// The module but for where things stand in the source.
fn without_places(module: &Module) -> Module {
    let mut module = module.clone();
    for site in &mut module.sites {
        (site.start, site.end) = (0, 0);
    }
    module
}

fn same(what: &str, expected: &str, found: &str) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    let difference = similar::TextDiff::from_lines(expected, found);
    Err(format!("{what} (- expected, + found):\n{}", difference.unified_diff().context_radius(3)))
}
