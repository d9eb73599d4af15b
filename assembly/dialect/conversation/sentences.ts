// The sentences that clients are told by more than one dialect: one wording for each thing that can be wrong. None quotes the
// prompt. A sentence that one dialect alone can say stands where it is said.

// The body.
export const NOT_AN_OBJECT: string = "The request body must be a JSON object.";
export const REQUEST_TOO_LARGE: string = "The request is too large.";
export const NO_MODEL: string = "A model is required.";

// Messages.
export const NO_MESSAGES: string = "messages must be a list and must not be empty.";
export const NO_CONTENT: string = "The messages hold no content.";
export const WRONG_ROLE: string = "The role of a message must be system, developer, user, assistant or tool.";
export const WRONG_CONTENT: string = "Message content must be a string or a list of parts.";
export const WRONG_TEXT_PART: string = "A text part needs a text.";
export const UNKNOWN_PART: string = "This type of content part has no counterpart at this provider.";
export const NO_ADDRESS: string = "The part needs an address or a data URI.";
export const TEXT_ONLY: string = "This provider takes text only.";
export const NOT_BASE64: string = "A data: URI must be base64 encoded.";
export const EMPTY_DATA_URI: string = "A data: URI holds no data.";

// Tools.
export const WRONG_TOOLS: string = "tools must be a list.";
export const FUNCTIONS_ONLY: string = "Only tools of type function have a counterpart at this provider.";
export const UNNAMED_FUNCTION: string = "A function needs a name.";
export const FUNCTION_CALLS_ONLY: string = "Only calls of functions have a counterpart at this provider.";
export const UNNAMED_CALL: string = "A tool call needs the name of its function.";
export const CALL_WITHOUT_ID: string = "A tool call needs an id.";
export const WRONG_ARGUMENTS: string = "The arguments of a tool call must be a JSON object.";
export const RESULT_WITHOUT_ID: string = "A tool message needs the id of the call it answers.";
export const WRONG_CHOICE: string = "tool_choice must be auto, none, required or an object that names a function.";
export const WRONG_LIMIT: string = "The token limit must be a number.";

// Embeddings.
export const WRONG_INPUT: string = "input must be a string or a list of strings.";
export const EMPTY_INPUT: string = "input must not be empty.";
export const TEXTS_ONLY: string = "This provider embeds text only, no token numbers.";
export const ONE_INPUT: string = "This model embeds one input a request.";
export const UNREADABLE_VECTOR: string = "The provider's answer holds an embedding that is no list of numbers.";

// What the upstream did.
export const UPSTREAM_ERROR: string = "The upstream reported an error.";
export const INVALID_EVENT: string = "The upstream sent an event that is not valid JSON.";
export const TRUNCATED: string = "The upstream closed the stream before it was finished.";
