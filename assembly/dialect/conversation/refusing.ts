// What everything that reads a client's request has in common: it may find that the request cannot be sent on.

export abstract class Refusing {
  /** Why the request was refused, as one sentence for the client that never quotes the prompt; "" while all is well. */
  problem: string = "";
  /** The parameter that `problem` is about (`messages[2].content`), or "". */
  problemParam: string = "";

  /** Sets both; always false, so that the caller can return it. */
  protected refuse(problem: string, param: string = ""): bool {
    this.problem = problem;
    this.problemParam = param;
    return false;
  }
}
