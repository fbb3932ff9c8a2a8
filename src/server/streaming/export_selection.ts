import { formatJson } from "../../values/format_json.ts";
import { isAbsent, isRecord } from "../../values/kinds.ts";
import { badRequest } from "../http/http_fault.ts";

type Fields = { [name: string]: unknown };

/** Which components, tables and fields of documents to export. */
export interface ExportSelection {
  /** Whether a table is selected. */
  hasTable(component: string, table: string): boolean;
  /** Whether a field of its documents is selected. */
  hasField(component: string, table: string, field: string): boolean;
}

const EXCLUDED = "excl";
const INCLUDED = "incl";
/** Key whose value applies to everything not named. */
const OTHER = "_other";

/** Parses what to export: one table, one component, a selection, or everything. Throws `HttpFault`. */
export function readSelection(
  { selection, tableName, table_name, component }: Fields,
): ExportSelection {
  if (!isAbsent(selection)) {
    return chosen(checked(selection, 2, "selection"));
  }
  const table = tableName ?? table_name ?? undefined;
  if (table === undefined && isAbsent(component)) {
    return chosen({ [OTHER]: INCLUDED });
  }
  return chosen({
    [String(component ?? "")]: table === undefined
      ? { [OTHER]: INCLUDED }
      : { [String(table)]: { [OTHER]: INCLUDED }, [OTHER]: EXCLUDED },
    [OTHER]: EXCLUDED,
  });
}

function chosen(selection: unknown): ExportSelection {
  const inside = (chosen: unknown, name: string): unknown => {
    if (typeof chosen !== "object" || chosen === null) return chosen;
    return Object.hasOwn(chosen, name)
      ? (chosen as Fields)[name]
      : (chosen as Fields)[OTHER];
  };
  return {
    hasTable: (component, table) =>
      inside(inside(selection, component), table) !== EXCLUDED,
    hasField: (component, table, field) =>
      inside(inside(inside(selection, component), table), field) !== EXCLUDED,
  };
}

/** Throws `HttpFault` unless the value is a selection with so many levels below this one. */
function checked(selection: unknown, levels: number, where: string): object {
  if (!isRecord(selection)) throw invalid(where, `an object with ${OTHER}`);
  const { [OTHER]: other, ...named } = selection;
  if (other !== INCLUDED && other !== EXCLUDED) {
    throw invalid(`${where}.${OTHER}`, `"${INCLUDED}" or "${EXCLUDED}"`);
  }
  for (const [name, part] of Object.entries(named)) {
    const place = `${where}[${formatJson(name)}]`;
    if (part === EXCLUDED || (levels === 0 && part === INCLUDED)) continue;
    if (levels === 0) throw invalid(place, `"${INCLUDED}" or "${EXCLUDED}"`);
    checked(part, levels - 1, place);
  }
  return selection;
}

function invalid(where: string, expected: string): Error {
  return badRequest("BadJsonBody", `"${where}" must be ${expected}`);
}
