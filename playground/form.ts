// The inputs of the page as a setup, and a setup into the inputs.
import { byId } from "./dom";
import { Editor } from "./editor";
import type { Ending, Setup } from "./setup";

const METHODS = ["POST", "GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const CONFIG_LINES = 16;
const BODY_LINES = 18;

export class Form {
  readonly config: Editor;
  private readonly requestBody: Editor;
  private readonly replyBody: Editor;
  /** The bodies as they were set: a textarea keeps no carriage returns, and a reply may have some. */
  private readonly originals = new Map<Editor, string>();

  constructor(onConfig: () => void) {
    this.config = new Editor(byId("config"), CONFIG_LINES, onConfig);
    this.requestBody = new Editor(byId("request-body"), BODY_LINES, () => {});
    this.replyBody = new Editor(byId("reply-body"), BODY_LINES, () => {});
    byId<HTMLSelectElement>("method").append(...METHODS.map((method) => new Option(method)));
  }

  get setup(): Setup {
    const plugin = byId<HTMLSelectElement>("plugin");
    return {
      config: this.config.text,
      ...(plugin.value === "" ? {} : { plugin: plugin.value }),
      request: {
        method: valueOf("method"),
        path: valueOf("path"),
        authority: valueOf("authority"),
        headers: headersOf(valueOf("request-headers")),
        body: this.bodyOf(this.requestBody),
      },
      route: valueOf("route"),
      cluster: valueOf("cluster"),
      reply: {
        status: Number(valueOf("reply-status")),
        headers: headersOf(valueOf("reply-headers")),
        body: this.bodyOf(this.replyBody),
        ends: valueOf("reply-ends") as Ending,
      },
    };
  }

  set setup({ config, request, route, cluster, reply }: Setup) {
    this.config.text = config;
    setBody(this.requestBody, request.body, this.originals);
    setBody(this.replyBody, reply.body, this.originals);
    const values = {
      method: request.method,
      path: request.path,
      authority: request.authority,
      "request-headers": textOf(request.headers),
      route,
      cluster,
      "reply-status": String(reply.status),
      "reply-headers": textOf(reply.headers),
      "reply-ends": reply.ends,
    };
    const method = byId<HTMLSelectElement>("method");
    if (![...method.options].some((option) => option.value === request.method)) method.append(new Option(request.method));
    for (const [id, value] of Object.entries(values)) byId<HTMLInputElement>(id).value = value;
  }

  private bodyOf(editor: Editor): string {
    const original = this.originals.get(editor);
    return original !== undefined && normalized(original) === editor.text ? original : editor.text;
  }
}

/** As a textarea has it. */
function normalized(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}

function setBody(editor: Editor, text: string, originals: Map<Editor, string>): void {
  originals.set(editor, text);
  editor.text = text;
}

function valueOf(id: string): string {
  return byId<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>(id).value;
}

/** Lines without a colon are no headers. */
export function headersOf(text: string): [string, string][] {
  return text.split("\n").flatMap((line): [string, string][] => {
    const colon = line.indexOf(":", 1);
    return colon < 0 ? [] : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]];
  });
}

function textOf(headers: readonly [string, string][]): string {
  return headers.map(([name, value]) => `${name}: ${value}`).join("\n");
}
