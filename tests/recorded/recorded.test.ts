// The tool of `npm run recorded` on recordings made by hand, one of which shows a difference.
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { CHAT, CONVERSE_STREAM, EMBEDDINGS, MESSAGE_STREAM, PAUSED, REFUSED } from "./lines";
import { isGood, report, run } from "./main";
import { repliesOf } from "./recording";
import { readForm } from "./apis";

const PAUSE = { where: "by-hand:paused#\\d+ claude anthropic -> (chat|responses|gemini): finish$", reason: "no such word" };

describe("recordings without a difference", () => {
  it("are good, and what is not run is counted", async () => {
    const summary = await run([CHAT, MESSAGE_STREAM, CONVERSE_STREAM, REFUSED, EMBEDDINGS], []);
    expect(summary.unknown).toEqual([]);
    // Every client that is served for each, whole and in pieces.
    expect([summary.replies, summary.exchanges, isGood(summary)]).toEqual([3, 22, true]);
    expect([summary.skipped.get("status 429"), summary.skipped.get("not a chat: embeddings, files and the like")]).toEqual([1, 1]);
  });

  it("that hold no reply at all are not good", async () => {
    expect(isGood(await run([REFUSED], []))).toBe(false);
  });
});

describe("a recording with a difference", () => {
  it("fails while it is not known", async () => {
    const summary = await run([CHAT, PAUSED], []);
    expect(summary.unknown[0]).toEqual({ where: "by-hand:paused#2 claude anthropic -> chat: finish", wanted: "pause_turn", got: "stop" });
    // The other clients have no word for it either, but for Anthropic's own.
    expect(summary.unknown.map(({ where }) => where.replace(/.* -> /, ""))).toEqual([
      "chat: finish",
      "responses: finish",
      "gemini: finish",
    ]);
    expect(isGood(summary)).toBe(false);
    expect(report(summary).join("\n")).toContain('paused#2 claude anthropic -> chat: finish\n  wanted "pause_turn"\n  got    "stop"');
  });

  it("is good when it is known, and fails again when it no longer happens", async () => {
    expect(isGood(await run([PAUSED], [PAUSE]))).toBe(true);
    const stale = await run([CHAT], [PAUSE]);
    expect([stale.stale, isGood(stale)]).toEqual([[PAUSE], false]);
    expect(isGood(await run([CHAT], [PAUSE], false))).toBe(true);
  });
});

describe("the command", () => {
  const command = (...args: string[]) => {
    const { status, stderr } = spawnSync(process.execPath, ["tools/recorded.mjs", ...args], { encoding: "utf8" });
    return { status, stderr };
  };

  it("says what is wrong when there are no recordings, or something else", () => {
    expect(command("build/nowhere.jsonl.gz")).toEqual({
      status: 2,
      stderr: expect.stringContaining("name the file: npm run recorded -- FILE"),
    });
    expect(command("--from")).toEqual({ status: 2, stderr: expect.stringContaining("usage: npm run recorded") });
    expect(command("package.json")).toEqual({ status: 2, stderr: expect.stringContaining("line 1 is no JSON object with a `source`") });
  });
});

describe("the readings", () => {
  const readingOf = (line: typeof CHAT) => {
    const [reply] = repliesOf(line, 1) as Exclude<ReturnType<typeof repliesOf>, string>;
    return readForm(reply!.form, reply!.isStream, reply!.bytes);
  };

  it("say what the replies say", () => {
    expect(readingOf(CHAT)).toEqual({
      text: "One moment.",
      reasoning: "",
      calls: [{ name: "weather", arguments: { city: "Zürich" } }],
      finish: "calls",
      usage: { input: 9, output: 4, total: 13, cached: 2, reasoning: 0 },
    });
    expect(readingOf(MESSAGE_STREAM)).toMatchObject({ finish: "stop", usage: { input: 8, output: 60, total: 68, cached: 3 } });
    expect(readingOf(CONVERSE_STREAM)).toMatchObject({ text: "pong", finish: "length", usage: { input: 4, output: 1, total: 5 } });
  });
});
