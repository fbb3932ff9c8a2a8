/** `memory.recall`: how a user words a question: its dates, its language, its slips. */
import { assertEquals } from "@std/assert";
import type { Cortex } from "../../cortex/cortex.ts";
import { cortexCase, exchange, type FacadeSubject } from "./subject.ts";
import type { ContractCase } from "../types.ts";

const DAY_MS = 86_400_000;

/** What the messages are, best first, that a question finds. */
async function found(cortex: Cortex, query: string): Promise<string[]> {
  const { items } = await cortex.memory.recall({
    memorySpaceId: "space",
    query,
  });
  return items.map(({ content }) => content);
}

/** Cases of `recall` about the words of questions. */
export const facadeRecallWordsContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "recall() answers what was said or happened on a day, whatever it was",
    async (cortex) => {
      const said: [number, string, string][] = [
        [1, "We saw whales from the ferry.", "How lovely!"],
        [40, "Ines lost a tooth.", "A big moment."],
      ];
      for (const [ago, userMessage, agentResponse] of said) {
        await cortex.memory.remember(exchange({
          conversationId: `conv-${ago}`,
          userMessage,
          agentResponse,
          timestamp: Date.now() - ago * DAY_MS,
        }));
      }
      const [, [, tooth, moment]] = said as [unknown, typeof said[number]];
      const questions: [string, string[]][] = [
        ["What did we do yesterday?", said[0]!.slice(1) as string[]],
        ["What happened 40 days ago?", [tooth, moment]],
        ["What did I tell you 3 days ago?", []],
      ];
      for (const [query, answers] of questions) {
        const contents = await found(cortex, query);
        assertEquals(contents.toSorted(), answers.toSorted(), query);
      }
    },
  ),
  cortexCase(
    "recall() finds where somebody lives before what else is known of them",
    async (cortex) => {
      const facts = ["Anna is a vet", "Anna lives in Graz", "Anna has a canoe"];
      await cortex.memory.remember(exchange({
        extractFacts: () =>
          Promise.resolve(facts.map((fact) => ({
            fact,
            factType: "knowledge" as const,
            confidence: 90,
          }))),
      }));
      const [best] = await found(cortex, "Where does Anna live?");
      assertEquals(best, "Anna lives in Graz");
    },
  ),
];
