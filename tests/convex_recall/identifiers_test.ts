import { assert, assertEquals } from "@std/assert";
import { tokenise, words } from "../../src/convex/lib/text/text.ts";

Deno.test("words() has names in code both whole and in parts", () => {
  const cases: [string, string][] = [
    ["getUserProfile", "getuserprofile get user profile"],
    ["get_user_profile", "get user profile"],
    ["HTTPServer", "httpserver http server"],
    ["parseJSONBody", "parsejsonbody parse json body"],
    ["McDonald", "mcdonald mc donald"],
    ["iPhone", "iphone phone"],
    ["PDFs OK Anna eMail", "pdfs ok anna email mail"],
  ];
  for (const [text, found] of cases) {
    assertEquals(words(text).join(" "), found);
    assertEquals(words(`${text} \u00e9`).join(" "), `${found} e`);
  }
});

Deno.test("words() has numbers both with and without what is written in one with them", () => {
  const cases: [string, string][] = [
    ["12kg of LH441", "12kg 12 kg of lh441 lh 441"],
    ["v2.9.5 for k8s on the 2nd", "v2 2 9 5 for k8s on the 2nd"],
    ["3f9a2bc7", "3f9a2bc7"],
  ];
  for (const [text, found] of cases) {
    assertEquals(words(text).join(" "), found);
  }
});

Deno.test("words() joins phone, account and order numbers, and no dates or prices", () => {
  const cases: [string, string | undefined][] = [
    ["Call (555) 867-5309, please", "5558675309"],
    ["+46 70-123 45 67.", "46701234567"],
    ["030/4567890", "0304567890"],
    ["DE89 3704 0044 0532 0130 00", "de89370400440532013000"],
    ["booking XK7-99Q2", "xk799q2"],
    ["1.200.000 Einwohner", "1200000"],
    ["8 May 2023, 2023-05-08 10:30, 12.12.2026", undefined],
    ["1.200.000,50 and v2.9.5", undefined],
    ["LH441 12kg 90 minutes", undefined],
  ];
  for (const [text, joined] of cases) {
    const long = words(text).filter((word) =>
      word.length >= 7 && /\d/.test(word)
    );
    assertEquals(long.at(0), joined, text);
  }
});

Deno.test("a text and a question about it share words however names and numbers are written", () => {
  const cases: [string, string][] = [
    ["customer_orders_archive", "customerOrdersArchive"],
    ["LoadLibraryW fails", "load library"],
    ["JIRA-4821", "JIRA4821"],
    ["12 kg", "12kg"],
    ["5558675309", "(555) 867-5309"],
    ["Anne-Marie", "Annemarie"],
  ];
  for (const [a, b] of cases) {
    const known = new Set(tokenise(a));
    assert(tokenise(b).some((stem) => known.has(stem)), `${a}, ${b}`);
  }
});
