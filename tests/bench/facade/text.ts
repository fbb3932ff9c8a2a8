/** Text that resembles what people say: words of very different frequency, names that are rare. */
import { seededRandom } from "../../../src/testing/support/random.ts";

const COMMON_WORDS =
  ("time people day work week friend house city car dog book film music dinner lunch garden beach mountain train plane " +
    "trip hotel school office meeting project report phone message letter doctor hospital park river boat island " +
    "ferry ticket seat window table chair kitchen coffee tea bread cheese wine birthday party gift family brother " +
    "sister mother father daughter son cousin neighbour weekend morning evening night summer winter spring autumn " +
    "red blue green yellow small large old new happy tired busy early late visit call write read cook paint run swim " +
    "travel learn teach buy sell build repair find lose remember forget plan finish start move stay leave arrive")
    .split(
      " ",
    );
const FILLERS = "i you we they the a an to of in on at with for and but so then"
  .split(" ");

/** Makes sentences and questions, the same for a seed on every run. */
export class TextSource {
  readonly #random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A message of about 25 words. */
  message(): string {
    return this.#words(25, 0.5);
  }

  /** A question of about 7 words. */
  question(): string {
    return `${this.#words(7, 0.4)}?`;
  }

  #words(count: number, fillerShare: number): string {
    const random = this.#random;
    const words: string[] = [];
    for (let left = count; left > 0; left--) {
      if (random.below(1000) < fillerShare * 1000) {
        words.push(random.pick(FILLERS));
      } else if (random.below(8) === 0) {
        // A name or a number that few messages share.
        words.push(`name${random.below(5000)}`);
      } else {
        // Low places far more often than high ones, as in language.
        const place = Math.floor(
          (random.below(1e6) / 1e6) ** 2 * COMMON_WORDS.length,
        );
        words.push(COMMON_WORDS[place]!);
      }
    }
    return words.join(" ");
  }
}
