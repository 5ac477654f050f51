/** How the server does, beside the language's name. */

import * as vscode from "vscode";

/** The entry in the status bar of `.flow` files. */
export class Status implements vscode.Disposable {
  private readonly item: vscode.LanguageStatusItem;

  constructor() {
    this.item = vscode.languages.createLanguageStatusItem("carapace.server", { language: "flow" });
    this.item.name = "Carapace";
  }

  /** It is being looked for or started. */
  starting(): void {
    this.say("Carapace", "The language server starts…", vscode.LanguageStatusSeverity.Information);
    this.item.busy = true;
    this.item.command = { command: "carapace.showLog", title: "Log" };
  }

  /** It answers. */
  running(version: string): void {
    this.say("Carapace", version, vscode.LanguageStatusSeverity.Information);
    this.item.command = { command: "carapace.restart", title: "Restart" };
  }

  /** There is none to start. */
  missing(why: string): void {
    this.say("Carapace: no program", why, vscode.LanguageStatusSeverity.Error);
    this.item.command = { command: "carapace.choosePath", title: "Choose the Program…" };
  }

  /** It ended, or did not start. */
  stopped(why: string): void {
    this.say("Carapace: stopped", why, vscode.LanguageStatusSeverity.Warning);
    this.item.command = { command: "carapace.restart", title: "Restart" };
  }

  dispose(): void {
    this.item.dispose();
  }

  private say(text: string, detail: string, severity: vscode.LanguageStatusSeverity): void {
    this.item.busy = false;
    this.item.text = text;
    this.item.detail = detail;
    this.item.severity = severity;
  }
}
