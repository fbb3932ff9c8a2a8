import { unrefTimer } from "../engine/timers.ts";

/** How long a client may take nothing of what was sent to it, in ms. */
export const STALL_MS = 60_000;
/** How often it is looked whether clients take something, in ms. */
const LOOK_MS = 10_000;

/** A client, as far as it has to read what was sent to it. */
export interface Reader {
  /** Bytes that it has not read. */
  unread(): number;
  /** Ends its connection at once, and releases what it has not read. */
  hangUp(): void;
}

/** What a client has not read. */
interface Backlog {
  bytes: number;
  /** Since when there is some. */
  sinceMs: number;
  /** When some was taken last, and how much there would be now if none had been. */
  takenMs: number;
  untaken: number;
}

/** Options of {@link UnreadBytes}. */
export interface UnreadOptions {
  /** How long a client may take nothing, in ms. */
  stallMs?: number;
  /** The time in ms. */
  now?: () => number;
}

/**
 * Limits the memory for what clients have not read, of all together: a few that do not read what they ask for could
 * otherwise exhaust the process. Beyond the limit, the server hangs up on those that have kept the most memory for the
 * longest, by bytes times time. A client that is alone is let be. It also hangs up on clients that take nothing for a
 * minute.
 */
export class UnreadBytes {
  readonly #max: number;
  readonly #stallMs: number;
  readonly #now: () => number;
  readonly #backlogs: Map<Reader, Backlog> = new Map();
  #total = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Allows about `max` bytes. */
  constructor(
    max: number,
    { stallMs = STALL_MS, now = () => performance.now() }: UnreadOptions = {},
  ) {
    this.#max = max;
    this.#stallMs = stallMs;
    this.#now = now;
  }

  /** Bytes that clients had not read when it was last looked. */
  get bytes(): number {
    return this.#total;
  }

  /** Call this when `bytes` were sent to a client, or when it has taken some. */
  sent(reader: Reader, bytes = 0): void {
    const backlog = this.#backlogs.get(reader);
    if (backlog) backlog.untaken += bytes;
    this.#look(reader);
    if (this.#total > this.#max) this.#relieve();
    if (this.#backlogs.size > 0) this.#schedule();
  }

  /** Call this when a client has gone, or has read everything. */
  gone(reader: Reader): void {
    this.#total -= this.#backlogs.get(reader)?.bytes ?? 0;
    this.#backlogs.delete(reader);
    if (this.#backlogs.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Forgets all clients. */
  close(): void {
    for (const reader of [...this.#backlogs.keys()]) this.gone(reader);
  }

  #look(reader: Reader): void {
    const bytes = reader.unread();
    if (bytes === 0) return this.gone(reader);
    const nowMs = this.#now();
    let backlog = this.#backlogs.get(reader);
    if (!backlog) {
      backlog = { bytes: 0, sinceMs: nowMs, takenMs: nowMs, untaken: bytes };
      this.#backlogs.set(reader, backlog);
    }
    if (bytes < backlog.untaken) backlog.takenMs = nowMs;
    this.#total += bytes - backlog.bytes;
    backlog.bytes = bytes;
    backlog.untaken = bytes;
  }

  #relieve(): void {
    // What was noted earlier may have been read since.
    for (const reader of [...this.#backlogs.keys()]) this.#look(reader);
    const nowMs = this.#now();
    while (this.#total > this.#max && this.#backlogs.size > 1) {
      let worst: Reader | undefined;
      let most = 0;
      for (const [reader, { bytes, sinceMs }] of this.#backlogs) {
        const kept = bytes * (nowMs - sinceMs + 1);
        if (kept <= most) continue;
        most = kept;
        worst = reader;
      }
      if (!worst) return;
      this.#hangUp(worst);
    }
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const nowMs = this.#now();
      for (const reader of [...this.#backlogs.keys()]) {
        this.#look(reader);
        const { takenMs = nowMs } = this.#backlogs.get(reader) ?? {};
        if (nowMs - takenMs >= this.#stallMs) this.#hangUp(reader);
      }
      if (this.#backlogs.size > 0) this.#schedule();
    }, Math.min(LOOK_MS, this.#stallMs));
    unrefTimer(this.#timer);
  }

  #hangUp(reader: Reader): void {
    this.gone(reader);
    reader.hangUp();
  }
}
