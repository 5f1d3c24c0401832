/** Why a request failed, in words, for who runs the gateway. */

/** The chain of causes, outermost first: service, endpoint, what the system said. */
export function causes(error: Error): string | undefined {
  const chain: string[] = [];
  for (let cause = error.cause; cause instanceof Error && chain.length < 5; cause = cause.cause) {
    if (!chain.at(-1)?.endsWith(cause.message)) chain.push(cause.message);
  }
  return chain.length > 0 ? chain.join(': ') : undefined;
}
