// The in-process host, judged with tiny modules of known behaviour: what the other suites rely on. Where Envoy 1.40 was the
// model, the rule is Envoy's own.
import { describe, expect, it } from "vitest";
import { Host, type HostOptions } from "../../emulator/host";
import { DATA, SIZE, returns, atEnd, call, echo, log, status, tinyModule, trap, type Step } from "../../emulator/tiny-module";

const REQUEST_HEADERS = 0;
const REQUEST_BODY = 0;
const RESPONSE_HEADERS = 2;
const RESPONSE_BODY = 1;
const STOP = 1;
const STOP_ALL = 3;
const BUFFER = 1;
const NO_BUFFER = 3;
const WHOLE = 0x7fffffff;

async function start(callbacks: Record<string, Step[]>, options?: HostOptions) {
  const host = await Host.load(tinyModule(callbacks) as BufferSource, options);
  return { host, plugin: host.configure("{}") };
}

const logged = (host: Host) => host.logs.map((line) => line.text);
const rules = (host: Host) => host.violations.map((violation) => violation.rule);

describe("loading", () => {
  it("refuses a module without an ABI version, without memory or without an allocator", async () => {
    for (const [name, words] of [
      ["proxy_abi_version_0_2_1", "exports none of"],
      ["memory", "exports no memory"],
      ["proxy_on_memory_allocate", "neither proxy_on_memory_allocate nor malloc"],
    ]) {
      await expect(Host.load(tinyModule({}, [name]) as BufferSource)).rejects.toThrow(words);
    }
  });

  it("refuses a module that imports what stock Envoy does not have, and names it", async () => {
    // (module (import "env" "proxy_redis_call" (func)) …): by hand, since the builder knows Envoy's functions only.
    const text = Buffer.from("proxy_redis_call");
    const wasm = Buffer.concat([
      Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 2, 8 + text.length, 1, 3, 0x65, 0x6e, 0x76, text.length]),
      text,
      Buffer.from([0, 0]),
    ]);
    await expect(Host.load(wasm)).rejects.toThrow("env.proxy_redis_call (function)");
  });

  it("configures: the bytes are readable then and never again, and a refusal is seen", async () => {
    const read = [call("proxy_get_buffer_bytes", 7, 0, WHOLE, DATA, SIZE), echo];
    const { host } = await start({ proxy_on_configure: read, proxy_on_tick: [status("proxy_get_buffer_bytes", 7, 0, WHOLE, DATA, SIZE)] });
    const second = host.configure('{"a":1}');
    second.tick();
    expect(logged(host)).toEqual(["{}", '{"a":1}', "b"]);
    expect(second.ok).toBe(true);
    const refusing = await start({ proxy_on_configure: [log("no"), returns(0)] });
    expect(refusing.plugin.ok).toBe(false);
    expect(refusing.plugin.logs.map((line) => line.text)).toEqual(["no"]);
  });
});

