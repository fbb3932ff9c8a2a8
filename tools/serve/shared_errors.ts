/** The beginning of the class `ConvexError` as esbuild writes it, whatever names it has given. */
const CONVEX_ERROR =
  /\bclass(?: [\w$]+)? extends \(([\w$]+) = Error, [\w$]+ = [\w$]+, \1\) \{/g;

/** Also accepts errors of other copies; a derived class accepts only its own. */
const HAS_INSTANCE =
  ` static #base; static [Symbol.hasInstance](it) { return Function.prototype[Symbol.hasInstance].call(this, it) || #base in this && this.name === "ConvexError" && Object(it)[Symbol.for("ConvexError")] === true; }`;

/**
 * Makes `instanceof ConvexError` in a bundle accept errors of other bundles. The app, its modules for Node and each
 * component have their own copy of `convex`. On Convex, an error that crosses from one to another becomes one of the
 * other's copy.
 */
export function withSharedErrors(text: string): string {
  // On the same line, so that source maps stay right.
  return text.replace(CONVEX_ERROR, (head) => head + HAS_INSTANCE);
}
