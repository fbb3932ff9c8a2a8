import { decodeBase64 } from "../../values/base64.ts";
import {
  ARRAY,
  ARRAY_END,
  COLON,
  COMMA,
  DOLLAR,
  LARGE_PIECE,
  MAX_DEPTH,
  MINUS,
  NAME,
  NAME_OR_END,
  NINE,
  OBJECT,
  OBJECT_END,
  PART,
  PIECE,
  QUOTE,
  SEPARATOR,
  USUAL_NUMBER,
  VALUE,
  VALUE_OR_END,
  WORTH_A_STEP,
  ZERO,
} from "./json_constants.ts";
import * as STEP from "./json_step_codes.ts";
import {
  cutBefore,
  decodeText,
  isSpace,
  nameEnd,
  stringEnd,
} from "./json_text.ts";

/**
 * Splits the JSON text of an answer, as UTF-8, into short steps, and finds values that can be sent in a more compact form
 * than text. It checks structure and names only: other invalid JSON is found when the steps are run.
 */
export class JsonScanner {
  /** Steps found; the caller takes them out. */
  steps: number[] = [];
  /** Values decoded so far. Holds bytes only when numbers are packed. */
  readonly values: (ArrayBuffer | number[])[] = [];
  /** Numbers packed so far. */
  numbers = new Float64Array(0);
  /** Count of the packed numbers. */
  numberCount = 0;
  readonly #text: Uint8Array;
  readonly #decodes: boolean;
  readonly #kinds: number[] = [];
  /** For each container: start of the text that is in no step yet, or -1 when there is none. */
  readonly #pending: number[] = [];
  /** For each container: start of the current member. */
  readonly #member: number[] = [];
  /** For each container: the range of the current member's name. */
  readonly #nameFrom: number[] = [];
  readonly #nameTo: number[] = [];
  /** How many of the open containers a step has begun; the inner ones are only text so far. */
  #begun = 0;
  #at = 0;
  #next: number = VALUE;
  #lastSpecial = -1;

  /** With `decodes`, bytes are decoded and numbers packed here, instead of when the steps are run. */
  constructor(text: Uint8Array, decodes: boolean) {
    this.#text = text;
    this.#decodes = decodes;
  }

  /** Position in the text, in bytes. */
  get at(): number {
    return this.#at;
  }

  /**
   * Scans up to a byte, or slightly beyond. Returns true at the end of the text, and `undefined` when it is not JSON or
   * must be parsed as a whole, because of a name that begins with `$` or containers nested too deeply.
   */
  scan(until: number): boolean | undefined {
    const text = this.#text;
    while (this.#at < until) {
      if (this.#at >= text.length) return undefined;
      const code = text[this.#at]!;
      if (code === 32 || code === 10 || code === 13 || code === 9) {
        this.#at++;
        continue;
      }
      const isWell = this.#next === SEPARATOR
        ? this.#separator(code)
        : this.#next === NAME || this.#next === NAME_OR_END
        ? this.#name(code)
        : this.#value(code);
      if (!isWell) return undefined;
      if (this.#kinds.length === 0) return this.#isAllSpace() || undefined;
    }
    return false;
  }

  #isAllSpace(): boolean {
    return this.#text.subarray(this.#at).every((code) => isSpace(code));
  }

  #separator(code: number): boolean {
    if (code !== COMMA) return this.#end(code);
    const at = this.#at++;
    const depth = this.#kinds.length - 1;
    const begun = this.#begun - 1;
    const length = at - this.#pending[begun]!;
    if (this.#pending[depth] === -1) {
      this.#pending[depth] = at + 1;
    } else if (depth === begun ? length > PIECE : length > LARGE_PIECE) {
      this.#beginAll();
      this.#emit(depth, at);
      this.#pending[depth] = at + 1;
    }
    this.#member[depth] = at + 1;
    this.#next = this.#kinds[depth] === OBJECT ? NAME : VALUE;
    return true;
  }

  #name(code: number): boolean {
    if (code === OBJECT_END && this.#next === NAME_OR_END) {
      return this.#end(code);
    }
    if (code !== QUOTE) return false;
    const text = this.#text;
    const from = this.#at;
    const found = nameEnd(text, from);
    if (found === undefined) return false;
    // The builder checks names of members treated as special.
    if (found < 0) this.#lastSpecial = from;
    const to = Math.abs(found);
    let at = to;
    while (isSpace(text[at])) at++;
    if (text[at] !== COLON) return false;
    const depth = this.#kinds.length - 1;
    this.#nameFrom[depth] = from;
    this.#nameTo[depth] = to;
    this.#at = at + 1;
    this.#next = VALUE;
    return true;
  }

  #value(code: number): boolean {
    // An answer must be an object.
    if (this.#kinds.length === 0 && code !== OBJECT) return false;
    switch (code) {
      case QUOTE:
        return this.#string();
      case OBJECT:
        return this.#special() ?? this.#begin(OBJECT);
      case ARRAY:
        return this.#numbers() ?? this.#begin(ARRAY);
      case ARRAY_END:
        return this.#next === VALUE_OR_END && this.#end(code);
    }
    const text = this.#text;
    let at = this.#at;
    for (; at < text.length; at++) {
      const code = text[at]!;
      if (code === COMMA || code === ARRAY_END || code === OBJECT_END) break;
    }
    if (at === this.#at) return false;
    this.#at = at;
    this.#next = SEPARATOR;
    return true;
  }

  #begin(kind: number): boolean {
    const depth = this.#kinds.push(kind) - 1;
    this.#at++;
    this.#pending[depth] = this.#member[depth] = this.#at;
    this.#next = kind === OBJECT ? NAME_OR_END : VALUE_OR_END;
    if (depth > 0) return depth < MAX_DEPTH;
    this.#begun = 1;
    this.steps.push(STEP.object);
    return true;
  }

