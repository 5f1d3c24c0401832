/** Contracts as others have written them, and requests as Schemathesis makes them up to break one. */
import { createHash, randomBytes } from 'node:crypto';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { type Contract, compileContract, outline } from '../../core/contract/contract.ts';
import { openBench } from './support/bench.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { MiB, peakMemory, resetPeakMemory, residentMemory } from './support/memory.ts';
import { run } from './support/program.ts';
import { samplesOf } from './support/samples.ts';

const here = import.meta.dirname;
const shop = join(here, 'contract/shop.yaml');

describe('contracts that others have written, and requests made up to break one', () => {
  const bench = openBench();
  after(() => bench.clear());

  /** A gateway before a service that answers everything with an empty object. */
  async function guarded(openapi: string, validate: object): Promise<{ gateway: Gateway; reached: () => number; digest: () => string }> {
    let reached = 0;
    let digest = '';
    const service = createServer((req, res) => {
      reached += 1;
      const hash = createHash('sha256');
      req.on('data', (chunk: Buffer) => hash.update(chunk));
      req.on('end', () => {
        digest = hash.digest('hex');
        res.writeHead(200, { 'content-type': 'application/json', 'content-length': '2' }).end('{}');
      });
    });
    const port = await bench.listen(service);
    const file = await bench.file(
      'postern.yaml',
      JSON.stringify({
        services: { shop: { endpoints: [`http://127.0.0.1:${port}`], openapi } },
        routes: [{ name: 'shop', match: { pathPrefix: '/' }, service: 'shop', validate, expose: { private: { callers: ['tests'] } } }],
        private: {
          listen: { host: '127.0.0.1', port: 0 },
          admin: { host: '127.0.0.1', port: 0 },
          callers: { tests: { from: ['127.0.0.0/8'], rateLimit: '1000000/s' } },
          limits: { body: '1GiB' },
        },
        telemetry: { accessLog: false },
      }),
    );
    return { gateway: await startGateway(bench, 'private-gateway', file), reached: () => reached, digest: () => digest };
  }

  describe('of others', () => {
    const published = {
      blockfrost: join(here, 'node_modules/@blockfrost/openapi/openapi.yaml'),
      directus: join(here, 'node_modules/@directus/specs/dist/openapi.json'),
    };

    /** Examples that do not keep the contract that they are an example for. */
    const wrong = {
      blockfrost: [],
      directus: [
        'POST /presets: #/filters/0/value must be integer',
        'PATCH /presets: #/data/filters/0/value must be integer',
        'PATCH /presets/1: #/filters/0/value must be integer',
        'POST /fields/x: #/datatype is required, #/length is required',
      ],
    };
    const reasons = (said: string) =>
      (JSON.parse(said) as { errors: { pointer: string; detail: string }[] }).errors
        .map(({ pointer, detail }) => `${pointer} ${detail}`)
        .join(', ');

    /** As it is published, Directus' document has one schema that is null: a finding. */
    async function repaired(name: keyof typeof published): Promise<string> {
      const file = join(await bench.directory(), `${name}.json`);
      if (name === 'blockfrost') {
        await cp(published[name], file.replace('.json', '.yaml'));
        return file.replace('.json', '.yaml');
      }
      const { documents, outline: read } = outline(published[name]);
      if (read) compileContract(read);
      expect(documents.findings.map(({ message, path }) => [path.at(-1), message])).to.deep.equal([['schema', 'must be a schema']]);
      await writeFile(file, (await readFile(published[name], 'utf8')).replace('"schema": null', '"schema": {}'));
      return file;
    }

    for (const name of Object.keys(published) as (keyof typeof published)[]) {
      it(`${name}: is compiled, and what its examples ask for passes`, async function () {
        this.timeout(120_000);
        const file = await repaired(name);
        const before = process.memoryUsage().rss;
        const began = performance.now();
        const { documents, outline: read } = outline(file);
        if (!read) throw new Error('not read');
        const contract = compileContract(read);
        const took = Math.round(performance.now() - began);
        console.log(
          `      ${contract.operations.length} operations: ${took} ms, ${Math.round((process.memoryUsage().rss - before) / MiB)} MiB`,
        );
        expect(documents.findings).to.deep.equal([]);
        expect(contract.operations.length).to.be.at.least(100);

        const { gateway, reached } = await guarded(file, { request: 'enforce' });
        const text = await readFile(file, 'utf8');
        const samples = samplesOf(parse(text), contract.operations[0]?.bases[0] ?? '');
        const refused: string[] = [];
        for (const { method, target, headers, body } of samples) {
          const answer = await fetch(`${gateway.url}${target}`, { method, headers, ...(body === undefined ? {} : { body }) });
          const said = await answer.text();
          if (answer.status !== 200) refused.push(`${method} ${target.split('?')[0]}: ${reasons(said)}`);
        }
        console.log(`      ${samples.length} requests from examples`);
        // What has an example that does not keep its own contract is refused for just that.
        expect(refused).to.deep.equal(wrong[name]);
        expect(reached()).to.equal(samples.length - refused.length);
        expect(samples.length).to.be.at.least(100);

        // What the gateway tells of itself is a contract again, with the same operations.
        const told = await bench.file('told.json', await (await fetch(`${gateway.admin}/openapi.json`)).text());
        const again = outline(told);
        const names = (given: Contract | undefined) =>
          given?.operations.map(({ method, bases: [base], template }) => `${method} ${base}${template}`).sort();
        expect(names(again.outline && compileContract(again.outline))).to.deep.equal(names(contract));
        expect(again.documents.findings).to.deep.equal([]);
      });
    }
  });

  describe('under attack by Schemathesis', () => {
    // What does not fit a URL or a header section is refused before any contract is looked at.
    const settings = '[checks.negative_data_rejection]\nexpected-statuses = [400, 404, 405, 414, 415, 431]\n';
    const attack = async (url: string, seconds: number) => {
      const cwd = await bench.directory();
      await writeFile(join(cwd, 'schemathesis.toml'), settings);
      return run(
        join(here, '.cache/schemathesis/bin/st'),
        [
          ...['run', shop, '--url', url, '--checks', 'negative_data_rejection,positive_data_acceptance', '--phases', 'coverage,fuzzing'],
          ...['--max-time', String(seconds), '--max-examples', '1000', '--seed', '1', '--continue-on-failure', '--no-color'],
        ],
        // It keeps what it found where it runs.
        { bound: (seconds + 60) * 1000, cwd },
      );
    };

    it('lets nothing through that breaks one, and all that keeps it', async function () {
      this.timeout(180_000);
      const { gateway, reached } = await guarded(shop, { request: 'enforce', response: 'enforce' });
      const { code, output } = await attack(gateway.url, 40);
      const [, generated = '0'] = /(\d+) generated/.exec(output) ?? [];
      console.log(`      ${generated} requests, ${reached()} reached the service`);
      expect(code, output).to.equal(0);
      expect(Number(generated)).to.be.above(500);
      expect(reached()).to.be.above(100).and.below(Number(generated));
    });

    it('which would see it, were nothing refused', async function () {
      this.timeout(120_000);
      const { gateway } = await guarded(shop, { request: 'report' });
      const { code, output } = await attack(gateway.url, 10);
      expect(code).to.equal(1);
      expect(output).to.contain('Schema-violating request accepted');
    });
  });

  it('are held against bodies that are too large to look into in flat memory', async function () {
    this.timeout(120_000);
    const { gateway, digest } = await guarded(shop, { request: 'report', response: 'report' });
    const send = async (chunks: number): Promise<string> => {
      const chunk = randomBytes(MiB);
      const hash = createHash('sha256');
      const answer = await new Promise<IncomingMessage>((found, failed) => {
        const sent = request(`${gateway.url}/orders`, { method: 'POST', headers: { 'content-type': 'application/json' } }, found).on(
          'error',
          failed,
        );
        let left = chunks;
        const more = () => {
          while (left > 0) {
            left -= 1;
            hash.update(chunk);
            if (!sent.write(chunk)) return void sent.once('drain', more);
          }
          sent.end();
        };
        more();
      });
      expect(answer.statusCode).to.equal(200);
      answer.resume();
      return hash.digest('hex');
    };
    await send(50);
    resetPeakMemory(gateway.pid);
    const before = residentMemory(gateway.pid);
    expect(await send(100)).to.equal(digest());
    const grown = (peakMemory(gateway.pid) - before) / MiB;
    console.log(`      100 MiB: at most ${Math.round(grown)} MiB more than ${Math.round(before / MiB)} MiB`);
    expect(grown).to.be.below(64);
    const metrics = await (await fetch(`${gateway.admin}/metrics`)).text();
    expect(metrics).to.match(/gateway_contract_unchecked_total\{[^}]*reason="size"[^}]*\} 2/);
  });
});
