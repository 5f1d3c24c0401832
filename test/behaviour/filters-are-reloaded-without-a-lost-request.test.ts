import { copyFileSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { open, type TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { type FilterFolder, filterFolder } from './support/filter-folder.ts';
import { run } from './support/process.ts';
import { serversOfThisSuite } from './support/servers.ts';
import { steadyLoad } from './support/steady-load.ts';

describe('filters that change', () => {
  const servers = serversOfThisSuite();
  const says = (what: string, name = 'says') =>
    `name: '${name}', stage: 'post', run({ response }) { response.headers.set('x-${name}', '${what}'); }`;

  const having = async (folder: FilterFolder, filters: readonly unknown[]): Promise<TestGateway> => {
    const upstream = await servers.upstream();
    return servers.public(open(upstream.url, { route: { filters } }), { directory: folder.directory });
  };
  const saying = (gateway: TestGateway, what: string | undefined, header = 'x-says') =>
    eventually(
      async () => (await ask(gateway.port, '/')).header(header),
      (said) => said === what,
    );

  it('are used from the next request on, by nobody’s call', async () => {
    const folder = filterFolder(servers);
    const gateway = await having(folder, [folder.write('says.ts', says('one'))]);
    await saying(gateway, 'one');
    folder.write('says.ts', says('two'));
    await saying(gateway, 'two');
    // As editors do: another file takes the place.
    folder.write('says.ts~', says('three'));
    renameSync(join(folder.directory, 'says.ts~'), join(folder.directory, 'says.ts'));
    await saying(gateway, 'three');
    await eventually(
      () => gateway.logged().filter(({ event }) => event === 'filters-reloaded').length,
      (times) => times >= 2,
    );
  });

  it('with what they import', async () => {
    const folder = filterFolder(servers);
    folder.write('lib/what.ts', "import { deep } from './deep.ts'; export const what: string = deep;");
    folder.write('lib/deep.ts', "export const deep = 'one';");
    const name = folder.write('says.ts', `import { what } from './lib/what.ts'; export default { ${says('').replace("''", 'what')} };`);
    const gateway = await having(folder, [name]);
    await saying(gateway, 'one');
    folder.write('lib/deep.ts', "export const deep = 'two';");
    await saying(gateway, 'two');
    // What is imported comes after the module that wants it.
    folder.write('says.ts', `import { what } from './lib/new.ts'; export default { ${says('').replace("''", 'what')} };`);
    await eventually(
      () => gateway.logged().filter(({ event }) => event === 'configuration-kept').length,
      (times) => times > 0,
    );
    folder.write('lib/new.ts', "export const what = 'three';");
    await saying(gateway, 'three');
  });

  for (const [how, text] of Object.entries({
    'is no TypeScript': 'export default { name: }',
    throws: "throw new Error('while it loads')",
    'is no filter': 'export default 5',
    'exports nothing': 'export const other = 1',
    'has no such stage': "name: 'says', stage: 'during', run() {}",
    'does not run': "name: 'says', stage: 'pre'",
    'has a broken schema': "name: 'says', stage: 'pre', schema: { type: 'nothing' }, run() {}",
    'imports what is not there': "import './nowhere.ts'; export default {}",
  }))
    it(`stay as they were while one ${how}`, async () => {
      const folder = filterFolder(servers);
      const filters = [folder.write('says.ts', says('one')), folder.write('other.ts', says('one', 'other'))];
      const gateway = await having(folder, filters);
      folder.write('other.ts', says('two', 'other'));
      folder.write('says.ts', text);
      expect((await gateway.reloading.reload('api')).ok).to.equal(false);
      const answer = await ask(gateway.port, '/');
      expect([answer.status, answer.header('x-says'), answer.header('x-other')]).to.deep.equal([200, 'one', 'one']);
      folder.write('says.ts', says('two'));
      expect((await gateway.reloading.reload('api')).ok).to.equal(true);
      expect((await ask(gateway.port, '/')).header('x-other')).to.equal('two');
    });

  it('and when their file or their folder is gone, or their options will not do any more', async () => {
    const folder = filterFolder(servers);
    const name = folder.write('own/says.ts', says('one'));
    const gateway = await having(folder, [{ [name]: { loud: true } }]);
    folder.remove('own');
    expect((await gateway.reloading.reload('api')).ok).to.equal(false);
    expect((await ask(gateway.port, '/')).header('x-says')).to.equal('one');
    folder.write('own/says.ts', says('two'));
    await saying(gateway, 'two');
    folder.write('own/says.ts', `${says('three')}, schema: { type: 'object', additionalProperties: false }`);
    expect((await gateway.reloading.reload('api')).ok).to.equal(false);
    await eventually(
      () => JSON.stringify(gateway.logged().filter(({ event }) => event === 'configuration-kept')),
      (kept) => kept.includes('there is no such file') && /postern.yaml:\d+:\d+ .*loud unknown key/.test(kept),
    );
    expect((await ask(gateway.port, '/')).header('x-says')).to.equal('two');
  });

  it('are found behind links that are swapped, as Kubernetes does with a ConfigMap', async () => {
    const folder = filterFolder(servers);
    const revision = (name: string, what: string) => {
      folder.write(`..${name}/says.ts`, `import { what } from './what.ts'; export default { ${says('').replace("''", 'what')} };`);
      folder.write(`..${name}/what.ts`, `export const what = '${what}';`);
      symlinkSync(`..${name}`, join(folder.directory, '..next'));
      renameSync(join(folder.directory, '..next'), join(folder.directory, '..data'));
    };
    revision('one', 'one');
    symlinkSync('..data/says.ts', join(folder.directory, 'says.ts'));
    const gateway = await having(folder, ['./says.ts']);
    await saying(gateway, 'one');
    revision('two', 'two');
    folder.remove('..one');
    await saying(gateway, 'two');
  });

  it('are found in a folder that was removed and made anew, and in one that another was put in the place of', async () => {
    const folder = filterFolder(servers);
    const upstream = await servers.upstream();
    const name = folder.write('conf/filters/says.ts', says('one')).replace('/conf', '');
    const given = open(upstream.url, { route: { filters: [name] } });
    const gateway = await servers.public(given, { directory: join(folder.directory, 'conf') });
    folder.remove('conf/filters');
    for (const what of ['two', 'three']) {
      folder.write('conf/filters/says.ts', says(what));
      await saying(gateway, what);
    }
    folder.write('next/filters/says.ts', says('four'));
    copyFileSync(gateway.file, join(folder.directory, 'next', basename(gateway.file)));
    renameSync(join(folder.directory, 'conf'), join(folder.directory, 'before'));
    renameSync(join(folder.directory, 'next'), join(folder.directory, 'conf'));
    await saying(gateway, 'four');
    folder.write('conf/filters/says.ts', says('five'));
    await saying(gateway, 'five');
  });

  it('are found when they are imported only as a request runs', async () => {
    const folder = filterFolder(servers);
    folder.write('lazy.ts', "export const what = 'one';");
    const gateway = await having(folder, [
      folder.write(
        'says.ts',
        "name: 'says', stage: 'post', async run({ response }) { response.headers.set('x-says', (await import('./lazy.ts')).what); }",
      ),
    ]);
    await saying(gateway, 'one');
    folder.write('lazy.ts', "export const what = 'two';");
    await saying(gateway, 'two');
  });

  it('may be the same file with other options, each its own', async () => {
    const folder = filterFolder(servers);
    const name = folder.write(
      'adds.ts',
      `name: 'adds', stage: 'post',
       schema: { type: 'object', properties: { what: { type: 'string', default: 'nothing' }, deep: { type: 'array' } }, additionalProperties: false },
       run({ response }, options) {
         let frozen = Object.isFrozen(options) && Object.isFrozen(options.deep ?? options);
         response.headers.append('x-adds', options.what + frozen);
       }`,
    );
    const gateway = await having(folder, [
      name,
      { [name]: { what: 'more', deep: [1] } },
      { [`./../${basename(folder.directory)}/adds.ts`]: null },
    ]);
    expect((await ask(gateway.port, '/')).headers['x-adds']).to.deep.equal(['nothingtrue', 'moretrue', 'nothingtrue']);
  });

  it('lose no request, however often they do', async () => {
    const folder = filterFolder(servers);
    const names = Array.from({ length: 10 }, (_, at) => folder.write(`f${at}.ts`, says('0', `f${at}`)));
    const gateway = await having(folder, names);
    let round = 0;
    let reloading: Promise<unknown> = Promise.resolve();
    const outcomes = await steadyLoad(gateway.url, {
      count: 600,
      inFlight: 8,
      ask: () => ({ method: 'GET' }),
      onDone: (done) => {
        if (done % 60 !== 0) return;
        round += 1;
        names.forEach((name, at) => {
          folder.write(name.slice(2), says(String(round), `f${at}`));
        });
        reloading = reloading.then(() => gateway.reloading.reload('api'));
      },
    });
    expect(outcomes.filter(({ status }) => status !== 200)).to.deep.equal([]);
    await reloading;
    const answer = await ask(gateway.port, '/');
    expect(names.map((_, at) => answer.header(`x-f${at}`))).to.deep.equal(names.map(() => String(round)));
  });

  it('keep each request with those it began with', async () => {
    const folder = filterFolder(servers);
    const both = (what: string) => [
      folder.write('down.ts', `name: 'down', stage: 'pre', run({ request }) { request.headers.set('x-down', '${what}'); }`),
      folder.write('up.ts', says(what)),
    ];
    const filters = both('one');
    const held = Promise.withResolvers<() => void>();
    const upstream = await servers.upstream((req, res) => held.resolve(() => res.end(req.headers['x-down'])));
    const gateway = await servers.public(open(upstream.url, { route: { filters } }), { directory: folder.directory });
    const answer = ask(gateway.port, '/');
    const goOn = await held.promise;
    both('two');
    expect((await gateway.reloading.reload('api')).ok).to.equal(true);
    goOn();
    expect([(await answer).header('x-says'), (await answer).body]).to.deep.equal(['one', 'one']);
  });

  it('are loaded anew by SIGHUP', async () => {
    const folder = filterFolder(servers);
    const file = join(folder.directory, folder.write('says.ts', says('one')));
    const upstream = await servers.upstream();
    const gateway = await run(servers, 'private', open(upstream.url, { route: { filters: [file] } }));
    expect((await ask(gateway.port, '/')).header('x-says')).to.equal('one');
    writeFileSync(file, readFileSync(file, 'utf8').replace("'one'", "'two'"));
    gateway.child.kill('SIGHUP');
    await gateway.logs('filters-reloaded');
    expect((await ask(gateway.port, '/')).header('x-says')).to.equal('two');
  });
});
