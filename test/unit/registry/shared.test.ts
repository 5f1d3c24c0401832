import { expect } from 'chai';
import type { ServiceConfig } from '../../../core/config/schema/index.ts';
import { shared } from '../../../core/registry/shared.ts';
import type { Discovered, Source } from '../../../core/registry/source.ts';

describe('a source that several have', () => {
  const config = { registry: 'dns', name: 'stock:80', refresh: 30_000 } as ServiceConfig;
  const rig = () => {
    const told = { made: 0, started: 0, stopped: 0 };
    let answer: readonly Discovered[] | undefined;
    let tell = () => {};
    const made: Source = {
      get answer() {
        return answer;
      },
      failure: undefined,
      fixed: false,
      start(onChange) {
        told.started += 1;
        tell = onChange;
      },
      stop() {
        told.stopped += 1;
      },
    };
    const sources = shared({
      of() {
        told.made += 1;
        return made;
      },
    });
    const say = (origin: string) => {
      answer = [{ origin, weight: 1 }];
      tell();
    };
    return { told, say, sources };
  };

  it('is started once and stopped once, by the last', () => {
    const { told, sources } = rig();
    const [one, other] = [sources.of('stock', config), sources.of('stock', { ...config })];
    one.start(() => {});
    other.start(() => {});
    expect(told).to.deep.equal({ made: 1, started: 1, stopped: 0 });
    one.stop();
    one.stop();
    expect(told.stopped).to.equal(0);
    other.stop();
    expect(told.stopped).to.equal(1);
    sources.of('stock', config).start(() => {});
    expect(told).to.deep.equal({ made: 2, started: 2, stopped: 1 });
  });

  it('tells each what it says, and who comes later what it said', () => {
    const { say, sources } = rig();
    const heard: string[] = [];
    const one = sources.of('stock', config);
    one.start(() => heard.push('one'));
    say('http://a:80');
    const other = sources.of('stock', config);
    other.start(() => heard.push(`other ${other.answer?.[0]?.origin} ${other.answered}`));
    one.stop();
    say('http://b:80');
    expect(heard).to.deep.equal(['one', 'other http://a:80 true', 'other http://b:80 true']);
  });

  it('is another for another service, another name, another pace', () => {
    const { told, sources } = rig();
    sources.of('stock', config);
    sources.of('orders', config);
    sources.of('stock', { ...config, name: 'stock:81' });
    sources.of('stock', { ...config, refresh: 1_000 });
    expect(told.made).to.equal(4);
  });
});
