// What the page is given: a configuration, a client's request, and what the provider replies.

/** `complete`, broken off after the bytes of the body, or no response at all. */
export type Ending = "complete" | "cut" | "unanswered";

export interface Reply {
  status: number;
  headers: [string, string][];
  /** Text as it stands. For Amazon's binary event streams, one JSON object a line: {"type": …, "data": …}. */
  body: string;
  ends: Ending;
}

export interface Request {
  method: string;
  path: string;
  authority: string;
  headers: [string, string][];
  body: string;
}

export interface Setup {
  /** YAML or JSON: the plugin's own object, a WasmPlugin, or an Envoy configuration. */
  config: string;
  /** Which configuration of several in one text. */
  plugin?: string;
  request: Request;
  /** What rules read beside the authority. */
  route: string;
  cluster: string;
  reply: Reply;
}

export function headerOf(headers: readonly [string, string][], name: string): string | undefined {
  return headers.find(([other]) => other.toLowerCase() === name)?.[1];
}
