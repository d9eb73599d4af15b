// `completion`: scripts by which shells complete commands, options and their values. Files are the shell's own.
import { print } from "./explain";
import { readOptions, type Options } from "./options";
import { HELP, UsageError } from "./usage";

const SHELLS = ["bash", "zsh", "fish"] as const;
const NAME = "ai-proxy-wasm";

/** What a command line may have: the options of each command, and the values of options that have a list. */
export interface Grammar {
  commands: Record<string, Options>;
  values: Record<string, readonly string[]>;
}

export function completion(args: string[], grammar: Grammar): number {
  const { values, positionals } = readOptions(args, { help: { type: "boolean", short: "h" } });
  if (values.help === true) return print(HELP.completion);
  const shell = SHELLS.find((one) => one === positionals[0]);
  if (shell === undefined || positionals.length > 1) throw new UsageError(`completion takes the name of a shell: ${SHELLS.join(", ")}`);
  return print({ bash, zsh, fish }[shell](grammar));
}

const optionsOf = (options: Options) => Object.keys(options).map((name) => `--${name}`);

function bash({ commands, values }: Grammar): string {
  const lists = Object.entries(values).map(([name, list]) => `    --${name}) words="${list.join(" ")}" ;;`);
  const options = Object.entries(commands).map(([name, one]) => `      ${name}) words="${optionsOf(one).join(" ")}" ;;`);
  return `# bash: source <(${NAME} completion bash)
_ai_proxy_wasm() {
  local current=\${COMP_WORDS[COMP_CWORD]} words=""
  case \${COMP_WORDS[COMP_CWORD-1]} in
${lists.join("\n")}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="${Object.keys(commands).join(" ")} --help --version"
  elif [ -z "$words" ] && [[ $current == -* ]]; then
    case \${COMP_WORDS[1]} in
${options.join("\n")}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _ai_proxy_wasm ${NAME}
`;
}

function zsh({ commands, values }: Grammar): string {
  const lists = Object.entries(values).map(([name, list]) => `    --${name}) compadd -- ${list.join(" ")}; return ;;`);
  const options = Object.entries(commands).map(([name, one]) => `    ${name}) compadd -- ${optionsOf(one).join(" ")} ;;`);
  return `#compdef ${NAME}
# zsh: source <(${NAME} completion zsh), or this text as _${NAME} in a folder of $fpath
_ai_proxy_wasm() {
  if (( CURRENT == 2 )); then compadd -- ${Object.keys(commands).join(" ")} --help --version; return; fi
  case $words[CURRENT-1] in
${lists.join("\n")}
  esac
  if [[ $words[CURRENT] != -* ]]; then _files; return; fi
  case $words[2] in
${options.join("\n")}
  esac
}
compdef _ai_proxy_wasm ${NAME}
`;
}

function fish({ commands, values }: Grammar): string {
  const names = Object.keys(commands);
  const lines = names.flatMap((name) =>
    Object.entries(commands[name]).map(([option, { type }]) => {
      const list = values[option] === undefined ? "" : ` -x -a '${values[option].join(" ")}'`;
      const takes = type === "string" && list === "" ? " -r" : list;
      return `complete -c ${NAME} -n '__fish_seen_subcommand_from ${name}' -l ${option}${takes}`;
    }),
  );
  return `# fish: ${NAME} completion fish | source
complete -c ${NAME} -n __fish_use_subcommand -f -a '${names.join(" ")}'
complete -c ${NAME} -n __fish_use_subcommand -l help
complete -c ${NAME} -n __fish_use_subcommand -l version
${lines.join("\n")}
`;
}
