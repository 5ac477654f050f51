//! The methods of the protocol: each is handed to the thread that works, in the order in which it came.

use super::session::Session;
use super::worker::Worker;
use crate::requests;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::ls_types::*;
use tower_lsp::{Client, LanguageServer};

/// The protocol's side of the server.
pub(super) struct Service {
    client: Client,
    worker: Worker,
}

impl Service {
    pub(super) fn new(client: Client, worker: Worker) -> Service {
        Service { client, worker }
    }

    async fn ask<T: Send + 'static>(
        &self,
        what: impl FnOnce(&mut Session) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.worker.ask(what).await.unwrap_or_else(|_| {
            let message = "the server failed at this request, and goes on; please report what you asked it";
            Err(Error { code: ErrorCode::InternalError, message: message.into(), data: None })
        })
    }

    /// `carapace/graph`: the picture of the flow at a position.
    pub(super) async fn graph(
        &self,
        params: requests::graph::GraphParams,
    ) -> Result<Option<requests::graph::Picture>> {
        self.ask(move |s| requests::graph::graph(s, &params)).await
    }

    /// `carapace/tests`: the tests of a file, or of all packages.
    pub(super) async fn tests(
        &self,
        params: requests::tests::TestsParams,
    ) -> Result<Vec<requests::tests::TestItem>> {
        self.ask(move |s| requests::tests::tests(s, &params)).await
    }
}

