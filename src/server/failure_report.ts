/** Reports a failure of the server itself to its operator. Never throws. */
export type FailureReport = (error: unknown) => void;

/** Wraps the `onError` option: an error thrown by the callback must not break answers. */
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
