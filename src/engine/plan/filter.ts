import { EngineError } from "../../errors.ts";
import { compareValues } from "../../values/compare.ts";
import { copyValue } from "../../values/copy.ts";
import { valueToJson } from "../../values/json.ts";
import type { JsonValue, Value } from "../../values/types.ts";
import { type Document, fieldAt, splitPath } from "../rows/fields.ts";

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

type Evaluate = (document: Document) => Value | undefined;

/** One node of a filter: how to evaluate it, and its JSON form, which identifies the query in cursors. */
export class Expression {
  /** Its value for a document. */
  readonly evaluate: Evaluate;
  /** Its JSON form, as Convex writes it. */
  readonly json: JsonValue;

  /** Combines the two. */
  constructor(evaluate: Evaluate, json: JsonValue) {
    this.evaluate = evaluate;
    this.json = json;
  }
}

/** The `q` that `filter` hands to its callback. */
export const filterBuilder = {
  eq: comparison("$eq", (order) => order === 0),
  neq: comparison("$neq", (order) => order !== 0),
  lt: comparison("$lt", (order) => order < 0),
  lte: comparison("$lte", (order) => order <= 0),
  gt: comparison("$gt", (order) => order > 0),
  gte: comparison("$gte", (order) => order >= 0),
  add: arithmetic("add", (a, b) => a + b, (a, b) => a + b),
  sub: arithmetic("sub", (a, b) => a - b, (a, b) => a - b),
  mul: arithmetic("mul", (a, b) => a * b, (a, b) => a * b),
  div: arithmetic("div", (a, b) => a / b, (a, b) => a / nonZero("div", b)),
  mod: arithmetic("mod", (a, b) => a % b, (a, b) => a % nonZero("mod", b)),
  neg: (operand: unknown): Expression => {
    const { evaluate, json } = toExpression(operand);
    return new Expression((document) => {
      const value = evaluate(document);
      if (typeof value === "number") return -value;
      if (typeof value === "bigint") return checkedInt64("neg", -value);
      throw typeError("neg", "a number", value);
    }, { $neg: json });
  },
  and: logical("and", (values) => values.every((isTrue) => isTrue())),
  or: logical("or", (values) => values.some((isTrue) => isTrue())),
  not: (operand: unknown): Expression => {
    const { evaluate, json } = toExpression(operand);
    return new Expression(
      (document) => !requireBoolean("not", evaluate(document)),
      { $not: json },
    );
  },
  field: (fieldPath: string): Expression => {
    const path = splitPath(fieldPath);
    return new Expression((document) => fieldAt(document, path), {
      $field: fieldPath,
    });
  },
};

/** Argument of `filter`: makes the expression that must be true. */
export type FilterPredicate = (q: typeof filterBuilder) => unknown;

/** Takes an expression as it is and anything else as a literal value. */
export function toExpression(operand: unknown): Expression {
  if (operand instanceof Expression) return operand;
  const value = operand === undefined
    ? undefined
    : copyValue(operand, "filter literal");
  return new Expression(() => value, {
    $literal: value === undefined ? { $undefined: null } : valueToJson(value),
  });
}

/** Whether a document passes a filter. Throws `INVALID_FILTER` when the filter is not a boolean. */
export function passes(filter: Expression, document: Document): boolean {
  return requireBoolean("filter", filter.evaluate(document));
}

function comparison(name: string, decide: (order: -1 | 0 | 1) => boolean) {
  return (left: unknown, right: unknown): Expression => {
    const a = toExpression(left);
    const b = toExpression(right);
    return new Expression(
      (document) =>
        decide(compareValues(a.evaluate(document), b.evaluate(document))),
      { [name]: [a.json, b.json] },
    );
  };
}

function arithmetic(
  name: string,
  onFloats: (a: number, b: number) => number,
  onInts: (a: bigint, b: bigint) => bigint,
) {
  return (left: unknown, right: unknown): Expression => {
    const a = toExpression(left);
    const b = toExpression(right);
    return new Expression((document) => {
      const x = a.evaluate(document);
      const y = b.evaluate(document);
      if (typeof x === "number" && typeof y === "number") return onFloats(x, y);
      if (typeof x === "bigint" && typeof y === "bigint") {
        return checkedInt64(name, onInts(x, y));
      }
      throw typeError(
        name,
        "two float64 or two int64 values",
        typeof x === "number" || typeof x === "bigint" ? y : x,
      );
    }, { [`$${name}`]: [a.json, b.json] });
  };
}

function logical(
  name: string,
  decide: (operands: (() => boolean)[]) => boolean,
) {
  return (...operands: unknown[]): Expression => {
    const parts = operands.map(toExpression);
    return new Expression(
      (document) =>
        decide(
          parts.map((part) => () =>
            requireBoolean(name, part.evaluate(document))
          ),
        ),
      { [`$${name}`]: parts.map((part) => part.json) },
    );
  };
}

function requireBoolean(where: string, value: Value | undefined): boolean {
  if (typeof value === "boolean") return value;
  throw typeError(where, "a boolean", value);
}

function checkedInt64(where: string, value: bigint): bigint {
  if (value >= MIN_INT64 && value <= MAX_INT64) return value;
  throw new EngineError(
    "INVALID_FILTER",
    `${where}: ${value} is outside of the int64 range`,
  );
}

function nonZero(where: string, value: bigint): bigint {
  if (value !== 0n) return value;
  throw new EngineError("INVALID_FILTER", `${where}: division of int64 by 0`);
}

function typeError(
  where: string,
  expected: string,
  value: Value | undefined,
): EngineError {
  const shown = value === undefined
    ? "undefined"
    : JSON.stringify(valueToJson(value)).slice(0, 80);
  return new EngineError(
    "INVALID_FILTER",
    `${where} expects ${expected}, got ${shown}`,
  );
}