describe("a request", () => {
  it("passes a module without callbacks byte for byte, headers in order", async () => {
    const { host, plugin } = await start({});
    const headers: [string, string][] = [
      ["X-One", "1"],
      ["x-two", "a"],
      ["x-two", "b"],
    ];
    const exchange = plugin.exchange({ path: "/p?q=1", headers, requestChunks: ["he", "", "llo"] });
    expect(exchange.upstream).toMatchObject({ path: "/p?q=1", method: "POST", authority: "gw.test", text: "hello", isComplete: true });
    expect(exchange.upstream?.headerList.slice(4)).toEqual([
      ["x-one", "1"],
      ["x-two", "a"],
      ["x-two", "b"],
    ]);
    expect(host.violations).toEqual([]);
  });

  it("is held at its headers by StopIteration, and leaves whole once the body callback continues", async () => {
    const { host, plugin } = await start({
      proxy_on_request_headers: [returns(STOP)],
      proxy_on_request_body: [atEnd(call("proxy_replace_header_map_value", REQUEST_HEADERS, ":path", "/new"), returns(0)), returns(BUFFER)],
    });
    const exchange = plugin.exchange({ path: "/old", requestChunks: ["ab", "cd"] });
    expect(exchange.upstream).toMatchObject({ path: "/new", text: "abcd", isComplete: true });
    expect(host.callbacks).toMatchObject({ proxy_on_request_headers: 1, proxy_on_request_body: 3 });
    expect(host.violations).toEqual([]);
  });

  it("tells the module the size of all that is buffered, and gives all of it", async () => {
    const { host, plugin } = await start({
      proxy_on_request_headers: [returns(STOP)],
      proxy_on_request_body: [atEnd(call("proxy_get_buffer_bytes", REQUEST_BODY, 1, 3, DATA, SIZE), echo, returns(0)), returns(BUFFER)],
    });
    plugin.exchange({ requestChunks: ["ab", "cde"], endWithLastChunk: true });
    expect(logged(host)).toEqual(["bcd"]);
  });

  it("stays where it is while nobody continues it", async () => {
    const { plugin } = await start({ proxy_on_request_headers: [returns(STOP)], proxy_on_request_body: [returns(BUFFER)] });
    const exchange = plugin.exchange({ body: "abc" });
    expect([exchange.upstream, exchange.isPaused]).toEqual([null, true]);
  });

  it("never shows its body to a module that stopped all iteration", async () => {
    const { host, plugin } = await start({ proxy_on_request_headers: [returns(STOP_ALL)], proxy_on_request_body: [returns(0)] });
    const exchange = plugin.exchange({ body: "abc" });
    expect(exchange.upstream).toBeNull();
    expect(host.callbacks.proxy_on_request_body).toBeUndefined();
  });

  it("has its body replaced: in part from the front, whole, or appended to", async () => {
    for (const [start_, size, expected] of [
      [0, 2, "XYcdef"],
      [0, WHOLE, "XY"],
      [0, 0, "XYabcdef"],
      [WHOLE, 0, "abcdefXY"],
    ] as const) {
      const { plugin } = await start({
        proxy_on_request_headers: [call("proxy_remove_header_map_value", REQUEST_HEADERS, "content-length"), returns(STOP)],
        proxy_on_request_body: [atEnd(call("proxy_set_buffer_bytes", REQUEST_BODY, start_, size, "XY"), returns(0)), returns(BUFFER)],
      });
      expect(plugin.exchange({ body: "abcdef" }).upstream?.text).toBe(expected);
    }
  });

  it("refuses to replace the middle of a body, as Envoy does", async () => {
    const { host, plugin } = await start({ proxy_on_request_body: [atEnd(), status("proxy_set_buffer_bytes", REQUEST_BODY, 2, 1, "X")] });
    expect(plugin.exchange({ body: "abcdef", endWithLastChunk: true }).upstream?.text).toBe("abcdef");
    expect(logged(host)).toEqual(["c"]);
  });

  it("drops the pieces that the module takes with StopIterationNoBuffer", async () => {
    const { plugin } = await start({
      proxy_on_request_headers: [returns(STOP)],
      proxy_on_request_body: [atEnd(returns(0)), returns(NO_BUFFER)],
    });
    expect(plugin.exchange({ requestChunks: ["lost"] }).upstream?.text).toBe("");
  });

  it("ends at its headers, its last piece, an empty last callback, or its trailers", async () => {
    const callbacks = { proxy_on_request_headers: [atEnd(log("head"))], proxy_on_request_body: [atEnd(log("body"))] };
    const trailers = { ...callbacks, proxy_on_request_trailers: [log("trailers")] };
    const ends = async (init: object) => {
      const { host, plugin } = await start(trailers);
      expect(plugin.exchange(init).upstream?.isComplete).toBe(true);
      return [logged(host), host.callbacks.proxy_on_request_body];
    };
    expect(await ends({})).toEqual([["head"], undefined]);
    expect(await ends({ body: "a" })).toEqual([["body"], 2]);
    expect(await ends({ body: "a", endWithLastChunk: true })).toEqual([["body"], 1]);
    expect(await ends({ body: "a", requestTrailers: { t: "1" } })).toEqual([["trailers"], 1]);
  });

  it("larger than the buffer limit is answered 413 by the host", async () => {
    const callbacks = { proxy_on_request_headers: [returns(STOP)], proxy_on_request_body: [returns(BUFFER)] };
    const { plugin } = await start(callbacks, { bufferLimit: 3 });
    const exchange = plugin.exchange({ body: "abcd" });
    expect(exchange.localReply).toMatchObject({ status: 413, details: "request_payload_too_large", text: "Payload Too Large" });
  });
});

