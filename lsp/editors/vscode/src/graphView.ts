/** The picture beside the source, which follows the cursor. */

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { GraphFollower, GraphRequest, page } from "./protocol";
import type { GraphParams, Picture } from "./protocol";

/** At most one picture for each window. */
export class GraphView implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private shown: Picture | null = null;
  private readonly follower: GraphFollower;
  private readonly listening: vscode.Disposable[];

  constructor(
    private readonly client: () => LanguageClient | undefined,
    log: vscode.LogOutputChannel,
  ) {
    this.follower = new GraphFollower({
      ask: (where, cancelled) => this.ask(where, cancelled),
      show: (picture) => this.show(picture),
      failed: (error) => log.warn(`no picture: ${String(error)}`),
      later: (milliseconds, then) => {
        const timer = setTimeout(then, milliseconds);
        return () => clearTimeout(timer);
      },
    });
    this.listening = [
      vscode.window.onDidChangeTextEditorSelection((event) => this.follow(event.textEditor)),
      vscode.window.onDidChangeActiveTextEditor((editor) => this.follow(editor)),
      vscode.workspace.onDidChangeTextDocument((event) => {
        const editor = vscode.window.activeTextEditor;
        if (editor?.document === event.document) this.follow(editor);
      }),
    ];
  }

  /** Opens it, for the flow at a position or at the cursor. */
  async open(where?: GraphParams): Promise<void> {
    const target = where ?? cursor(vscode.window.activeTextEditor);
    if (target === undefined) return;
    if (this.panel === undefined) {
      const beside = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
      this.panel = vscode.window.createWebviewPanel("carapace.graph", "Flow", beside, { enableScripts: true });
      this.panel.onDidDispose(() => {
        this.panel = undefined;
        this.follower.stop();
      });
    } else {
      this.panel.reveal(undefined, true);
    }
    await this.follower.ask(target);
  }

  /** Puts the flow at the cursor into the clipboard, as documents draw it. */
  async copyMermaid(): Promise<void> {
    const where = cursor(vscode.window.activeTextEditor);
    const picture = where === undefined ? null : await this.ask(where, new AbortController().signal);
    if (picture === null) {
      void vscode.window.showInformationMessage("No flow stands at the cursor.");
      return;
    }
    await vscode.env.clipboard.writeText(picture.mermaid);
    void vscode.window.setStatusBarMessage(`${picture.name} is in the clipboard.`, 3000);
  }

  dispose(): void {
    this.follower.stop();
    this.panel?.dispose();
    for (const listening of this.listening) listening.dispose();
  }

  private follow(editor: vscode.TextEditor | undefined): void {
    const follows = vscode.workspace.getConfiguration("carapace").get("graph.followCursor", true);
    const where = cursor(editor);
    if (this.panel !== undefined && follows && where !== undefined) this.follower.moved(where);
  }

  private async ask(where: GraphParams, cancelled: AbortSignal): Promise<Picture | null> {
    const client = this.client();
    if (client === undefined) return null;
    const source = new vscode.CancellationTokenSource();
    cancelled.addEventListener("abort", () => source.cancel());
    try {
      return await client.sendRequest(GraphRequest, where, source.token);
    } finally {
      source.dispose();
    }
  }

  private show(picture: Picture | null): void {
    // Between two flows the last picture stays.
    if (this.panel === undefined || (picture === null && this.shown !== null)) return;
    if (picture !== null && picture.svg === this.shown?.svg) return;
    this.shown = picture;
    this.panel.title = picture === null ? "Flow" : `Flow ${picture.name}`;
    this.panel.webview.html = page(picture, randomBytes(16).toString("base64"));
  }
}

function cursor(editor: vscode.TextEditor | undefined): GraphParams | undefined {
  if (editor?.document.languageId !== "flow") return undefined;
  const { line, character } = editor.selection.active;
  return { textDocument: { uri: editor.document.uri.toString() }, position: { line, character } };
}
