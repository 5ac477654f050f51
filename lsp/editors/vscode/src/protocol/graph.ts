/** The picture of the flow at the cursor: when to ask for it, and the page that shows it. */

import type { GraphParams, Picture } from "./requests";

/** Where an answer comes from, and where it goes. */
export interface Follower {
  /** Asks the server. */
  ask(where: GraphParams, cancelled: AbortSignal): Promise<Picture | null>;
  /** Shows an answer; none where no flow stands at the cursor. */
  show(picture: Picture | null, where: GraphParams): void;
  /** There is no answer. */
  failed(error: unknown): void;
  /** Calls back after so many milliseconds, and gives what calls that off. */
  later(milliseconds: number, then: () => void): () => void;
}

/** Follows a cursor without asking for each of its steps: what was overtaken is neither asked for nor shown. */
export class GraphFollower {
  private callOff: (() => void) | undefined;
  private asked: AbortController | undefined;

  constructor(
    private readonly follower: Follower,
    private readonly pause = 120,
  ) {}

  /** The cursor stands somewhere else, or what stands there has changed. */
  moved(where: GraphParams): void {
    this.stop();
    this.callOff = this.follower.later(this.pause, () => void this.ask(where));
  }

  /** Asks at once. */
  async ask(where: GraphParams): Promise<void> {
    this.stop();
    const controller = new AbortController();
    this.asked = controller;
    let picture: Picture | null;
    try {
      picture = await this.follower.ask(where, controller.signal);
    } catch (error) {
      if (!controller.signal.aborted) this.follower.failed(error);
      return;
    }
    if (!controller.signal.aborted) this.follower.show(picture, where);
  }

  /** Nothing more will be shown of what was asked so far. */
  stop(): void {
    this.callOff?.();
    this.callOff = undefined;
    this.asked?.abort();
    this.asked = undefined;
  }
}

/** The page around a picture. Nothing runs in it but the script with this nonce. */
export function page(picture: Picture | null, nonce: string): string {
  const body =
    picture === null
      ? `<p class="none">No flow stands at the cursor.</p>`
      : `<h1>${escape(picture.name)}</h1><div id="picture" role="img" aria-label="${escape(picture.name)}">${harmless(picture.svg)}</div>`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'nonce-${nonce}'">
<style>
body { background: var(--vscode-editor-background); color: var(--vscode-editor-foreground); font-family: var(--vscode-font-family); padding: 0 1rem; }
h1 { font-size: 1.1rem; font-weight: 600; }
.none { opacity: 0.7; padding-top: 1rem; }
#picture { background: #fff; border-radius: 6px; padding: 8px; display: inline-block; transform-origin: 0 0; }
#picture svg { max-width: 100%; height: auto; }
</style>
</head>
<body>
${body}
<script nonce="${nonce}">
const picture = document.getElementById("picture");
let scale = 1;
addEventListener("wheel", (event) => {
  if (!picture || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  scale = Math.min(6, Math.max(0.2, scale * (event.deltaY < 0 ? 1.1 : 1 / 1.1)));
  picture.style.transform = "scale(" + scale + ")";
}, { passive: false });
</script>
</body>
</html>
`;
}

/** A picture in which nothing can run, whatever the server was. */
export function harmless(svg: string): string {
  return svg
    .replace(/<\?xml[^>]*\?>/g, "")
    .replace(/<script[\s\S]*?(<\/script\s*>|$)/gi, "")
    .replace(/<foreignObject[\s\S]*?(<\/foreignObject\s*>|$)/gi, "")
    .replace(/\son[a-z]+\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, "");
}

function escape(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
