/** Contract cases are data: a name and a function that throws when the contract is broken. */

/** One case of a contract. */
export interface ContractCase<Subject> {
  /** Says what must hold, as a sentence. */
  name: string;
  /** Throws or rejects when it does not hold. */
  run(subject: Subject): void | Promise<void>;
}

/** Result of a run of cases. */
export interface ContractReport {
  /** Cases that held. */
  passed: number;
  /** Cases that did not. */
  failed: number;
  /** Name and stack of each failure. */
  failures: string[];
  /** The same of cases that failed at first and held the second time, where they are given one. */
  again: string[];
}
