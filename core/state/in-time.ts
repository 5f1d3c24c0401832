/** Waiting for an answer of a server, but not for long. */

/**
 * The promise, or a failure past the bound. An answer that has come by then counts though nobody has read it yet: that the process itself
 * was busy is no fault of the server's.
 *
 * @param bound in milliseconds
 */
export function inTime<T>(asked: Promise<T>, bound: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`no answer in ${bound} ms`));
    // What has come is read between the timers and what is to be done at once behind them.
    const timer = setTimeout(() => setImmediate(late), bound);
    asked.then(
      (answer) => {
        clearTimeout(timer);
        resolve(answer);
      },
      (problem: unknown) => {
        clearTimeout(timer);
        reject(problem);
      },
    );
  });
}
