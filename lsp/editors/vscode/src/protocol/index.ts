/**
 * What the extension says to the server and makes of its answers, without a word about VS Code: this half runs in Node alone,
 * where the tests drive it against the real program.
 */

export * from "./binary";
export * from "./graph";
export * from "./requests";
export * from "./shell";
export * from "./tests";