describe("a response", () => {
  it("reaches the client piece by piece, as it came", async () => {
    const { host, plugin } = await start({});
    const client = plugin.exchange({}).respond({ status: 201, headers: { "x-a": "1" }, chunks: ["one", "two"], trailers: { t: "1" } });
    expect(client).toMatchObject({ status: 201, text: "onetwo", isComplete: true, trailers: { t: "1" }, details: "via_upstream" });
    expect(client.chunksOut.map((chunk) => Buffer.from(chunk).toString())).toEqual(["one", "two"]);
    expect(host.violations).toEqual([]);
  });

  it("can be rewritten piece by piece while its headers have left already", async () => {
    const { host, plugin } = await start({
      proxy_on_response_headers: [call("proxy_remove_header_map_value", RESPONSE_HEADERS, "content-length")],
      proxy_on_response_body: [call("proxy_set_buffer_bytes", RESPONSE_BODY, 0, WHOLE, "<>")],
    });
    const client = plugin.exchange({}).respond({ headers: { "content-length": "2" }, chunks: ["a", "b"], endWithLastChunk: true });
    expect(client.text).toBe("<><>");
    expect(host.violations).toEqual([]);
  });

  it("can be held whole, its status changed at the end", async () => {
    const { host, plugin } = await start({
      proxy_on_response_headers: [returns(STOP)],
      proxy_on_response_body: [
        atEnd(call("proxy_replace_header_map_value", RESPONSE_HEADERS, ":status", "502"), returns(0)),
        returns(BUFFER),
      ],
    });
    const exchange = plugin.exchange({});
    exchange.respondHeaders({ status: 200 });
    exchange.respondData("abc");
    expect(exchange.client).toMatchObject({ status: 0, text: "" });
    exchange.respondData("", true);
    expect(exchange.client).toMatchObject({ status: 502, text: "abc", isComplete: true });
    expect(host.violations).toEqual([]);
  });

  it("to HEAD has no body callback", async () => {
    const { host, plugin } = await start({ proxy_on_response_body: [log("body")] });
    plugin.exchange({ method: "HEAD" }).respond({ headers: { "content-length": "5" }, chunks: ["abcde"] });
    expect([logged(host), host.violations]).toEqual([[], []]);
  });

  it("cannot come while nothing was sent to the upstream", async () => {
    const { plugin } = await start({ proxy_on_request_headers: [returns(STOP_ALL)] });
    expect(() => plugin.exchange({ body: "a" }).respond()).toThrow("nothing was sent to the upstream");
  });

  it("of Envoy itself passes the response callbacks with its own details", async () => {
    const path = "response\0code_details";
    const { host, plugin } = await start({ proxy_on_response_headers: [call("proxy_get_property", path, DATA, SIZE), echo] });
    const client = plugin.exchange({}).failUpstream();
    expect(client).toMatchObject({ status: 503, isComplete: true });
    expect(logged(host)).toEqual(["upstream_reset_before_response_started{connection_termination}"]);
  });

  it("is reset when the upstream fails half way", async () => {
    const { plugin } = await start({});
    const exchange = plugin.exchange({});
    exchange.respondHeaders({});
    exchange.respondData("half");
    expect(exchange.failUpstream()).toMatchObject({ status: 200, text: "half", isReset: true, isComplete: false });
  });
});

