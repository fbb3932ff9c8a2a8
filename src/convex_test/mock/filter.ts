import { PENDING_TS } from "../../values/commit_ts.ts";
import { withCommitTs } from "../../engine/rows/commit_ts.ts";
import {
  Expression,
  filterBuilder,
  type FilterPredicate,
  toExpression,
} from "../../engine/plan/filter.ts";
import type { Value } from "../../values/types.ts";

type Operand = Value | undefined;
type Apply = (a: never, b: never) => unknown;

/**
 * The `q` of filters as in `convex-test`: JavaScript's comparisons, arithmetic and truthiness, so that a missing field
 * is neither less nor greater than anything. Equality is Convex's.
 */
const mockFilterBuilder: typeof filterBuilder = {
  ...filterBuilder,
  lt: operation(filterBuilder.lt, (a, b) => a < b),
  lte: operation(filterBuilder.lte, (a, b) => a <= b),
  gt: operation(filterBuilder.gt, (a, b) => a > b),
  gte: operation(filterBuilder.gte, (a, b) => a >= b),
  add: operation(filterBuilder.add, (a, b) => a + b),
  sub: operation(filterBuilder.sub, (a, b) => a - b),
  mul: operation(filterBuilder.mul, (a, b) => a * b),
  div: operation(filterBuilder.div, (a, b) => a / b),
  mod: operation(filterBuilder.mod, (a, b) => a % b),
  and: (...operands) => filterBuilder.and(...operands.map(truth)),
  or: (...operands) => filterBuilder.or(...operands.map(truth)),
  not: (operand) => filterBuilder.not(truth(operand)),
};

/** The expression of a filter, with JavaScript's truthiness. */
export function mockFilter(predicate: FilterPredicate): Expression {
  return truth(predicate(mockFilterBuilder));
}

/** An expression for the truthiness of another one. */
function truth(operand: unknown): Expression {
  const { evaluate, json } = toExpression(operand);
  return new Expression((document) => Boolean(evaluate(document)), json);
}

function operation(
  name: (left: unknown, right: unknown) => Expression,
  apply: Apply,
) {
  return (left: unknown, right: unknown): Expression => {
    const a = toExpression(left);
    const b = toExpression(right);
    return new Expression(
      (document) =>
        apply(
          withCommitTs(a.evaluate(document), PENDING_TS) as never,
          withCommitTs(b.evaluate(document), PENDING_TS) as never,
        ) as Operand,
      name(a, b).json,
    );
  };
}
