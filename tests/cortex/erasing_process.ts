/** Erases a user from a file, telling each step: run by `erase_crash_test.ts`, which kills it. */
import { Cortex } from "../../mod.ts";

const [path, userId] = Deno.args as [string, string];
await using cortex = new Cortex({ path });
await cortex.users.delete(userId, {
  cascade: true,
  onProgress: ({ processed }) => console.log(processed),
});
