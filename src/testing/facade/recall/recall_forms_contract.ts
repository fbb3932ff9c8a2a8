/** `memory.recall` and the searches: words in another form, language, script or spelling than the question's. */
import { assert, assertEquals } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import { cortexCase, exchange, type FacadeSubject, note } from "../subject.ts";
import type { ContractCase } from "../../types.ts";

const SPACE = "space";

/** What was said, what else was, and a question about the former. */
type Said = [answer: string, other: string, query: string];

/** Stores messages and checks that recall and search find the answer, each besides what they find only in part. */
async function checkFound(
  cortex: Cortex,
  said: readonly Said[],
): Promise<void> {
  const inputs = said.flatMap(([answer, other]) => [answer, other]);
  for (const content of inputs) {
    await cortex.memory.store(SPACE, note({ content }));
  }
  for (const [answer, , query] of said) {
    const { items } = await cortex.memory.recall({
      memorySpaceId: SPACE,
      query,
    });
    const recalled = items.slice(0, 3).map(({ content }) => content);
    assert(recalled.includes(answer), `${query}: ${recalled}`);
    const found = await cortex.memory.search(SPACE, query, { limit: 3 });
    const contents = found.map(({ content }) => content);
    assert(contents.includes(answer), `${query}: ${contents}`);
  }
}

/** Cases of finding what is worded differently. */
export const facadeRecallFormsContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "recall() and search() find other forms of words, also where another row has the question's form",
    (cortex) =>
      checkFound(cortex, [
        ["Мы переехали из Казани.", "Переезд был в марте?", "когда переезд"],
        [
          "Она играет на скрипке.",
          "Скрипка дорогая, сказал он.",
          "Где моя скрипка?",
        ],
        [
          "Am Sonntag bin ich einen Halbmarathon gelaufen.",
          "Der Marathon der Stadt ist im Herbst, sagt er.",
          "Wann war der Marathon?",
        ],
        [
          "Koiramme nimi on Bruno.",
          "Naapurin koira haukkuu.",
          "Mikä on koira nimeltään?",
        ],
        [
          "L'appartamento è al terzo piano.",
          "Gli appartamenti costano molto.",
          "A che piano sono gli appartamenti?",
        ],
        [
          "Η ορχήστρα παίζει την Κυριακή.",
          "Οι ορχήστρες της πόλης είναι τρεις.",
          "Πότε παίζουν οι ορχήστρες;",
        ],
        ["我們買了一輛電動車。", "鄰居有一隻貓。", "谁买了电动车?"],
        ["无线网密码写在背面。", "晚上我看小说。", "無線網密碼"],
        [
          "আমাদের কুকুরের নাম ব্রুনো।",
          "পাশের বাড়ির কুকুর কালো।",
          "আমাদের কুকুর কোনটা?",
        ],
      ]),
  ),
  cortexCase(
    "recall() and search() find names and numbers however they are written",
    (cortex) =>
      checkFound(cortex, [
        ["getUserProfile throws.", "The user left.", "get_user_profile"],
        [
          "Rows go to customer_orders_archive.",
          "An archive of maps.",
          "customerOrdersArchive",
        ],
        [
          "Call the plumber: (555) 867-5309, he is good.",
          "Room 555 is free.",
          "5558675309",
        ],
        ["The suitcase weighs 12 kg.", "The bag has 3 pockets.", "12kg"],
        ["Our flight is LH441.", "Gate 12 is far.", "flight LH 441"],
        ["Dr. Müller has my files.", "Dr. Maier is ill.", "Mueller"],
        ["Keys are under the flowerpot.", "A pot of tea.", "flower pot keys"],
      ]),
  ),
  cortexCase(
    "recall() and search() find a day however it is written, in several languages",
    (cortex) =>
      checkFound(cortex, [
        [
          "Nos vemos el 7 de mayo de 2027 en Cádiz.",
          "The 2027 calendar has a moon.",
          "2027-05-07",
        ],
        ["Der Termin ist am 9.6.2027.", "Juni ist warm.", "9 June 2027"],
        ["会议在2028年3月9日举行。", "会议室有九把椅子。", "2028-03-09"],
        [
          "The trial starts on 2029/01/15.",
          "A trial of shoes.",
          "January 15th, 2029",
        ],
      ]),
  ),
  cortexCase(
    "conversations.search() and immutable.search() ignore accents, and how they are encoded",
    async (cortex) => {
      const content = "Zoë lives in Łódź, near a cafe\u0301.";
      await cortex.memory.remember(exchange({ userMessage: content }));
      await cortex.immutable.store({
        type: "note",
        id: "note-1",
        data: { content },
      });
      for (const query of ["zoe", "LODZ", "caf\u00e9", "Zoë", "cafe"]) {
        const [talk] = await cortex.conversations.search({ query });
        const contents = talk?.matchedMessages.map((one) => one.content);
        assertEquals(contents, [content], query);
        const [record] = await cortex.immutable.search({ query });
        assertEquals(record?.entry.id, "note-1", query);
      }
      assertEquals(await cortex.conversations.search({ query: "Lotz" }), []);
    },
  ),
  cortexCase(
    "search() and facts.search() find a misspelt word",
    async (cortex) => {
      await checkFound(cortex, [
        ["The vaccination is in August.", "August was dry.", "vacination"],
      ]);
      await cortex.facts.store({
        memorySpaceId: SPACE,
        fact: "Ada collects typewriters",
        factType: "preference",
        subject: "ada",
        confidence: 90,
        sourceType: "manual",
      });
      const found = await cortex.facts.search(SPACE, "typewritter");
      assertEquals(found.map(({ fact }) => fact), ["Ada collects typewriters"]);
      assertEquals(await cortex.facts.search(SPACE, "umbrella"), []);
      assertEquals(await cortex.memory.search(SPACE, "umbrella"), []);
    },
  ),
];
