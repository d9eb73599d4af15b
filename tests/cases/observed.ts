// What a case compares of an exchange, taken from the in-process host. The playground uses it in the browser: nothing of Node here.
import type { Exchange } from "../../emulator/host";
import { parseAiLog } from "../../tools/ai-log.mjs";

export interface Observed {
  upstream: { method: string; host: string; path: string; headers: Record<string, string>; body: string } | null;
  response: { status: number; headers: Record<string, string>; body: string; isComplete: boolean };
  /** ai_log, parsed; null when there is none. */
  log: Record<string, unknown> | null;
}

/** Of an exchange that has finished. */
export function observedIn(exchange: Exchange): Observed {
  const { upstream, client } = exchange;
  return {
    upstream: upstream && {
      method: upstream.method,
      host: upstream.authority,
      path: upstream.path,
      headers: upstream.headers,
      body: upstream.text,
    },
    response: { status: client.status, headers: client.headers, body: client.text, isComplete: client.isComplete },
    log: parseAiLog(exchange.stateText("ai_log")),
  };
}
