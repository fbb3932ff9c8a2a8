/** The head of `ConvexError` as esbuild writes it, whatever it has named the class and its key. */
const CONVEX_ERROR =
  /\bclass(?: [\w$]+)? extends \(([\w$]+) = Error, [\w$]+ = [\w$]+, \1\) \{/g;

/** Takes those of other copies as well; a class derived from it, its own alone. */
const HAS_INSTANCE =
  ` static #base; static [Symbol.hasInstance](it) { return Function.prototype[Symbol.hasInstance].call(this, it) || #base in this && this.name === "ConvexError" && Object(it)[Symbol.for("ConvexError")] === true; }`;

/**
 * A bundle's text, whose `ConvexError` knows those of other bundles. The app, its modules for Node and each component
 * have a copy of `convex` of their own; on Convex, what one throws reaches the other as an error of the other's copy.
 */
export function withSharedErrors(text: string): string {
  // On the same line, so that source maps still hold.
  return text.replace(CONVEX_ERROR, (head) => head + HAS_INSTANCE);
}