describe("a local reply", () => {
  const reply = (code: number, body = "no", headers: string | Uint8Array = "") =>
    call("proxy_send_local_response", code, "why not", body, headers, -1);

  it("answers in place of the upstream, passes the response callbacks and keeps the request here", async () => {
    const { host, plugin } = await start({
      proxy_on_request_headers: [reply(403), returns(STOP)],
      proxy_on_request_body: [log("never")],
      proxy_on_response_headers: [log("headers")],
      proxy_on_response_body: [log("body")],
    });
    const exchange = plugin.exchange({ body: "abc" });
    expect(exchange.upstream).toBeNull();
    expect(exchange.localReply).toMatchObject({ status: 403, text: "no", details: "why_not", isComplete: true });
    expect(exchange.localReply?.headers).toMatchObject({ "content-length": "2", "content-type": "text/plain" });
    expect(logged(host)).toEqual(["headers", "body"]);
    expect(host.violations).toEqual([]);
  });

  it("twice, after the response's headers, in the log phase or with a strange status is a violation", async () => {
    const twice = await start({ proxy_on_request_headers: [reply(400), reply(400), returns(STOP)] });
    twice.plugin.exchange({});
    const late = await start({ proxy_on_response_body: [reply(500)] });
    late.plugin.exchange({}).respond({ chunks: ["a"], endWithLastChunk: true });
    const logPhase = await start({ proxy_on_log: [reply(500)] });
    const finished = logPhase.plugin.exchange({});
    finished.respond({});
    finished.finish();
    const strange = await start({ proxy_on_request_headers: [reply(42), returns(STOP)] });
    strange.plugin.exchange({});
    for (const { host } of [twice, late, logPhase, strange]) expect(rules(host)).toContain("phase");
  });

  it("takes headers in wire form and complains of those that are no headers", async () => {
    const pairs = Buffer.from("\x01\0\0\0\x03\0\0\0\x03\0\0\0a b\0x\ny\0", "latin1");
    const { host, plugin } = await start({ proxy_on_request_headers: [reply(400, "no", pairs), returns(STOP)] });
    plugin.exchange({});
    expect(rules(host)).toEqual(["header-syntax"]);
    const broken = await start({ proxy_on_request_headers: [reply(400, "no", "junk"), returns(STOP)] });
    broken.plugin.exchange({});
    expect(broken.host.violations[0].message).toContain("not well formed");
  });
});

describe("header maps", () => {
  it("are read by name in any case, added to, replaced and removed", async () => {
    const { host, plugin } = await start({
      proxy_on_request_headers: [
        call("proxy_get_header_map_value", REQUEST_HEADERS, "X-A", DATA, SIZE),
        echo,
        status("proxy_get_header_map_value", REQUEST_HEADERS, "x-none", DATA, SIZE),
        call("proxy_add_header_map_value", REQUEST_HEADERS, "X-A", "2"),
        call("proxy_replace_header_map_value", REQUEST_HEADERS, "x-b", "new"),
        call("proxy_replace_header_map_value", REQUEST_HEADERS, "x-c", "added"),
        call("proxy_remove_header_map_value", REQUEST_HEADERS, "x-d"),
      ],
    });
    const headers = { "x-a": "1", "x-b": ["old", "older"], "x-d": "gone" };
    const upstream = plugin.exchange({ headers }).upstream;
    expect(logged(host)).toEqual(["1", "b"]);
    expect(upstream?.headerList.slice(4)).toEqual([
      ["x-a", "1"],
      ["x-b", "new"],
      ["x-a", "2"],
      ["x-c", "added"],
    ]);
  });

  it("come in wire form with bytes that are no UTF-8 intact, and can be set so", async () => {
    const block = Buffer.from(
      "\x04\0\0\0\x07\0\0\0\x01\0\0\0\x05\0\0\0\x02\0\0\0\x0a\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0:method\0G\0:path\0/p\0:authority\0h\0x\0\xff\0",
      "latin1",
    );
    const { host, plugin } = await start({ proxy_on_request_headers: [call("proxy_set_header_map_pairs", REQUEST_HEADERS, block)] });
    expect(plugin.exchange({}).upstream?.headers).toMatchObject({ ":method": "G", ":path": "/p", ":authority": "h" });
    expect(host.violations).toEqual([]);
  });

  it("of another time or kind are violations, each by its own rule", async () => {
    const set = (map: number) => call("proxy_replace_header_map_value", map, "x-a", "1");
    const cases: [Record<string, Step[]>, string][] = [
      [{ proxy_on_request_headers: [set(RESPONSE_HEADERS)] }, "phase"],
      [{ proxy_on_request_headers: [set(9)] }, "unknown-map"],
      [{ proxy_on_request_body: [set(REQUEST_HEADERS)] }, "headers-sent"],
      [{ proxy_on_response_headers: [set(REQUEST_HEADERS)] }, "headers-sent"],
      [{ proxy_on_response_body: [set(RESPONSE_HEADERS)] }, "headers-sent"],
      [{ proxy_on_log: [set(RESPONSE_HEADERS)] }, "headers-sent"],
      [{ proxy_on_request_headers: [call("proxy_replace_header_map_value", REQUEST_HEADERS, "x a", "1")] }, "header-syntax"],
      [{ proxy_on_request_headers: [call("proxy_replace_header_map_value", REQUEST_HEADERS, "x-a", "1\r\nx-b: 2")] }, "header-syntax"],
      [{ proxy_on_request_headers: [call("proxy_remove_header_map_value", REQUEST_HEADERS, ":path")] }, "header-syntax"],
      [{ proxy_on_response_headers: [call("proxy_replace_header_map_value", RESPONSE_HEADERS, ":status", "ok")] }, "header-syntax"],
      [{ proxy_on_tick: [set(REQUEST_HEADERS)] }, "phase"],
    ];
    for (const [callbacks, rule] of cases) {
      const { host, plugin } = await start(callbacks);
      const exchange = plugin.exchange({ body: "a" });
      exchange.respond({ chunks: ["a"] });
      exchange.finish();
      plugin.tick();
      expect(new Set(rules(host)), JSON.stringify(Object.keys(callbacks))).toEqual(new Set([rule]));
    }
  });

  it("are read in the log phase as they left", async () => {
    const { host, plugin } = await start({
      proxy_on_request_headers: [call("proxy_replace_header_map_value", REQUEST_HEADERS, ":path", "/left")],
      proxy_on_log: [
        call("proxy_get_header_map_value", REQUEST_HEADERS, ":path", DATA, SIZE),
        echo,
        call("proxy_get_header_map_value", RESPONSE_HEADERS, ":status", DATA, SIZE),
        echo,
      ],
    });
    const exchange = plugin.exchange({});
    exchange.respond({ status: 204 });
    exchange.finish();
    expect(logged(host)).toEqual(["/left", "204"]);
  });
});

