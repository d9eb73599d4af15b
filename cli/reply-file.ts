// A recorded reply of a provider: a body alone, or a whole response with status line and headers (.http).
import { readInput } from "./files";
import { parseHttp } from "./http-message";
import { UsageError } from "./usage";

export interface Reply {
  status: number;
  headers: [string, string][];
  body: Uint8Array;
}

const TYPES: Record<string, string> = {
  json: "application/json",
  sse: "text/event-stream",
  txt: "text/event-stream",
  eventstream: "application/vnd.amazon.eventstream",
};

/** `status` and `contentType` of the options, which win over what a recorded head says. */
export function readReply(path: string, status: number | undefined, contentType: string | undefined): Reply {
  const bytes = readInput(path);
  const recorded = path.endsWith(".http") ? parseHttp(bytes) : null;
  const code = recorded === null ? undefined : /^HTTP\/[\d.]+ (\d{3})/.exec(recorded.startLine)?.[1];
  if (path.endsWith(".http") && code === undefined)
    throw new UsageError(`${path} does not begin as an HTTP response: HTTP/1.1 200 OK, then headers`);
  const finalStatus = status ?? Number(code ?? 200);
  if (finalStatus > 599) throw new UsageError(`${path} has the status ${finalStatus}; the highest is 599`);
  const body = recorded?.body ?? bytes;
  const type = contentType ?? (recorded === null ? TYPES[path.split(".").at(-1) ?? ""] : undefined);
  if (recorded === null && type === undefined)
    throw new UsageError(`what kind of response is ${path}? Name it .json, .sse, .eventstream or .http, or give --content-type`);
  const headers = (recorded?.headers ?? []).filter(([name]) => type === undefined || name !== "content-type");
  if (type !== undefined) headers.push(["content-type", type]);
  const isStream = headers.some(([name, value]) => name === "content-type" && /event-?stream/i.test(value));
  if (!isStream) headers.push(["content-length", String(body.length)]);
  return { status: finalStatus, headers, body };
}
