/** How a search compares texts, whatever their case, and the pieces of text that it shows. */

/** `contains`: as a part; `exact`: as a whole; `fuzzy`: each of its words somewhere. */
export type MatchMode = "contains" | "exact" | "fuzzy";

/** Characters shown on each side of a match. */
const AROUND = 30;
/** Characters shown of a text without a literal match. */
const BEGINNING = 60;

/** Compares texts with one query. */
export interface TextMatcher {
  /** Whether the text matches. */
  matches(text: string): boolean;
  /** The match with what surrounds it, or the text's beginning. */
  highlight(text: string): string;
}

/** Makes a matcher. */
export function textMatcher(query: string, mode: MatchMode): TextMatcher {
  const literal = pattern(query);
  const whole = new RegExp(`^${literal.source}$`, "iu");
  const words = query.split(/\s+/).filter((word) => word !== "").map(pattern);
  return {
    matches: (text) =>
      mode === "fuzzy"
        ? words.every((word) => word.test(text))
        : (mode === "exact" ? whole : literal).test(text),
    highlight(text) {
      const found = literal.exec(text);
      if (found === null) {
        return text.length <= BEGINNING ? text : `${cut(text, 0, BEGINNING)}…`;
      }
      return cut(
        text,
        found.index - AROUND,
        found.index + found[0].length + AROUND,
      );
    },
  };
}

function pattern(text: string): RegExp {
  return new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "iu");
}

/** A piece of a text that splits no character in two. */
function cut(text: string, from: number, to: number): string {
  const start = Math.max(0, from);
  const splits = (at: number) => /[\udc00-\udfff]/.test(text.charAt(at));
  return text.slice(
    splits(start) ? start - 1 : start,
    splits(to) ? to + 1 : to,
  );
}
