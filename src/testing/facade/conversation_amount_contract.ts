/** `conversations`: however many there are, and however much they hold. */
import { assertEquals } from "@std/assert";
import type { Cortex } from "../../cortex/cortex.ts";
import type {
  CreateConversationInput,
  SearchConversationsInput,
} from "../../cortex/types/conversations.ts";
import { cortexCase, exchange, type FacadeSubject } from "./subject.ts";
import type { ContractCase } from "../types.ts";

type Speakers = Pick<CreateConversationInput, "type" | "participants">;

const memorySpaceId = "space";
/** More hits of the text index than a search compares. */
const CROWD = 270;
/** Of which eight take more than a search compares. */
const LARGE = "x".repeat(900_000);
const ofAda: Speakers = {
  type: "user-agent",
  participants: { userId: "ada", agentId: "helper" },
};
const ofAgents: Speakers = {
  type: "agent-agent",
  participants: { memorySpaceIds: [memorySpaceId, "other"] },
};

/** Stores a conversation that says these. */
async function say(
  { conversations }: Cortex,
  conversationId: string,
  of: Speakers,
  contents: readonly string[],
): Promise<void> {
  await conversations.create({ conversationId, memorySpaceId, ...of });
  for (const content of contents) {
    await conversations.addMessage({
      conversationId,
      message: { role: "user", content },
    });
  }
}

/** Cases in which there is much. */
export const conversationAmountContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "search() finds the older conversations of a user, or of a type, however much others say",
    async (cortex) => {
      await say(cortex, "hers", ofAda, ["A zebra paints her own stripes"]);
      await say(cortex, "theirs", ofAgents, ["One zebra, striped"]);
      for (const speakers of [ofAda, ofAgents]) {
        await say(
          cortex,
          `${speakers.type}, large`,
          speakers,
          Array(8).fill(LARGE),
        );
      }
      await Promise.all(
        Array.from(
          { length: CROWD },
          (_, at) =>
            cortex.memory.remember(exchange({
              conversationId: `others-${at % 9}`,
              userId: "bob",
              userMessage: `zebra ${at}`,
              skipLayers: ["vector", "facts"],
            })),
        ),
      );
      const find = async (query: string, rest: object) =>
        (await cortex.conversations.search({ query, ...rest }))
          .map(({ conversation }) => conversation.conversationId);
      const user = { userId: "ada" };
      const type = { type: "agent-agent" };
      assertEquals(await find("zebra", { filters: user }), ["hers"]);
      assertEquals(
        await find("zebra", { filters: { ...user, memorySpaceId } }),
        ["hers"],
      );
      assertEquals(await find("zebra", { filters: type }), ["theirs"]);
      const whole = "a zebra paints her own stripes";
      const options: SearchConversationsInput["options"] = {
        matchMode: "exact",
      };
      assertEquals(await find(whole, { options }), ["hers"]);
      assertEquals(
        await find("stripes zebra", { options: { matchMode: "fuzzy" } }),
        ["hers"],
      );
      await cortex.memory.remember(exchange({
        conversationId: "hers",
        userId: "bob",
        userMessage: "An okapi is no zebra",
      }));
      for (const at of [1, 2]) {
        await say(cortex, `large, ${at}`, ofAda, Array(8).fill(LARGE));
      }
      assertEquals(await find("okapi", { filters: user }), ["hers"]);
    },
  ),
  cortexCase(
    "a conversation goes on, and is read, listed, found and exported, however large its messages' metadata",
    async (cortex) => {
      const { conversations } = cortex;
      await say(cortex, "large", ofAda, []);
      const ids = Array.from({ length: 20 }, (_, at) => `m-${at + 10}`);
      for (const id of ids) {
        const { messageCount } = await conversations.addMessage({
          conversationId: "large",
          message: {
            id,
            role: "user",
            content: `zebra ${id}`,
            metadata: { large: LARGE },
          },
        });
        assertEquals(messageCount, ids.indexOf(id) + 1);
      }
      const idsOf = (rows: { id: string }[]) => rows.map(({ id }) => id);
      const shown = idsOf((await conversations.get("large"))!.messages);
      assertEquals(shown, ids.slice(-shown.length));
      const history = await conversations.getHistory("large");
      assertEquals([idsOf(history.messages), history.total], [ids, 20]);
      await say(cortex, "next", ofAda, ["A zebra"]);
      const { conversations: listed } = await conversations.list();
      assertEquals(listed.map(({ messages }) => messages.length), [
        1,
        shown.length,
      ]);
      const found = await conversations.search({ query: "zebra" });
      assertEquals(
        found.map(({ conversation }) => conversation.conversationId),
        [
          "next",
          "large",
        ],
      );
      const { data } = await conversations.export({ format: "json" });
      assertEquals(
        (JSON.parse(data) as typeof listed).map(({ messages }) =>
          messages.length
        ),
        [20, 1],
      );
    },
  ),
  cortexCase(
    "conversations are searched, exported and counted for deletion however large their metadata",
    async (cortex) => {
      const { conversations } = cortex;
      const ids = Array.from({ length: 20 }, (_, at) => `c-${at + 10}`);
      for (const conversationId of ids) {
        await conversations.create({
          conversationId,
          memorySpaceId,
          ...conversationId === "c-10" ? ofAgents : ofAda,
          metadata: { conversationId, large: LARGE },
        });
      }
      const few = { memorySpaceId, type: "agent-agent" } as const;
      const searched = async (query: string, rest: object) =>
        (await conversations.search({ query, ...rest })).length;
      assertEquals(await searched("zebra", { filters: few }), 0);
      const options = { searchIn: "metadata" };
      assertEquals(await searched("c-29", { options }), 1);
      for (const format of ["json", "csv"] as const) {
        const { count } = await conversations.export({
          format,
          includeMetadata: true,
        });
        assertEquals(count, 20);
        const some = await conversations.export({ format, filters: few });
        assertEquals(some.count, 1);
      }
      const dry = { dryRun: true };
      assertEquals((await conversations.deleteMany(few, dry)).wouldDelete, 1);
      const all = await conversations.deleteMany({ memorySpaceId }, dry);
      assertEquals(all.wouldDelete, 20);
    },
  ),
];
