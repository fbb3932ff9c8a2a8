/** `conversations`: many of them, and large ones. */
import { assertEquals } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type {
  CreateConversationInput,
  SearchConversationsInput,
} from "../../../cortex/types/conversations.ts";
import { cortexCase, exchange, type FacadeSubject } from "../subject.ts";
import type { ContractCase } from "../../types.ts";

type Speakers = Pick<CreateConversationInput, "type" | "participants">;

const memorySpaceId = "space";
/** More hits of the text index than a search compares. */
const CROWD = 270;
/** Eight of these take more than a search compares. */
const LARGE = "x".repeat(900_000);
const ofAda: Speakers = {
  type: "user-agent",
  participants: { userId: "ada", agentId: "helper" },
};
const ofAgents: Speakers = {
  type: "agent-agent",
  participants: { memorySpaceIds: [memorySpaceId, "other"] },
};

/** Stores a conversation with these messages. */
async function say(
  { conversations }: Cortex,
  conversationId: string,
  of: Speakers,
  contents: readonly string[],
): Promise<void> {
  await conversations.create({ conversationId, memorySpaceId, ...of });
  await Promise.all(contents.map((content) =>
    conversations.addMessage({
      conversationId,
      message: { role: "user", content },
    })
  ));
}

/** Cases with many rows. More than one call may read at all is in `tests/cortex/large_conversations_test.ts`. */
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
];
