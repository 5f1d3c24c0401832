/** Requests on kept connections, the same number under way all the time until all are done. */
import { Agent, request } from 'node:http';

export interface Asked {
  readonly method: string;
  readonly body?: string;
}

export interface Outcome extends Asked {
  /** 0 when the connection broke. */
  readonly status: number;
  readonly answer: string;
}

export interface Load {
  /** As many as there are until `until`, unless given. */
  readonly count?: number;
  /** Whether no more are asked. */
  readonly until?: () => boolean;
  readonly inFlight: number;
  /** What the n-th request is. */
  readonly ask: (nth: number) => Asked;
  /** Told of each that is done: how many are, and what it came to. */
  readonly onDone?: (done: number, outcome: Outcome) => void;
}

/** Resolves with what each came to, in the order in which they were asked. Never rejects. */
export async function steadyLoad(
  url: string,
  { count = Number.POSITIVE_INFINITY, until = () => false, inFlight, ask, onDone }: Load,
): Promise<Outcome[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  const outcomes: Outcome[] = [];
  let [next, done] = [0, 0];
  const client = async () => {
    while (next < count && !until()) {
      const nth = next++;
      const outcome = await exchange(url, agent, ask(nth));
      outcomes[nth] = outcome;
      onDone?.(++done, outcome);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, client));
  agent.destroy();
  return outcomes;
}

function exchange(url: string, agent: Agent, asked: Asked): Promise<Outcome> {
  return new Promise((resolve) => {
    const broken = ({ message }: Error) => resolve({ ...asked, status: 0, answer: message });
    const sent = request(
      url,
      { agent, method: asked.method, headers: { 'content-length': Buffer.byteLength(asked.body ?? '') } },
      (res) => {
        let answer = '';
        res.setEncoding('utf8');
        res.on('data', (text: string) => {
          answer += text;
        });
        res.on('end', () => resolve({ ...asked, status: res.statusCode ?? 0, answer }));
        res.on('error', broken);
      },
    );
    sent.on('error', broken).end(asked.body);
  });
}
