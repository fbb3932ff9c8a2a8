import { assert } from "@std/assert";
import { openEngine } from "../../src/embedded/mod.ts";

/** Captured, as the engine refuses it to mutations. */
const nowMs = performance.now.bind(performance);

Deno.test("many mutations at once on the caller's thread leave timers their turn", async () => {
  let ended = 0;
  const busy = {
    isMutation: true,
    isPublic: true,
    _handler: () => {
      const startMs = nowMs();
      while (nowMs() - startMs < 2);
      ended++;
    },
  };
  await using engine = openEngine({ modules: { "busy.ts": { busy } } });
  let endedAtTimer = Infinity;
  setTimeout(() => endedAtTimer = ended, 0);
  await Promise.all(
    Array.from({ length: 30 }, () => engine.mutation("busy:busy")),
  );
  assert(endedAtTimer < 30);
});
