// Files, both ways. The session's secret goes in a header, never in an address, so a file is fetched by us and shown
// or saved from memory.

import { BASE } from "./store.js";
import { WORDS } from "./words.js";

/** What is shown as a picture. SVG is a document that can ask for things, so it is a file like any other. */
const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"];
/** What a preview may be. */
const PREVIEWS = ["image/jpeg", "image/png"];
/** Larger pictures that have no preview are fetched only when somebody asks for them. */
const LARGEST_SHOWN = 8 << 20;
/** How many pictures stay in memory. */
const KEPT = 40;

/** Whether a file can be shown as a picture. */
export function isPicture(file) {
  if (file.file === undefined || !PICTURES.includes(file.media_type)) return false;
  return PREVIEWS.includes(file.preview) || (file.size ?? 0) <= LARGEST_SHOWN;
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

/** `1.4 MB`, in the reader's own way of writing numbers. */
export function sizeOf(bytes) {
  let unit = 0;
  let amount = bytes;
  while (amount >= 1_000 && unit < UNITS.length - 1) {
    amount /= 1_000;
    unit += 1;
  }
  const maximumFractionDigits = amount < 10 && unit > 0 ? 1 : 0;
  const style = { style: "unit", unit: UNITS[unit], unitDisplay: unit === 0 ? "long" : "short", maximumFractionDigits };
  return new Intl.NumberFormat(undefined, style).format(amount);
}

const addresses = new Map();

/** Fetches files for one session. */
export class Files {
  #session;

  constructor(session) {
    this.#session = session;
  }

  /** A `blob:` address of a picture. */
  picture(file) {
    return this.#address(encodeURIComponent(file.file), file.media_type);
  }

  /** The same of a small one, where there is one. */
  preview(file) {
    if (!PREVIEWS.includes(file.preview)) return this.picture(file);
    return this.#address(`${encodeURIComponent(file.file)}/preview`, file.preview);
  }

  #address(path, type) {
    const known = addresses.get(path);
    if (known !== undefined) return known;
    const coming = this.#fetch(path).then((bytes) => URL.createObjectURL(new Blob([bytes], { type })));
    addresses.set(path, coming);
    coming.catch(() => addresses.delete(path));
    if (addresses.size > KEPT) {
      const [oldest, address] = addresses.entries().next().value;
      addresses.delete(oldest);
      address.then(URL.revokeObjectURL, () => {});
    }
    return coming;
  }

  /** Saves a file under a name. */
  async save(file, name) {
    const bytes = await this.#fetch(encodeURIComponent(file.file));
    const address = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
    const link = document.createElement("a");
    Object.assign(link, { href: address, download: name });
    link.click();
    // The browser took hold of it; some only after a moment.
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  async #fetch(path) {
    let answer;
    try {
      const headers = { authorization: `Bearer ${this.#session()}` };
      answer = await fetch(new URL(`files/${path}`, BASE), { headers });
    } catch {
      throw new Error(WORDS.fileFailed);
    }
    if (answer.status === 404) throw new Error(WORDS.fileGone);
    if (!answer.ok) throw new Error(WORDS.fileFailed);
    return answer.blob();
  }

  /** Brings a file to a conversation. The promise is the file as the server knows it. */
  upload(file, conversation, { progress, signal }) {
    // Only this old way tells how far it is.
    const request = new XMLHttpRequest();
    request.open("POST", new URL(`conversations/${encodeURIComponent(conversation)}/files`, BASE));
    request.setRequestHeader("authorization", `Bearer ${this.#session()}`);
    request.setRequestHeader("x-file-name", encodeURIComponent(file.name.toWellFormed?.() ?? file.name));
    request.setRequestHeader("content-type", file.type || "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    signal.addEventListener("abort", () => request.abort());
    return new Promise((resolve, reject) => {
      request.onload = () => {
        if (request.status === 200 && request.response?.file) resolve(request.response);
        else reject(new Error(reason(request.response) ?? WORDS.uploadFailed));
      };
      request.onerror = () => reject(new Error(WORDS.uploadFailed));
      request.onabort = () => reject(new DOMException("", "AbortError"));
      request.send(file);
    });
  }
}

function reason(response) {
  const text = response?.error;
  return typeof text === "string" && text !== "" ? `${text[0].toUpperCase()}${text.slice(1)}.` : null;
}
