/** The requests and commands beyond the language server protocol, as `lsp/src/requests` answers them. */

import { RequestType } from "vscode-languageserver-protocol";
import type { Location, Position, Range, TextDocumentIdentifier } from "vscode-languageserver-protocol";

/** Where the cursor stands. */
export interface GraphParams {
  textDocument: TextDocumentIdentifier;
  position: Position;
}

/** A flow as a picture. */
export interface Picture {
  /** The flow. */
  name: string;
  /** All of it, in the source. */
  range: Range;
  svg: string;
  mermaid: string;
}

/** The flow at a position; none between flows. */
export const GraphRequest = new RequestType<GraphParams, Picture | null, void>("carapace/graph");

/** Of which file; of all packages where none is named. */
export interface TestsParams {
  textDocument?: TextDocumentIdentifier;
}

/** A test in the source. */
export interface TestItem {
  uri: string;
  title: string;
  /** All of it. */
  range: Range;
  /** Its title. */
  selectionRange: Range;
}

/** The tests that there are. */
export const TestsRequest = new RequestType<TestsParams, TestItem[], void>("carapace/tests");

/** Which test to run; all of the file where no title is given. */
export interface RunTest {
  uri: string;
  title?: string;
}

/** How a test went. */
export interface TestOutcome {
  uri: string;
  title: string;
  passed: boolean;
  milliseconds: number;
  /** Why it failed. */
  message?: string | null;
  /** The statement that did not hold. */
  location?: Location | null;
}

/** What the lens `graph` stands at. */
export interface ShowGraph {
  uri: string;
  position: Position;
}

/** What the lens that counts runs stands at. */
export interface ShowRuns {
  flow: string;
}

/** The commands behind lenses. Those that the server carries out are also its `workspace/executeCommand`. */
export const Command = {
  /** Runs one test. */
  runTest: "carapace.runTest",
  /** Runs the tests of a file. */
  runAllTests: "carapace.runAllTests",
  /** Shows a flow as a picture: for the editor to do. */
  showGraph: "carapace.showGraph",
  /** Shows the runs of a flow: for the editor to do. */
  showRuns: "carapace.showRuns",
} as const;
