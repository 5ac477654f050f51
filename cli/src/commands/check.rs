//! `carapace check`: every package is checked, every mistake told.

mod against;
mod cache;
mod capabilities;
mod fix;

use crate::args::{Check, Format};
use crate::exit::Exit;
use crate::output;
use crate::package::Package;
use crate::problem::Problem;
use crate::progress::Progress;
use crate::vault::{self, Wanted};
use carapace_diagnostic::render::json_document;
use carapace_diagnostic::{Diagnostic, SourceMap, Span};
use carapace_driver::Sources;

pub(crate) fn run(options: &Check) -> Result<Exit, Problem> {
    let packages = Package::find(&options.paths)?;
    let mut findings = Findings::default();
    let (mut listed, mut documents) = (String::new(), Vec::new());
    let mut wanted = Vec::new();
    let mut fixed = fix::Fixed::default();
    let progress = Progress::of(format!("checking {}", output::plural(packages.len(), "package")));
    // Who wants more than what there is to say about the sources wants the program itself.
    let more = options.no_cache || options.fix || options.capabilities;
    let cache = if more { None } else { cache::Cache::of_user() };
    for package in &packages {
        let cache = cache.as_ref().filter(|_| !package.library);
        if let Some((sources, diagnostics)) = cache.and_then(|cache| cache.answer(package)) {
            findings.add(&sources, &diagnostics, &package.prefix);
            continue;
        }
        let checked = match cache {
            _ if options.fix => fix::repair(package, &mut fixed)?,
            Some(cache) => cache.check(package),
            None => package.check(),
        };
        if options.capabilities {
            capabilities::list(package, &checked, &mut listed);
            documents.push(capabilities::document(package, &checked));
            wanted.extend(Wanted::of_capabilities(package.package(), &checked.program.capabilities));
        }
        findings.add(&checked.sources, &checked.diagnostics, &package.prefix);
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
        if let Some(object) = document.as_object_mut() {
            options.fix.then(|| object.insert("fixed".to_owned(), fixed.json()));
            options.capabilities.then(|| object.insert("capabilities".to_owned(), documents.into()));
        }
        output::print(&format!("{document:#}\n"));
    } else {
        output::diagnostics(&findings.diagnostics, &findings.sources, options.format);
    }
    if options.format == Format::Human {
        output::print(&listed);
        if let (false, Some(vault)) = (wanted.is_empty(), vault::here(None, None)) {
            vault::missing(&vault, &wanted).iter().for_each(Problem::print);
        }
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
    fn add(&mut self, sources: &Sources, diagnostics: &[Diagnostic], prefix: &str) {
        let offset = u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
        for (_, file) in sources.map(prefix).iter() {
            self.sources.add(file.name(), file.text());
        }
        self.diagnostics.extend(diagnostics.iter().cloned().map(|d| moved(d, offset)));
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
