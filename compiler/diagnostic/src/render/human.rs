//! Diagnostics for people, drawn by miette.

use crate::{Diagnostic, FileId, Label, Severity, SourceFile, SourceMap};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};
use std::fmt;

/// How to draw.
#[derive(Debug, Clone, Copy)]
pub struct Human {
    /// Whether the reader's terminal shows colours.
    pub colours: bool,
    /// The terminal's width in columns; 80 to 100 where there is none.
    pub width: usize,
}

impl Default for Human {
    fn default() -> Human {
        Human { colours: false, width: 100 }
    }
}

/// Draws all diagnostics, one below the other, each with its code, its places (grouped by file), its help and the repair
/// that `--fix` or an editor would make. Without colours the text has no escape sequences.
pub fn human(diagnostics: &[Diagnostic], sources: &SourceMap, options: Human) -> String {
    let theme = if options.colours { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(options.width.max(40))
        .with_links(false)
        .with_context_lines(1)
        .tab_width(2)
        .without_syntax_highlighting()
        .with_show_related_as_nested(true);
    let mut out = String::new();
    for diagnostic in diagnostics {
        let report = Report::of(diagnostic, sources);
        if handler.render_report(&mut out, &report).is_err() {
            // The drawing fails only for places outside their file; the words are never lost to that.
            out.push_str(&format!("{}: {}\n", diagnostic.code, diagnostic.message));
        }
        out.push('\n');
    }
    out
}

/// One diagnostic in miette's terms: the places of one file, and below it one more report for each other file.
#[derive(Debug)]
struct Report<'a> {
    message: String,
    code: Option<String>,
    severity: miette::Severity,
    help: Option<String>,
    source: Option<Excerpt<'a>>,
    labels: Vec<LabeledSpan>,
    elsewhere: Vec<Report<'a>>,
}

impl<'a> Report<'a> {
    fn of(diagnostic: &Diagnostic, sources: &'a SourceMap) -> Report<'a> {
        let home = diagnostic.primary.span.file;
        let mut labels = Vec::new();
        let source = excerpt(home, sources);
        // A file that could not be read has a name but no text: then the name goes into the message.
        let message = match sources.get(home) {
            Some(file) if source.is_none() => format!("{}: {}", file.name(), diagnostic.message),
            _ => diagnostic.message.clone(),
        };
        if let Some(Excerpt { file }) = source {
            labels.push(labelled(&diagnostic.primary, true, file));
            labels.extend(here(diagnostic, home).map(|l| labelled(l, false, file)));
        }
        let mut others: Vec<FileId> =
            diagnostic.secondary.iter().map(|l| l.span.file).filter(|file| *file != home).collect();
        others.dedup();
        let elsewhere = others.into_iter().filter_map(|id| {
            let source = excerpt(id, sources)?;
            let labels =
                here(diagnostic, id).zip(0..).map(|(l, n)| labelled(l, n == 0, source.file)).collect();
            Some(Report {
                message: "see also".to_owned(),
                code: None,
                severity: miette::Severity::Advice,
                help: None,
                source: Some(source),
                labels,
                elsewhere: Vec::new(),
            })
        });
        let help = match (&diagnostic.help, &diagnostic.fix) {
            (Some(help), Some(fix)) if !help.contains(&fix.title) => Some(format!("{help}\n{}", fix.title)),
            (Some(help), _) => Some(help.clone()),
            (None, Some(fix)) => Some(fix.title.clone()),
            (None, None) => None,
        };
        Report {
            message,
            code: Some(match diagnostic.severity {
                Severity::Error => format!("error {}", diagnostic.code),
                Severity::Warning => format!("warning {}", diagnostic.code),
            }),
            severity: match diagnostic.severity {
                Severity::Error => miette::Severity::Error,
                Severity::Warning => miette::Severity::Warning,
            },
            help,
            source,
            labels,
            elsewhere: elsewhere.collect(),
        }
    }
}

/// The secondary labels of one file.
fn here(diagnostic: &Diagnostic, file: FileId) -> impl Iterator<Item = &Label> {
    diagnostic.secondary.iter().filter(move |l| l.span.file == file)
}

fn excerpt(file: FileId, sources: &SourceMap) -> Option<Excerpt<'_>> {
    sources.get(file).filter(|f| !f.text().is_empty()).map(|file| Excerpt { file })
}

