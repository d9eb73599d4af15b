// Calls that the plugin makes by itself before a request can leave: they are shown, and answered with stand-ins.
import type { Host } from "../emulator/host";
import type { Secrets } from "./secrets";

export interface SideCall {
  method: string;
  host: string;
  path: string;
  /** The cluster of the gateway that it goes through. */
  cluster: string;
  purpose: "access token" | "context file" | "other";
}

/** More than any configuration makes. */
const MAX_CALLS = 8;

/** Answers whatever waits; `contextText` is the text of the context file. */
export function respondToSideCalls(host: Host, secrets: Secrets, contextText: string | Uint8Array): SideCall[] {
  const calls: SideCall[] = [];
  while (host.pendingCalls.length > 0 && calls.length < MAX_CALLS) {
    const [call] = host.pendingCalls;
    const purpose = purposeOf(call.text, call.headers[":method"] ?? "");
    calls.push({
      method: call.headers[":method"] ?? "",
      host: call.headers[":authority"] ?? "",
      path: secrets.target(call.headers[":path"] ?? ""),
      cluster: call.cluster,
      purpose,
    });
    if (purpose === "access token") host.respondToCall(call.id, { body: JSON.stringify({ access_token: "stand-in", expires_in: 3600 }) });
    else if (purpose === "context file") host.respondToCall(call.id, { body: contextText });
    else host.failCall(call.id);
  }
  return calls;
}

function purposeOf(body: string, method: string): SideCall["purpose"] {
  if (body.includes("grant_type=")) return "access token";
  return method === "GET" ? "context file" : "other";
}
