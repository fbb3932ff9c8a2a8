/** What a process that is killed in the middle of an erasure leaves behind, and what the erasure leaves in the file. */
import { assert, assertEquals } from "@std/assert";
import { Cortex } from "../../mod.ts";
import { testScale } from "../support/test_env.ts";

const SCRIPT = new URL("./erasing_process.ts", import.meta.url).href;
const EXCHANGES = Math.max(150, Math.round(3000 * testScale()));
/** How often the process is killed before the erasure is let to its end. */
const KILLS = Math.max(1, Math.round(20 * testScale()));

const exchange = (userId: string, at: number) => ({
  memorySpaceId: `space-${at % 3}`,
  conversationId: `${userId}-${at % 6}`,
  userId,
  userName: userId,
  agentId: "helper",
  userMessage: `The ${userId}-word number ${at} was said here.`,
  agentResponse: `I wrote down what ${userId}-answer ${at} is about.`,
});

/** Starts an erasure and kills it after this many steps; returns whether it had ended before. */
async function eraseUntilKilled(
  path: string,
  userId: string,
  steps: number,
): Promise<boolean> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", SCRIPT, path, userId],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let told = 0;
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    told += part.split("\n").length - 1;
    if (told >= steps) child.kill("SIGKILL");
    if (told >= steps) break;
  }
  const { success } = await child.status;
  return success;
}

/** Whether the bytes of a text are in a file or beside it. */
async function isInFiles(folder: string, text: string): Promise<boolean> {
  for await (const { name } of Deno.readDir(folder)) {
    const bytes = await Deno.readFile(`${folder}/${name}`);
    if (new TextDecoder("latin1").decode(bytes).includes(text)) return true;
  }
  return false;
}

Deno.test("an erasure that is killed between its steps continues, counts right, and leaves nothing for a search or in the file", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/cortex.db`;
  try {
    let planned: number;
    {
      await using cortex = new Cortex({ path });
      for (const userId of ["zebra", "okapi"]) {
        await Promise.all(
          Array.from(
            { length: EXCHANGES },
            (_, at) => cortex.memory.remember(exchange(userId, at)),
          ),
        );
      }
      const plan = await cortex.users.delete("zebra", {
        cascade: true,
        dryRun: true,
      });
      planned = plan.totalDeleted;
      // Conversations, messages, memories, and the profile.
      assertEquals(planned, 6 + EXCHANGES * 4 + 1);
      assertEquals(await isInFiles(folder, "zebra-word"), true);
    }
    for (let kill = 1; kill <= KILLS; kill++) {
      assertEquals(await eraseUntilKilled(path, "zebra", 1), false);
    }
    {
      await using cortex = new Cortex({ path });
      const { totalDeleted, verification } = await cortex.users.delete(
        "zebra",
        { cascade: true },
      );
      assertEquals(verification, { complete: true, issues: [] });
      assertEquals(totalDeleted, planned, "the whole job's");
      for (const memorySpaceId of ["space-0", "space-1", "space-2"]) {
        const [hits, recalled] = await Promise.all([
          cortex.memory.search(memorySpaceId, "zebra-word zebra-answer", {
            limit: 100,
          }),
          cortex.memory.recall({
            memorySpaceId,
            query: "zebra-word",
            limit: 100,
          }),
        ]);
        assert(hits.every(({ content }) => !content.includes("zebra")));
        assert(
          recalled.items.every(({ content }) => !content.includes("zebra")),
        );
      }
      const left = await Promise.all(
        ["space-0", "space-1", "space-2"].map((memorySpaceId) =>
          cortex.memory.count({ memorySpaceId })
        ),
      );
      assertEquals(left.reduce((sum, count) => sum + count, 0), EXCHANGES * 2);
      let rest = "";
      for await (const line of cortex.exportAll()) rest += line;
      assert(!rest.includes("zebra"));
    }
    assertEquals(await isInFiles(folder, "zebra"), false);
    assertEquals(await isInFiles(folder, "okapi-word"), true);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
