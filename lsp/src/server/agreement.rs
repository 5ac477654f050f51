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
    /// The editor shows nested symbols.
    pub(crate) nested_symbols: bool,
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
            nested_symbols: document
                .and_then(|d| d.document_symbol.as_ref()?.hierarchical_document_symbol_support)
                .unwrap_or(false),
            runtime: tokio::runtime::Handle::try_current().ok(),
        }
    }

    /// What the server says it can do.
    pub(crate) fn capabilities(&self) -> ServerCapabilities {
        ServerCapabilities {
            position_encoding: Some(match self.encoding {
                Encoding::Utf8 => PositionEncodingKind::UTF8,
                Encoding::Utf16 => PositionEncodingKind::UTF16,
                Encoding::Utf32 => PositionEncodingKind::UTF32,
            }),
            text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::INCREMENTAL),
                save: Some(TextDocumentSyncSaveOptions::Supported(true)),
                ..TextDocumentSyncOptions::default()
            })),
            workspace: Some(WorkspaceServerCapabilities {
                workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                    supported: Some(true),
                    change_notifications: Some(OneOf::Left(true)),
                }),
                file_operations: None,
            }),
            diagnostic_provider: Some(DiagnosticServerCapabilities::Options(DiagnosticOptions {
                identifier: Some("carapace".to_owned()),
                inter_file_dependencies: true,
                workspace_diagnostics: true,
                work_done_progress_options: WorkDoneProgressOptions::default(),
            })),
            document_formatting_provider: Some(OneOf::Left(true)),
            document_range_formatting_provider: Some(OneOf::Left(true)),
            document_on_type_formatting_provider: Some(DocumentOnTypeFormattingOptions {
                first_trigger_character: "}".to_owned(),
                more_trigger_character: None,
            }),
            completion_provider: Some(CompletionOptions {
                resolve_provider: Some(true),
                trigger_characters: Some([".", "\"", "/", ":"].map(str::to_owned).to_vec()),
                ..CompletionOptions::default()
            }),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            signature_help_provider: Some(SignatureHelpOptions {
                trigger_characters: Some(vec!["(".to_owned(), ",".to_owned()]),
                retrigger_characters: None,
                work_done_progress_options: WorkDoneProgressOptions::default(),
            }),
            folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
            document_symbol_provider: Some(OneOf::Left(true)),
            workspace_symbol_provider: Some(OneOf::Left(true)),
            document_link_provider: Some(DocumentLinkOptions {
                resolve_provider: Some(false),
                work_done_progress_options: WorkDoneProgressOptions::default(),
            }),
            code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
                code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, CodeActionKind::REFACTOR]),
                ..CodeActionOptions::default()
            })),
            code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
            execute_command_provider: Some(ExecuteCommandOptions {
                commands: crate::requests::commands::COMMANDS.map(str::to_owned).to_vec(),
                work_done_progress_options: WorkDoneProgressOptions::default(),
            }),
            ..ServerCapabilities::default()
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
