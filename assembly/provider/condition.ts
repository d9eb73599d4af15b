// When a word of a row holds: by one setting of the provider.

/** `holds()` in provider/resolve.ts judges it. */
@final
export class Condition {
  constructor(
    /** The number of the setting. */
    public field: i32,
    /** What its text must be; "": any that is not empty. A truth value must be true. */
    public value: string,
    /** The condition holds when that is not so. */
    public isNegated: bool,
  ) {}
}

/** The setting is true, or its text is not empty. */
export function given(field: i32): Condition {
  return new Condition(field, "", false);
}

/** The setting is false, or its text is empty. */
export function unless(field: i32): Condition {
  return new Condition(field, "", true);
}

/** The setting's text is `value`. */
export function equals(field: i32, value: string): Condition {
  return new Condition(field, value, false);
}
