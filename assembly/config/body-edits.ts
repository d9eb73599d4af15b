// What the operator changes in the bodies of requests, for a provider or for a rule: messages of his own, and parameters that some models
// do not take.

import { View } from "../bytes/view";
import { ModelMapping } from "../model/mapping";

/** A message that joins those of the client. */
@final
export class Prompt {
  constructor(
    public role: View,
    /** A JSON string, with its quotes. */
    public content: View,
    /** Behind the client's messages. */
    public isLast: bool,
  ) {}
}

/** Parameters are named by a name or a dotted path. */
@final
export class ParameterRule {
  constructor(
    /** Patterns of the models that it is for; empty: all. */
    public models: ModelMapping,
    public drop: Array<View>,
    /** Old name, new name, old name, new name… */
    public rename: Array<View>,
    /** Name, largest value as JSON, name… */
    public most: Array<View>,
  ) {}
}

@final
export class BodyEdits {
  prompts: Array<Prompt> = [];
  rules: Array<ParameterRule> = [];
}

/** Nothing is changed. Never changed itself. */
export const NO_EDITS: BodyEdits = new BodyEdits();
