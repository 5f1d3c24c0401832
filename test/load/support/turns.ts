/** A wrk script in which several requests take turns. */
export interface Turn {
  /** The path of the URL that wrk was given, unless it is stated. */
  path?: string;
  headers?: Record<string, string>;
}

/** The requests are made once, so that wrk spends on them about what it spends without a script. */
export function takingTurns(turns: readonly Turn[]): string {
  return `
local requests, turn = {}, 0
local function add(path, headers)
  headers["Host"] = wrk.headers["Host"]
  requests[#requests + 1] = wrk.format("GET", path, headers)
end
function init()
  math.randomseed(seed or 1)
${turns.map(({ path, headers }) => `  add(${path === undefined ? 'nil' : quoted(path)}, ${table(headers ?? {})})`).join('\n')}
end
function request()
  turn = turn % #requests + 1
  return requests[turn]
end
`;
}

/** The same with a pause between an answer and the next request; each thread draws its own, so that they do not meet. */
export function takingTimedTurns(turns: readonly Turn[], averageMilliseconds: number): string {
  return `${takingTurns(turns)}
local threads = 0
function setup(thread)
  threads = threads + 1
  thread:set("seed", threads)
end
function delay()
  return math.random(1, ${averageMilliseconds * 2 - 1})
end
`;
}

function table(headers: Record<string, string>): string {
  return `{${Object.entries(headers)
    .map(([name, value]) => `[${quoted(name)}] = ${quoted(value)}`)
    .join(', ')}}`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
