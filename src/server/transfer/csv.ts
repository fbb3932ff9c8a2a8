/** The part of `@std/csv` that is used. */
interface Csv {
  parse(text: string, options: { fieldsPerRecord: number }): string[][];
}

/**
 * Parses CSV (RFC 4180) whose rows all have the same length; skips empty lines. Throws `TypeError` that names the line.
 */
export async function readCsv(text: string): Promise<string[][]> {
  const { csv } = await import("./csv_from_task_setup.gen.ts");
  try {
    // 0 means as many as in the first row.
    return (csv() as Csv).parse(text, { fieldsPerRecord: 0 });
  } catch (error) {
    throw new TypeError((error as Error).message, { cause: error });
  }
}
