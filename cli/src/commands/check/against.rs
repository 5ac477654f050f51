//! `carapace check --against DIR`: what a deploy to that runtime would come to, as findings.

use crate::args::Place;
use crate::commands::run::{Account, Ready};
use crate::commands::versions::{Said, Target, candidate};
use crate::package::Package;
use crate::problem::Problem;
use crate::sources::Sources;
use carapace_diagnostic::{Code, Diagnostic, FileId, SourceMap, Span, TextRange, codes};
use carapace_engine::inspect::{Plan, Refused, Stranded};
use std::path::Path;
use std::sync::Arc;

/// What keeps these packages, which have no mistakes, from being deployed there, and which live runs they would leave
/// behind: each at its place in the sources that were deployed.
pub(super) fn findings(
    packages: &[Package],
    data: &Path,
    sources: &mut SourceMap,
) -> Result<Vec<Diagnostic>, Problem> {
    let target = Target::existing(&Place::of(data.to_owned()))?;
    let there = target.deployments()?;
    let accounts = Account::of(&there.accounts);
    let mut found = Vec::new();
    for package in packages {
        let checked = package.check();
        let files = checked.sources.map(&package.prefix);
        // Of the states of this package, and where it declares them.
        let declared: Vec<(Arc<str>, Span)> =
            checked.program.states.iter().map(|state| (state.name.clone(), state.span)).collect();
        let Ok(compiled) = checked.compile() else { continue };
        let candidate = candidate(Ready::of(compiled), &Said::default(), &there.versions, &accounts)?;
        let Some(plan) = target.plan(std::slice::from_ref(&candidate.package), None)?.plans.pop() else {
            continue;
        };
        found.extend(plan.refused.as_ref().map(|refused| {
            let state = declared.iter().find(|(name, _)| refused.message.contains(&format!("`{name}`")));
            let place = state.and_then(|(_, span)| {
                let name = files.get(span.file)?.name();
                let file = sources.iter().find(|(_, file)| file.name() == name)?.0;
                Some(Span { file, range: span.range })
            });
            let mut root = || {
                let known = sources.iter().find(|(_, file)| file.name() == package.name()).map(|(id, _)| id);
                known.unwrap_or_else(|| sources.add(package.name(), ""))
            };
            let span = place.unwrap_or_else(|| Span { file: root(), range: TextRange::default() });
            refusal(refused, span)
        }));
        let deployed = Deployed { data, plan: &plan };
        found.extend(plan.stranded.iter().map(|stranded| deployed.left_behind(stranded, sources)));
    }
    Ok(found)
}

fn refusal(refused: &Refused, span: Span) -> Diagnostic {
    let told = Diagnostic::new(code(&refused.code), span, refused.message.clone());
    match &refused.help {
        Some(help) => told.help(help.clone()),
        None => told,
    }
}

struct Deployed<'p> {
    data: &'p Path,
    plan: &'p Plan,
}

impl Deployed<'_> {
    fn left_behind(&self, stranded: &Stranded, sources: &mut SourceMap) -> Diagnostic {
        let run = &stranded.run;
        let id: String = run.run.to_string().chars().take(8).collect();
        let message = format!("live run {id} of `{}` would be left behind: {}", run.flow, stranded.why);
        Diagnostic::new(code(&stranded.code), self.place(stranded, sources), message)
            .label("it waits here")
            .help("it goes on with the version it began with; `carapace runs show` tells about it")
    }

    /// Where the run stands, in the sources as they were deployed.
    fn place(&self, stranded: &Stranded, sources: &mut SourceMap) -> Span {
        let run = &stranded.run;
        let kept = Sources::read(self.data, &run.module);
        let places = || run.waits.iter().flat_map(|waiting| &waiting.places);
        let own = places().find_map(|place| Some((place, kept.text(&place.file)?)));
        let (name, text, range) = match own {
            Some((place, text)) => (&*place.file, text, TextRange { start: place.start, end: place.end }),
            None => (places().next().map_or("", |place| &*place.file), "", TextRange::default()),
        };
        let name = format!("{}/{name} (as deployed)", self.plan.package);
        let known = sources.iter().find(|(_, file)| file.name() == name && file.text() == text);
        let file: FileId = known.map(|(id, _)| id).unwrap_or_else(|| sources.add(name, text));
        Span { file, range }
    }
}

/// The code as this program knows it.
fn code(text: &str) -> Code {
    Code(codes().find(|known| *known == text).unwrap_or("E0944"))
}
