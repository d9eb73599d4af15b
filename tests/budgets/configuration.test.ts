// How large a configuration may be, and what it takes in memory.
import { expect, it } from "vitest";
import { loadPlugin } from "../../emulator/module";

const MIB = 1 << 20;
const MOST = 4 * MIB;

/** So many bytes of what takes most room for its size, of all lists that the schema has: consumers. */
function dense(bytes: number): string {
  const head = '{"provider":{"type":"openai","apiTokens":["k"]},"consumers":[{"name":"a","credential":"b"}';
  const consumers: string[] = [];
  let size = head.length + 2;
  for (let n = 0; size < bytes - 60; n++) {
    const one = `,{"name":"a","credential":"${n}"}`;
    size += one.length;
    consumers.push(one);
  }
  return `${head}${consumers.join("")}]${" ".repeat(bytes - size)}}`;
}

/** Bytes of memory for one of the text: two of 4 MiB, an old one that serves and a new one, stay below 512 MiB. */
const MOST_FOR_A_BYTE = 60;

it("a dense configuration takes less memory than would let two of the largest pass 512 MiB, and a larger one is refused", async () => {
  const host = await loadPlugin({ logLevel: "critical" });
  const text = dense(MIB / 2);
  expect(text).toHaveLength(MIB / 2);
  expect(host.configure(text).ok).toBe(true);
  expect(host.memoryBytes / text.length).toBeLessThan(MOST_FOR_A_BYTE);
  const refused = (await loadPlugin()).configure(dense(MOST + 1));
  expect(refused.ok).toBe(false);
  expect(JSON.stringify(refused.logs)).toContain("is larger than 4 MiB");
  expect(host.traps).toEqual([]);
}, 60_000);
