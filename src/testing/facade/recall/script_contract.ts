/** Text search in all scripts: questions in other words, forms and spellings than the text. */
import { assert, assertEquals } from "@std/assert";
import { cortexCase, exchange, type FacadeSubject, note } from "../subject.ts";
import type { ContractCase } from "../../types.ts";

/** A remembered text, and a question that it answers best. */
const QUESTIONS: readonly (readonly [content: string, query: string])[] = [
  ["我住在上海，喜欢吃苹果", "你在上海住吗"],
  ["他的猫叫咪咪", "猫"],
  ["昨天我去了北京出差", "北京"],
  ["私は東京に住んでいます", "東京"],
  ["毎朝ｺｰﾋｰを飲みます", "コーヒー"],
  ["저는 고양이를 좋아해요", "고양이"],
  ["물을 많이 마셔요", "물"],
  ["ฉันทำงานที่กรุงเทพ", "กรุงเทพ"],
  ["ຂ້ອຍຢູ່ວຽງຈັນ", "ວຽງຈັນ"],
  ["ខ្ញុំរស់នៅភ្នំពេញ", "ភ្នំពេញ"],
  ["ကျွန်တော်ရန်ကုန်မှာနေတယ်", "ရန်ကုန်"],
  ["मैं दिल्ली में रहता हूँ", "दिल्ली"],
  ["أنا أسكن في القاهرة مع مُحَمَّد", "محمد"],
  ["שָׁלוֹם, אני גר בחיפה", "שלום"],
  ["Unser Büro liegt in der Schillerstraße", "BURO SCHILLERSTRASSE"],
  ["Wieczorem jadę do Łodzi", "lodzi"],
  ["Завтра ёлка у Наташи", "елка"],
  ["For my birthday: 🦄", "🦄"],
  ["The pass\u00adword hint is tulip", "password"],
  ["Deploy with max_conn_count=5", "max_conn_count"],
];

/** Questions without an answer, or with special syntax. */
const HOSTILE: readonly string[] = [
  "the of and",
  "?!… --- ///",
  ".*[a-z]+(?=tulip)\\",
  "\u0000",
  "%_'\";--",
  "{{tulip}} ${tulip}",
  `tulip ${"q".repeat(100_000)}`,
  `tulip ${"foo bar baz1 qux ".repeat(6_000)}`,
  "上".repeat(50_000),
];

/** Cases of texts and questions. */
export const facadeScriptContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "recall() and search() find text of any script, in other forms of its words",
    async (cortex) => {
      await Promise.all(
        QUESTIONS.map(([content]) =>
          cortex.memory.store("space", note({ content }))
        ),
      );
      for (const [content, query] of QUESTIONS) {
        const [{ items }, hits] = await Promise.all([
          cortex.memory.recall({ memorySpaceId: "space", query }),
          cortex.memory.search("space", query),
        ]);
        assertEquals(items[0]?.content, content, `recall of ${query}`);
        assertEquals(hits[0]?.content, content, `search of ${query}`);
      }
    },
  ),
  cortexCase(
    "recall() and search() answer whatever they are asked",
    async (cortex) => {
      await cortex.memory.remember(exchange());
      for (const query of HOSTILE) {
        const { items } = await cortex.memory.recall({
          memorySpaceId: "space",
          query,
        });
        assert(items.every(({ score }) => score >= 0 && score <= 1));
        await cortex.memory.search("space", query);
      }
    },
  ),
  cortexCase(
    "recall() finds a long text by what only its end says",
    async (cortex) => {
      const userMessage = `${
        "We talked about boats. ".repeat(4000)
      } Xylophone!`;
      await cortex.memory.remember(exchange({ userMessage }));
      const { items } = await cortex.memory.recall({
        memorySpaceId: "space",
        query: "xylophone",
      });
      assertEquals(items[0]?.content, userMessage);
    },
  ),
];
