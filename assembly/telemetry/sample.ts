// What one finished exchange tells the metrics.

import { View } from "../bytes/view";
import { ModelMapping } from "../model/mapping";

/** The error of an exchange that failed by the provider's own word. */
export const PROVIDER_ERROR: string = "provider_error";

/** What one finished exchange adds. Tokens are -1 when unknown, durations in milliseconds. Views need not be owned. */
@final
export class Sample {
  route: View = View.empty();
  cluster: View = View.empty();
  /** What the provider was asked for; the client's own name when there is no mapping. */
  asked: View = View.empty();
  /** What the provider says has answered; only of responses with status 2xx. */
  responded: View = View.empty();
  mapping: ModelMapping | null = null;
  consumer: View = View.empty();
  provider: string = "";
  /** OpenTelemetry's word for the API. */
  operation: string = "";
  status: i32 = 0;
  /** A failure's code, `provider_error`, `stream_error`, `aborted`, or "". */
  error: string = "";
  input: i64 = -1;
  output: i64 = -1;
  total: i64 = -1;
  duration: i64 = 0;
  /** -1 when no first token came. */
  firstToken: i64 = -1;
  skipped: string = "";
  /** Bits of limit/abnormal. */
  signals: i32 = 0;

  get isGood(): bool {
    return this.status >= 200 && this.status < 300 && this.error != PROVIDER_ERROR;
  }
}
