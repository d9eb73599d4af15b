// Consumers whose keys have expired, or will soon: nobody else says so before requests fail.
import type { ConfigFile, PluginSource } from "./config-file";
import { readJson } from "./exchange";
import { printable, type Finding } from "./findings";
import type { Json } from "./located";
import { placeOf } from "./prices";
import { UsageError } from "./usage";

/** Days before the end from which on it is a warning. */
const SOON_DAYS = 14;
const DAY = 24 * 60 * 60 * 1000;

/** Warnings of consumers that have expired at `now` (milliseconds since 1970), or will within SOON_DAYS. */
export function checkExpiry(file: ConfigFile, source: PluginSource, now: number): Finding[] {
  const config = readJson(source.text);
  const consumers = isObject(config) && Array.isArray(config.consumers) ? config.consumers : [];
  return consumers.flatMap((consumer, index): Finding[] => {
    const { name, expires } = isObject(consumer) ? consumer : {};
    const end = typeof expires === "string" ? Date.parse(expires) : NaN;
    // A reference to the environment is none.
    if (Number.isNaN(end) || end - now > SOON_DAYS * DAY) return [];
    const steps = ["consumers", String(index), "expires"];
    const days = Math.ceil((end - now) / DAY);
    const when = end <= now ? "has expired: its keys get 401" : `expires within ${days} day${days === 1 ? "" : "s"}`;
    return [
      {
        ...{ file: file.path, ...file.positions.at(placeOf(source.root, steps)), severity: "warning" },
        ...{ message: printable(`the consumer ${String(name)} ${when}`), pointer: `/${steps.join("/")}` },
        ...{ plugin: source.name, from: "check" },
      },
    ];
  });
}

/** `--now`, or the time. */
export function readNow(value: string | undefined): number {
  const now = value === undefined ? Date.now() : Date.parse(value);
  if (Number.isNaN(now)) throw new UsageError(`--now takes a time such as 2027-01-31T00:00:00Z, not ${value}`);
  return now;
}

const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  value !== null && typeof value === "object" && !Array.isArray(value);
