// A client's request, wherever it came from.
import type { RequestInit } from "../emulator/host";

export interface ClientRequest {
  method: string;
  path: string;
  authority: string;
  headers: [string, string][];
  body: Uint8Array;
  properties: Record<string, string>;
}

/** As the host takes it. */
export function initOf(request: ClientRequest): RequestInit {
  return { ...request, body: request.body.length > 0 ? request.body : null };
}
