/** What is used of `@std/csv`. */
interface Csv {
  parse(text: string, options: { fieldsPerRecord: number }): string[][];
}

/**
 * The rows of a CSV text (RFC 4180), all of one length; empty lines are skipped. Throws `TypeError` that names the
 * line.
 */
export async function readCsv(text: string): Promise<string[][]> {
  const { csv } = await import("./csv_from_task_setup.gen.ts");
  try {
    // 0: as many as the first row has.
    return (csv() as Csv).parse(text, { fieldsPerRecord: 0 });
  } catch (error) {
    throw new TypeError((error as Error).message, { cause: error });
  }
}
