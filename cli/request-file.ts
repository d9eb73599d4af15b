// The client's request, out of a file and the options.
import type { ClientRequest } from "./client-request";
import { readInput } from "./files";
import { parseHttp } from "./http-message";
import { readHeader } from "./options";
import { UsageError } from "./usage";

export interface RequestOptions {
  path?: string;
  method?: string;
  header?: string[];
  authority?: string;
  route?: string;
  cluster?: string;
  consumer?: string;
}

const DEFAULT_PATH = "/v1/chat/completions";

export function readRequest(file: string, options: RequestOptions): ClientRequest {
  const bytes = readInput(file);
  const recorded = file.endsWith(".http") ? readRecorded(file, bytes) : null;
  const body = recorded?.body ?? bytes;
  const headers = [...(recorded?.headers ?? []), ...(options.header ?? []).map(readHeader)];
  if (options.consumer !== undefined) headers.push(["x-mse-consumer", options.consumer]);
  if (body.length > 0 && !headers.some(([name]) => name === "content-type")) headers.push(["content-type", "application/json"]);
  const host = headers.find(([name]) => name === "host")?.[1];
  return {
    method: options.method?.toUpperCase() ?? recorded?.method ?? (body.length > 0 ? "POST" : "GET"),
    path: checkedPath(options.path ?? recorded?.path ?? DEFAULT_PATH),
    authority: options.authority ?? recorded?.authority ?? host ?? "localhost",
    headers: headers.filter(([name]) => name !== "host"),
    body,
    // Without names the plugin goes by the rest: the host says that the route is fixed, as for an upstream filter.
    properties: { route_name: options.route ?? "", cluster_name: options.cluster ?? "" },
  };
}

function readRecorded(file: string, bytes: Uint8Array) {
  const message = parseHttp(bytes);
  const line = message === null ? null : /^([A-Z]+) (\S+)/.exec(message.startLine);
  if (message === null || line === null) throw new UsageError(`${file} does not begin as an HTTP request: METHOD path, then headers`);
  const url = /^https?:\/\//.test(line[2]) && URL.canParse(line[2]) ? new URL(line[2]) : null;
  return { ...message, method: line[1], path: url === null ? line[2] : url.pathname + url.search, authority: url?.host };
}

function checkedPath(path: string): string {
  if (!path.startsWith("/")) throw new UsageError(`--path begins with a slash, not "${path}"`);
  return path;
}
