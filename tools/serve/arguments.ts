import { parseArgs } from "node:util";

/** The options of the command line. */
export interface ServeArguments {
  /** SQLite file; undefined: in memory. */
  db: string | undefined;
  /** Port; 0: a free one. */
  port: number;
  /** Port of HTTP actions; undefined: the one after, or a free one. */
  sitePort: number | undefined;
  /** Address that is listened on. */
  host: string;
  /** Folder with Convex functions; undefined: Cortex's. */
  functions: string | undefined;
  /** File that keeps pushed functions; undefined: pushes are refused. */
  push: string | undefined;
  /** File with the admin key. */
  adminKeyFile: string | undefined;
  /** File with environment variables for the functions. */
  envFile: string | undefined;
  /** URL at which clients reach the server; undefined: where it listens. */
  url: string | undefined;
  /** URL of HTTP actions; undefined: where the server listens for them. */
  siteUrl: string | undefined;
  /** Whether a proxy in front of the server puts the client's address into `x-forwarded-for`. */
  trustProxy: boolean;
  /** Whether error details are hidden from clients. */
  production: boolean;
  /** Prints the usage and ends. */
  help: boolean;
}

/** The text of `--help`. */
export const usage =
  `deno task serve [--db FILE] [--port 3210] [--site-port 3211] [--host 127.0.0.1] [--functions DIR | --push FILE] [--admin-key-file FILE] [--env FILE] [--url URL] [--site-url URL] [--trust-proxy] [--production]

Serves Cortex's functions, or those of any convex/ folder, as a Convex deployment:
point a Convex client of any kind at http://127.0.0.1:3210.
Any web page that a browser on this machine opens may call it, too: functions that let everybody in, as Cortex's do
unless CORTEX_ACCESS_MODE is set, are open to it.

  --db FILE              keep the data in this SQLite file; without it, in memory
  --port PORT            port to listen on; 0 picks a free one
  --site-port PORT       port of HTTP actions; default: the one after --port, or a free one if that is taken
  --host ADDRESS         address to listen on; the default is reachable only from this machine
  --functions DIR        functions to serve, such as ./convex
  --push FILE            accept what \`npx convex dev\` and \`npx convex deploy\` push, and keep it in this file
  --admin-key-file FILE  file with the admin key, such as name|0123abcd
  --env FILE             environment variables of the functions, which \`npx convex env\` changes; with --push,
                         a file beside it by default, else those of this process
  --url URL              where clients reach it, such as https://api.example.com: default for CONVEX_CLOUD_URL and
                         the URLs of files is where it listens
  --site-url URL         where HTTP actions are reached: CONVEX_SITE_URL
  --trust-proxy          take a client's address from the last entry of x-forwarded-for: only behind a proxy that adds it
  --production           hide error details from clients`;

/** Parses the command line. Throws `TypeError` if it is invalid. */
export function parseArguments(args: readonly string[]): ServeArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      db: { type: "string" },
      port: { type: "string", default: "3210" },
      "site-port": { type: "string" },
      host: { type: "string", default: "127.0.0.1" },
      functions: { type: "string" },
      push: { type: "string" },
      "admin-key-file": { type: "string" },
      env: { type: "string" },
      url: { type: "string" },
      "site-url": { type: "string" },
      "trust-proxy": { type: "boolean", default: false },
      production: { type: "boolean", default: false },
      help: { type: "boolean", default: false, short: "h" },
    },
  });
  if (values.push !== undefined && values.functions !== undefined) {
    throw new TypeError("--push and --functions cannot be combined");
  }
  if (values.push !== undefined && values["admin-key-file"] === undefined) {
    throw new TypeError("--push needs --admin-key-file: only admins push");
  }
  return {
    db: values.db,
    port: portOf("port", values.port),
    sitePort: values["site-port"] === undefined
      ? undefined
      : portOf("site-port", values["site-port"]),
    host: values.host,
    functions: values.functions,
    push: values.push,
    adminKeyFile: values["admin-key-file"],
    envFile: values.env,
    url: originOf("url", values.url),
    siteUrl: originOf("site-url", values["site-url"]),
    trustProxy: values["trust-proxy"],
    production: values.production,
    help: values.help,
  };
}

function portOf(name: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65535) return port;
  throw new TypeError(
    `--${name} must be a number from 0 to 65535, got ${text}`,
  );
}

function originOf(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const { origin, protocol, href } = URL.parse(text) ?? {};
  if (/^https?:$/.test(protocol ?? "") && href === `${origin}/`) return origin;
  throw new TypeError(
    `--${name} must be http:// or https:// and a host, got ${text}`,
  );
}
