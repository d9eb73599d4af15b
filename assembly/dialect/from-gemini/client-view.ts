// What the exchange's request decides for its response.

/** What an exchange's request says of the response. */
@final
export class ClientView {
  /** The client wants to see thoughts. */
  showsThoughts: bool = true;
  /** Calls may come: reasoning that nobody signs is kept for them. */
  keepsReasoning: bool = false;
  /** See GeminiClientSettings. */
  isChat: bool = true;
  /** The chat is in the conversation form. */
  isOrdered: bool = false;
}
