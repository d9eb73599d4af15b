// Which choices of a stream have had their role chunk, and in which a <think> tag is open. Bits, not objects.

/** Choices that are told apart; higher indexes share the last bit. OpenAI allows n up to 128, providers at most 8. */
const LAST_CHOICE: i32 = 63;

@final
export class ChoiceFlags {
  private bits: u64 = 0;

  private mask(choice: i32): u64 {
    const bit = choice < 0 ? 0 : choice > LAST_CHOICE ? LAST_CHOICE : choice;
    return (<u64>1) << (<u64>bit);
  }

  has(choice: i32): bool {
    return (this.bits & this.mask(choice)) != 0;
  }

  set(choice: i32): void {
    this.bits |= this.mask(choice);
  }

  /** No choice is marked. */
  get isEmpty(): bool {
    return this.bits == 0;
  }

  clear(choice: i32): void {
    this.bits &= ~this.mask(choice);
  }
}
