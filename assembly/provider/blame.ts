// Whether an error that a provider has answered is the token's fault. A client chooses the API, the model and the text, so what
// it can provoke with a bad request must not take tokens out of use for everybody: a status that says both things counts
// only with a word of the provider's that names the token or its account (usage/fault.ts). docs/failover.md has the table.

/** What is known of an error besides its status. */
@final
export class Refusal {
  /** The HTTP status, 0 without a refusal. */
  status: i32 = 0;
  /** What the code and the type of its body stand for, 0 for nothing known. */
  code: i32 = 0;
  type: i32 = 0;
  /** The API names a model: every token is meant for it. */
  isModelApi: bool = false;
  /** The client has named the account itself (forwardHeaders). */
  hasClientsAccount: bool = false;
  /** The client sent its body while the provider waited for it. */
  isClientsPace: bool = false;

  /** The status that counts against the token, 0 for none. */
  get blamed(): i32 {
    const status = this.status;
    const word = isTokens(this.code) ? this.code : isTokens(this.type) ? this.type : 0;
    if (this.hasClientsAccount && (status == 401 || status == 403 || word == 401)) return 0;
    if (word != 0) return word;
    if (status == 401) return this.isModelApi && this.code != 403 && this.code != 404 ? status : 0;
    if (status == 408) return this.isClientsPace ? 0 : status;
    return status == 402 || status == 429 || status >= 500 ? status : 0;
  }
}

/** A status that a word only gets which speaks of the token, its account, its credit or its limits. */
function isTokens(status: i32): bool {
  return status == 401 || status == 402 || status == 429;
}
