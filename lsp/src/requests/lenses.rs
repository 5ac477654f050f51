//! `textDocument/codeLens`.

use crate::features::lenses::{self, LensKind};
use crate::server::{Answer, Session};
use serde_json::{Value, json};
use tower_lsp::ls_types::*;

pub(crate) fn lenses(session: &mut Session, params: &CodeLensParams) -> Answer<Option<Vec<CodeLens>>> {
    let subject = session.whole_subject(&params.text_document.uri)?;
    let package = &subject.snapshot.checked.sources.package;
    let live = session.live.as_ref().and_then(|live| live.runs(package)).unwrap_or_default();
    let can_test = session.tests.is_some();
    let uri = &params.text_document.uri;
    let found = lenses::lenses(&subject.snapshot, subject.file, &live).into_iter();
    let found =
        found.filter(|l| can_test || !matches!(l.kind, LensKind::RunTest(_) | LensKind::RunAllTests(_)));
    let lens = |lens: lenses::Lens| {
        let (title, command, arguments) = words(lens.kind, uri);
        let range = session.range(&subject.snapshot, subject.file, lens.range);
        let arguments = match command {
            "carapace.showGraph" => vec![json!({ "uri": uri, "position": range.start })],
            _ => arguments,
        };
        CodeLens {
            range,
            command: Some(Command { title, command: command.to_owned(), arguments: Some(arguments) }),
            data: None,
        }
    };
    Ok(Some(found.map(lens).collect()))
}

fn words(kind: LensKind, uri: &Uri) -> (String, &'static str, Vec<Value>) {
    match kind {
        LensKind::RunTest(title) => {
            ("run test".to_owned(), "carapace.runTest", vec![json!({ "uri": uri, "title": title })])
        }
        LensKind::RunAllTests(count) => (
            format!("run all {count} tests of the file"),
            "carapace.runAllTests",
            vec![json!({ "uri": uri })],
        ),
        LensKind::ShowGraph(_) => ("graph".to_owned(), "carapace.showGraph", Vec::new()),
        LensKind::ShowRuns(flow, now, before) => {
            let title = match (now, before) {
                (0, 0) => "no live runs".to_owned(),
                (now, 0) => format!("{} on this version", runs(now)),
                (now, before) => format!("{} on this version, {before} on older ones", runs(now)),
            };
            (title, "carapace.showRuns", vec![json!({ "flow": flow })])
        }
    }
}

fn runs(count: u64) -> String {
    if count == 1 { "1 live run".to_owned() } else { format!("{count} live runs") }
}
