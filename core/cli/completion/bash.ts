/** Completion for bash 3.2 and later, without the package bash-completion. */
import type { DescribedCommand, DescribedOption, Value } from './described.ts';

/** @param name the command that is completed, e.g. `postern-public` */
export function bashCompletion(name: string, commands: readonly DescribedCommand[]): string {
  const its = `_${name.replaceAll('-', '_')}`;
  return `# bash completion for ${name}
${its}_files() {
  compopt -o filenames 2>/dev/null
  local file
  while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$cur")
}

${its}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} command= option= places=0 word at
  COMPREPLY=()
  # --format=json comes in three words.
  [[ $cur == = ]] && cur=
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    if [[ $word == = ]]; then continue
    elif [[ -z $command ]]; then [[ $word == -* ]] || command=$word
    elif [[ $word == -* ]]; then option=$word
    else
      case "$command $option" in
${indented(
  8,
  commands.flatMap((command) => closings(command)),
)}
        *) places=$((places + 1)) ;;
      esac
    fi
  done
  if [[ $cur == -* ]]; then
    case $command in
${indented(
  6,
  commands.map((command) => `${command.name}) ${wordsReply(flagsOf(command))} ;;`),
)}
    esac
    return
  fi
  case "$command $option" in
    ' ') ${wordsReply(commands.map((command) => command.name))}; return ;;
${indented(
  4,
  commands.flatMap((command) => values(command, its)),
)}
  esac
  case "$command $places" in
${indented(
  4,
  commands.flatMap((command) => command.places.flatMap((place, at) => placeCase(`${command.name} ${at}`, place, its))),
)}
  esac
}

complete -F ${its} ${name}
`;
}

const indented = (depth: number, lines: readonly string[]): string => lines.map((line) => `${' '.repeat(depth)}${line}`).join('\n');

const flagsOf = ({ options }: DescribedCommand): readonly string[] => [...options.flatMap(({ flags }) => flags), '--help'];

const wordsReply = (words: readonly string[]): string => `COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$cur"))`;

const pattern = (command: DescribedCommand, { flags }: DescribedOption): string =>
  flags.map((flag) => `'${command.name} ${flag}'`).join(' | ');

/** A value closes its option, so that the next word is an argument again; a variadic option stays open. */
function closings(command: DescribedCommand): readonly string[] {
  return command.options
    .filter(({ value }) => value !== undefined)
    .map((option) => `${pattern(command, option)}) ${option.variadic ? ':' : 'option='} ;;`);
}

function values(command: DescribedCommand, its: string): readonly string[] {
  return command.options.flatMap((option) =>
    option.value === undefined ? [] : [`${pattern(command, option)}) ${reply(option.value, its)}; return ;;`],
  );
}

function placeCase(where: string, place: Value, its: string): readonly string[] {
  const does = reply(place, its);
  return does === ':' ? [] : [`'${where}') ${does} ;;`];
}

function reply({ words, file }: Value, its: string): string {
  if (words.length > 0) return wordsReply(words);
  return file ? `${its}_files` : ':';
}
