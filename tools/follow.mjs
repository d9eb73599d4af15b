// Hands on what is appended to a file, line by line, from now on. Polls, because file events are late on some file systems.
import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from "node:fs";

const POLL_MS = 200;

/**
 * Calls `onLine` for every complete line appended to `path`; the file need not exist yet.
 * @param {string} path
 * @param {(line: string) => void} onLine
 * @returns {() => void} ends it
 */
export function follow(path, onLine) {
  let offset = existsSync(path) ? statSync(path).size : 0;
  let rest = Buffer.alloc(0);
  const poll = () => {
    if (!existsSync(path)) return;
    const file = openSync(path, "r");
    const size = fstatSync(file).size;
    const added = Buffer.alloc(Math.max(0, size - offset));
    const read = readSync(file, added, 0, added.length, offset);
    closeSync(file);
    offset += read;
    const lines = Buffer.concat([rest, added.subarray(0, read)])
      .toString()
      .split("\n");
    rest = Buffer.from(lines.pop() ?? "");
    lines.forEach(onLine);
  };
  const timer = setInterval(poll, POLL_MS);
  return () => clearInterval(timer);
}
