/** Argument checks of the recall tools, whose input comes from programs' own searches. */
import { got, isRecord } from "../../at_once.ts";
import { MemoryValidationError } from "../../errors.ts";
import { unknownOption } from "../../unknown_option.ts";
import { INVALID_ARGUMENT } from "../rules/words.ts";

/** Throws `INVALID_ARGUMENT`, naming the argument, what it must be and what it is. */
function mustBe(
  name: string,
  bound: string,
  is: boolean,
  value: unknown,
): void {
  if (is) return;
  throw new MemoryValidationError(
    `${name} must be ${bound}: ${
      typeof value === "number" ? `got ${value}` : got(value)
    }`,
    INVALID_ARGUMENT,
    name,
  );
}

/** Whether a value is a record with texts under these names. */
function hasTexts(value: unknown, ...names: string[]): boolean {
  return isRecord(value) &&
    names.every((name) => typeof value[name] === "string");
}

function checkEach(
  name: string,
  bound: string,
  values: unknown,
  test: (value: unknown) => boolean,
): void {
  mustBe(name, "an array", Array.isArray(values), values);
  for (const [at, value] of (values as unknown[]).entries()) {
    mustBe(`${name}[${at}]`, bound, test(value), value);
  }
}

/** Items of a recall. */
export function checkItems(items: unknown): void {
  checkEach(
    "items",
    "an item of a recall, with id, content and score",
    items,
    (item) =>
      hasTexts(item, "id", "content") &&
      Number.isFinite((item as { score: unknown }).score),
  );
}

/** For a memory and a fact: the description in messages, and the string members that identify one. */
const RECORDS = {
  memory: ["a memory, with memoryId and content", "memoryId", "content"],
  fact: ["a fact, with factId and fact", "factId", "fact"],
} as const;

/** One memory, or one fact. */
export function checkRecord(kind: "memory" | "fact", value: unknown): void {
  const [bound, ...names] = RECORDS[kind];
  mustBe(kind, bound, hasTexts(value, ...names), value);
}

function checkRecords(
  kind: "memory" | "fact",
  found: { [name: string]: unknown },
): void {
  const [bound, ...names] = RECORDS[kind];
  for (const [name, records] of Object.entries(found)) {
    checkEach(name, bound, records, (one) => hasTexts(one, ...names));
  }
}

/** The results of several searches, under the names of the arguments that hold them. */
export function checkFound(
  { memories, facts, expandedMemories, expandedFacts, entities }: {
    [name: string]: unknown;
  },
): void {
  checkRecords("memory", { memories, expandedMemories });
  checkRecords("fact", { facts, expandedFacts });
  checkEach("entities", "a name", entities, (one) => typeof one === "string");
}

/** A score, from 0 to 1. */
export function checkScore(score: unknown): void {
  const is = typeof score === "number" && score >= 0 && score <= 1;
  mustBe("score", "a number from 0 to 1", is, score);
}

/** A point in time. */
export function checkTime(nowMs: unknown): void {
  mustBe("nowMs", "a time in ms", Number.isFinite(nowMs), nowMs);
}

/** A maximum of tokens or items; `Infinity` means none. */
export function checkMost(
  name: "maxTokens" | "options.limit",
  most: unknown,
): void {
  const is = typeof most === "number" && most > 0;
  mustBe(name, "a number over 0", is, most);
}

/** What a context cites. */
export function checkCiteBy(citeBy: unknown): void {
  const is = citeBy === "id" || citeBy === "number";
  mustBe("citeBy", '"id" or "number"', is, citeBy);
}

/** A text. */
export function checkText(text: unknown): void {
  mustBe("text", "a string", typeof text === "string", text);
}

/** Conversations by id. */
export function checkConversations(conversations: unknown): void {
  const { get } = Object(conversations);
  const bound = "a Map of conversations by id";
  mustBe("conversations", bound, typeof get === "function", conversations);
}

/** Options of `owner`, with the names that they may have. */
export function checkOptions(
  owner: string,
  options: unknown,
  names: object,
): void {
  mustBe("options", "an object", isRecord(options), options);
  const unknown = unknownOption(owner, options as object, names);
  if (!unknown) return;
  const { name, text } = unknown;
  throw new MemoryValidationError(text, INVALID_ARGUMENT, `options.${name}`);
}
