import type { Wording } from "./transaction.ts";

/** Methods of a part of `ctx`, with errors in the words of the engine. */
export function worded<Methods extends object>(
  { wording }: { wording?: Wording | undefined },
  methods: Methods,
): Methods {
  if (!wording) return methods;
  const wrapped = Object.entries(methods).map(([name, method]) => [
    name,
    (...args: unknown[]) => {
      try {
        const result: unknown = method(...args);
        if (!(result instanceof Promise)) return result;
        return result.catch((error) => {
          throw wording(error, name, args);
        });
      } catch (error) {
        throw wording(error, name, args);
      }
    },
  ]);
  return Object.fromEntries(wrapped) as Methods;
}
