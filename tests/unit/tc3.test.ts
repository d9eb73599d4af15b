// Tencent Cloud's TC3-HMAC-SHA256 against its documentation's example and an implementation with node's own parts.
import { createHash, createHmac, randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { loadUnits, type Units } from "./units";

let units: Units;
beforeAll(() => {
  units = loadUnits("tc3");
}, 60_000);

interface Call {
  host: string;
  service: string;
  action: string;
  contentType: string;
  secretId: string;
  secretKey: string;
  body: string | Uint8Array;
  seconds: number;
}

const plain: Call = {
  host: "hunyuan.tencentcloudapi.com",
  service: "hunyuan",
  action: "ChatCompletions",
  contentType: "application/json",
  secretId: "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
  secretKey: "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
  body: '{"Model":"hunyuan-lite","Messages":[{"Role":"user","Content":"ping"}]}',
  seconds: 1551113065,
};

const sign = (more: Partial<Call> = {}) => {
  const call = { ...plain, ...more };
  const put = (value: string | Uint8Array) => units.put(value);
  units.exports.signTarget(put(call.host), put(call.service), put(call.action), put(call.contentType));
  const [authorization, timestamp] = units
    .text(units.exports.sign(put(call.secretId), put(call.secretKey), put(call.body), call.seconds))
    .split("\n");
  return { authorization, timestamp };
};

const sha = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

/** What the documentation says. */
const expected = (more: Partial<Call> = {}) => {
  const call = { ...plain, ...more };
  const names = ["content-type", "host", "x-tc-action"];
  const values = [call.contentType, call.host, call.action].map((value) => value.trim().toLowerCase());
  const headers = names.map((name, k) => `${name}:${values[k]}\n`).join("");
  const canonical = ["POST", "/", "", headers, names.join(";"), sha(call.body)].join("\n");
  const day = new Date(call.seconds * 1000).toISOString().slice(0, 10);
  const scope = `${day}/${call.service}/tc3_request`;
  const key = [day, call.service, "tc3_request"].reduce<string | Buffer>(hmac, "TC3" + call.secretKey);
  const signature = hmac(key as Buffer, ["TC3-HMAC-SHA256", call.seconds, scope, sha(canonical)].join("\n")).toString("hex");
  return {
    authorization: `TC3-HMAC-SHA256 Credential=${call.secretId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`,
    timestamp: String(call.seconds),
  };
};

describe("TC3-HMAC-SHA256", () => {
  it("gives the signature of the documentation's example, whose secrets are printed as 32 asterisks", () => {
    const { authorization, timestamp } = sign({
      host: "cvm.tencentcloudapi.com",
      service: "cvm",
      action: "DescribeInstances",
      contentType: "application/json; charset=utf-8",
      secretId: "AKID" + "*".repeat(32),
      secretKey: "*".repeat(32),
      body: String.raw`{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`,
      seconds: 1551113065,
    });
    expect(authorization).toBe(
      `TC3-HMAC-SHA256 Credential=AKID${"*".repeat(32)}/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host;x-tc-action, ` +
        "Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f",
    );
    expect(timestamp).toBe("1551113065");
  });

  it("signs as the documentation says", () => {
    expect(sign()).toEqual(expected());
    expect(sign({ action: "GetEmbedding" })).toEqual(expected({ action: "GetEmbedding" }));
  });

  it("signs values in lower case and without spaces at their ends", () => {
    const more = { host: " Hunyuan.TencentCloudAPI.com\t", contentType: "Application/JSON; charset=UTF-8 " };
    expect(sign(more)).toEqual(expected({ host: more.host.trim(), contentType: more.contentType.trim() }));
  });

  it("covers each value that it is given", () => {
    const signature = (more: Partial<Call>) => sign(more).authorization.slice(-64);
    const all = [
      {},
      { host: "h" },
      { service: "s" },
      { action: "a" },
      { contentType: "text/plain" },
      { secretKey: "k" },
      { body: "{}" },
      { seconds: 1551113066 },
    ].map(signature);
    expect(new Set(all).size).toBe(all.length);
    expect(signature({ secretId: "other" })).toBe(all[0]);
  });

  it("takes the day in UTC at its borders", () => {
    for (const moment of [
      "1970-01-01T00:00:00Z",
      "2026-11-24T23:59:59Z",
      "2026-11-25T00:00:00Z",
      "2028-02-29T12:00:00Z",
      "2100-03-01T00:00:00Z",
    ]) {
      const seconds = Date.parse(moment) / 1000;
      expect(sign({ seconds }), moment).toEqual(expected({ seconds }));
    }
    expect(sign({ seconds: -5 })).toEqual(expected({ seconds: 0 }));
    expect(sign({ seconds: 1e15 })).toEqual(expected({ seconds: 9999999999 }));
  });

  it("signs bodies and keys of every length", () => {
    for (const size of [0, 1, 55, 56, 63, 64, 65, 1000, 70_000]) {
      const body = randomBytes(size);
      expect(sign({ body }), `body ${size}`).toEqual(expected({ body }));
    }
    for (const size of [0, 1, 32, 60, 61, 62, 200]) {
      const secretKey = "k".repeat(size);
      expect(sign({ secretKey }), `key ${size}`).toEqual(expected({ secretKey }));
    }
  });

  it("agrees for random requests", () => {
    for (let round = 0; round < 200; round++) {
      const hex = randomBytes(8).toString("hex");
      const more = {
        host: `${hex}.test`,
        service: hex.slice(0, 5),
        action: `Do${hex}`,
        secretId: `AKID${hex}`,
        secretKey: randomBytes(24).toString("base64"),
        body: randomBytes(round),
        seconds: 1700000000 + round * 86399,
      };
      expect(sign(more)).toEqual(expected(more));
    }
  });
});
