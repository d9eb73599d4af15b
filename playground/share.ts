// What is on the page, in the fragment of its address: the names of the examples, and what differs from them, compressed.
import { binaryToBytes, bytesToBinary, concat, decodeUtf8, encodeUtf8 } from "../emulator/bytes";
import { redacted } from "./redact";
import type { Request, Reply, Setup } from "./setup";

/** Which examples the page started from. */
export interface Start {
  provider: string;
  request: string;
  /** Name of a recorded case; it takes the place of the two above. */
  case: string;
}

/** What a link holds. */
export interface Shared {
  start: Start;
  changes: Partial<Setup>;
}

/** Bytes that a link may unfold to. */
const MAX_BYTES = 2_000_000;
const PARTS = ["config", "plugin", "route", "cluster"] as const;

/** The fragment without `#`, and what was kept out of it. Parts that equal those of the example are not in it. */
export async function fragmentOf(start: Start, setup: Setup, example: Setup): Promise<{ fragment: string; notes: string[] }> {
  const parameters = new URLSearchParams();
  if (start.case !== "") parameters.set("case", start.case);
  else {
    parameters.set("provider", start.provider);
    parameters.set("request", start.request);
  }
  const { setup: clean, notes } = redacted(setup);
  const changes: Record<string, unknown> = {};
  for (const key of ["config", "plugin", "request", "route", "cluster", "reply"] as const)
    if (JSON.stringify(setup[key]) !== JSON.stringify(example[key])) changes[key] = clean[key];
  if (Object.keys(changes).length === 0) return { fragment: parameters.toString(), notes: [] };
  parameters.set("changes", await packed(JSON.stringify(changes)));
  return { fragment: parameters.toString(), notes };
}

/** Null for a fragment that is none of ours. Whatever is not of the right type in it is left out. */
export async function readFragment(fragment: string): Promise<Shared | null> {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ""));
  const start = {
    provider: parameters.get("provider") ?? "",
    request: parameters.get("request") ?? "",
    case: parameters.get("case") ?? "",
  };
  const text = parameters.get("changes");
  if (text === null) return start.provider === "" && start.case === "" ? null : { start, changes: {} };
  try {
    return { start, changes: changesOf(JSON.parse(await unpacked(text))) };
  } catch {
    return { start, changes: {} };
  }
}

function changesOf(value: unknown): Partial<Setup> {
  const changes: Partial<Setup> = {};
  if (!isObject(value)) return changes;
  for (const key of PARTS) if (typeof value[key] === "string") changes[key] = value[key];
  const { request, reply } = value;
  if (isObject(request) && isTexts(request, ["method", "path", "authority", "body"]) && isHeaders(request.headers))
    changes.request = request as unknown as Request;
  const isStatus = (status: unknown) => Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 599;
  if (isObject(reply) && isTexts(reply, ["body", "ends"]) && isHeaders(reply.headers) && isStatus(reply.status))
    changes.reply = reply as unknown as Reply;
  return changes;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: Record<string, unknown>, keys: string[]): boolean {
  return keys.every((key) => typeof value[key] === "string");
}

function isHeaders(value: unknown): boolean {
  return (
    Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every((one) => typeof one === "string"))
  );
}

async function packed(text: string): Promise<string> {
  const stream = new Blob([encodeUtf8(text) as BlobPart]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  return btoa(bytesToBinary(bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Throws for what was not packed by us, and for too much of it. */
async function unpacked(text: string): Promise<string> {
  const bytes = binaryToBytes(atob(text.replaceAll("-", "+").replaceAll("_", "/")));
  const reader = new Blob([bytes as BlobPart]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length;
    if (size > MAX_BYTES) throw new RangeError("the link holds too much");
    parts.push(next.value);
  }
  return decodeUtf8(concat(parts));
}
