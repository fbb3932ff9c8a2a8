import type { Behaviour } from "../behaviour.ts";

/**
 * Wraps the methods of a part of `ctx` so that the engine's behaviour can reword their errors. `part` prefixes their
 * names, as in `storage.get`.
 */
export function rewordErrors<Methods extends object>(
  { behaviour: { reword } }: { behaviour: Behaviour },
  methods: Methods,
  part = "",
): Methods {
  if (!reword) return methods;
  const wrapped = Object.entries(methods).map(([own, method]) => {
    const name = part + own;
    const call = (...args: unknown[]) => {
      try {
        const result: unknown = method(...args);
        if (!(result instanceof Promise)) return result;
        return result.catch((error) => {
          throw reword(error, name);
        });
      } catch (error) {
        throw reword(error, name);
      }
    };
    return [own, call];
  });
  return Object.fromEntries(wrapped) as Methods;
}