describe("violations", () => {
  it("name the callback, the host call and the context", async () => {
    const { host, plugin } = await start({ proxy_on_request_headers: [call("proxy_log", 99, "x")] });
    const { id } = plugin.exchange({});
    expect(host.violations).toEqual([
      {
        rule: "unknown-level",
        message: "log level 99 makes Envoy abort",
        callback: "proxy_on_request_headers",
        hostCall: "proxy_log",
        contextId: id,
      },
    ]);
  });

  it("are noted for memory that is not the module's", async () => {
    const { host, plugin } = await start({ proxy_on_request_headers: [status("proxy_log", 2, -16, 64), status("proxy_log", 2, 8, -1)] });
    plugin.exchange({});
    expect(rules(host)).toEqual(["memory", "memory"]);
    expect(logged(host)).toEqual(["g", "g"]);
  });

  it("are noted for a content-length that does not fit what left, and not for one that came so", async () => {
    const grow = (buffer: number) => call("proxy_set_buffer_bytes", buffer, WHOLE, 0, "more");
    const request = await start({ proxy_on_request_body: [atEnd(grow(REQUEST_BODY))] });
    request.plugin.exchange({ body: "abc", endWithLastChunk: true });
    const response = await start({ proxy_on_response_body: [atEnd(grow(RESPONSE_BODY))] });
    response.plugin.exchange({}).respond({ headers: { "content-length": "1" }, chunks: ["a"], endWithLastChunk: true });
    expect([...rules(request.host), ...rules(response.host)]).toEqual(["content-length", "content-length"]);
    const innocent = await start({});
    innocent.plugin.exchange({ headers: { "content-length": "7" }, body: "abc" });
    expect(innocent.host.violations).toEqual([]);
  });

  it("are noted for bodies read or written when there are none", async () => {
    const { host, plugin } = await start({
      proxy_on_request_headers: [
        status("proxy_set_buffer_bytes", REQUEST_BODY, 0, 0, "x"),
        status("proxy_get_buffer_bytes", REQUEST_BODY, 0, 1, DATA, SIZE),
      ],
      proxy_on_request_body: [status("proxy_get_buffer_bytes", 42, 0, 1, DATA, SIZE)],
    });
    plugin.exchange({ body: "a", endWithLastChunk: true });
    expect(rules(host)).toEqual(["buffer-phase", "buffer-phase", "unknown-buffer"]);
  });

  it("are noted for actions that do not exist", async () => {
    const { host, plugin } = await start({ proxy_on_request_headers: [returns(77)] });
    plugin.exchange({});
    expect(rules(host)).toEqual(["action"]);
  });

  it("are noted for contexts that are gone", async () => {
    const { host, plugin } = await start({
      proxy_on_tick: [status("proxy_set_effective_context", 2), status("proxy_set_effective_context", 99)],
    });
    plugin.exchange({}).respond();
    plugin.exchange({}).finish();
    host.configure("{}");
    plugin.tick();
    expect(logged(host)).toEqual(["a", "c"]);
    expect(rules(host)).toEqual(["dead-context"]);
  });
});

