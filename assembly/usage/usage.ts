// Token counts of one exchange in the terms of OpenAI: input includes cached tokens, output includes reasoning tokens.

/** Where the counts come from. */
export const enum UsageSource {
  /** The provider reported none. */
  None,
  Reported,
  /** Reported, but the stream ended before its final count. */
  Partial,
  Estimated,
}

/** The counts of one exchange, in tokens. */
@final
export class Usage {
  /** Tokens; -1 until known. */
  input: i64 = -1;
  output: i64 = -1;
  total: i64 = -1;
  /** Subset of input that was read from a cache, and that was written to one. */
  cachedInput: i64 = -1;
  cacheWrite: i64 = -1;
  /** Subset of what was written: what is kept for an hour. */
  cacheWriteHour: i64 = -1;
  /** Subset of output. */
  reasoning: i64 = -1;
  /** Subsets of input, those of the audio that came from a cache, and subsets of output. */
  imageInput: i64 = -1;
  audioInput: i64 = -1;
  cachedAudio: i64 = -1;
  imageOutput: i64 = -1;
  audioOutput: i64 = -1;
  /** Pictures that were made. */
  images: i64 = 0;
  /** Why the response ended (finish.ts), "" until known. */
  finish: string = "";

  /** Nothing is known any more. */
  clear(): void {
    this.input = -1;
    this.output = -1;
    this.total = -1;
    this.cachedInput = -1;
    this.cacheWrite = -1;
    this.cacheWriteHour = -1;
    this.reasoning = -1;
    this.imageInput = -1;
    this.audioInput = -1;
    this.cachedAudio = -1;
    this.imageOutput = -1;
    this.audioOutput = -1;
    this.images = 0;
    this.finish = "";
  }

  /** At least one of input, output and total is known. */
  get isKnown(): bool {
    return this.input >= 0 || this.output >= 0 || this.total >= 0;
  }

  /** Something is reported, and all of it is nothing. */
  get isZero(): bool {
    return this.isKnown && this.input <= 0 && this.output <= 0 && this.total <= 0;
  }

  /** Input tokens, 0 when they are not known. */
  get inputOrZero(): i64 {
    return max<i64>(this.input, 0);
  }

  /** Output tokens, 0 when they are not known. */
  get outputOrZero(): i64 {
    return max<i64>(this.output, 0);
  }

  /** The reported total, else the sum of what is known. */
  get totalOrSum(): i64 {
    if (this.total >= 0) return this.total;
    return this.inputOrZero + this.outputOrZero;
  }
}
