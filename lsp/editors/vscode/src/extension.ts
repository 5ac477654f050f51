/** Where VS Code comes in. */

import * as vscode from "vscode";
import { Carapace } from "./carapace";

let carapace: Carapace | undefined;

/** A `.flow` file was opened, or a folder that has one. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  carapace = new Carapace(context);
  await carapace.start();
}

/** The window closes. */
export async function deactivate(): Promise<void> {
  await carapace?.stop();
  carapace = undefined;
}
