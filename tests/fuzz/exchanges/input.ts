// One whole exchange as data: all that is needed to run it again. Bytes are base64, because they may be no text.

export type Pairs = [string, string][];

export interface Input {
  /** Of a kept finding: what went wrong once. */
  why?: string;
  /** Of a kept finding that is not mended yet: why not. It must still fail. */
  pending?: string;
  /** Name of the configuration in setups.yaml; `config` is its text, so that a finding outlives the list. */
  setup: string;
  config: string;
  /** See setups.yaml. */
  forwardsKey?: boolean;
  route?: string;
  request: Message & { method: string; path: string; isCut?: boolean };
  response: ProviderResponse;
  /** Services that the plugin calls itself: answered with this body and status, or not at all (status 0). */
  service: { status: number; body: string };
}

export interface Message {
  headers: Pairs;
  body: string;
  trailers?: Pairs;
  /** The last piece carries the end, as in HTTP/2; else an empty one brings it. */
  endsWithData?: boolean;
}

/**
 * `reply`: the provider's. `local`: another filter's or Envoy's own, with its details. `fails`: no connection. A reply may break off
 * after its bytes (`reset`: by the provider; `abort`: by the client).
 */
export interface ProviderResponse extends Message {
  kind: "reply" | "local" | "fails";
  status: number;
  details?: string;
  breaks?: "reset" | "abort";
}

export const bytesOf = (base64: string): Buffer => Buffer.from(base64, "base64");
