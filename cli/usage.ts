// What the command says about itself, in lines of at most 80 columns, and mistakes in how it was called.

/** A mistake of the caller: printed without a trace, exit code 2. */
export class UsageError extends Error {}

export const HELP: Record<string, string> = {
  "": `ai-proxy-wasm: what the AI proxy plugin makes of configurations, requests and
responses, said by the plugin itself

  ai-proxy-wasm check config.yaml...
      errors and warnings of configurations
  ai-proxy-wasm explain config.yaml request.json
      the request that would reach the provider
  ai-proxy-wasm replay config.yaml request.json response.sse
      the client's response, made from a provider's response
  ai-proxy-wasm backtrace envoy.log
      Envoy's log with the names of functions after a trap
  ai-proxy-wasm completion bash|zsh|fish
      a script by which the shell completes commands and options

A configuration is a WasmPlugin of Higress or Istio, an EnvoyExtensionPolicy of
Envoy Gateway, an Envoy configuration with a wasm filter, or the plugin's own
object, as YAML or JSON. "-" reads standard input:

  kubectl get wasmplugin -A -o yaml | ai-proxy-wasm check -

Secrets are never printed. The value of \`\${NAME}\` comes from --env, --env-file
or the environment of this command. A stand-in replaces a variable that is set
nowhere. Colours are for terminals only; NO_COLOR=1 turns them off.

  ai-proxy-wasm <command> --help, --version

Exit codes: 0 success, 1 an error in the given files, 2 a wrong call of the
command or an unreadable file.
`,
  check: `ai-proxy-wasm check [options] config.yaml...

Runs the plugin's own check and prints every error and warning with file, line
and column.

  --format text|json|github   github: annotations in pull requests      (text)
  --strict                    warnings count as errors
  --against higress           also what will differ after a move from Higress's
                              ai-proxy 2.2.4, what to do; directories, too
  --now TIME                  what has expired then, or expires soon after (now)
  --plugin NAME               only this configuration of a file with several
  --env NAME=value            a value for \${NAME}; may be given several times
  --env-file FILE             such values, one per line
  --wasm FILE                 another build of the plugin

Exit code 1 when there is an error.
`,
  explain: `ai-proxy-wasm explain [options] config.yaml request.json

Sends a request through the plugin and shows the request that would be sent:
host, path, headers and body, and every field that was mapped, clamped, dropped
or added. If the plugin would refuse the request, it shows the error. The
request is a JSON body, or a whole request in a file that ends in .http.

  --path PATH, --method M     of the request; without them
                              /v1/chat/completions and POST (GET without a body)
  --header "NAME: VALUE"      of the request; may be given several times
  --authority HOST            the host that the client called, which rules for
                              domains read
  --route NAME --cluster NAME names that rules read
  --consumer NAME             sets x-mse-consumer, as authentication plugins of
                              Higress do
  --context-file FILE         text of the file that \`context\` names
  --format text|json          (text)
  --plugin NAME, --wasm FILE, --env NAME=value, --env-file FILE   as for check

Exit code 1 when the configuration is refused or the plugin responds with an
error.
`,
  replay: `ai-proxy-wasm replay [options] config.yaml request.json response

Sends a request through the plugin as explain does, and a recorded response back
through it. Shows the client's response, the tokens, the line of the access log
and the metrics. The response is a body (.json, .sse, .eventstream) or a whole
response (.http).

  --cut N                     the provider breaks off after N bytes of the body
  --chunk N                   the body arrives in pieces of N bytes     (whole)
  --status CODE               of a response that is a body only            (200)
  --content-type TYPE         of a response that is a body only    (by its name)
  --output FILE               also writes the bytes of the client's body to FILE
  and the options of explain
`,
  backtrace: `ai-proxy-wasm backtrace [options] envoy.log

Prints Envoy's log and puts the names of functions into backtraces of the
plugin, which has them by number only: \`0x413f5 - unknown(function index:1737)\`.
Names and places are those of one build.

  --symbols FILE              names of another build; each release has its
                              plugin.wasm.symbols          (beside this command)

Exit code 1 when a backtrace does not fit to these names: it is of another
build.
`,
  completion: `ai-proxy-wasm completion bash|zsh|fish

Prints a script by which the shell completes commands, options and their values.

  bash   source <(ai-proxy-wasm completion bash)     in ~/.bashrc
  zsh    source <(ai-proxy-wasm completion zsh)      in ~/.zshrc, after compinit
  fish   ai-proxy-wasm completion fish | source      in config.fish
`,
};
