/** Tests as an editor lists them: by file, and what became of them. */

import type { RunTest, TestItem, TestOutcome } from "./requests";

/** The tests of a file, in the order of the source. */
export interface TestFile {
  uri: string;
  tests: TestItem[];
}

/** By file; files without tests are left out. */
export function byFile(items: readonly TestItem[]): TestFile[] {
  const files = new Map<string, TestItem[]>();
  for (const item of items) {
    const tests = files.get(item.uri);
    if (tests === undefined) files.set(item.uri, [item]);
    else tests.push(item);
  }
  const line = (item: TestItem): number => item.range.start.line;
  return [...files]
    .map(([uri, tests]) => ({ uri, tests: tests.sort((a, b) => line(a) - line(b)) }))
    .sort((a, b) => (a.uri < b.uri ? -1 : 1));
}

/** What a test is known by; two of one file cannot have the same title. */
export function identity(test: { uri: string; title: string }): string {
  return `${test.uri}#${test.title}`;
}

/** One thing to ask the server to run, and the tests of which that tells. */
export interface Request {
  run: RunTest;
  covers: string[];
}

/** The fewest requests for these tests: a file of which all are wanted is asked for as a whole. */
export function requests(wanted: readonly TestItem[], known: readonly TestItem[]): Request[] {
  const all = new Map(byFile(known).map((file) => [file.uri, file.tests.length]));
  return byFile(wanted).flatMap((file): Request[] => {
    if (file.tests.length > 1 && file.tests.length === all.get(file.uri)) {
      return [{ run: { uri: file.uri }, covers: file.tests.map(identity) }];
    }
    return file.tests.map((test) => ({ run: { uri: file.uri, title: test.title }, covers: [identity(test)] }));
  });
}

/** In one line, for a message. */
export function summary(outcomes: readonly TestOutcome[]): string {
  const failed = outcomes.filter((outcome) => !outcome.passed);
  const passed = outcomes.length - failed.length;
  if (outcomes.length === 0) return "There are no tests.";
  if (failed.length === 0) return passed === 1 ? "The test passed." : `All ${passed} tests passed.`;
  const titles = failed.map((outcome) => `“${outcome.title}”`).join(", ");
  return `${failed.length} of ${outcomes.length} failed: ${titles}`;
}
