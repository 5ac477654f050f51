/** What stands behind lenses and in the palette. */

import * as vscode from "vscode";
import type { GraphView } from "./graphView";
import type { TestExplorer } from "./testExplorer";
import { Command, shellLine } from "./protocol";
import type { RunTest, ShowGraph, ShowRuns } from "./protocol";

type Next = (name: string, args: unknown[]) => unknown;
type Shared = (typeof Command)[keyof typeof Command];

/**
 * The client registers by itself what the server says it carries out; those come through `intercept`. What stands behind the
 * other lenses is registered here.
 */
export class Commands implements vscode.Disposable {
  private readonly own: vscode.Disposable[];
  private left: vscode.Disposable[] = [];

  constructor(
    private readonly graph: GraphView,
    private readonly tests: TestExplorer,
  ) {
    this.own = [
      vscode.commands.registerCommand("carapace.showGraphHere", () => this.graph.open()),
      vscode.commands.registerCommand("carapace.copyMermaid", () => this.graph.copyMermaid()),
      vscode.commands.registerCommand("carapace.runAll", () => vscode.commands.executeCommand("testing.runAll")),
    ];
  }

  /** Registers what a server that carries out `served` leaves to the editor. */
  leftBy(served: readonly string[]): void {
    this.forget();
    this.left = Object.values(Command)
      .filter((name) => !served.includes(name))
      .map((name) => vscode.commands.registerCommand(name, (...args: unknown[]) => this.perform(name, args)));
  }

  /** The server is gone, and its lenses with it. */
  forget(): void {
    for (const left of this.left) left.dispose();
    this.left = [];
  }

  /** A command that the client has registered. */
  intercept(name: string, args: unknown[], next: Next): unknown {
    const shared = Object.values(Command).find((command) => command === name);
    return shared === undefined ? next(name, args) : this.perform(shared, args);
  }

  dispose(): void {
    this.forget();
    for (const own of this.own) own.dispose();
  }

  private async perform(name: Shared, args: unknown[]): Promise<void> {
    switch (name) {
      case Command.runTest:
      case Command.runAllTests:
        return this.tests.runFor(args[0] as RunTest);
      case Command.showGraph: {
        const at = args[0] as ShowGraph;
        return this.graph.open({ textDocument: { uri: at.uri }, position: at.position });
      }
      case Command.showRuns:
        return showRuns(args[0] as ShowRuns);
    }
  }
}

/** Runs are looked at in the terminal, where the command that shows them also cancels and retries them. */
function showRuns(of: ShowRuns): void {
  const program = vscode.workspace.getConfiguration("carapace").get("path", "carapace");
  const terminal = vscode.window.createTerminal("carapace runs");
  terminal.show();
  terminal.sendText(shellLine([program, "runs", "list", "--flow", of.flow]));
}
