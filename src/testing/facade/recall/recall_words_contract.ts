/** `memory.recall`: the wording of questions: dates, languages, misspellings. */
import { assertEquals } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import { cortexCase, exchange, type FacadeSubject } from "../subject.ts";
import type { ContractCase } from "../../types.ts";

const DAY_MS = 86_400_000;

/** The messages that a question finds, best first. */
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
    "recall() finds words and numbers whether they are written as one or not",
    async (cortex) => {
      const said = [
        "The Wi-Fi code is moonlight.",
        "Mail goes to my email.",
        "Rent is 1,150 euros.",
        "The sofa was 2400.",
      ];
      for (const [at, userMessage] of said.entries()) {
        await cortex.memory.remember(exchange({
          conversationId: `conv-${at}`,
          userMessage,
          agentResponse: "Noted.",
        }));
      }
      const queries = ["wifi", "e-mail", "1150", "2,400"];
      for (const [at, query] of queries.entries()) {
        assertEquals((await found(cortex, query))[0], said[at], query);
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
  cortexCase(
    "search() finds what was said on a day by a question of nothing else",
    async (cortex) => {
      const said = (conversationId: string, userMessage: string, ago: number) =>
        cortex.memory.remember(exchange({
          conversationId,
          userMessage,
          agentResponse: "Indeed.",
          timestamp: Date.now() - ago * DAY_MS,
        }));
      await said("conv-1", "We saw whales.", 1);
      await said("conv-2", "It rained the day before, not yesterday.", 9);
      const search = async (query: string) =>
        (await cortex.memory.search("space", query)).map(({ content }) =>
          content
        ).toSorted();
      assertEquals(await search("What happened yesterday?"), [
        "Indeed.",
        "We saw whales.",
      ]);
      assertEquals(await search("yesterday"), [
        "It rained the day before, not yesterday.",
      ]);
    },
  ),
  cortexCase(
    "recall() puts what a question is about before its function words, in other languages, too",
    async (cortex) => {
      const talk: [query: string, best: string, other: string][] = [
        [
          "Wo sind die Schlüssel von meiner Garage?",
          "Schlüssel: Garage Haken links.",
          "Die Katze von meiner Tante ist da, wo sind die Hunde von meiner Oma?",
        ],
        [
          "Где у меня ключи от гаража?",
          "Ключи: гаража нет.",
          "У меня где-то болит от этого, и у меня от него где-то кашель.",
        ],
      ];
      for (const [at, [query, best, other]] of talk.entries()) {
        await cortex.memory.remember(exchange({
          conversationId: `conv-${at}`,
          userMessage: other,
          agentResponse: best,
        }));
        assertEquals((await found(cortex, query))[0], best, query);
      }
    },
  ),
  cortexCase(
    "recall() finds a word that is nowhere by its other forms, its parts and slips of it",
    async (cortex) => {
      const talk: [query: string, answer: string][] = [
        [
          "Wie lautet das Routerpasswort?",
          "Hinten am Router klebt eine Karte.",
        ],
        ["¿Cuánto suben los alquileres?", "El alquiler sube 80 euros."],
        ["когда уроки скрипки", "Учусь играть на скрипке по вторникам."],
        ["vacination", "The vaccination is in August."],
        ["أين أعمل؟", "انتقلت إلى القاهرة وأعمل في مستشفى."],
        ["מה שם הכלב?", "יש לי שני כלבים."],
      ];
      for (const [at, [, userMessage]] of talk.entries()) {
        await cortex.memory.remember(exchange({
          conversationId: `conv-${at}`,
          userMessage,
          agentResponse: "OK.",
        }));
      }
      for (const [query, answer] of talk) {
        assertEquals((await found(cortex, query))[0], answer, query);
      }
      assertEquals(await found(cortex, "umbrella"), []);
    },
  ),
];
