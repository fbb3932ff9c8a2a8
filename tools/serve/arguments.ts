import { parseArgs } from "node:util";

/** What the command line asks for. */
export interface ServeArguments {
  /** SQLite file; undefined: in memory. */
  db: string | undefined;
  /** Port; 0: a free one. */
  port: number;
  /** Address that is listened on. */
  host: string;
  /** Folder with somebody's Convex functions; undefined: Cortex's. */
  functions: string | undefined;
  /** File with the admin key. */
  adminKeyFile: string | undefined;
  /** Whether clients learn that a function failed, and no more. */
  production: boolean;
  /** Prints the usage and ends. */
  help: boolean;
}

/** How it is called. */
export const usage =
  `deno task serve [--db FILE] [--port 3210] [--host 127.0.0.1] [--functions DIR] [--admin-key-file FILE] [--production]

Serves Cortex's functions, or those of any convex/ folder, as a Convex deployment:
point a Convex client of any kind at http://127.0.0.1:3210.

  --db FILE              keep the data in this SQLite file; without it, in memory
  --port PORT            port to listen on; 0 takes a free one
  --host ADDRESS         address to listen on; only this machine can reach the default
  --functions DIR        functions to serve, such as ./convex
  --admin-key-file FILE  file with the key that admins show, such as name|0123abcd
  --production           tell clients that a function failed, and no more`;

/** Reads the command line. Throws `TypeError` that says what is wrong with it. */
export function parseArguments(args: readonly string[]): ServeArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      db: { type: "string" },
      port: { type: "string", default: "3210" },
      host: { type: "string", default: "127.0.0.1" },
      functions: { type: "string" },
      "admin-key-file": { type: "string" },
      production: { type: "boolean", default: false },
      help: { type: "boolean", default: false, short: "h" },
    },
  });
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65535) {
    throw new TypeError(
      `--port must be a number from 0 to 65535, got ${values.port}`,
    );
  }
  return {
    db: values.db,
    port,
    host: values.host,
    functions: values.functions,
    adminKeyFile: values["admin-key-file"],
    production: values.production,
    help: values.help,
  };
}
