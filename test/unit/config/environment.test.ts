// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is what the configuration has
import { expect } from 'chai';
import { substitute } from '../../../core/config/environment.ts';

const environment = { NAME: 'value', EMPTY: '', BRACES: '${NAME}' };
const text = (given: string): string => substitute(given, environment).text;

describe('substitution', () => {
  it('puts variables in', () => {
    expect(text('a ${NAME} b ${NAME}')).to.equal('a value b value');
  });

  it('takes the default of a variable that is not set, or empty', () => {
    expect(text('${MISSING:-x:y}')).to.equal('x:y');
    expect(text('${EMPTY:-x}')).to.equal('x');
    expect(text('${MISSING:-}')).to.equal('');
    expect(text('${NAME:-x}')).to.equal('value');
  });

  it('leaves an empty variable empty', () => {
    expect(substitute('${EMPTY}', environment)).to.deep.include({ text: '', problems: [], whole: true });
  });

  it('names a variable that is missing', () => {
    expect(substitute('${MISSING}', environment).problems)
      .to.have.length(1)
      .and.satisfy(([problem]: string[]) => problem?.includes('MISSING'));
  });

  it('does not take what every object has for a variable', () => {
    expect(substitute('${toString}${constructor}', {}).problems).to.have.length(2);
  });

  it('leaves $${ and a lone $ alone', () => {
    expect(text('$${NAME} costs $5 and $NAME')).to.equal('${NAME} costs $5 and $NAME');
  });

  it('does not look into what it put in', () => {
    expect(text('${BRACES}')).to.equal('${NAME}');
  });

  it('knows whether a text was one substitution', () => {
    expect(
      ['${NAME}', 'a${NAME}', '${NAME}${NAME}', 'NAME', '$${NAME}'].map((given) => substitute(given, environment).whole),
    ).to.deep.equal([true, false, false, false, false]);
  });

  it('refuses what is no substitution', () => {
    for (const given of ['${}', '${1A}', '${A B}', '${A', '${A-b}', '${:-x}'])
      expect(substitute(given, environment).problems, given).to.have.length(1);
  });
});