  #end(code: number): boolean {
    const depth = this.#kinds.length - 1;
    if (this.#kinds[depth] !== code - 2) return false;
    if (depth === this.#begun - 1) {
      const isEmpty = this.#next !== SEPARATOR;
      if (this.#pending[depth] !== -1 && !isEmpty) this.#emit(depth, this.#at);
      this.steps.push(STEP.end);
      this.#begun--;
      if (depth > 0) this.#pending[depth - 1] = -1;
    }
    this.#kinds.pop();
    this.#at++;
    this.#next = SEPARATOR;
    return true;
  }

  /** Emits steps that begin every open container that is only text so far. */
  #beginAll(): void {
    while (this.#begun < this.#kinds.length) {
      this.#emitBeforeMember();
      this.steps.push(
        this.#kinds[this.#begun] === OBJECT ? STEP.object : STEP.array,
      );
      this.#begun++;
    }
  }

  /** Emits steps for the text before the current member, and for that member's name. */
  #emitBeforeMember(): void {
    const depth = this.#begun - 1;
    const member = this.#member[depth]!;
    const pending = this.#pending[depth]!;
    if (pending !== -1 && member > pending) this.#emit(depth, member - 1);
    if (this.#kinds[depth] !== OBJECT) return;
    this.steps.push(STEP.name, this.#nameFrom[depth]!, this.#nameTo[depth]!);
  }

  #emit(depth: number, to: number): void {
    const from = this.#pending[depth]!;
    const isSpecial = this.#lastSpecial >= from;
    this.steps.push(isSpecial ? STEP.specialMembers : STEP.members, from, to);
  }

  /** Emits a step that makes the current member. */
  #emitMember(end: number, step: number, ...operands: number[]): true {
    this.#beginAll();
    this.#emitBeforeMember();
    this.steps.push(step, ...operands);
    this.#pending[this.#kinds.length - 1] = -1;
    this.#at = end;
    this.#next = SEPARATOR;
    return true;
  }

  #skipTo(end: number): true {
    this.#at = end;
    this.#next = SEPARATOR;
    return true;
  }

  #string(): boolean {
    const text = this.#text;
    const from = this.#at + 1;
    const end = stringEnd(text, this.#at);
    if (end === -1) return false;
    if (end - from < PART) return this.#skipTo(end + 1);
    this.#beginAll();
    this.#emitBeforeMember();
    for (let at = from; at < end;) {
      const to = end - at <= PART ? end : cutBefore(text, at + PART);
      this.steps.push(STEP.stringPart, at, to);
      at = to;
    }
    this.steps.push(STEP.string);
    this.#pending[this.#kinds.length - 1] = -1;
    return this.#skipTo(end + 1);
  }

  /** Reads `{"$bytes":"…"}` and the like; `undefined` for an ordinary object. */
  #special(): boolean | undefined {
    const text = this.#text;
    let at = this.#at + 1;
    while (isSpace(text[at])) at++;
    if (text[at] !== QUOTE || text[at + 1] !== DOLLAR) return undefined;
    const nameFrom = at;
    const nameEnd = stringEnd(text, at) + 1;
    at = nameEnd;
    while (isSpace(text[at])) at++;
    if (nameEnd === 0 || text[at++] !== COLON) return false;
    while (isSpace(text[at])) at++;
    if (text[at] !== QUOTE) return false;
    const from = at + 1;
    const to = stringEnd(text, at);
    at = to + 1;
    while (isSpace(text[at])) at++;
    if (to === -1 || text[at] !== OBJECT_END) return false;
    this.#lastSpecial = this.#at;
    if (
      to - from < WORTH_A_STEP ||
      decodeText(text.subarray(nameFrom, nameEnd)) !== '"$bytes"'
    ) return this.#skipTo(at + 1);
    if (!this.#decodes) {
      return this.#emitMember(at + 1, STEP.base64, from, to);
    }
    const bytes = decodeBase64(decodeText(text.subarray(from, to)));
    if (bytes === undefined) return false;
    const index = this.values.push(bytes.buffer) - 1;
    return this.#emitMember(at + 1, STEP.value, index);
  }

  /** Reads an array of numbers; `undefined` for another array, or one too long to parse at once. */
  #numbers(): boolean | undefined {
    const text = this.#text;
    const first = text[this.#at + 1]!;
    if (first !== MINUS && (first < ZERO || first > NINE)) return undefined;
    const end = text.indexOf(ARRAY_END, this.#at) + 1;
    const length = end - this.#at;
    if (length < WORTH_A_STEP) return undefined;
    if (!this.#decodes && length > LARGE_PIECE) return undefined;
    // Checking the numbers afterwards costs next to nothing; checking their text costs as much as parsing it.
    let values: number[];
    try {
      values = JSON.parse(decodeText(text.subarray(this.#at, end)));
    } catch {
      return undefined;
    }
    // By index: with a callback, V8 takes a hundred times as long.
    for (let index = 0; index < values.length; index++) {
      if (typeof values[index] !== "number") return undefined;
    }
    if (!this.#decodes) {
      const index = this.values.push(values) - 1;
      return this.#emitMember(end, STEP.value, index);
    }
    const at = this.numberCount;
    this.numberCount += values.length;
    if (this.numberCount > this.numbers.length) {
      const usual = at === 0 ? text.length / USUAL_NUMBER : 0;
      const grown = new Float64Array(Math.max(usual, this.numberCount * 2));
      grown.set(this.numbers);
      this.numbers = grown;
    }
    this.numbers.set(values, at);
    return this.#emitMember(end, STEP.numbers, at, values.length);
  }
}
