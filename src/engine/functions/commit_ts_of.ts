import { isCommitTs } from "../../values/is_commit_ts.ts";

/** A registered function, which can be run with arguments as JSON. */
export interface Invoked {
  invokeMutation?(args: string): Promise<unknown>;
}

/**
 * The commit-timestamp placeholder of the copy of `convex` that made a mutation; undefined if it has none, or is of
 * another realm.
 *
 * It matters which copy: a library may check that a value is an `instanceof` its own class, as `getConvexSize` does,
 * and bundled components each have their own copy. No export leads to the class. But `invokeMutation` parses its
 * arguments from JSON, and here gets a placeholder in place of the array. Before the handler could run, it fails
 * because the placeholder has no iterator; the getter installed below catches the placeholder when it is asked for one.
 */
export function commitTsOf(
  { invokeMutation }: Invoked,
): object | undefined {
  let found: object | undefined;
  const iterator: PropertyDescriptor & ThisType<object> = {
    configurable: true,
    get() {
      if (isCommitTs(this)) found = this;
      return undefined;
    },
  };
  try {
    Object.defineProperty(Object.prototype, Symbol.iterator, iterator);
  } catch {
    // `Object.prototype` is frozen.
    return undefined;
  }
  try {
    invokeMutation?.('{"$commitTs":null}').catch(() => {});
  } catch {
    // Another version of `convex`.
  } finally {
    Reflect.deleteProperty(Object.prototype, Symbol.iterator);
  }
  return found;
}
