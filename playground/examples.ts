// What the build puts into the page: made by build-examples.ts from the schema, the case folders and the mock provider.
import type { Setup } from "./setup";

export interface Examples {
  /** Types in the order of the schema, with a configuration for the editor. */
  providers: { type: string; config: string }[];
  replies: ReplyExample[];
  /** Index in `replies` for each provider and request example. */
  replyOf: Record<string, Record<string, number>>;
  /** Recorded cases with a provider's reply, whole. */
  cases: { name: string; why: string; setup: Setup }[];
}

export interface ReplyExample {
  /** Where it comes from, for people. */
  source: string;
  type: string;
  status: number;
  body: string;
}
