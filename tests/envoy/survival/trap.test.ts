// A trap on purpose, in a copy of the module that has one: what FAIL_RELOAD brings back, and what is lost until then.
import binaryen from "binaryen";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sseData, startLab, type Lab } from "../lab";
import { chat, completion, openaiEvents, told } from "./payloads";
import { Peer } from "./peer";
import { vmReloads, waitFor } from "./watch";
import { PLUGIN_PATH } from "../../../emulator/module";

const CALLBACK = "proxy_on_request_headers";
/** Requests with more headers trap. */
const MAX_HEADERS = 60;
const STREAMS = 12;
/** Requests in a row, each on a connection of its own, that leave no worker out. */
const IN_ROW = 30;
const WORDS = ["a", "b", "c", "d", "e", "f"];

let directory: string;
let wasm: string;
/** What the tests have opened; they run at the same time, as most of their time is waiting. */
const open: (Lab | Peer)[] = [];

/** The module with a trap in front of its header callback; the count of headers is that callback's second argument. */
function withTrap(bytes: Uint8Array): Uint8Array {
  const module = binaryen.readBinary(bytes);
  module.setFeatures(binaryen.Features.All);
  const { i32 } = binaryen;
  const inner = binaryen.getExportInfo(module.getExport(CALLBACK)).value;
  const count = () => module.local.get(1, i32);
  const trap = module.if(module.i32.gt_u(count(), module.i32.const(MAX_HEADERS)), module.unreachable());
  const call = module.call(
    inner,
    [0, 1, 2].map((index) => module.local.get(index, i32)),
    i32,
  );
  module.addFunction("trapping", binaryen.createType([i32, i32, i32]), i32, [], module.block(null, [trap, call], i32));
  module.removeExport(CALLBACK);
  module.addFunctionExport("trapping", CALLBACK);
  const out = module.emitBinary();
  module.dispose();
  return out;
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "ai-proxy-trap-"));
  wasm = join(directory, "trapping.wasm");
  writeFileSync(wasm, withTrap(readFileSync(PLUGIN_PATH)));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

afterAll(async () => {
  for (const one of open.reverse()) await one.close();
});

const MANY_HEADERS = Object.fromEntries(Array.from({ length: MAX_HEADERS + 10 }, (_, index) => [`x-h${index}`, "1"]));

it.concurrent.each([1, 4])(
  "costs the streams of its worker and one request; then all is well again: %i worker(s)",
  async (concurrency) => {
    let gate: () => void = () => {};
    const opened = new Promise<void>((resolve) => (gate = resolve));
    let started = 0;
    const peer = await Peer.start();
    open.push(peer);
    peer.play = async (_request, response, body) => {
      if (JSON.parse(body.toString()).stream !== true) {
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(completion("pong")));
        return;
      }
      response.writeHead(200, { "content-type": "text/event-stream" });
      const events = openaiEvents(WORDS);
      response.write(events.slice(0, 3).join(""));
      started++;
      await opened;
      response.end(events.slice(3).join(""));
    };
    const running = await startLab({
      upstreamPort: peer.port,
      wasm,
      concurrency,
      plugins: [{ config: { provider: { type: "openai", apiTokens: ["secret"] } } }],
    });
    open.push(running);
    let sent = 0;
    const ask = (extra: object, headers = {}) => {
      sent++;
      return running.call(0, { body: chat("ping", extra), headers });
    };
    // Not lab.stats(), which waits for streams to end: those of this test go on.
    const hasReloaded = async () => (await running.envoy.admin("/stats?filter=vm_reload_success")).includes("vm_reload_success: 1\n");
    /**
     * Asks until as many in a row were answered as reach every worker, and the one that trapped was among them: on a busy machine workers
     * do not take turns. The number of requests that got 503 meanwhile.
     */
    const recover = async () => {
      let refused = 0;
      for (let inRow = 0, tries = 0; (inRow < IN_ROW || !(await hasReloaded())) && tries < 400; tries++) {
        const { status } = await ask({});
        expect([200, 503]).toContain(status);
        if (status === 200) inRow++;
        else {
          refused++;
          inRow = 0;
          await sleep(50);
        }
      }
      return refused;
    };

    const streams = Array.from({ length: STREAMS }, () => ask({ stream: true }));
    expect(await waitFor(() => started === STREAMS)).toBe(true);
    const trapped = Date.now();
    expect((await ask({}, MANY_HEADERS)).status).toBe(503);
    const refused = await recover();
    // 1 s is Envoy's backoff; the rest is a slow machine's.
    expect(Date.now() - trapped).toBeLessThan(10_000);
    expect(await vmReloads(running)).toContainEqual(expect.stringMatching(/vm_reload_success: 1$/));
    gate();
    const responses = await Promise.all(streams);

    const isWhole = responses.map((reply) => reply.isComplete && told(sseData(reply.body)).text === WORDS.join(""));
    const lost = isWhole.filter((one) => !one).length;
    // What is lost was cut; nothing was half of something and ended as if it were whole.
    responses.forEach((reply, index) => isWhole[index] || expect(reply.isComplete).toBe(false));
    if (concurrency === 1) expect(lost).toBe(STREAMS);
    else expect(lost).toBeLessThan(STREAMS);
    // Every exchange is in Envoy's log once; those that were lost are the ones without a word of the plugin.
    expect(await waitFor(() => running.logs().length === sent)).toBe(true);
    const silent = running.logs().filter((entry) => entry.aiLog === null);
    expect(silent).toHaveLength(lost + 1 + refused);
    expect(running.envoyLog()).toContain(CALLBACK);

    // Once more: it is no matter of the first time.
    expect((await ask({}, MANY_HEADERS)).status).toBe(503);
    await recover();
    expect((await ask({})).status).toBe(200);
  },
  60_000,
);
