import { compareValues, type Value } from "convex/values";

export type Order = "asc" | "desc";

/** What a document of the model holds. */
export interface Fields {
  tag: number;
  group: string;
  value?: Value;
  text: string;
  vector?: number[];
}

/** One bound of a range. */
export interface Bound {
  value?: Value;
  open: boolean;
}

/** A range of values, within a group or over all. */
export interface RangeQuery {
  group?: string;
  low?: Bound;
  high?: Bound;
  order: Order;
}

/** One step of a transaction. */
export type Step =
  | { op: "insert"; fields: Fields }
  | { op: "patch"; tag: number; fields: Partial<Fields>; unset: string[] }
  | { op: "replace"; tag: number; fields: Omit<Fields, "tag"> }
  | { op: "delete"; tag: number }
  | { op: "range"; range: RangeQuery; take?: number }
  | { op: "scan"; order: Order }
  | { op: "search"; text: string; group?: string }
  | { op: "nested"; steps: Step[]; fail: boolean };

/** What the model says of a ranked search: a score by tag. Equal or nearly equal scores may come in any order. */
export interface Ranking {
  scores: Map<number, number>;
  /** How many of the best to return; all of them by default. */
  limit?: number;
}

/** The engine as simply as it can be put: an array of documents, looked through and sorted each time. */
export class NaiveModel {
  #documents: Fields[] = [];

  /** Runs a transaction; when it fails, nothing has changed. */
  run(steps: readonly Step[], fail: boolean): unknown[] | undefined {
    const before = this.#documents;
    this.#documents = [...before];
    const results: unknown[] = [];
    for (const step of steps) this.#step(step, results);
    if (!fail) return results;
    this.#documents = before;
    return undefined;
  }

  /** Tags of a range. */
  range({ group, low, high, order }: RangeQuery): number[] {
    const found = this.#documents.filter((document) => {
      if (group !== undefined && document.group !== group) return false;
      const lower = low ? compareValues(document.value, low.value) : 1;
      const upper = high ? compareValues(document.value, high.value) : -1;
      return lower >= (low?.open ? 1 : 0) && upper <= (high?.open ? -1 : 0);
    });
    // The array is in order of creation, and sorting is stable.
    found.sort((a, b) => compareValues(a.value, b.value));
    if (order === "desc") found.reverse();
    return found.map(({ tag }) => tag);
  }

  /** Scores of a text search. */
  search(query: string, group: string | undefined): Ranking {
    const all = this.#documents.map((document) => ({
      document,
      words: document.text.split(" ").filter((word) => word !== ""),
    }));
    const total = all.reduce((sum, { words }) => sum + words.length, 0);
    const asked = query.split(" ").slice(0, 16);
    const last = asked.at(-1)!;
    const known = [...new Set(all.flatMap(({ words }) => words))].sort();
    const longer = known.filter((word) =>
      word !== last && word.startsWith(last)
    ).slice(0, 16);
    const weights = new Map([
      ...longer.map((word) => [word, 0.5] as const),
      ...asked.map((word) => [word, 1] as const),
    ]);
    const scores = new Map<number, number>();
    for (const { document, words } of all) {
      if (group !== undefined && document.group !== group) continue;
      let score = 0;
      for (const [word, weight] of weights) {
        const count = words.filter((other) => other === word).length;
        if (count === 0) continue;
        const having = all.filter((other) => other.words.includes(word)).length;
        const rarity = Math.log(
          1 + (all.length - having + 0.5) / (having + 0.5),
        );
        const length = words.length / (total / all.length);
        score += weight * rarity * count * 2.2 /
          (count + 1.2 * (0.25 + 0.75 * length));
      }
      if (score > 0) scores.set(document.tag, score);
    }
    return { scores };
  }

  /** Scores of a vector search. */
  nearest(vector: readonly number[], group: string | undefined): Ranking {
    const scores = new Map<number, number>();
    for (const document of this.#documents) {
      if (group !== undefined && document.group !== group) continue;
      if (document.vector?.length !== vector.length) continue;
      const lengths = norm(document.vector) * norm(vector);
      const product = document.vector.reduce(
        (sum, element, at) => sum + element * vector[at]!,
        0,
      );
      scores.set(document.tag, lengths === 0 ? 0 : product / lengths);
    }
    return { scores, limit: 256 };
  }

  #step(step: Step, results: unknown[]): void {
    const at = "tag" in step
      ? this.#documents.findIndex(({ tag }) => tag === step.tag)
      : -1;
    switch (step.op) {
      case "insert":
        this.#documents.push(step.fields);
        break;
      case "patch":
        if (at >= 0) {
          const patched: Record<string, unknown> = {
            ...this.#documents[at]!,
            ...step.fields,
          };
          for (const name of step.unset) delete patched[name];
          this.#documents[at] = patched as unknown as Fields;
        }
        break;
      case "replace":
        if (at >= 0) this.#documents[at] = { ...step.fields, tag: step.tag };
        break;
      case "delete":
        if (at >= 0) this.#documents.splice(at, 1);
        break;
      case "range":
        results.push(this.range(step.range).slice(0, step.take));
        break;
      case "scan": {
        const tags = this.#documents.map(({ tag }) => tag);
        results.push(step.order === "asc" ? tags : tags.reverse());
        break;
      }
      case "search":
        results.push(this.search(step.text, step.group));
        break;
      case "nested":
        results.push(this.run(step.steps, step.fail) ?? "rolled back");
        break;
    }
  }
}

function norm(vector: readonly number[]): number {
  return Math.sqrt(vector.reduce((sum, element) => sum + element * element, 0));
}
