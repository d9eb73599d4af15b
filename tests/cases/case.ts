// Cases as files of data: tests/cases/<group>/<name>.yaml, run by the in-process host (tests/conformance) and by a
// real Envoy (tests/envoy). This file knows the format; compare.ts knows when a case holds.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { event } from "../unit/aws-frames";

const HERE = dirname(fileURLToPath(import.meta.url));

/** A header that must have this value ("<string>": any), or with null must be absent. */
export type Headers = Record<string, string | null>;

/** What must be true of a body: exact text, a subset of its JSON, top-level keys that it lacks, parts of its text. */
export interface BodyExpectation {
  body?: string;
  /** Objects by subset, lists by length; the texts "<number>" and "<string>" stand for any, "<absent>" for none. */
  json?: unknown;
  absent?: string[];
  contains?: string[];
  lacks?: string[];
}

export interface Case {
  name: string;
  /** Why the case exists, in one sentence. */
  why: string;
  /** An object is written as JSON; a string is the configuration's text as it stands. */
  config: object | string;
  /** Names that the rule sees; "r0", "c0" and "gw.test" unless given. */
  route?: string;
  cluster?: string;
  authority?: string;
  /** Absent: only the start of the plugin is judged. */
  request?: { method?: string; path: string; headers?: Record<string, string>; body?: unknown };
  /** What the provider answers: a body, an event stream (`stream`), or Bedrock's binary events (`awsEvents`). */
  provider?: {
    status?: number;
    headers?: Record<string, string>;
    body?: unknown;
    stream?: string;
    awsEvents?: { type: string; data: unknown }[];
    /** The connection closes: before a response, or (`cut`) after the bytes above. */
    ends?: "unanswered" | "cut";
    /** Another filter answers in place of the provider, with these response code details. */
    local?: string;
  };
  expect: {
    start?: "refused";
    /** Parts of the plugin's own log lines since its start: those that one must have, those that none may have. */
    logLines?: { contain?: string[]; lack?: string[] };
    upstream?: "none" | (BodyExpectation & { method?: string; host?: string; path?: string; headers?: Headers });
    response?: BodyExpectation & {
      status?: number;
      headers?: Headers;
      /** The bytes are those of the provider. */
      passThrough?: boolean;
      /** All data of the event stream in order, each as `json`; "[DONE]" and other texts as they are. */
      events?: unknown[];
      /** All event names in order. */
      eventNames?: string[];
      /** False: the client sees that the response broke off. */
      complete?: boolean;
    };
    log?: Record<string, unknown>;
    /** Counters by their whole name. Only cases with a route of their own may use it: Envoy counts for all cases. */
    metrics?: Record<string, number>;
  };
  /**
   * A defect that is known and not mended yet: `case` fails in both runners, `cuts` when the response is cut. The mark is
   * checked too, so that it cannot outlive the defect.
   */
  pending?: { what: "case" | "cuts"; because: string };
  /** The one runner that can run it, and why the other cannot. */
  only?: { runner: "host" | "envoy"; because: string };
}

/** All cases, in order of their paths. */
export function loadCases(): Case[] {
  const groups = readdirSync(HERE, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return groups.flatMap((group) =>
    readdirSync(join(HERE, group.name))
      .sort()
      .map((file) => ({
        ...(parse(readFileSync(join(HERE, group.name, file), "utf8")) as Omit<Case, "name">),
        name: `${group.name}/${file.replace(/\.yaml$/, "")}`,
      })),
  );
}

/** A body as the client or the provider sends it: strings as they are, other values as compact JSON. */
export function bytesOf(body: unknown): string {
  return body === undefined || body === null ? "" : typeof body === "string" ? body : JSON.stringify(body);
}

/** The configuration as the plugin gets it. */
export function configText(one: Case): string {
  return typeof one.config === "string" ? one.config : JSON.stringify(one.config);
}

export function isStream(one: Case): boolean {
  return one.provider?.stream !== undefined || one.provider?.awsEvents !== undefined;
}

/** The provider's stream, one piece for each event. */
export function streamPieces(one: Case): Buffer[] {
  const { stream, awsEvents } = one.provider ?? {};
  if (awsEvents !== undefined) return awsEvents.map(({ type, data }) => event(type, data));
  return (stream ?? "").split(/(?<=\n\n|\r\n\r\n|\r\r)/).map((piece) => Buffer.from(piece));
}

/** What a provider answers when the case does not say. */
export const DEFAULT_RESPONSE = {
  id: "chatcmpl-0",
  object: "chat.completion",
  created: 1700000000,
  model: "some-model",
  choices: [{ index: 0, message: { role: "assistant", content: "pong" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};

/** All bytes of the provider's response. */
export function responseBytes(one: Case): Buffer {
  if (one.provider === undefined) return Buffer.from(bytesOf(DEFAULT_RESPONSE));
  return isStream(one) ? Buffer.concat(streamPieces(one)) : Buffer.from(bytesOf(one.provider.body));
}

/** Method and headers of the request as the runners send it; a body is JSON unless it says otherwise. */
export function requestOf(one: Case): { method: string; path: string; headers: Record<string, string>; body?: string } {
  const { method, path, headers, body } = one.request ?? { path: "/" };
  const hasBody = body !== undefined && body !== null;
  return {
    method: method ?? (hasBody ? "POST" : "GET"),
    path,
    headers: { ...(hasBody ? { "content-type": "application/json" } : {}), ...headers },
    body: hasBody ? bytesOf(body) : undefined,
  };
}

/** Headers of the provider's response; the content type follows from its kind unless given. */
export function responseHeaders(one: Case): Record<string, string> {
  const { provider } = one;
  const type = provider?.awsEvents
    ? "application/vnd.amazon.eventstream"
    : provider?.stream === undefined
      ? "application/json"
      : "text/event-stream";
  return { "content-type": type, ...provider?.headers };
}
