/** The tests of all packages, in VS Code's own list. */

import * as vscode from "vscode";
import { DocumentDiagnosticRequest, ExecuteCommandRequest } from "vscode-languageclient/node";
import type { LanguageClient } from "vscode-languageclient/node";
import { Command, TestsRequest, byFile, identity, requests, summary } from "./protocol";
import type { RunTest, TestItem, TestOutcome } from "./protocol";

/** Lists and runs them. */
export class TestExplorer implements vscode.Disposable {
  private readonly controller = vscode.tests.createTestController("carapace.tests", "Carapace");
  private readonly listening: vscode.Disposable[];
  private known: TestItem[] = [];
  private pending: NodeJS.Timeout | undefined;

  constructor(
    private readonly client: () => LanguageClient | undefined,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.controller.refreshHandler = () => this.refresh();
    this.controller.createRunProfile(
      "Run",
      vscode.TestRunProfileKind.Run,
      async (request, token) => void (await this.run(request, token)),
      true,
    );
    this.listening = [
      vscode.workspace.onDidChangeTextDocument((event) => this.stale(event.document)),
      vscode.workspace.onDidOpenTextDocument((document) => this.stale(document)),
      vscode.workspace.onDidDeleteFiles(() => void this.refresh()),
    ];
  }

  /** Asks the server anew. */
  async refresh(): Promise<void> {
    const client = this.client();
    if (client === undefined) return;
    try {
      this.known = await client.sendRequest(TestsRequest, {});
    } catch (error) {
      this.log.warn(`the tests are not known: ${String(error)}`);
      return;
    }
    this.controller.items.replace(byFile(this.known).map((file) => this.fileItem(file.uri, file.tests)));
  }

  /** Runs one test or all of a package, as a lens asks for it, and shows what came of it. */
  async runFor(what: RunTest): Promise<void> {
    await this.refresh();
    const wanted = this.known.filter((test) => test.uri === what.uri && (what.title ?? test.title) === test.title);
    const items = wanted.map((test) => this.item(test)).filter((item) => item !== undefined);
    const source = new vscode.CancellationTokenSource();
    const outcomes = await this.run(new vscode.TestRunRequest(items), source.token);
    void vscode.window.setStatusBarMessage(summary(outcomes), 5000);
  }

  dispose(): void {
    clearTimeout(this.pending);
    for (const listening of this.listening) listening.dispose();
    this.controller.dispose();
  }

  private stale(document: vscode.TextDocument): void {
    if (document.languageId !== "flow") return;
    clearTimeout(this.pending);
    this.pending = setTimeout(() => void this.refresh(), 300);
  }

  private fileItem(uri: string, tests: TestItem[]): vscode.TestItem {
    const place = vscode.Uri.parse(uri);
    const file = this.controller.createTestItem(uri, vscode.workspace.asRelativePath(place), place);
    file.children.replace(
      tests.map((test) => {
        const item = this.controller.createTestItem(identity(test), test.title, place);
        item.range = range(test.range);
        return item;
      }),
    );
    return file;
  }

  private item(test: TestItem): vscode.TestItem | undefined {
    return this.controller.items.get(test.uri)?.children.get(identity(test));
  }

  private async run(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<TestOutcome[]> {
    const wanted = this.known.filter((test) => includes(request, this.item(test)));
    const run = this.controller.createTestRun(request);
    for (const test of wanted) this.each(test, (item) => run.enqueued(item));
    const outcomes: TestOutcome[] = [];
    for (const { run: what, covers } of requests(wanted, this.known)) {
      if (token.isCancellationRequested) break;
      const covered = wanted.filter((test) => covers.includes(identity(test)));
      for (const test of covered) this.each(test, (item) => run.started(item));
      try {
        const told = await this.execute(what, token);
        outcomes.push(...told);
        for (const test of covered) this.report(run, test, told);
      } catch (error) {
        for (const test of covered) this.each(test, (item) => run.errored(item, new vscode.TestMessage(String(error))));
      }
    }
    run.end();
    this.pull();
    return outcomes;
  }

  /** What failed stands in the source as a diagnostic, once those are asked for anew. */
  private pull(): void {
    const pulled = this.client()?.getFeature(DocumentDiagnosticRequest.method);
    for (const document of vscode.workspace.textDocuments) {
      if (document.languageId === "flow") pulled?.getProvider(document)?.onDidChangeDiagnosticsEmitter.fire();
    }
  }

  private async execute(what: RunTest, token: vscode.CancellationToken): Promise<TestOutcome[]> {
    const client = this.client();
    if (client === undefined) throw new Error("the language server does not run");
    const command = what.title === undefined ? Command.runAllTests : Command.runTest;
    const answer: unknown = await client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [what] }, token);
    return (answer ?? []) as TestOutcome[];
  }

  private report(run: vscode.TestRun, test: TestItem, told: TestOutcome[]): void {
    const outcome = told.find((one) => identity(one) === identity(test));
    this.each(test, (item) => {
      if (outcome === undefined) return run.skipped(item);
      if (outcome.passed) return run.passed(item, outcome.milliseconds);
      const message = new vscode.TestMessage(outcome.message ?? "it failed");
      const place = outcome.location ?? { uri: test.uri, range: test.selectionRange };
      message.location = new vscode.Location(vscode.Uri.parse(place.uri), range(place.range));
      run.failed(item, message, outcome.milliseconds);
    });
  }

  private each(test: TestItem, then: (item: vscode.TestItem) => void): void {
    const item = this.item(test);
    if (item !== undefined) then(item);
  }
}

/** Whether a test is asked for: itself, its file, or everything; and not left out. */
function includes(request: vscode.TestRunRequest, item: vscode.TestItem | undefined): boolean {
  if (item === undefined) return false;
  const among = (list: readonly vscode.TestItem[]): boolean =>
    list.some((one) => one.id === item.id || one.id === item.parent?.id);
  return (request.include === undefined || among(request.include)) && !among(request.exclude ?? []);
}

function range(r: TestItem["range"]): vscode.Range {
  return new vscode.Range(r.start.line, r.start.character, r.end.line, r.end.character);
}