describe("a trap", () => {
  it("is noted with the module's last words, answers 503, and leaves the VM unusable", async () => {
    const { host, plugin } = await start({ proxy_on_request_body: [log("abort: index out of range", 5), trap] });
    const exchange = plugin.exchange({ body: "a" });
    expect(exchange.localReply).toMatchObject({ status: 503, details: "wasm_fail_stream" });
    expect(host.traps).toHaveLength(1);
    expect(host.traps[0]).toMatchObject({ callback: "proxy_on_request_body", contextId: exchange.id });
    expect(host.traps[0].message).toMatch(/^abort: index out of range \(.*unreachable/);
    expect(plugin.exchange({}).localReply?.status).toBe(503);
  });

  it("while configuring is a refusal", async () => {
    const { host, plugin } = await start({ proxy_on_configure: [trap] });
    expect([plugin.ok, plugin.trap?.callback, host.traps.length]).toEqual([false, "proxy_on_configure", 1]);
  });
});

describe("the end of an exchange", () => {
  it("is told once, in order: log, done, delete; then the context is gone", async () => {
    const { host, plugin } = await start({ proxy_on_log: [log("log")], proxy_on_done: [log("done")], proxy_on_delete: [log("delete")] });
    const exchange = plugin.exchange({});
    exchange.respond();
    exchange.finish().finish();
    expect(logged(host)).toEqual(["log", "done", "delete"]);
    expect(host.liveContexts).toEqual([1]);
    plugin.stop();
    expect(host.liveContexts).toEqual([]);
  });

  it("keeps filter state that was set in the log phase, and complains of one set later", async () => {
    const { host, plugin } = await start({
      proxy_on_log: [call("proxy_set_property", "ai_log", "{}")],
      proxy_on_delete: [call("proxy_set_property", "late", "x")],
    });
    const exchange = plugin.exchange({});
    exchange.respond();
    expect(exchange.finish().stateText("ai_log")).toBe("{}");
    expect(rules(host)).toEqual(["phase"]);
  });

  it("of a client that goes away is a reset without further body callbacks", async () => {
    const { host, plugin } = await start({ proxy_on_response_body: [log("body")], proxy_on_log: [log("log")] });
    const exchange = plugin.exchange({});
    exchange.respond({ chunks: ["a"], complete: false });
    exchange.abort();
    expect(exchange.client).toMatchObject({ isReset: true, isComplete: false });
    expect(logged(host)).toEqual(["body", "log"]);
  });
});

describe("shared data, metrics, time and calls", () => {
  it("swap a value only when nobody has changed it", async () => {
    const { host, plugin } = await start({
      proxy_on_tick: [
        status("proxy_get_shared_data", "k", DATA, SIZE, 20),
        status("proxy_set_shared_data", "k", "one", 0),
        status("proxy_get_shared_data", "k", DATA, SIZE, 20),
        echo,
        status("proxy_set_shared_data", "k", "two", 1),
        status("proxy_set_shared_data", "k", "three", 1),
      ],
    });
    plugin.tick();
    expect(logged(host)).toEqual(["b", "a", "a", "one", "a", "i"]);
    expect(Buffer.from(host.sharedData.get("k")?.value ?? []).toString()).toBe("two");
  });

  it("count: counters by their id, histograms by samples, and nothing by an unknown id", async () => {
    const { host } = await start({
      proxy_on_configure: [
        call("proxy_define_metric", 0, "hits", 20),
        call("proxy_increment_metric", 4, 3n),
        call("proxy_record_metric", 4, 2n),
        call("proxy_define_metric", 2, "time", 20),
        call("proxy_record_metric", 6, 7n),
        status("proxy_increment_metric", 6, 1n),
        status("proxy_increment_metric", 400, 1n),
        status("proxy_increment_metric", 4, -1n),
        status("proxy_define_metric", 5, "odd", 20),
      ],
    });
    expect(host.metrics.snapshot()).toEqual({ hits: 5, time: [7] });
    expect(logged(host)).toEqual(["c", "b", "c", "c"]);
    expect(rules(host)).toEqual(["metric", "metric", "metric"]);
  });

  it("stand still until the test moves the clock", async () => {
    const time = [call("proxy_get_current_time_nanoseconds", DATA), call("proxy_set_property", "time", new Uint8Array(0))];
    const { host, plugin } = await start({ proxy_on_request_headers: time });
    const before = host.clock.now();
    plugin.exchange({}).respond({ chunks: ["a", "b"], delaysMs: [5, 7] });
    expect(host.clock.now() - before).toBe(12_000_000n);
  });

  it("call another cluster: the response comes to the root context, which can continue the stream", async () => {
    // :method, :path and :authority, without which Envoy refuses a call.
    const head = Buffer.from(
      "\x03\0\0\0\x07\0\0\0\x03\0\0\0\x05\0\0\0\x02\0\0\0\x0a\0\0\0\x01\0\0\0:method\0GET\0:path\0/t\0:authority\0h\0",
      "latin1",
    );
    const { host, plugin } = await start({
      proxy_on_request_headers: [
        status("proxy_http_call", "auth", new Uint8Array(0), "", "", 1000, 20),
        status("proxy_http_call", "auth", head, "body", "", 1000, 20),
        returns(STOP_ALL),
      ],
      proxy_on_http_call_response: [
        call("proxy_get_buffer_bytes", 4, 0, WHOLE, DATA, SIZE),
        echo,
        call("proxy_set_effective_context", 2),
        call("proxy_replace_header_map_value", REQUEST_HEADERS, "authorization", "Bearer t"),
        call("proxy_continue_stream", 0),
      ],
    });
    const exchange = plugin.exchange({ body: "abc" });
    expect(logged(host)).toEqual(["c", "a"]);
    expect(host.pendingCalls).toMatchObject([{ cluster: "auth", text: "body", timeoutMs: 1000, headers: { ":path": "/t" } }]);
    expect(exchange.upstream).toBeNull();
    host.respondToCall(host.pendingCalls[0].id, { body: "token" });
    expect(logged(host)).toEqual(["c", "a", "token"]);
    expect(exchange.upstream).toMatchObject({ text: "abc", isComplete: true, headers: { authorization: "Bearer t" } });
    expect(host.violations).toEqual([]);
  });

  it("refuse a call to a cluster that is not there, and tell of one that fails", async () => {
    const head = Buffer.from(
      "\x03\0\0\0\x07\0\0\0\x03\0\0\0\x05\0\0\0\x02\0\0\0\x0a\0\0\0\x01\0\0\0:method\0GET\0:path\0/t\0:authority\0h\0",
      "latin1",
    );
    const { host, plugin } = await start(
      {
        proxy_on_tick: [status("proxy_http_call", "nobody", head, "", "", 1, 20), status("proxy_http_call", "here", head, "", "", 1, 20)],
        proxy_on_http_call_response: [status("proxy_get_buffer_bytes", 4, 0, 1, DATA, SIZE)],
      },
      { clusters: ["here"] },
    );
    plugin.tick();
    host.failCall(host.pendingCalls[0].id);
    expect(logged(host)).toEqual(["c", "a", "b"]);
  });

  it("give route and cluster under Envoy's names or under Higress's, never both", async () => {
    const ask = (path: string) => [status("proxy_get_property", path, DATA, SIZE)];
    const steps = [...ask("xds\0route_name"), ...ask("route_name"), ...ask("xds\0cluster_name"), ...ask("cluster_name")];
    const letters = async (attributes: "envoy" | "higress") => {
      const { host, plugin } = await start({ proxy_on_request_headers: steps }, { attributes });
      plugin.exchange({});
      return logged(host).join("");
    };
    expect([await letters("envoy"), await letters("higress")]).toEqual(["abab", "baba"]);
  });

  it("are counted: host calls, callbacks, and what was asked of the allocator", async () => {
    const { host, plugin } = await start({
      proxy_on_request_headers: [call("proxy_get_header_map_value", REQUEST_HEADERS, ":path", DATA, SIZE), log("x")],
    });
    host.resetCounts();
    plugin.exchange({ path: "/12345" });
    expect(host.hostCalls).toEqual({ proxy_get_header_map_value: 1, proxy_log: 1 });
    expect([host.hostCallCount, host.allocations, host.allocatedBytes]).toEqual([2, 1, 6]);
    expect(host.callbacks).toEqual({ proxy_on_request_headers: 1 });
  });
});
