/** Completion for zsh: sourced, or as a file `_postern-public` in a folder of `fpath`. */
import type { DescribedCommand, DescribedOption, Value } from './described.ts';

/** @param name the command that is completed, e.g. `postern-public` */
export function zshCompletion(name: string, commands: readonly DescribedCommand[]): string {
  const its = `_${name.replaceAll('-', '_')}`;
  return `#compdef ${name}
# zsh completion for ${name}
${its}() {
  local context state state_descr line
  typeset -A opt_args
  local -a commands=(
${commands.map(({ name: command, description }) => `    ${quoted(`${command}:${description}`)}`).join('\n')}
  )
  _arguments -C '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe -t commands command commands ;;
    argument)
      case $words[1] in
${commands.map((command) => `        ${command.name}) _arguments ${specs(command).join(' ')} ;;`).join('\n')}
      esac
      ;;
  esac
}

if [[ \${funcstack[1]-} == _${name} ]]; then
  ${its} "$@"
else
  compdef ${its} ${name}
fi
`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function specs({ options, places }: DescribedCommand): readonly string[] {
  return [
    ...options.map(optionSpec),
    ...places.map((place) => quoted(`:${escaped(place.name)}:${action(place)}`)),
    quoted('--help[what it takes]'),
  ];
}

/** `'(-c --config)'{-c,--config}'[the configuration]:file:_files'` */
function optionSpec({ flags, description, value, variadic, repeatable }: DescribedOption): string {
  const values = value === undefined ? '' : `:${escaped(value.name)}:${action(value)}`.repeat(variadic ? 2 : 1);
  // The value may stand behind an equals sign, or in the same word as a single letter.
  const written = value === undefined || variadic ? flags : flags.map((flag) => `${flag}${flag.startsWith('--') ? '=' : '+'}`);
  const several = written.length > 1 ? `{${written.join(',')}}` : written.join('');
  return `${repeatable ? "'*'" : `'(${flags.join(' ')})'`}${several}${quoted(`[${escaped(description)}]${values}`)}`;
}

const escaped = (text: string): string => text.replace(/[[\]:\\]/g, '\\$&');

function action({ words, file }: Value): string {
  if (words.length > 0) return `(${words.join(' ')})`;
  return file ? '_files' : ' ';
}
