/** `exportAll` and `importAll`: every row of a tenant, or of a user, as lines of JSON. */
import { NOT_JSON } from "../convex/lib/moduleCodes.ts";
import { TRANSFER_VERSION } from "./limits.ts";
import { countdown } from "./calls/countdown.ts";
import { ApiModule } from "./calls/api_module.ts";
import { INVALID_ARGUMENT } from "./rules/words.ts";
import { ClientError } from "../errors.ts";
import type { Calls } from "./calls/calls.ts";
import { boundsOf, checkNames } from "./calls/deadline.ts";
import { fingerprint } from "./calls/fingerprint.ts";
import type { Step } from "./calls/in_steps.ts";
import { type Line, linesOf } from "./lines.ts";
import { RowLoader } from "./row_loader.ts";
import { current } from "./rules/rules.ts";
import { bundleLines } from "./users_bundle.ts";
import type {
  ExportAllOptions,
  ImportAllOptions,
  ImportAllResult,
  ImportSource,
} from "./types/transfer.ts";

/** Exports and imports of one `Cortex`. */
export class Transfer extends ApiModule {
  /** Yields the lines of an export: of the whole tenant, or of one user. */
  exportAll(
    userId: string | undefined,
    options: ExportAllOptions,
  ): AsyncGenerator<string, void, undefined> {
    return exportLines(this.calls, userId, checked(options));
  }

  /** Stores the rows of an export. */
  importAll(
    source: ImportSource,
    options: ImportAllOptions,
  ): Promise<ImportAllResult> {
    return importLines(this.calls, source, checked(options));
  }
}

/** Checks the names, the signal, the time limit and the callback of options. */
function checked<Options extends ExportAllOptions | ImportAllOptions>(
  options: Options | null,
): Options | Record<string, never> {
  checkNames(options, ["tenantId", "from", "userId"]);
  const { userId } = (options ?? {}) as { userId?: unknown };
  if (userId !== undefined) {
    throw new ClientError(
      INVALID_ARGUMENT,
      "userId is no option: use users.exportAll(userId)",
    );
  }
  boundsOf(options ?? {});
  return options ?? {};
}

/** A line other than a row: the heading, a checkpoint or the end. */
interface Mark {
  cortex?: string;
  version?: number;
  checkpoint?: string;
  end?: boolean;
}

/** Yields the lines, each with its line end: a heading, one line per row with checkpoints in between, and an end. */
async function* exportLines(
  calls: Calls,
  userId: string | undefined,
  { tenantId, from, onProgress, signal, timeoutMs }: ExportAllOptions,
): AsyncGenerator<string, void, undefined> {
  calls.context.assertOpen();
  const remaining = countdown(timeoutMs);
  const seen = new Set<string>();
  let cursor = from;
  let processed = 0;
  yield line({
    cortex: "export",
    version: TRANSFER_VERSION,
    exportedAt: Date.now(),
  });
  for (;;) {
    const part = await calls.query<Step & { lines: string[] }>(
      "transfer:dump",
      { tenantId, userId, cursor },
      { signal, timeoutMs: remaining() },
    );
    for (const text of part.lines) {
      // Several searches find a user's rows, so the same row may come twice.
      if (userId !== undefined && isKnown(seen, text)) continue;
      processed++;
      yield `${text}\n`;
      signal?.throwIfAborted();
    }
    if (part.done) break;
    cursor = part.cursor!;
    yield line({ checkpoint: cursor });
    onProgress?.({ processed, done: false, checkpoint: cursor });
  }
  yield line({ end: true, rows: processed });
  onProgress?.({ processed, done: true });
}

async function importLines(
  calls: Calls,
  source: ImportSource,
  options: ImportAllOptions,
): Promise<ImportAllResult> {
  const loader = new RowLoader(calls, options);
  const { result } = loader;
  for await (const line of rowsOf(source, result)) {
    options.signal?.throwIfAborted();
    const text = line.text.trimStart();
    if (text.startsWith('{"table":')) {
      await loader.add({ ...line, text });
      continue;
    }
    // Ends the request before a line that is not a row, because the backend numbers a request's lines consecutively.
    await loader.flush();
    const mark = markOf(text, line.number);
    if (mark.checkpoint !== undefined) {
      loader.checkpoint = mark.checkpoint;
      loader.tell(false);
    }
    result.complete ||= mark.end === true;
  }
  await loader.flush();
  loader.tell(true);
  return result;
}

/** Yields the lines of a source. JSON of `users.export`, an array over many lines, is converted to lines of rows. */
async function* rowsOf(
  source: ImportSource,
  result: ImportAllResult,
): AsyncGenerator<Line, void, undefined> {
  let json: string | false | undefined;
  for await (const line of linesOf(source)) {
    json ??= /^\s*\[/.test(line.text) ? "" : false;
    if (json === false) yield line;
    // `trimStart` also removes a byte order mark.
    else json += `${line.text.trimStart()}\n`;
  }
  if (!json) return;
  let number = 0;
  for (const text of bundleLines(json)) yield { text, number: ++number };
  result.complete = true;
}

function line(mark: object): string {
  return `${JSON.stringify(mark)}\n`;
}

function isKnown(seen: Set<string>, text: string): boolean {
  const known = fingerprint(text);
  return seen.has(known) || !seen.add(known);
}

function markOf(text: string, number: number): Mark {
  let mark: Mark | null;
  try {
    mark = JSON.parse(text);
  } catch {
    // As from `node:readline`, which removes them.
    const joined = text.includes("}{") ? " (the line ends are missing)" : "";
    throw wrong(number, NOT_JSON + joined);
  }
  const { cortex, version, checkpoint, end } = mark ?? {};
  if ((cortex ?? checkpoint ?? end) === undefined) {
    throw wrong(number, "it is neither a row nor a mark");
  }
  if (cortex !== undefined && version !== TRANSFER_VERSION) {
    throw wrong(
      number,
      `its version must be ${TRANSFER_VERSION}: ${current(version)}`,
    );
  }
  return { checkpoint, end };
}

function wrong(number: number, why: string): ClientError {
  return new ClientError(
    INVALID_ARGUMENT,
    `source must be what exportAll writes, but line ${number} is not: ${why}`,
  );
}
