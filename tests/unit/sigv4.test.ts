import { createHash, createHmac, randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { loadUnits, type Units } from "./units";

let units: Units;
beforeAll(() => {
  units = loadUnits("sigv4");
}, 60_000);

interface Call {
  method: string;
  host: string;
  path: string;
  query: string;
  region: string;
  service: string;
  accessKey: string;
  secretKey: string;
  sessionToken: string;
  body: string | Uint8Array;
  seconds: number;
}

const plain: Call = {
  method: "POST",
  host: "bedrock-runtime.eu-west-1.amazonaws.com",
  path: "/model/m.x/converse",
  query: "",
  region: "eu-west-1",
  service: "bedrock",
  accessKey: "AKIDEXAMPLE",
  sessionToken: "",
  secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  body: '{"messages":[]}',
  seconds: 1440938160,
};

const sign = (more: Partial<Call> = {}) => {
  const call = { ...plain, ...more };
  const put = (value: string | Uint8Array) => units.put(value);
  units.exports.signTarget(put(call.method), put(call.host), put(call.path), put(call.query));
  const out = units.exports.sign(
    put(call.region),
    put(call.service),
    put(call.accessKey),
    put(call.secretKey),
    put(call.sessionToken),
    put(call.body),
    call.seconds,
  );
  const [authorization, date, hash] = units.text(out).split("\n");
  return { authorization, date, hash };
};

const sha = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
const encode = (text: string) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());

/** What AWS's documentation says, with node's own parts. */
const expected = (more: Partial<Call> = {}) => {
  const call = { ...plain, ...more };
  const date = new Date(call.seconds * 1000).toISOString().replace(/[-:]|\.\d+/g, "");
  const hash = sha(call.body);
  const path = call.path === "" ? "/" : call.service === "s3" ? call.path : call.path.split("/").map(encode).join("/");
  const query = [...new URLSearchParams(call.query.replace(/\+/g, "%2B"))]
    .map(([name, value]) => [encode(name), encode(value)])
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map((pair) => pair.join("="))
    .join("&");
  const token = call.sessionToken;
  const names = "host;x-amz-content-sha256;x-amz-date" + (token ? ";x-amz-security-token" : "");
  const canonical = [
    call.method,
    path,
    query,
    `host:${call.host}`,
    `x-amz-content-sha256:${hash}`,
    `x-amz-date:${date}`,
    ...(token ? [`x-amz-security-token:${token}`] : []),
    "",
    names,
    hash,
  ].join("\n");
  const scope = `${date.slice(0, 8)}/${call.region}/${call.service}/aws4_request`;
  const key = [date.slice(0, 8), call.region, call.service, "aws4_request"].reduce<string | Buffer>(hmac, "AWS4" + call.secretKey);
  const signature = hmac(key as Buffer, ["AWS4-HMAC-SHA256", date, scope, sha(canonical)].join("\n")).toString("hex");
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=${call.accessKey}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
    date,
    hash,
  };
};

