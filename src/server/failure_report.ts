/** Reports a failure of the server itself to its operator. Never throws. */
export type FailureReport = (error: unknown) => void;

/** Makes the report out of the option: who watches a server must not break its answers. */
export function failureReport(
  onError: FailureReport | undefined,
): FailureReport {
  return (error) => {
    try {
      onError?.(error);
    } catch {
      // There is nowhere else to report it.
    }
  };
}
