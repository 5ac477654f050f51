//! What client and server agree upon at the start.

use crate::workspace::Encoding;
use tower_lsp::ls_types::*;

/// What was agreed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Agreement {
    /// What a column counts.
    pub(crate) encoding: Encoding,
    /// The editor asks for diagnostics itself: then none are sent unasked.
    pub(crate) pulls: bool,
    /// The editor knows texts with places to fill in.
    pub(crate) snippets: bool,
    /// The editor asks for what a proposal changes elsewhere once it is looked at.
    pub(crate) late_edits: bool,
    /// The editor shows nested symbols.
    pub(crate) nested_symbols: bool,
    /// The editor takes links with the place they lead from.
    pub(crate) location_links: bool,
    /// The editor shows edits with a reason before it makes them.
    pub(crate) annotations: bool,
    /// The editor asks for diagnostics again when it is told to.
    pub(crate) refreshes: bool,
    /// What runs the tasks that send.
    pub(crate) runtime: Option<tokio::runtime::Handle>,
}

impl Agreement {
    /// What can be agreed with an editor that says this of itself.
    pub(crate) fn with(params: &InitializeParams) -> Agreement {
        let capabilities = &params.capabilities;
        let document = capabilities.text_document.as_ref();
        Agreement {
            encoding: encoding(capabilities),
            pulls: document.is_some_and(|d| d.diagnostic.is_some()),
            snippets: document
                .and_then(|d| d.completion.as_ref()?.completion_item.as_ref()?.snippet_support)
                .unwrap_or(false),
            late_edits: document
                .and_then(|d| d.completion.as_ref()?.completion_item.as_ref()?.resolve_support.as_ref())
                .is_some_and(|later| later.properties.iter().any(|name| name == "additionalTextEdits")),
            nested_symbols: document
                .and_then(|d| d.document_symbol.as_ref()?.hierarchical_document_symbol_support)
                .unwrap_or(false),
            location_links: document.and_then(|d| d.definition.as_ref()?.link_support).unwrap_or(false),
            annotations: capabilities
                .workspace
                .as_ref()
                .and_then(|w| w.workspace_edit.as_ref()?.change_annotation_support.as_ref())
                .is_some(),
            refreshes: capabilities
                .workspace
                .as_ref()
                .and_then(|w| w.diagnostics.as_ref()?.refresh_support)
                .unwrap_or(false),
            runtime: tokio::runtime::Handle::try_current().ok(),
        }
    }
}

/// UTF-8 where the editor can, since texts are kept so; else what it prefers.
fn encoding(capabilities: &ClientCapabilities) -> Encoding {
    let offered =
        capabilities.general.as_ref().and_then(|g| g.position_encodings.as_deref()).unwrap_or_default();
    if offered.contains(&PositionEncodingKind::UTF8) {
        return Encoding::Utf8;
    }
    match offered.first() {
        Some(first) if *first == PositionEncodingKind::UTF32 => Encoding::Utf32,
        _ => Encoding::Utf16,
    }
}
