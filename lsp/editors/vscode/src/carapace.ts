/** The server, from found to stopped, and everything that hangs on it. */

import * as vscode from "vscode";
import { LanguageClient, State } from "vscode-languageclient/node";
import type { LanguageClientOptions, ServerOptions } from "vscode-languageclient/node";
import { Commands } from "./commands";
import { GraphView } from "./graphView";
import { Status } from "./status";
import { TestExplorer } from "./testExplorer";
import { complaint, find, surroundings } from "./protocol";

/** One for each window. */
export class Carapace {
  private readonly log: vscode.LogOutputChannel;
  private readonly status = new Status();
  private client: LanguageClient | undefined;
  private watched: vscode.Disposable | undefined;
  private readonly tests: TestExplorer;
  private readonly commands: Commands;

  constructor(context: vscode.ExtensionContext) {
    this.log = vscode.window.createOutputChannel("Carapace", { log: true });
    const client = (): LanguageClient | undefined => this.client;
    const graph = new GraphView(client, this.log);
    this.tests = new TestExplorer(client, this.log);
    this.commands = new Commands(graph, this.tests);
    context.subscriptions.push(
      this.log,
      this.status,
      graph,
      this.tests,
      this.commands,
      vscode.commands.registerCommand("carapace.restart", () => this.restart()),
      vscode.commands.registerCommand("carapace.showLog", () => this.log.show()),
      vscode.commands.registerCommand("carapace.choosePath", () => this.choosePath()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        const matters = ["carapace.path", "carapace.arguments"].some((name) => change.affectsConfiguration(name));
        if (matters) void this.restart();
      }),
    );
  }

  /** Finds the program and starts it. What is in the way is said in the status, with a way out. */
  async start(): Promise<void> {
    const settings = vscode.workspace.getConfiguration("carapace");
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    this.status.starting();
    const binary = await find(settings.get("path", "carapace"), surroundings(folder));
    const wrong = complaint(binary);
    if (binary.kind !== "found") {
      this.status.missing(wrong ?? "");
      this.log.error(wrong ?? "");
      void this.offerWaysOut(wrong ?? "");
      return;
    }
    this.log.info(`${binary.path}: ${binary.version}`);
    const client = this.connect(binary.path, settings.get("arguments", ["lsp"]));
    this.client = client;
    try {
      await client.start();
    } catch (error) {
      this.status.stopped(String(error));
      this.log.error(String(error));
      return;
    }
    this.status.running(binary.version);
  }

  /** Ends the server. */
  async stop(): Promise<void> {
    this.watched?.dispose();
    this.commands.forget();
    const client = this.client;
    this.client = undefined;
    if (client !== undefined && client.state !== State.Stopped) await client.stop().catch(() => undefined);
    await client?.dispose().catch(() => undefined);
  }

  private async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  private connect(command: string, args: string[]): LanguageClient {
    const server: ServerOptions = { command, args, options: { env: process.env } };
    const options: LanguageClientOptions = {
      documentSelector: [
        { scheme: "file", language: "flow" },
        { scheme: "untitled", language: "flow" },
        { scheme: "file", pattern: "**/carapace.json5" },
      ],
      outputChannel: this.log,
      traceOutputChannel: this.log,
      middleware: { executeCommand: (name, args, next) => this.commands.intercept(name, args, next) },
    };
    const client = new LanguageClient("carapace", "Carapace", server, options);
    this.watched = client.onDidChangeState(({ newState }) => {
      if (newState === State.Running) {
        this.commands.leftBy(client.initializeResult?.capabilities.executeCommandProvider?.commands ?? []);
        void this.tests.refresh();
      }
      if (newState === State.Stopped) {
        this.commands.forget();
        this.status.stopped("The language server ended.");
      }
    });
    return client;
  }

  private async offerWaysOut(wrong: string): Promise<void> {
    const choose = "Choose the Program…";
    const settings = "Open Settings";
    const answer = await vscode.window.showErrorMessage(wrong, choose, settings);
    if (answer === choose) await this.choosePath();
    if (answer === settings) await vscode.commands.executeCommand("workbench.action.openSettings", "carapace.path");
  }

  private async choosePath(): Promise<void> {
    const chosen = await vscode.window.showOpenDialog({
      canSelectMany: false,
      openLabel: "Use This Program",
      title: "Where is carapace?",
    });
    const file = chosen?.[0]?.fsPath;
    if (file === undefined) return;
    // The change of the setting restarts the server.
    await vscode.workspace.getConfiguration("carapace").update("path", file, vscode.ConfigurationTarget.Global);
  }
}
