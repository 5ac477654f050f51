//! `textDocument/completion` and `completionItem/resolve`.

use crate::features::completion::{self, Completion, CompletionKind as Kind, Docs};
use crate::server::{Answer, Session, Subject};
use carapace_check::{DefinitionSite, NameKind};
use carapace_diagnostic::{FileId, Span, TextRange};
use serde::{Deserialize, Serialize};
use tower_lsp::ls_types::*;

/// What an item carries, so that the rest of it is found when it is looked at. A hundred of them are sent with each key: names
/// are short, and what is not there is not sent.
#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    /// The number of the document that was being written.
    of: usize,
    /// The file, first and last byte of the declaration's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    site: Option<(u32, u32, u32)>,
    /// The list in which there is something about it, and under which name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    list: Option<(List, String)>,
    /// The module that it brings in, where the editor asks for that later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    brings: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum List {
    #[serde(rename = "m")]
    Modules,
    #[serde(rename = "w")]
    Words,
    #[serde(rename = "l")]
    Listed,
    #[serde(rename = "b")]
    Builtin,
}

/// What the items of one answer have in common.
struct About<'s> {
    subject: &'s Subject,
    /// The number of the document.
    of: usize,
    /// What most items replace, in bytes and as the editor counts.
    replaced: Option<(TextRange, Range)>,
}

pub(crate) fn complete(
    session: &mut Session,
    params: &CompletionParams,
) -> Answer<Option<CompletionResponse>> {
    let at = &params.text_document_position;
    if let Some(found) = super::configuration::complete(session, at) {
        return Ok(Some(found));
    }
    let subject = session.written_subject(&at.text_document.uri)?;
    let offset = session.offset(&subject, at.position);
    let found = if completion::names_a_file(&subject.snapshot, subject.file, offset) {
        completion::files(
            &subject.snapshot,
            subject.file,
            offset,
            &session.workspace.host.texts(&subject.snapshot.root),
        )
    } else {
        completion::complete(&subject.snapshot, subject.file, offset)
    };
    let of = session.proposed(&at.text_document.uri);
    let replaced = found.first().map(|c| (c.replace, range_in(session, &subject, c.replace)));
    let about = About { subject: &subject, of, replaced };
    let numbered = found.into_iter().enumerate();
    let items = numbered.map(|(number, c)| item(session, &about, number, c)).collect();
    // These are the best of all that there are, and names of other modules come only from a few letters on: what is typed
    // next may find others.
    Ok(Some(CompletionResponse::List(CompletionList { is_incomplete: true, items })))
}

pub(crate) fn resolve(session: &mut Session, mut item: CompletionItem) -> Answer<CompletionItem> {
    let asked: Option<Asked> = item.data.take().and_then(|data| serde_json::from_value(data).ok());
    let Some(asked) = asked else { return Ok(item) };
    let Some(uri) = session.proposed_in(asked.of).cloned() else { return Ok(item) };
    let subject = session.subject(&uri)?;
    let docs = asked.docs(&subject, &item.label);
    item.documentation = completion::docs(&subject.snapshot, &docs).map(markdown);
    if let Some(brings) = asked.brings {
        item.additional_text_edits = Some(brought(session, &subject, &brings));
    }
    Ok(item)
}

impl Asked {
    /// None where there is nothing to ask for later.
    fn of(about: &About<'_>, docs: &Docs, brings: Option<String>) -> Option<Asked> {
        let site = match docs {
            Docs::Site(DefinitionSite { span }) => Some((span.file.0, span.range.start, span.range.end)),
            _ => None,
        };
        let list = match docs {
            Docs::Module(name) => Some((List::Modules, name.clone())),
            Docs::Word(name) => Some((List::Words, name.clone())),
            Docs::Listed(name) => Some((List::Listed, name.clone())),
            Docs::Builtin(name) => Some((List::Builtin, name.clone())),
            Docs::None | Docs::Site(_) | Docs::Text(_) => None,
        };
        let any = site.is_some() || list.is_some() || brings.is_some();
        any.then_some(Asked { of: about.of, site, list, brings })
    }