describe("SigV4", () => {
  it("signs as AWS's documentation says", () => {
    expect(sign()).toEqual(expected());
    expect(sign().date).toBe("20150830T123600Z");
  });

  it("gives a signature that another program worked out", () => {
    // Python's hashlib and hmac on the canonical request of the documentation, with the path spelt %253A by hand.
    const { authorization } = sign({
      path: "/model/anthropic.claude-x-v1%3A0/converse",
      body: '{"messages":[{"role":"user","content":[{"text":"ping"}]}]}',
      seconds: Date.parse("2026-11-24T15:30:00Z") / 1000,
    });
    expect(authorization).toBe(
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261124/eu-west-1/bedrock/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, " +
        "Signature=b09e6abe251cd16468135670fb13ff9a30deac164ee62339984f61b3635d73e4",
    );
  });

  it("signs the token of temporary keys, too, with a signature that another program worked out", () => {
    // Python's hashlib and hmac on a canonical request that was written by hand.
    const sessionToken = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJHMEUCIQ==";
    const more = {
      path: "/model/anthropic.claude-x-v1%3A0/converse",
      body: '{"messages":[{"role":"user","content":[{"text":"ping"}]}]}',
      seconds: Date.parse("2026-11-24T15:30:00Z") / 1000,
      sessionToken,
    };
    expect(sign(more)).toEqual({
      authorization:
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261124/eu-west-1/bedrock/aws4_request, " +
        "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, " +
        "Signature=d38fba49bdb5f68ba9fecf40eb92cf6a0d36d21d97d8453c7b7a12973201fa28",
      date: "20261124T153000Z",
      hash: sha(more.body),
    });
    for (const size of [1, 300, 2000, 20_000]) {
      const long = { sessionToken: randomBytes(size).toString("base64") };
      expect(sign(long), `${size} bytes`).toEqual(expected(long));
    }
  });

  it("escapes the path twice, but once for S3", () => {
    const path = "/model/arn%3Aaws%3Abedrock%3A1%3Aprofile%2Fa.b-c_d~e/converse-stream";
    expect(sign({ path })).toEqual(expected({ path }));
    expect(sign({ path, service: "s3" })).toEqual(expected({ path, service: "s3" }));
    expect(sign({ path }).authorization).not.toBe(sign({ path, service: "s3" }).authorization.replace("/s3/", "/bedrock/"));
  });

  it("keeps empty segments and slashes at the end, and signs an empty path as /", () => {
    for (const path of ["/", "", "/a/", "//a//b", "/a b/é"]) expect(sign({ path }), path).toEqual(expected({ path }));
  });

  it("sorts and normalises the query", () => {
    for (const query of ["b=2&a=1", "a=2&a=1&a=", "a&b", "a=1&a-=0&a.b=3", "x=%7e%20%2f&y=a+b", "q=%C3%A9&=v", "a==b&a=c"]) {
      expect(sign({ query }), query).toEqual(expected({ query }));
    }
  });

  it("survives a query with broken escapes and empty pairs", () => {
    expect(sign({ query: "&&a=%&b=%4&c=%zz&" }).authorization).toBe(expected({ query: "a=%25&b=%254&c=%25zz" }).authorization);
  });

  it("writes every kind of date", () => {
    const days = [
      "1970-01-01T00:00:00Z",
      "1972-02-29T23:59:59Z",
      "1999-12-31T23:59:59Z",
      "2000-02-29T12:00:00Z",
      "2000-03-01T00:00:00Z",
      "2026-11-24T15:30:00Z",
      "2100-02-28T01:02:03Z",
      "2100-03-01T00:00:00Z",
      "9999-12-31T23:59:59Z",
    ];
    for (const day of days) expect(sign({ seconds: Date.parse(day) / 1000 }).date).toBe(day.replace(/[-:]/g, ""));
    for (let step = 0; step < 2000; step++) {
      const seconds = step * 4_000_000 + step * 37;
      expect(sign({ seconds }).date).toBe(new Date(seconds * 1000).toISOString().replace(/[-:]|\.\d+/g, ""));
    }
    expect(sign({ seconds: -5 }).date).toBe("19700101T000000Z");
    expect(sign({ seconds: 1e15 }).date).toBe("99991231T235959Z");
  });

  it("signs bodies and keys of every length", () => {
    for (const size of [0, 1, 55, 56, 63, 64, 65, 1000, 70_000]) {
      const body = randomBytes(size);
      expect(sign({ body }), `body ${size}`).toEqual(expected({ body }));
    }
    for (const size of [0, 1, 59, 60, 61, 200]) {
      const secretKey = "k".repeat(size);
      expect(sign({ secretKey }), `key ${size}`).toEqual(expected({ secretKey }));
    }
  });

  it("agrees for random requests", () => {
    for (let round = 0; round < 200; round++) {
      const hex = randomBytes(8).toString("hex");
      const more = {
        path: `/model/${hex}%3A${round}/converse`,
        region: `r-${hex.slice(0, 3)}`,
        host: `${hex}.test`,
        secretKey: randomBytes(30).toString("base64"),
        body: randomBytes(round),
        seconds: 1700000000 + round * 86399,
      };
      expect(sign(more)).toEqual(expected(more));
    }
  });
});