impl LanguageServer for Service {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        // The agreement takes the handle of the runtime it is made in; the worker's thread is in none.
        let agreement = super::agreement::Agreement::with(&params);
        self.ask(move |s| requests::lifecycle::initialize(s, agreement, &params)).await
    }

    async fn initialized(&self, _: InitializedParams) {
        self.worker.began(self.client.clone());
        requests::lifecycle::watch(&self.client).await;
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        self.worker.tell(move |s| requests::documents::opened(s, params));
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        self.worker.tell(move |s| requests::documents::changed(s, params));
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        self.worker.tell(move |s| requests::documents::saved(s, &params));
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        self.worker.tell(move |s| requests::documents::closed(s, &params));
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        self.worker.tell(move |s| requests::documents::watched(s, &params));
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        self.worker.tell(move |s| requests::documents::folders(s, &params));
    }

    async fn diagnostic(&self, params: DocumentDiagnosticParams) -> Result<DocumentDiagnosticReportResult> {
        self.ask(move |s| requests::diagnostics::of_document(s, &params)).await
    }

    async fn workspace_diagnostic(
        &self,
        params: WorkspaceDiagnosticParams,
    ) -> Result<WorkspaceDiagnosticReportResult> {
        self.ask(move |s| requests::diagnostics::of_workspace(s, &params)).await
    }

    async fn formatting(&self, params: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        self.ask(move |s| requests::formatting::document(s, &params)).await
    }

    async fn range_formatting(&self, params: DocumentRangeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        self.ask(move |s| requests::formatting::range(s, &params)).await
    }

    async fn on_type_formatting(
        &self,
        params: DocumentOnTypeFormattingParams,
    ) -> Result<Option<Vec<TextEdit>>> {
        self.ask(move |s| requests::formatting::on_type(s, &params)).await
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        self.ask(move |s| requests::completion::complete(s, &params)).await
    }

    async fn completion_resolve(&self, item: CompletionItem) -> Result<CompletionItem> {
        self.ask(move |s| requests::completion::resolve(s, item)).await
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        self.ask(move |s| requests::hover::hover(s, &params)).await
    }

    async fn signature_help(&self, params: SignatureHelpParams) -> Result<Option<SignatureHelp>> {
        self.ask(move |s| requests::signature::signature(s, &params)).await
    }

    async fn folding_range(&self, params: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
        self.ask(move |s| requests::folding::folding(s, &params)).await
    }

    async fn document_symbol(&self, params: DocumentSymbolParams) -> Result<Option<DocumentSymbolResponse>> {
        self.ask(move |s| requests::symbols::of_document(s, &params)).await
    }

    async fn symbol(&self, params: WorkspaceSymbolParams) -> Result<Option<WorkspaceSymbolResponse>> {
        self.ask(move |s| requests::symbols::of_workspace(s, &params)).await
    }

    async fn document_link(&self, params: DocumentLinkParams) -> Result<Option<Vec<DocumentLink>>> {
        self.ask(move |s| requests::links::links(s, &params)).await
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        self.ask(move |s| requests::actions::actions(s, &params)).await
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        self.ask(move |s| requests::lenses::lenses(s, &params)).await
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<LSPAny>> {
        let job = self.ask(move |s| requests::commands::job(s, &params)).await?;
        // A test may take its time; meanwhile other questions are answered.
        let ran = tokio::task::spawn_blocking(move || job.run()).await;
        let failed = |why: String| Error { code: ErrorCode::ServerError(1), message: why.into(), data: None };
        let ran = ran.map_err(|_| failed("the test could not be run to its end".to_owned()))?;
        let (job, outcomes) = ran.map_err(failed)?;
        let done = self.ask(move |s| {
            let again = s.agreement.pulls && s.agreement.refreshes;
            requests::commands::done(s, &job, outcomes).map(|results| (results, again))
        });
        let (results, again) = done.await?;
        if again {
            // What failed stands in the source from now on. The editor's answer says nothing.
            let client = self.client.clone();
            tokio::spawn(async move { client.workspace_diagnostic_refresh().await });
        }
        Ok(results)
    }

    async fn goto_definition(&self, params: GotoDefinitionParams) -> Result<Option<GotoDefinitionResponse>> {
        self.ask(move |s| requests::definition::definition(s, &params)).await
    }

    async fn goto_declaration(&self, params: GotoDefinitionParams) -> Result<Option<GotoDefinitionResponse>> {
        self.ask(move |s| requests::definition::definition(s, &params)).await
    }

    async fn goto_type_definition(
        &self,
        params: GotoDefinitionParams,
    ) -> Result<Option<GotoDefinitionResponse>> {
        self.ask(move |s| requests::definition::type_definition(s, &params)).await
    }

    async fn goto_implementation(
        &self,
        params: GotoDefinitionParams,
    ) -> Result<Option<GotoDefinitionResponse>> {
        self.ask(move |s| requests::definition::implementation(s, &params)).await
    }

    async fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        self.ask(move |s| requests::references::references(s, &params)).await
    }

    async fn document_highlight(
        &self,
        params: DocumentHighlightParams,
    ) -> Result<Option<Vec<DocumentHighlight>>> {
        self.ask(move |s| requests::references::highlights(s, &params)).await
    }

    async fn prepare_rename(
        &self,
        params: TextDocumentPositionParams,
    ) -> Result<Option<PrepareRenameResponse>> {
        self.ask(move |s| requests::rename::prepare(s, &params)).await
    }

    async fn rename(&self, params: RenameParams) -> Result<Option<WorkspaceEdit>> {
        self.ask(move |s| requests::rename::rename(s, &params)).await
    }

    async fn selection_range(&self, params: SelectionRangeParams) -> Result<Option<Vec<SelectionRange>>> {
        self.ask(move |s| requests::selection::selection(s, &params)).await
    }

    async fn linked_editing_range(
        &self,
        params: LinkedEditingRangeParams,
    ) -> Result<Option<LinkedEditingRanges>> {
        self.ask(move |s| requests::linked::linked(s, &params)).await
    }

    async fn prepare_call_hierarchy(
        &self,
        params: CallHierarchyPrepareParams,
    ) -> Result<Option<Vec<CallHierarchyItem>>> {
        self.ask(move |s| requests::calls::prepare(s, &params)).await
    }

    async fn incoming_calls(
        &self,
        params: CallHierarchyIncomingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyIncomingCall>>> {
        self.ask(move |s| requests::calls::incoming(s, &params)).await
    }

    async fn outgoing_calls(
        &self,
        params: CallHierarchyOutgoingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyOutgoingCall>>> {
        self.ask(move |s| requests::calls::outgoing(s, &params)).await
    }

    async fn inlay_hint(&self, params: InlayHintParams) -> Result<Option<Vec<InlayHint>>> {
        self.ask(move |s| requests::hints::hints(s, &params)).await
    }

    async fn semantic_tokens_full(
        &self,
        params: SemanticTokensParams,
    ) -> Result<Option<SemanticTokensResult>> {
        self.ask(move |s| requests::tokens::full(s, &params)).await
    }

    async fn semantic_tokens_range(
        &self,
        params: SemanticTokensRangeParams,
    ) -> Result<Option<SemanticTokensRangeResult>> {
        self.ask(move |s| requests::tokens::range(s, &params)).await
    }

    async fn semantic_tokens_full_delta(
        &self,
        params: SemanticTokensDeltaParams,
    ) -> Result<Option<SemanticTokensFullDeltaResult>> {
        self.ask(move |s| requests::tokens::delta(s, &params)).await
    }
}
