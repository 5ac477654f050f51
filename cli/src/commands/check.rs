//! `carapace check`: every package is checked, every mistake told.

mod against;
mod fix;

use crate::args::{Check, Format};
use crate::exit::Exit;
use crate::output;
use crate::package::Package;
use crate::problem::Problem;
use crate::progress::Progress;
use carapace_diagnostic::render::json_document;
use carapace_diagnostic::{Diagnostic, SourceMap, Span};
use carapace_driver::Checked;
use std::fmt::Write as _;

pub(crate) fn run(options: &Check) -> Result<Exit, Problem> {
    let packages = Package::find(&options.paths)?;
    let mut findings = Findings::default();
    let mut capabilities = String::new();
    let mut fixed = fix::Fixed::default();
    let progress = Progress::of(format!("checking {}", output::plural(packages.len(), "package")));
    for package in &packages {
        let checked = if options.fix { fix::repair(package, &mut fixed)? } else { package.check() };
        if options.capabilities {
            list_capabilities(package, &checked, &mut capabilities);
        }
        findings.add(&checked, &package.prefix);
    }
    drop(progress);
    if let Some(data) = &options.against
        && !findings.diagnostics.iter().any(Diagnostic::is_error)
    {
        let more = against::findings(&packages, data, &mut findings.sources)?;
        findings.diagnostics.extend(more);
    }
    fixed.tell();
    if options.format == Format::Json {
        let mut document = json_document(&findings.diagnostics, &findings.sources);
        if options.fix
            && let Some(object) = document.as_object_mut()
        {
            object.insert("fixed".to_owned(), fixed.json());
        }
        output::print(&format!("{document:#}\n"));
    } else {
        output::diagnostics(&findings.diagnostics, &findings.sources, options.format);
    }
    if options.format == Format::Human {
        output::print(&capabilities);
        let flows = output::plural(packages.len(), "package");
        let repairs = findings.diagnostics.iter().filter(|d| d.fix.is_some()).count();
        let hint = match repairs {
            0 => String::new(),
            _ if options.fix => String::new(),
            1 => "; `--fix` repairs one of them".to_owned(),
            n => format!("; `--fix` repairs {n} of them"),
        };
        output::note(&format!("{flows} checked: {}{hint}", output::count(&findings.diagnostics)));
    }
    Ok(output::exit(&findings.diagnostics))
}

/// The findings of several packages, with their files under one numbering.
#[derive(Default)]
struct Findings {
    diagnostics: Vec<Diagnostic>,
    sources: SourceMap,
}

impl Findings {
    fn add(&mut self, checked: &Checked, prefix: &str) {
        let offset = u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
        for (_, file) in checked.sources.map(prefix).iter() {
            self.sources.add(file.name(), file.text());
        }
        self.diagnostics.extend(checked.diagnostics.iter().cloned().map(|d| moved(d, offset)));
    }
}

/// The same diagnostic in a numbering that begins `offset` files later.
fn moved(mut diagnostic: Diagnostic, offset: u32) -> Diagnostic {
    let shift = |span: &mut Span| span.file.0 = span.file.0.saturating_add(offset);
    shift(&mut diagnostic.primary.span);
    diagnostic.secondary.iter_mut().for_each(|label| shift(&mut label.span));
    if let Some(fix) = &mut diagnostic.fix {
        fix.edits.iter_mut().for_each(|edit| shift(&mut edit.span));
    }
    diagnostic
}

fn list_capabilities(package: &Package, checked: &Checked, out: &mut String) {
    let _ = writeln!(out, "{}", package.name());
    for flow in &checked.program.capabilities {
        let _ = writeln!(out, "  {}", flow.flow);
        for touch in &flow.touches {
            let _ = writeln!(out, "    {touch}");
        }
    }
}
