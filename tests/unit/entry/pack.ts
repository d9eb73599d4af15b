// A small module with static data of every kind, which carries the decoder of packed data like the plugin does.
import "../../../assembly/host/abort";
export { unpack } from "../../../assembly/host/unpack";

const numbers: StaticArray<i32> = [1, -1, 0x7fffffff, 65536, 0, 0, 0, 0, 0, 0, 0, 7];
const words: StaticArray<string> = ["chat.completion", "chat.completion.chunk", "", "ﬂügel", "智能助理", "\u0001", "end"];
let counter = 0;

/** Made when the module starts: the start function must find its data unpacked. */
const started: string = words[0] + ".started";

export function word(index: i32): ArrayBuffer {
  return String.UTF8.encode(index < 0 ? started : words[index]);
}

export function wordCount(): i32 {
  return words.length;
}

export function numberAt(index: i32): i32 {
  counter++;
  return numbers[index] + counter;
}
