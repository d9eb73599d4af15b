// tests/conformance/providers/<type>.yaml: what each type of provider must be sent, and what the playground starts with. Written after the
// providers' API references and Higress's table (November 2026), not after assembly/provider/catalog.ts, which they judge.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ROOT } from "../../tools/envoy-path.mjs";

const FOLDER = join(ROOT, "tests/conformance/providers");

/** A type that passes requests in OpenAI's API. */
export interface Provider {
  type: string;
  /** Fields beside the token. */
  config?: object;
  host: string;
  /** The header of the token "k-1"; null: none. */
  key: Record<string, string> | null;
  keepsDeveloper?: boolean;
  /** False: streams are not asked for usage. */
  usageOption?: boolean;
  /** False: the body is never read, so nothing is mapped. */
  read?: boolean;
  /** Paths whose body may not name the model, since the provider's path does. */
  nameless?: string[];
  /** The client's path to the provider's. */
  paths: Record<string, string>;
}

const files = readdirSync(FOLDER).map((file) => ({
  ...(parse(readFileSync(join(FOLDER, file), "utf8")) as Omit<Provider, "type"> & { elsewhere?: string }),
  type: file.replace(/\.yaml$/, ""),
}));

export const providers: Provider[] = files.filter((one) => one.elsewhere === undefined);

/** Types that are judged elsewhere. */
export const elsewhere: string[] = files.filter((one) => one.elsewhere !== undefined).map((one) => one.type);
