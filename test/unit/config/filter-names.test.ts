import { expect } from 'chai';
import { aloneFilters, filterReason, filtersWithOptions } from '../../../core/config/filter-names.ts';
import { schemasAt } from '../../../core/config/input-schema.ts';

describe('the names of built-in filters', () => {
  it('are those of the schema', () => {
    const schemas = schemasAt(['routes', 0, 'filters', 0]).flatMap((schema) => [schema, ...(schema.anyOf ?? [])]);
    const known = new Set(schemas.flatMap(({ properties }) => Object.keys(properties ?? {})));
    expect([...aloneFilters, ...filtersWithOptions]).to.have.members([...known]);
  });

  it('stand alone where they need no options', () => {
    for (const name of [...aloneFilters, './a.ts', '../a.js', '/etc/a.mjs', './filters']) expect(filterReason(name), name).to.equal(null);
    expect(filterReason('mirror')).to.contain('needs its options');
    expect(filterReason('secureheader')).to.equal('did you mean secureHeaders?');
    expect(filterReason('filters/audit.ts')).to.equal('did you mean ./filters/audit.ts?');
    for (const name of ['', '.', './', '..', 'nothing like it']) expect(filterReason(name), name).to.equal('');
  });
});
