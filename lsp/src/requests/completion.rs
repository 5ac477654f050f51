//! `textDocument/completion` and `completionItem/resolve`.

use crate::features::completion::{self, Completion, CompletionKind as Kind, Docs};
use crate::server::{Answer, Session, Subject};
use carapace_check::{DefinitionSite, NameKind};
use carapace_diagnostic::{FileId, Span, TextRange};
use serde::{Deserialize, Serialize};
use std::str::FromStr as _;
use tower_lsp::ls_types::*;

/// What an item carries, so that its documentation is found when it is looked at.
#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    /// The document that was being written.
    uri: String,
    /// The file, first and last byte of the declaration's name.
    site: (u32, u32, u32),
    /// The name that stands there, if it still does.
    name: String,
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
    let found = completion::complete(&subject.snapshot, subject.file, offset);
    let uri = &at.text_document.uri;
    let items = found.into_iter().map(|c| item(session, &subject, uri, c)).collect();
    // Names of other modules come only from a few letters on: what is typed next may find more.
    Ok(Some(CompletionResponse::List(CompletionList { is_incomplete: true, items })))
}

pub(crate) fn resolve(session: &mut Session, mut item: CompletionItem) -> Answer<CompletionItem> {
    let asked: Option<Asked> = item.data.take().and_then(|data| serde_json::from_value(data).ok());
    let Some(asked) = asked else { return Ok(item) };
    let Ok(uri) = Uri::from_str(&asked.uri) else { return Ok(item) };
    let subject = session.subject(&uri)?;
    let (file, start, end) = asked.site;
    let span = Span::new(FileId(file), TextRange::new(start, end));
    let there = subject.snapshot.text(span.file).get(start as usize..end as usize);
    // The file may have been edited meanwhile.
    if there == Some(asked.name.as_str()) {
        let docs = Docs::Site(DefinitionSite { span });
        item.documentation = completion::docs(&subject.snapshot, &docs).map(markdown);
    }
    Ok(item)
}

fn markdown(value: String) -> Documentation {
    Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value })
}

fn item(session: &Session, subject: &Subject, uri: &Uri, c: Completion) -> CompletionItem {
    let snippet = c.snippet.filter(|_| session.agreement.snippets);
    let is_snippet = snippet.is_some();
    let range = |range| session.range(&subject.snapshot, subject.file, range);
    let edit = TextEdit { range: range(c.replace), new_text: snippet.unwrap_or(c.insert) };
    let edits: Vec<TextEdit> =
        c.edits.into_iter().map(|(at, text)| TextEdit { range: range(at), new_text: text }).collect();
    let (documentation, data) = match &c.docs {
        Docs::None => (None, None),
        Docs::Text(text) => (Some(markdown(text.clone())), None),
        Docs::Site(DefinitionSite { span }) => {
            let site = (span.file.0, span.range.start, span.range.end);
            let text = subject.snapshot.text(span.file);
            let name = text.get(span.range.start as usize..span.range.end as usize).unwrap_or_default();
            let asked = Asked { uri: uri.to_string(), site, name: name.to_owned() };
            (None, serde_json::to_value(asked).ok())
        }
    };
    CompletionItem {
        sort_text: Some(format!("{}{}", c.rank, c.label)),
        filter_text: c.filter,
        label: c.label,
        kind: Some(kind(c.kind)),
        detail: (!c.detail.is_empty()).then_some(c.detail),
        documentation,
        insert_text_format: Some(if is_snippet {
            InsertTextFormat::SNIPPET
        } else {
            InsertTextFormat::PLAIN_TEXT
        }),
        text_edit: Some(CompletionTextEdit::Edit(edit)),
        additional_text_edits: (!edits.is_empty()).then_some(edits),
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
