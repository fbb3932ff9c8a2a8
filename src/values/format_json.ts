import { cutText, MAX_TEXT_LENGTH } from "./format.ts";

/** A value as a short text for messages, as whoever sent it wrote it: as JSON, cut at 80 characters. */
export function formatJson(value: unknown): string {
  return cutText(JSON.stringify(value) ?? String(value), MAX_TEXT_LENGTH);
}
