/** Finds the program. */

import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import * as path from "node:path";

/** The program, or why there is none. */
export type Binary =
  | { kind: "found"; path: string; version: string }
  | { kind: "missing"; wanted: string }
  | { kind: "broken"; path: string; why: string }
  | { kind: "old"; path: string; version: string };

/** What names and places mean here. */
export interface Surroundings {
  /** `PATH`. */
  path: string;
  /** Whether programs end in `.exe`. */
  windows: boolean;
  /** `~`. */
  home: string;
  /** What a relative path is relative to. */
  folder: string | undefined;
}

/** The surroundings of this process. */
export function surroundings(folder: string | undefined): Surroundings {
  return {
    path: process.env["PATH"] ?? "",
    windows: process.platform === "win32",
    home: process.env["HOME"] ?? process.env["USERPROFILE"] ?? "",
    folder,
  };
}

/** The file that `wanted` names: a path, or a name to look for in `PATH`. */
export function locate(wanted: string, where: Surroundings): string | undefined {
  const endings = where.windows ? ["", ".exe"] : [""];
  const expanded = wanted.startsWith("~/") ? path.join(where.home, wanted.slice(2)) : wanted;
  const isPath = expanded.includes("/") || (where.windows && expanded.includes("\\"));
  const folders = isPath ? [where.folder ?? ""] : where.path.split(path.delimiter).filter((f) => f !== "");
  for (const folder of folders) {
    for (const ending of endings) {
      const file = path.isAbsolute(expanded) ? expanded + ending : path.join(folder, expanded + ending);
      if (isProgram(file, where.windows)) return file;
    }
  }
  return undefined;
}

/** Finds the program and asks it for its version and for a language server. */
export async function find(wanted: string, where: Surroundings): Promise<Binary> {
  const file = locate(wanted, where);
  if (file === undefined) return { kind: "missing", wanted };
  const version = await ask(file, ["--version"]);
  if (version.code !== 0) return { kind: "broken", path: file, why: version.text };
  const lsp = await ask(file, ["lsp", "--help"]);
  const named = version.text.trim();
  return lsp.code === 0 ? { kind: "found", path: file, version: named } : { kind: "old", path: file, version: named };
}

/** What is wrong, in a sentence, and none where nothing is. */
export function complaint(binary: Binary): string | undefined {
  switch (binary.kind) {
    case "found":
      return undefined;
    case "missing":
      return `The program \`${binary.wanted}\` is not there. Install carapace, or say where it is.`;
    case "broken":
      return `\`${binary.path}\` does not run: ${binary.why.trim() || "it said nothing"}`;
    case "old":
      return `\`${binary.path}\` (${binary.version}) has no language server. A newer carapace has one.`;
  }
}

function isProgram(file: string, windows: boolean): boolean {
  try {
    if (!statSync(file).isFile()) return false;
    accessSync(file, windows ? constants.F_OK : constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function ask(file: string, args: string[]): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: 10_000, windowsHide: true }, (error, stdout, stderr) => {
      if (error === null) return resolve({ code: 0, text: stdout });
      resolve({ code: 1, text: stderr || error.message });
    });
  });
}