fn labelled(label: &Label, primary: bool, file: &SourceFile) -> LabeledSpan {
    let start = file.boundary(label.span.range.start);
    let mut end = file.boundary(label.span.range.end).max(start);
    if end.saturating_sub(start) > LONG_LINE {
        // Of a long place the beginning says enough: its first line, or the first part of that.
        let shown = file.text().floor_char_boundary(start.saturating_add(AROUND));
        let line = file.text().get(start..shown).and_then(|s| s.find('\n'));
        end = line.map_or(shown, |at| start.saturating_add(at));
    }
    let text = Some(label.text.clone()).filter(|t| !t.is_empty());
    let span = (start, end.saturating_sub(start));
    if primary {
        LabeledSpan::new_primary_with_span(text, span)
    } else {
        LabeledSpan::new_with_span(text, span)
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.code.as_ref().map(|c| Box::new(c) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.help.as_ref().map(|h| Box::new(h) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|s| s as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        if self.labels.is_empty() { None } else { Some(Box::new(self.labels.iter().cloned())) }
    }

    fn related<'b>(&'b self) -> Option<Box<dyn Iterator<Item = &'b dyn miette::Diagnostic> + 'b>> {
        if self.elsewhere.is_empty() {
            return None;
        }
        Some(Box::new(self.elsewhere.iter().map(|r| r as &dyn miette::Diagnostic)))
    }
}

/// A file as miette reads it. Its own reading of a text counts lines from the start for every label, which is quadratic
/// for a long file with many mistakes; the index of lines answers at once.
#[derive(Debug, Clone, Copy)]
struct Excerpt<'a> {
    file: &'a SourceFile,
}

/// Of a line longer than this many bytes only what is around the place is shown.
const LONG_LINE: usize = 1000;
/// How many bytes of a long line are shown on each side of a place.
const AROUND: usize = 60;

impl SourceCode for Excerpt<'_> {
    fn read_span<'b>(
        &'b self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'b> + 'b>, MietteError> {
        let file = self.file;
        let first = file.boundary(u32::try_from(span.offset()).unwrap_or(u32::MAX));
        let last = span.offset().saturating_add(span.len()).min(file.text().len()).max(first);
        let line_of = |offset: usize| file.line_index(u32::try_from(offset).unwrap_or(u32::MAX));
        let top = line_of(first).saturating_sub(before);
        let bottom = line_of(last.saturating_sub(usize::from(last > first))).saturating_add(after);
        if before == 0 && after == 0 {
            // Asked so, miette wants to know where the place itself begins.
            let data = file.text().get(first..last).unwrap_or("");
            let column = file.position(u32::try_from(first).unwrap_or(u32::MAX)).column.saturating_sub(1);
            return Ok(Box::new(MietteSpanContents::new_named(
                file.name().to_owned(),
                data.as_bytes(),
                (first, data.len()).into(),
                top,
                usize::try_from(column).unwrap_or(0),
                1,
            )));
        }
        let mut line = top;
        let mut column = 0;
        let mut start = file.line_start(top);
        let mut end = file.line_start(bottom.saturating_add(1));
        let text = file.text();
        if end.saturating_sub(start) > LONG_LINE.max(last.saturating_sub(first)) {
            line = line_of(first);
            start = file.line_start(line).max(text.floor_char_boundary(first.saturating_sub(AROUND)));
            let line_end = file.line_start(line_of(last).saturating_add(1));
            end = line_end.min(text.ceil_char_boundary(last.saturating_add(AROUND)));
            column = start.saturating_sub(file.line_start(line));
        }
        let data = text.get(start..end).unwrap_or("");
        // Places whose excerpts do not touch are drawn apart: miette asks how many lines this one has.
        let lines = data.lines().count();
        Ok(Box::new(MietteSpanContents::new_named(
            file.name().to_owned(),
            data.as_bytes(),
            (start, data.len()).into(),
            line,
            column,
            lines,
        )))
    }
}
