// Writes the program of a repeat around the piece that it repeats, which was written last.

import { Op, Program } from "./program";
import { UNLIMITED } from "./repeat";

/**
 * Repeats the piece from `start` to the end of `program` from `least` to `most` times. `nullable`: the piece can match without
 * reading. Returns whether the result can.
 */
export function writeRepeat(program: Program, start: i32, nullable: bool, least: i32, most: i32, isLazy: bool): bool {
  if (least == 0 && most == UNLIMITED) {
    // The loop of a piece that may read nothing is written (piece+)?: only so the alternatives keep their order.
    writeLoop(program, start, nullable, isLazy);
    return true;
  }
  if (least == 1 && most == UNLIMITED) {
    splitBack(program, start, isLazy);
    return nullable;
  }
  const piece = program.cut(start);
  for (let k = 0; k < least; k++) {
    if (k == least - 1) start = program.length;
    program.paste(piece);
  }
  if (most == UNLIMITED) splitBack(program, start, isLazy);
  else pasteOptional(program, piece, most - least, isLazy);
  return nullable || least == 0;
}

/** piece* */
function writeLoop(program: Program, start: i32, nullable: bool, isLazy: bool): void {
  if (nullable) splitBack(program, start, isLazy);
  const size = program.length - start;
  insertSplit(program, start, nullable ? size + 1 : size + 2, isLazy);
  if (!nullable) program.emit(Op.Jump, -(size + 1));
}

/** (piece(piece(piece)?)?)? with `count` pieces: one split before each, all to the common end. */
function pasteOptional(program: Program, piece: Array<i32>, count: i32, isLazy: bool): void {
  const size = piece.length / 3 + 1;
  for (let left = count; left > 0 && !program.isFull; left--) {
    insertSplit(program, program.length, left * size, isLazy);
    program.paste(piece);
  }
}

/** Turns the piece from `start` to the end into piece+. */
function splitBack(program: Program, start: i32, isLazy: bool): void {
  const back = start - program.length;
  program.emit(Op.Split, isLazy ? 1 : back, isLazy ? back : 1);
}

/** Lets the piece from `index` on be left out, by going on at +`past`. */
function insertSplit(program: Program, index: i32, past: i32, isLazy: bool): void {
  program.insert(index, Op.Split, isLazy ? past : 1, isLazy ? 1 : past);
}
