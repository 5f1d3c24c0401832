import { expect } from 'chai';
import { parseConfig } from '../../../core/config/load.ts';
import type { Config } from '../../../core/config/schema/index.ts';
import { changesBetween, toldOf } from '../../../core/reload/changes.ts';
import { needsRestart } from '../../../core/reload/restart.ts';

const configOf = (text: string): Config => parseConfig(text, { file: '/nowhere/postern.yaml', environment: {} }).config;

describe('what changes between two configurations', () => {
  const route = (name: string, more = '') =>
    `  - { name: ${name}, match: { path: /${name} }, service: a, expose: { public: { access: anonymous } }${more} }\n`;
  const written = ({ services = "a: { endpoints: ['http://a:1'] }", routes = route('one'), rest = '' }) =>
    configOf(`services:\n  ${services}\nroutes:\n${routes}${rest}`);
  const before = written({});

  it('is nothing between two that are the same', () => {
    expect(changesBetween(before, written({}))).to.deep.equal([]);
  });

  it('is told by the names of services, routes and callers, and by what of them is another', () => {
    const after = written({
      services: "a: { endpoints: ['http://a:2'], balancer: random }\n  b: { endpoints: ['http://b:1'] }",
      routes: route('two') + route('one', ', priority: critical'),
      rest: 'private: { callers: { x: { from: [10.0.0.1] } } }\npublic: { rateLimit: 1/s }\n',
    });
    expect(changesBetween(before, after)).to.deep.equal([
      'services.a: endpoints, balancer',
      'services.b: added',
      'routes.two: added',
      'routes.one: priority',
      'public: rateLimit',
      'private.callers.x: added',
    ]);
    expect(changesBetween(after, before)).to.include.members(['services.b: removed', 'routes.two: removed', 'private.callers.x: removed']);
  });

  it('is their order too, by which routes and callers are found', () => {
    const callers = (names: string[]) => `private: { callers: { ${names.map((name) => `${name}: { from: [10.0.0.1] }`).join(', ')} } }\n`;
    const one = written({ routes: route('one') + route('two'), rest: callers(['x', 'y']) });
    const other = written({ routes: route('two') + route('one'), rest: callers(['y', 'x']) });
    expect(changesBetween(one, other)).to.deep.equal(['routes: their order', 'private.callers: their order']);
  });
});

describe('what changes between two large configurations', () => {
  it('is found without looking at every route for each', () => {
    let looks = 0;
    const counted = (config: Config): Config => {
      const routes = Array.from({ length: 500 }, (_, at) => ({
        ...config.routes[0],
        get name() {
          looks += 1;
          return `route-${at}`;
        },
      }));
      return { ...config, routes: routes as Config['routes'] };
    };
    const config = configOf(
      "services: { a: { endpoints: ['http://a:1'] } }\nroutes: [{ name: a, match: { path: / }, service: a, expose: { public: { access: anonymous } } }]\n",
    );
    expect(changesBetween(counted(config), counted(config))).to.deep.equal([]);
    expect(looks).to.be.lessThan(500 * 20);
  });
});

describe('what is told of changes', () => {
  it('is each of them, of a hundred at most', () => {
    const changes = Array.from({ length: 100 }, (_, at) => `routes.r${at}: added`);
    expect(toldOf(changes)).to.equal(changes);
    expect(toldOf([...changes, 'one', 'two'])).to.deep.equal([...changes, '2 more']);
  });
});

describe('what needs a restart', () => {
  const started = configOf('services: {}\nroutes: []\nprivate: { listen: { port: 1 } }\nregistry: { embedded: {} }\n');
  const changed = (text: string, section: 'public' | 'private' = 'private') =>
    needsRestart(started, configOf(`services: {}\nroutes: []\n${text}`), section);
  const same = 'private: { listen: { port: 1 } }\nregistry: { embedded: {} }\n';

  it('is nothing that requests alone go by', () => {
    expect(changed(`${same}public: { listen: { port: 2 }, rateLimit: 1/s }\n`)).to.deep.equal([]);
    expect(
      changed('private: { listen: { port: 1 }, limits: { body: 1MiB }, drain: { grace: 1s } }\nregistry: { embedded: {} }\n'),
    ).to.deep.equal([]);
  });

  it('is where the other gateway of the pair is looked for', () => {
    expect(changed(`${same.replace('private: {', 'private: { admin: { peer: "http://edge:9080" },')}`)).to.deep.equal(['private.admin']);
    expect(changed(`${same}public: { admin: { port: 9999 } }\n`)).to.deep.equal(['private.admin']);
  });

  it('is where it listens, what it stores, whom it is known to, and where it sends to', () => {
    expect(
      changed(
        'private: { listen: { port: 2 }, admin: { port: 3 }, cache: { memory: 1MiB }, register: {}, callers: { own: { from: [127.0.0.1] } } }\n' +
          "registry: { embedded: { port: 4 } }\nstate: redis://r\ntelemetry: { otlp: 'http://c:4318' }\n",
      ),
    ).to.deep.equal([
      'private.listen',
      'private.admin',
      'private.cache',
      'private.register',
      'registry.embedded',
      'registry.eureka',
      'state',
      'telemetry.otlp',
    ]);
  });

  it('is not what only the other gateway has', () => {
    expect(changed('private: { listen: { port: 5 } }\nregistry: { embedded: { strictEureka: true } }\n', 'public')).to.deep.equal([]);
  });
});
