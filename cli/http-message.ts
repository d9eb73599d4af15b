// Recorded HTTP messages: a start line, headers, an empty line, and the body's bytes (what `curl -i` prints).

export interface HttpMessage {
  startLine: string;
  headers: [string, string][];
  body: Uint8Array;
}

/** Null when the bytes are no such message. Interim responses (100 Continue) are passed over. */
export function parseHttp(bytes: Uint8Array): HttpMessage | null {
  const end = headEnd(bytes);
  const head = Buffer.from(bytes.subarray(0, end.head)).toString("utf8");
  const [startLine, ...lines] = head.split(/\r?\n/);
  const body = bytes.subarray(end.body);
  if (/^HTTP\/[\d.]+ 1\d\d\b/.test(startLine)) return parseHttp(body);
  if (!/^(?:HTTP\/[\d.]+ \d{3}\b|[A-Z]+ \S+)/.test(startLine)) return null;
  const headers: [string, string][] = [];
  for (const line of lines) {
    const colon = line.indexOf(":", 1);
    if (colon < 0) return null;
    headers.push([line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]);
  }
  // The body is recorded without its framing, and perhaps edited since.
  return { startLine, headers: headers.filter(([name]) => name !== "transfer-encoding" && name !== "content-length"), body };
}

/** Offsets of the end of the head and of the start of the body. */
function headEnd(bytes: Uint8Array): { head: number; body: number } {
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== 0x0a) continue;
    const head = bytes[at - 1] === 0x0d ? at - 1 : at;
    if (bytes[at + 1] === 0x0a) return { head, body: at + 2 };
    if (bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) return { head, body: at + 3 };
  }
  let head = bytes.length;
  while (head > 0 && (bytes[head - 1] === 0x0a || bytes[head - 1] === 0x0d)) head--;
  return { head, body: bytes.length };
}
