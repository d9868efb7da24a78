"""The table of wrappers: programs that stand in front of another on a command line."""

from __future__ import annotations

from typing import Literal, NamedTuple

from neonlint.clients.tools import flags

#: Whose variables the program sees: those of this shell, others that cannot be seen, or only those given to it here.
Sight = Literal["here", "injected", "own"]


class Wrapper(NamedTuple):
    """One way to wrap a program. `verbs` are the words that follow the wrapper's name (one of them), `valued` its flags
    that take the next word, `files` those whose value is an env file, `sets` those whose value is `NAME=value`, `shell`
    those whose value is shell text. `operands` is the number of words between it and the program, `assigns` says that
    assignments may stand there, `dashes` that the program begins behind `--` only.
    """

    verbs: tuple[str, ...] = ("",)
    valued: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()
    shell: frozenset[str] = frozenset()
    operands: int = 0
    assigns: bool = False
    dashes: bool = False
    sight: Sight = "here"
    default_file: str = ""


PYTHON = Wrapper(("",), flags("-X -W"))
_SHELL = Wrapper(("",), shell=flags("-c -lc -ec -ic -xc -euc -exc -elc -lec -euxc"), valued=flags("-o -O"))
_DOCKER_RUN = Wrapper(
    ("run", "container run"),
    flags(
        "-v --volume -p --publish --name --network --net -w --workdir -u --user --entrypoint "
        "--platform -l --label --mount"
        " -m --memory --cpus --add-host --restart --link -h --hostname --pull --log-driver --log-opt --gpus --shm-size"
    ),
    files=flags("--env-file"),
    sets=flags("-e --env"),
    operands=1,
    sight="own",
)
_DOCKER_EXEC = Wrapper(
    ("exec", "container exec"),
    flags("-w --workdir -u --user"),
    files=flags("--env-file"),
    sets=flags("-e --env"),
    operands=1,
    sight="injected",
)
_COMPOSE = flags("-f --file -p --project-name --profile --env-file --project-directory")
_COMPOSE_RUN = Wrapper(
    ("run", "exec"),
    flags("-v --volume -w --workdir -u --user --name --entrypoint --index -p --publish --scale"),
    sets=flags("-e --env"),
    operands=1,
    sight="injected",
)
_SECRETS = Wrapper(
    ("run",),
    flags("-p --project -c --config --token --env --path --projectId -e --domain"),
    dashes=True,
    sight="injected",
)

WRAPPERS: dict[str, tuple[Wrapper, ...]] = {
    "sudo": (Wrapper(valued=flags("-u -g -h -p -C"), assigns=True),),
    "env": (Wrapper(valued=flags("-u -C"), assigns=True),),
    **dict.fromkeys(
        ("time", "exec", "command", "nohup", "builtin", "tini", "dumb-init", "winpty", "chronic", "unbuffer", "!"),
        (Wrapper(),),
    ),
    "nice": (Wrapper(valued=flags("-n")),),
    "timeout": (Wrapper(valued=flags("-k -s --signal --kill-after"), operands=1),),
    "gosu": (Wrapper(operands=1),),
    "su-exec": (Wrapper(operands=1),),
    **dict.fromkeys(("cross-env", "cross-env-shell"), (Wrapper(assigns=True),)),
    **dict.fromkeys(
        ("dotenv", "dotenv-cli"),
        (Wrapper(valued=flags("-v"), files=flags("-e -f --env --file"), sets=flags("-v"), default_file=".env"),),
    ),
    "dotenvx": (
        Wrapper(
            ("run",), flags("--convention"), files=flags("-f --env-file"), sets=flags("-e --env"), default_file=".env"
        ),
    ),
    "env-cmd": (Wrapper(valued=flags("-e --environments"), files=flags("-f --file"), default_file=".env"),),
    "with-env": (Wrapper(dashes=True),),
    **dict.fromkeys(
        ("npx", "pnpx"), (Wrapper(valued=flags("-p --package -w --workspace -c --call"), shell=flags("-c --call")),)
    ),
    "bunx": (Wrapper(valued=flags("-p --package")),),
    "npm": (
        Wrapper(("exec", "x"), flags("-p --package -w --workspace --prefix -C -c --call"), shell=flags("-c --call")),
    ),
    "pnpm": (Wrapper(("exec", "dlx"), flags("--filter -F -C --dir --package")),),
    "yarn": (Wrapper(("exec", "dlx"), flags("--cwd -p --package")), Wrapper(("workspace",), operands=1)),
    "bun": (Wrapper(("x",), flags("--cwd --env-file"), files=flags("--env-file")),),
    "deno": (Wrapper(("run",), flags("--config -c --env-file"), files=flags("--env-file")),),
    **dict.fromkeys(
        ("poetry", "pipenv", "pdm", "rye", "hatch", "pixi"),
        (Wrapper(("run",), flags("-C --directory -p --project -e --env")),),
    ),
    "uv": (
        Wrapper(
            ("run",),
            flags("--with --group --extra --project --directory -p --python --package --only-group"),
            files=flags("--env-file"),
        ),
    ),
    "uvx": (Wrapper(valued=flags("--with --from -p --python")),),
    "pipx": (Wrapper(("run",), flags("--spec")),),
    "conda": (Wrapper(("run",), flags("-n --name -p --prefix")),),
    **dict.fromkeys(("python", "python3", "py", "python3.11", "python3.12", "python3.13"), (PYTHON,)),
    "php": (Wrapper(valued=flags("-d -c")),),
    "bundle": (Wrapper(("exec",)),),
    "cargo": (Wrapper(("",), flags("--manifest-path -p")),),
    "go": (Wrapper(("run", "tool"), flags("-tags")),),
    **dict.fromkeys(("doppler", "infisical", "chamber", "aws-vault", "op", "akeyless", "teller"), (_SECRETS,)),
    "railway": (Wrapper(("run", "shell"), flags("-s --service -e --environment -p"), sight="injected"),),
    "vercel": (Wrapper(("env run",), flags("-e --environment --scope -t --token"), dashes=True, sight="injected"),),
    "netlify": (Wrapper(("dev:exec",), flags("--context"), sight="injected"),),
    "heroku": (Wrapper(("run", "run:detached"), flags("-a --app -r --remote -s --size"), sight="injected"),),
    "sst": (Wrapper(("shell", "bind"), flags("--stage"), dashes=True, sight="injected"),),
    **dict.fromkeys(
        ("fly", "flyctl"),
        (
            Wrapper(
                ("ssh console",),
                flags("-a --app -C --command -r --region"),
                shell=flags("-C --command"),
                sight="injected",
            ),
        ),
    ),
    "kubectl": (Wrapper(("exec",), flags("-n --namespace -c --container"), dashes=True, sight="injected"),),
    "ssh": (Wrapper(valued=flags("-i -p -o -l -F -J"), operands=1, sight="injected"),),
    **dict.fromkeys(
        ("docker", "podman", "nerdctl"),
        (
            _DOCKER_RUN,
            _DOCKER_EXEC,
            _COMPOSE_RUN._replace(verbs=("compose run", "compose exec"), valued=_COMPOSE_RUN.valued | _COMPOSE),
        ),
    ),
    "docker-compose": (_COMPOSE_RUN._replace(valued=_COMPOSE_RUN.valued | _COMPOSE),),
    **dict.fromkeys(("sh", "bash", "zsh", "dash", "ash"), (_SHELL,)),
    "wait-for-it": (Wrapper(valued=flags("-t -h -p"), dashes=True),),
    "wait-for-it.sh": (Wrapper(valued=flags("-t -h -p"), dashes=True),),
}
