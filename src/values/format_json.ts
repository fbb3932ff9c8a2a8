import { cutText, MAX_TEXT_LENGTH } from "./format.ts";

/** Formats a value as JSON for messages, cut at 80 characters. */
export function formatJson(value: unknown): string {
  return cutText(JSON.stringify(value) ?? String(value), MAX_TEXT_LENGTH);
}
