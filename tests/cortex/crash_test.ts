/** What a process that is killed in the middle of many `remember` calls leaves behind. */
import { assert, assertEquals } from "@std/assert";
import { Cortex } from "../../mod.ts";
import { seededRandom } from "../../src/testing/support/random.ts";
import { testScale, testSeed } from "../support/test_env.ts";
import { pause } from "../../src/testing/support/pause.ts";

const SCRIPT = new URL("./remembering_process.ts", import.meta.url).href;
const ROUNDS = Math.max(2, Math.round(30 * testScale()));
/** Exchanges that the process remembers. */
const EXCHANGES = testScale() < 1 ? 300 : 1000;

/**
 * Starts the process, kills it once it has acknowledged this many exchanges, and returns the numbers that it
 * acknowledged.
 */
async function rememberUntilKilled(
  path: string,
  acknowledgements: number,
  delayMs: number,
): Promise<Set<number>> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", SCRIPT, path, String(EXCHANGES)],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  let killed = false;
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (killed || text.split("\n").length <= acknowledgements) continue;
    killed = true;
    await pause(delayMs);
    child.kill("SIGKILL");
  }
  await child.status;
  assert(killed, "the process must not end before it is killed");
  return new Set(text.split("\n").slice(0, -1).map(Number));
}

/** How much of one exchange the file has: 0 nothing, 1 all of it; fails for anything in between. */
async function partsOf(cortex: Cortex, at: number): Promise<0 | 1> {
  const [hits, recalled] = await Promise.all([
    cortex.memory.search("space", `parcel${at} locker${at}`),
    cortex.memory.recall({
      memorySpaceId: "space",
      query: `parcel${at} locker${at}`,
    }),
  ]);
  const mine = hits.filter(({ content }) =>
    content === `Where is parcel${at}?` ||
    content === `The parcel with number ${at} lies in locker${at}.`
  );
  const facts = recalled.items.filter(({ fact }) =>
    fact?.subject === `parcel${at}`
  );
  const sources = mine.map(({ conversationRef }) =>
    conversationRef?.messageIds[0]
  );
  const found = { memories: mine.length, facts: facts.length };
  if (mine.length === 0) {
    assertEquals(found, { memories: 0, facts: 0 });
    return 0;
  }
  assertEquals(found, { memories: 2, facts: 1 });
  assertEquals(sources.toSorted(), [`a-${at}`, `u-${at}`]);
  return 1;
}

async function checkFile(
  path: string,
  acknowledged: ReadonlySet<number>,
): Promise<void> {
  await using cortex = new Cortex({ path });
  const messages = new Set<string>();
  for (let conversation = 0; conversation < 50; conversation++) {
    const found = await cortex.conversations.get(`conv-${conversation}`);
    for (const { id } of found?.messages ?? []) messages.add(id);
    assertEquals(
      found?.messageCount ?? 0,
      found?.messages.length ?? 0,
      `conv-${conversation} counts its messages`,
    );
  }
  for (let at = 0; at < EXCHANGES; at++) {
    const isThere = messages.has(`u-${at}`);
    assertEquals(messages.has(`a-${at}`), isThere, `both messages of ${at}`);
    assert(isThere || !acknowledged.has(at), `${at} was acknowledged`);
    // Every exchange near the last acknowledged ones, and some of the others.
    if (at % 40 === 0 || acknowledged.has(at) !== isThere) {
      assertEquals(await partsOf(cortex, at), isThere ? 1 : 0, `all of ${at}`);
    }
  }
  await cortex.memory.remember({
    memorySpaceId: "space",
    conversationId: "conv-after",
    agentId: "helper",
    userMessage: "Does it still work?",
    agentResponse: "It goes on working.",
  });
}

Deno.test("a process killed while it remembers leaves each exchange whole or not at all, and all that it acknowledged", async () => {
  const seed = testSeed();
  console.log(`seed ${seed}, ${ROUNDS} rounds`);
  const random = seededRandom(seed);
  for (let round = 0; round < ROUNDS; round++) {
    const directory = await Deno.makeTempDir();
    try {
      const path = `${directory}/cortex.db`;
      const acknowledged = await rememberUntilKilled(
        path,
        1 + random.below(EXCHANGES * 0.9),
        random.below(5),
      );
      await checkFile(path, acknowledged);
    } catch (error) {
      throw new Error(`seed ${seed}, round ${round}: ${error}`, {
        cause: error,
      });
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  }
});
