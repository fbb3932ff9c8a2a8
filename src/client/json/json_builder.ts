import type { JsonValue } from "../../values/types.ts";
import {
  ARRAY,
  ARRAY_END,
  EQUALS,
  OBJECT,
  OBJECT_END,
  QUOTE,
} from "./json_constants.ts";
import { JsonScanner } from "./json_scanner.ts";
import * as STEP from "./json_step_codes.ts";
import type { JsonProgram } from "./json_steps.ts";
import { decodeText } from "./json_text.ts";
import { decodeBase64, jsonToValue, ownJsonToValue } from "../wire.ts";

/** Base64 decoded at a time, in characters. */
const BASE64_PART = 256 * 1024;
/** Text scanned at a time, in bytes. */
const SCAN_PART = 64 * 1024;

/**
 * Runs a program and returns its value, with Convex's values decoded. Between parts of the work it yields the number of
 * bytes processed. Throws what `JSON.parse` and `jsonToValue` throw.
 */
export function* build(program: JsonProgram): Generator<number, unknown> {
  const builder = new Builder(program.text, program.values, program.numbers);
  yield* builder.run(program.steps);
  return builder.result;
}

/** Decodes a text, parses it in one go, then decodes its values; yields between these. Throws as {@link build} does. */
export function* parseWhole(bytes: Uint8Array): Generator<number, unknown> {
  const text = decodeText(bytes);
  yield bytes.length / 8;
  const json: JsonValue = JSON.parse(text);
  yield bytes.length / 2;
  return ownJsonToValue(json);
}

/** Scans a text and builds its value. `undefined` when the text must be parsed as a whole. */
export function* scanAndBuild(text: Uint8Array): Generator<number, unknown> {
  const scanner = new JsonScanner(text, false);
  const builder = new Builder(text, scanner.values, scanner.numbers);
  for (let isDone: boolean | undefined = false; !isDone;) {
    const from = scanner.at;
    isDone = scanner.scan(from + SCAN_PART);
    if (isDone === undefined) return undefined;
    yield (scanner.at - from) / 4;
    yield* builder.run(scanner.steps);
    scanner.steps = [];
  }
  return builder.result;
}

type Container = unknown[] | { [name: string]: unknown };

/** Builds a value step by step. */
class Builder {
  result: unknown;
  readonly #text: Uint8Array;
  readonly #values: readonly unknown[];
  readonly #numbers: Float64Array;
  readonly #outer: { container: Container; name: string }[] = [];
  #container: Container = [];
  #name = "";
  #string = "";

  constructor(
    text: Uint8Array,
    values: readonly unknown[],
    numbers: Float64Array,
  ) {
    this.#text = text;
    this.#values = values;
    this.#numbers = numbers;
  }

  *run(steps: ArrayLike<number>): Generator<number> {
    for (let at = 0; at < steps.length;) {
      const step = steps[at++];
      switch (step) {
        case STEP.array:
          this.#begin([]);
          break;
        case STEP.object:
          this.#begin({});
          break;
        case STEP.end:
          this.#end();
          break;
        case STEP.string:
          this.#add(this.#string);
          this.#string = "";
          break;
        case STEP.value:
          this.#add(this.#values[steps[at++]!]);
          break;
        case STEP.numbers: {
          const first = steps[at++]!;
          const count = steps[at++]!;
          this.#add(numbersFrom(this.#numbers, first, first + count));
          yield count * 2;
          break;
        }
        default: {
          const from = steps[at++]!;
          const to = steps[at++]!;
          if (step === STEP.name) {
            this.#name = this.#parse(from, to) as string;
            // Throws for a name that Convex forbids.
            jsonToValue({ [this.#name]: null });
          } else if (step === STEP.base64) {
            this.#add(yield* this.#base64(from, to));
          } else {
            yield to - from;
            if (step === STEP.stringPart) {
              this.#string += this.#parseWithin(from, to, QUOTE, QUOTE);
            } else this.#addMembers(from, to, step === STEP.specialMembers);
          }
        }
      }
    }
  }

  #begin(container: Container): void {
    this.#outer.push({ container: this.#container, name: this.#name });
    this.#container = container;
  }

  #end(): void {
    const made = this.#container;
    const outer = this.#outer.pop()!;
    this.#container = outer.container;
    this.#name = outer.name;
    if (this.#outer.length === 0) this.result = made;
    else this.#add(made);
  }

  #add(value: unknown): void {
    if (Array.isArray(this.#container)) this.#container.push(value);
    else this.#container[this.#name] = value;
  }

  #addMembers(from: number, to: number, isSpecial: boolean): void {
    const isList = Array.isArray(this.#container);
    let members = isList
      ? this.#parseWithin(from, to, ARRAY, ARRAY_END)
      : this.#parseWithin(from, to, OBJECT, OBJECT_END);
    if (isSpecial) members = ownJsonToValue(members as JsonValue);
    if (!isList) Object.assign(this.#container, members);
    else for (const member of members as unknown[]) this.#add(member);
  }

  #parse(from: number, to: number): unknown {
    return JSON.parse(decodeText(this.#text.subarray(from, to)));
  }

  /** Parses a range as if it stood between two given characters. */
  #parseWithin(from: number, to: number, before: number, after: number) {
    const text = this.#text;
    const first = text[from - 1]!;
    const last = text[to]!;
    text[from - 1] = before;
    text[to] = after;
    try {
      return this.#parse(from - 1, to + 1);
    } finally {
      text[from - 1] = first;
      text[to] = last;
    }
  }

  *#base64(from: number, to: number): Generator<number, ArrayBuffer> {
    const padding = this.#text[to - 1] !== EQUALS
      ? 0
      : this.#text[to - 2] !== EQUALS
      ? 1
      : 2;
    const out = new Uint8Array((to - from) / 4 * 3 - padding);
    let length = 0;
    for (let at = from; at < to; at += BASE64_PART) {
      const end = Math.min(to, at + BASE64_PART);
      const part = decodeBase64(decodeText(this.#text.subarray(at, end)));
      if (part === undefined || length + part.length > out.length) {
        throw new TypeError("malformed base64");
      }
      out.set(part, length);
      length += part.length;
      yield end - at;
    }
    if (length !== out.length) throw new TypeError("malformed base64");
    return out.buffer;
  }
}

/** Copies numbers into an array. Filled from index 0 by length, which is four times faster than other ways. */
function numbersFrom(
  from: Float64Array,
  first: number,
  end: number,
): number[] {
  const numbers = from.subarray(first, end);
  const { length } = numbers;
  const out = new Array<number>(length);
  for (let at = 0; at < length; at++) out[at] = numbers[at]!;
  return out;
}
