/**
 * Hydra's own configs, as `group/option` → YAML text: the groups under `hydra/`. Values and templates are the ones Hydra 1.3 users know; comments are ours.
 */
export const HYDRA_CONFIGS: ReadonlyMap<string, string> = new Map(Object.entries({
  // Typed: their content is in hydra_schema.ts and optuna_schema.ts.
  "hydra/config": "",
  "hydra/launcher/basic": "",
  "hydra/launcher/joblib": "",
  "hydra/launcher/submitit_local": "",
  "hydra/launcher/submitit_slurm": "",
  "hydra/sweeper/basic": "",
  "hydra/sweeper/optuna": "",
  "hydra/sweeper/sampler/cmaes": "",
  "hydra/sweeper/sampler/grid": "",
  "hydra/sweeper/sampler/motpe": "",
  "hydra/sweeper/sampler/nsgaii": "",
  "hydra/sweeper/sampler/random": "",
  "hydra/sweeper/sampler/tpe": "",
  "hydra/env/default": "",
  "hydra/output/default": `# @package hydra
run:
  dir: outputs/\${now:%Y-%m-%d}/\${now:%H-%M-%S}
sweep:
  dir: multirun/\${now:%Y-%m-%d}/\${now:%H-%M-%S}
  subdir: \${hydra.job.num}
`,
  "hydra/help/default": `app_name: \${hydra.job.name}
header: |
  \${hydra.help.app_name} is powered by Hydra.
footer: |
  Powered by Hydra (https://hydra.cc)
  Use --hydra-help to view Hydra specific help
template: |
  \${hydra.help.header}
  == Configuration groups ==
  Compose your configuration from those groups (group=option)

  $APP_CONFIG_GROUPS

  == Config ==
  Override anything in the config (foo.bar=value)

  $CONFIG

  \${hydra.help.footer}
`,
  "hydra/hydra_help/default": `template: |
  Hydra (\${hydra.runtime.version})
  See https://hydra.cc for more info.

  == Flags ==
  $FLAGS_HELP

  == Configuration groups ==
  Compose your configuration from those groups (For example, append hydra/job_logging=disabled to command line)

  $HYDRA_CONFIG_GROUPS

  Use '--cfg hydra' to Show the Hydra config.
`,
  "hydra/hydra_logging/default": `version: 1
formatters:
  simple:
    format: '[%(asctime)s][HYDRA] %(message)s'
handlers:
  console:
    class: logging.StreamHandler
    formatter: simple
    stream: ext://sys.stdout
root:
  level: INFO
  handlers: [console]
loggers:
  logging_example:
    level: DEBUG
disable_existing_loggers: false
`,
  "hydra/hydra_logging/hydra_debug": `version: 1
formatters:
  simple:
    format: '[%(asctime)s][%(name)s][%(levelname)s] - %(message)s'
handlers:
  file:
    class: logging.FileHandler
    mode: w
    formatter: simple
    filename: hydra-\${hydra.job.name}.log
    delay: true
root:
  level: ERROR
  handlers: [file]
loggers:
  hydra:
    level: DEBUG
disable_existing_loggers: false
`,
  "hydra/hydra_logging/disabled": `version: 1
root:
  level: ERROR
disable_existing_loggers: true
`,
  "hydra/hydra_logging/none": `version: 1
root: null
disable_existing_loggers: false
`,
  "hydra/hydra_logging/colorlog": `version: 1
formatters:
  colorlog:
    (): colorlog.ColoredFormatter
    format: '[%(cyan)s%(asctime)s%(reset)s][%(purple)sHYDRA%(reset)s] %(message)s'
handlers:
  console:
    class: logging.StreamHandler
    formatter: colorlog
    stream: ext://sys.stdout
root:
  level: INFO
  handlers:
  - console
disable_existing_loggers: false
`,
  "hydra/job_logging/default": `version: 1
formatters:
  simple:
    format: '[%(asctime)s][%(name)s][%(levelname)s] - %(message)s'
handlers:
  console:
    class: logging.StreamHandler
    formatter: simple
    stream: ext://sys.stdout
  file:
    class: logging.FileHandler
    formatter: simple
    filename: \${hydra.runtime.output_dir}/\${hydra.job.name}.log
root:
  level: INFO
  handlers: [console, file]
disable_existing_loggers: false
`,
  "hydra/job_logging/stdout": `version: 1
formatters:
  simple:
    format: '%(message)s'
handlers:
  console:
    class: logging.StreamHandler
    formatter: simple
    stream: ext://sys.stdout
root:
  level: INFO
  handlers: [console]
disable_existing_loggers: false
`,
  "hydra/job_logging/disabled": `version: 1
root:
  level: ERROR
disable_existing_loggers: true
`,
  "hydra/job_logging/none": `version: 1
root: null
disable_existing_loggers: false
`,
  "hydra/job_logging/colorlog": `version: 1
formatters:
  simple:
    format: '[%(asctime)s][%(name)s][%(levelname)s] - %(message)s'
  colorlog:
    (): colorlog.ColoredFormatter
    format: '[%(cyan)s%(asctime)s%(reset)s][%(blue)s%(name)s%(reset)s][%(log_color)s%(levelname)s%(reset)s] - %(message)s'
    log_colors:
      DEBUG: purple
      INFO: green
      WARNING: yellow
      ERROR: red
      CRITICAL: red
handlers:
  console:
    class: logging.StreamHandler
    formatter: colorlog
    stream: ext://sys.stdout
  file:
    class: logging.FileHandler
    formatter: simple
    filename: \${hydra.runtime.output_dir}/\${hydra.job.name}.log
root:
  level: INFO
  handlers:
  - console
  - file
disable_existing_loggers: false
`,
}));