    fn docs(&self, subject: &Subject, label: &str) -> Docs {
        if let Some((file, start, end)) = self.site {
            let span = Span::new(FileId(file), TextRange::new(start, end));
            let there = subject.snapshot.text(span.file).get(start as usize..end as usize);
            // The file may have been edited meanwhile. A parameter is shown with its colon.
            let same = there.is_some_and(|there| there == label.trim_end_matches(':'));
            return if same { Docs::Site(DefinitionSite { span }) } else { Docs::None };
        }
        match &self.list {
            Some((List::Modules, name)) => Docs::Module(name.clone()),
            Some((List::Words, name)) => Docs::Word(name.clone()),
            Some((List::Listed, name)) => Docs::Listed(name.clone()),
            Some((List::Builtin, name)) => Docs::Builtin(name.clone()),
            None => Docs::None,
        }
    }
}

fn markdown(value: String) -> Documentation {
    Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value })
}

fn range_in(session: &Session, subject: &Subject, range: TextRange) -> Range {
    session.range(&subject.snapshot, subject.file, range)
}

/// The `use` line of a module that is brought in.
fn brought(session: &Session, subject: &Subject, module: &str) -> Vec<TextEdit> {
    let edits = completion::edits(&subject.snapshot, subject.file, module).into_iter();
    edits.map(|(at, new_text)| TextEdit { range: range_in(session, subject, at), new_text }).collect()
}

fn item(session: &Session, about: &About<'_>, number: usize, c: Completion) -> CompletionItem {
    let snippet = c.snippet.filter(|_| session.agreement.snippets);
    let is_snippet = snippet.is_some();
    let range = match about.replaced {
        Some((bytes, range)) if bytes == c.replace => range,
        _ => range_in(session, about.subject, c.replace),
    };
    let edit = TextEdit { range, new_text: snippet.unwrap_or(c.insert) };
    let (later, now) = if session.agreement.late_edits { (c.brings, None) } else { (None, c.brings) };
    let data = Asked::of(about, &c.docs, later).and_then(|asked| serde_json::to_value(asked).ok());
    let documentation = match c.docs {
        Docs::Text(text) => Some(markdown(text)),
        _ => None,
    };
    CompletionItem {
        sort_text: Some(format!("{number:02}")),
        filter_text: c.filter,
        label: c.label,
        kind: Some(kind(c.kind)),
        detail: (!c.detail.is_empty()).then_some(c.detail),
        documentation,
        // Plain text is what is meant where nothing is said.
        insert_text_format: is_snippet.then_some(InsertTextFormat::SNIPPET),
        text_edit: Some(CompletionTextEdit::Edit(edit)),
        additional_text_edits: now.map(|module| brought(session, about.subject, &module)),
        data,
        ..CompletionItem::default()
    }
}

fn kind(of: Kind) -> CompletionItemKind {
    match of {
        Kind::Keyword => CompletionItemKind::KEYWORD,
        Kind::Snippet => CompletionItemKind::SNIPPET,
        Kind::Builtin => CompletionItemKind::STRUCT,
        Kind::Value => CompletionItemKind::VALUE,
        Kind::Name(name) => match name {
            NameKind::Module => CompletionItemKind::MODULE,
            NameKind::Type => CompletionItemKind::STRUCT,
            NameKind::TypeParam => CompletionItemKind::TYPE_PARAMETER,
            NameKind::Field | NameKind::EventField => CompletionItemKind::FIELD,
            NameKind::Tag => CompletionItemKind::ENUM_MEMBER,
            NameKind::Fn | NameKind::Native => CompletionItemKind::FUNCTION,
            NameKind::Const => CompletionItemKind::CONSTANT,
            NameKind::Setting => CompletionItemKind::PROPERTY,
            NameKind::State => CompletionItemKind::VARIABLE,
            NameKind::Channel | NameKind::Room | NameKind::Group | NameKind::Connection => {
                CompletionItemKind::INTERFACE
            }
            NameKind::Agent => CompletionItemKind::CLASS,
            NameKind::Tool | NameKind::Flow | NameKind::Effect => CompletionItemKind::METHOD,
            NameKind::Trigger => CompletionItemKind::EVENT,
            NameKind::ChannelKind | NameKind::TextTag | NameKind::Capability => CompletionItemKind::KEYWORD,
            NameKind::Param | NameKind::Local | NameKind::It | NameKind::Var => CompletionItemKind::VARIABLE,
            NameKind::Lane | NameKind::WaitLabel | NameKind::Broken => CompletionItemKind::REFERENCE,
        },
    }
}
