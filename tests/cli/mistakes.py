"""Mistakes that people make, each with the line that tells it. ``{here}`` stands for the working directory.

The working directory holds ``cert.pem`` and ``key.pem`` (each with its PEM label), ``empty/``, and ``antechamber.toml``
with the text given (none: no file).
"""

from __future__ import annotations

from dataclasses import dataclass, field

TO = 'to = ":3000"\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """Arguments after ``antechamber``, a site file and variables; and the line after ``antechamber: error: ``."""

    arguments: str = "serve"
    file: str | bytes | None = None
    variables: dict[str, str] = field(default_factory=dict)
    line: str


DURATION = "Write seconds (60) or a number with ms, s, m, h or d, such as 90s or 1h30m."
SIZE = "Write bytes (1048576) or a number with a unit, such as 140MiB, 50M or 300MB."
LISTEN = "Write HOST:PORT, [IPV6]:PORT, :PORT or PORT, such as 127.0.0.1:8080."
APP = "Write http://127.0.0.1:3000, :3000 or unix:/path/to/socket."
CIDR = "Write CIDR blocks such as 10.0.0.0/8, or the words private or cloudflare."
ROUTE = "Write /exact, /with/:name/segments or /prefix/*."
CONFIGURATION = "Name a configuration, a folder, or - for standard input."

CONFIG = (
    Mistake(
        arguments="config nginx --site a.toml --config b.toml",
        line="--site and --config both name site files. Name all of them with --site.",
    ),
    Mistake(
        arguments="config haproxy --to :3000 --format json",
        line="--format: HAProxy has no JSON. Leave --format out.",
    ),
    Mistake(
        arguments="config edge --to :3000 --form snippet",
        line="a site file has no parts to include in another. Leave --form out, or write --form site.",
    ),
    Mistake(
        arguments="config npm --to :3000",
        line="127.0.0.1:3000 is NPM itself when NPM runs in its container. Name the app's service or the machine's "
        "address, such as --to http://openchamber:3000.",
    ),
)

COMMAND_LINE = (
    Mistake(
        arguments="explain response-bufered",
        line="no such rule: response-bufered. Did you mean response-buffered? antechamber rules lists them all.",
    ),
    Mistake(arguments="explain zzz", line="no such rule: zzz. antechamber rules lists them all."),
    Mistake(
        arguments="explain",
        line="no rule is named. antechamber rules lists them; antechamber explain --symptom 1 goes by what is seen.",
    ),
    Mistake(
        arguments="explain --symptom 9",
        line="--symptom: there is no symptom 9. Known: 1: The page loads, but sending messages fails; "
        "2: Notifications or live status do not update; 3: Uploading files fails; "
        "4: Everything works locally and breaks only behind the proxy.",
    ),
    Mistake(arguments="explain AC101 --symptom 1", line="a rule and a symptom are two questions. Ask one of them."),
    Mistake(arguments="lint nowhere.conf", line=f"nowhere.conf: no such file. {CONFIGURATION}"),
    Mistake(arguments="import nowhere.conf", line=f"nowhere.conf: no such file. {CONFIGURATION}"),
    Mistake(
        arguments="lint empty",
        line="empty: no configuration of a proxy is in this folder. Name the file itself, with --kind if its content "
        "does not show what it is.",
    ),
    Mistake(
        arguments="lint cert.pem",
        line="cert.pem: this does not look like the configuration of a proxy. Say what it is with --kind.",
    ),
    Mistake(
        arguments="lint --kind nginx cert.pem --engine-version new",
        line="--engine-version: 'new' is not a version. Write it as 1.22.",
    ),
    Mistake(
        line="nothing says where the app is. Add --to :3000, or write antechamber.toml with: "
        'to = "http://127.0.0.1:3000".'
    ),
    Mistake(
        arguments="serve --to https://app:3000",
        line='--to: "https://app:3000" is an https upstream, which is not supported yet. Name the app\'s plain '
        "http port; "
        "browsers still get https from --tls-certificate and --tls-key.",
    ),
    Mistake(
        arguments="serve --to http://app:3000/chamber",
        line='--to: "http://app:3000/chamber" has a path; apps are served at the root only. Drop "/chamber": '
        "the request's "
        "own path is passed on unchanged.",
    ),
    Mistake(arguments="serve --to app", line='--to: "app" has no port. Write app:3000, or http://app for port 80.'),
    Mistake(arguments="serve --to app:99999", line=f'--to: "99999" is not a port (0 to 65535). {APP}'),
    Mistake(arguments="serve --to=", line=f"--to: the value is empty, not the app's address. {APP}"),
    Mistake(
        arguments="serve --to :3000 --listen http://0.0.0.0:80",
        line='--listen: "http://0.0.0.0:80" is a URL; listening takes an address only. Drop http://.',
    ),
    Mistake(arguments="serve --to :3000 --listen localhost", line=f'--listen: "localhost" has no port. {LISTEN}'),
    Mistake(
        arguments="serve --to :3000 --listen ::1:8080",
        line='--listen: "::1:8080" has several colons. IPv6 addresses need brackets, as in [::1]:3000.',
    ),
    Mistake(
        arguments="serve --to :3000 --listen :8080 --listen :8080",
        line="--listen: :8080 is listed twice. Remove one of the two.",
    ),
    Mistake(
        arguments="serve --to :3000 --listen :8080 --listen 127.0.0.1:8080",
        line="--listen: 127.0.0.1:8080 and :8080 overlap: one of them is every interface. Keep the wider one only.",
    ),
    Mistake(
        arguments="serve --to :8080",
        line="--to: the app's address 127.0.0.1:8080 is one to listen on as well. Give one of the two another port.",
    ),
    Mistake(
        arguments="serve --to :3000 --trust 10.0.0.5/8",
        line='--trust: "10.0.0.5/8" has bits set outside its mask. Write 10.0.0.0/8.',
    ),
    Mistake(
        arguments="serve --to :3000 --trust private --trust cloudfare",
        line=f'--trust: "cloudfare" is not a network. Did you mean cloudflare? {CIDR}',
    ),
    Mistake(
        arguments="serve --to :3000 --trust 0.0.0.0/0",
        line='--trust: "0.0.0.0/0" trusts every peer, so anybody could forge any address. Name the proxy\'s own '
        "addresses.",
    ),
    Mistake(
        arguments="serve --to :3000 --public-origin chamber.example.com",
        line='--public-origin: "chamber.example.com" has no scheme. Write https:// or http:// in front of it.',
    ),
    Mistake(arguments="serve --to :3000 --body-limit 50X", line=f'--body-limit: "50X" is not a size. {SIZE}'),
    Mistake(arguments="serve --to :3000 --body-limit 0", line="--body-limit: zero is not a size. The least is 1 byte."),
    Mistake(
        arguments="serve --to :3000 --response-timeout -5", line=f'--response-timeout: "-5" is negative. {DURATION}'
    ),
    Mistake(
        arguments="serve --to :3000 --drain-timeout 0",
        line="--drain-timeout: zero is not a duration: it would end everything at once. The least is 10ms.",
    ),
    Mistake(
        arguments="serve --to :3000 --stream-idle-timeout 1000d",
        line='--stream-idle-timeout: "1000d" is too long. The most is 30d.',
    ),
    Mistake(
        arguments="serve --to :3000 --max-streams many",
        line='--max-streams: "many" is not a count. Write a whole number from 1 to 1000000.',
    ),
    Mistake(
        arguments="serve --to :3000 --max-request-line 10",
        line='--max-request-line: "10" is too small. The least is 256 bytes.',
    ),
    Mistake(
        arguments="serve --to :3000 --upgrade h2c",
        line='--upgrade: "h2c" is refused: it opens a tunnel past every rule, and RFC 9113, section 3.1 has '
        "withdrawn it. "
        "Remove it.",
    ),
    Mistake(
        arguments="serve --to :3000 --access-log-format xml",
        line='--access-log-format: "xml" is not one of the known words. Write one of auto, text, json.',
    ),
    Mistake(
        arguments="serve --to :3000 --browser-check maybe",
        line='--browser-check: "maybe" is not one of the known words. Write one of off, on.',
    ),
    Mistake(
        arguments="serve --to :3000 --access-log none/access.log",
        line="--access-log: the directory {here}/none does not exist. Create it, or name another file.",
    ),
    Mistake(
        arguments="serve --to :3000 --tls-certificate none.pem --tls-key key.pem",
        line="--tls-certificate: no such file: {here}/none.pem",
    ),
    Mistake(
        arguments="serve --to :3000 --tls-certificate key.pem --tls-key cert.pem",
        line="--tls-certificate: {here}/key.pem holds no certificate. Name a PEM file with the certificate and "
        "its chain.",
    ),
    Mistake(
        arguments="serve --to :3000 --tls-certificate cert.pem",
        line="--tls-certificate: --tls-certificate is of no use without --tls-key. Add --tls-key FILE, or tls.key in "
        "antechamber.toml.",
    ),
    Mistake(
        arguments="serve --to :3000 --profile openchmber",
        line='--profile: "openchmber" is not a built-in profile. Did you mean openchamber? Known: openchamber, '
        "opencode, "
        "generic. Or name a TOML file by its path.",
    ),
    Mistake(arguments="serve --to :3000 --profile ./none.toml", line="--profile: no such file: {here}/none.toml"),
    Mistake(arguments="serve --config none.toml", line="--config: no such file: {here}/none.toml"),
    Mistake(arguments="serve --config empty", line="--config: {here}/empty is a directory. Name the file in it."),
    Mistake(
        variables={"ANTECHAMBER_TO": ":3000", "ANTECHAMBER_CONNECT_TIMEOUT": "soon"},
        line=f'ANTECHAMBER_CONNECT_TIMEOUT: "soon" is not a duration. {DURATION}',
    ),
    Mistake(variables={"ANTECHAMBER_CONFIG": "none.toml"}, line="ANTECHAMBER_CONFIG: no such file: {here}/none.toml"),
    Mistake(arguments="run", line="which engine? Known: nginx, caddy, haproxy"),
    Mistake(
        arguments="run ngin --to :3000",
        line="no such engine: ngin. Did you mean nginx? Known: nginx, caddy, haproxy.",
    ),
    Mistake(
        arguments="run npm --to :3000",
        line="Nginx Proxy Manager is no program that can be run here. Print its configuration with: antechamber "
        "config npm.",
    ),
    Mistake(
        arguments="run cloudflare --to :3000",
        line="Cloudflare is no program that can be run here. Print its configuration with: antechamber config "
        "cloudflare.",
    ),
    Mistake(
        arguments="run edge --to :3000",
        line="the edge is built in and needs no other program. Run: antechamber serve.",
    ),
    Mistake(
        arguments="run nginx --to :3000 --binary ./none",
        line="--binary: no such program: ./none. Name a file that can be run.",
    ),
    Mistake(
        arguments="run nginx --to :3000 --directory cert.pem",
        line="--directory: {here}/cert.pem cannot be used: File exists",
    ),
    Mistake(
        arguments="run nginx --to :3000 --public-origin https://chamber.example.com",
        line="the public origin is https://chamber.example.com, and nginx has no certificate for it. Add "
        "--tls-certificate and --tls-key, or --behind proxy if TLS ends further out.",
    ),
    Mistake(
        arguments="hop",
        line='nothing says where the app is. Run "antechamber hop --to :3000 --hold-events 3s".',
    ),
    Mistake(
        arguments="hop --to :3000 --hold-events soon",
        line=f'--hold-events: "soon" is not a duration. {DURATION}',
    ),
    Mistake(arguments="hop --to :3000 --batch 4X", line=f'--batch: "4X" is not a size. {SIZE}'),
    Mistake(
        arguments="hop --to :3000 --refuse-upgrade 200",
        line='--refuse-upgrade: "200" is out of range. Write a whole number from 400 to 599.',
    ),
    Mistake(
        arguments="hop --to :3000 --strip-header Host",
        line='--strip-header: "Host" cannot be left out: it frames or addresses the message',
    ),
    Mistake(
        arguments="hop --to :3000 --preset cloudflare",
        line='--preset: "cloudflare" is not a preset. Did you mean cloudflare-free? '
        "Known: nginx-default, npm-default, cloudflare-free.",
    ),
    Mistake(
        arguments="hop --to :3000 --redirects outer",
        line='--redirects: "outer" is not one of the known words. Write one of inner, http.',
    ),
    Mistake(arguments="hop --to app", line='--to: "app" has no port. Write app:3000, or http://app for port 80.'),
    Mistake(arguments="witness", line='nothing says where the app is. Run "antechamber witness --to :3000".'),
    Mistake(
        arguments="witness --to :3000 --probe-token short",
        line="--probe-token: a probe token is 8 to 128 of A-Z a-z 0-9 - . _ ~",
    ),
)

SITE_FILE = (
    Mistake(
        file=TO + 'bodylimit = "1G"\n', line='antechamber.toml:2: unknown key "bodylimit". Did you mean limits.body?'
    ),
    Mistake(
        file=TO + "[timeouts]\nrespnse = 5\n", line='antechamber.toml:3: unknown key "respnse". Did you mean response?'
    ),
    Mistake(
        file=TO + "[timeout]\nresponse = 5\n", line='antechamber.toml:2: unknown key "timeout". Did you mean timeouts?'
    ),
    Mistake(
        file=TO + "public_origin = 'https://x'\n",
        line='antechamber.toml:2: unknown key "public_origin". Did you mean public-origin?',
    ),
    Mistake(
        file=TO + 'http2 = "maybe"\n',
        line='antechamber.toml:2: "maybe" is neither on nor off. Write true or false; on or off in the environment.',
    ),
    Mistake(
        file=TO + "http2 = 1\n",
        line="antechamber.toml:2: the bare number 1 is not on or off. "
        "Write true or false; on or off in the environment.",
    ),
    Mistake(
        file=TO + "[limits]\nstreams-per-connection = 0\n",
        line='antechamber.toml:3: "0" is out of range. Write a whole number from 1 to 10000.',
    ),
    Mistake(
        file=TO + "timeouts = 5\n",
        line='antechamber.toml:2: "timeouts" is a table. Write [timeouts], and its keys on the lines below.',
    ),
    Mistake(
        file=TO + '[route]\npath = "/x"\n',
        line='antechamber.toml:2: "route" is a list of tables. Write [[route]] with two brackets.',
    ),
    Mistake(file=TO + '\n[[route]]\nkind = "sse"\n', line='antechamber.toml:3: the key "path" is missing'),
    Mistake(
        file=TO + '[[route]]\npath = "/x"\n',
        line='antechamber.toml:2: the route "/x" is not one of the profile "openchamber", so it needs a kind. '
        "Add kind = one of page, api, upload, sse, websocket.",
    ),
    Mistake(
        file=TO + '[[route]]\npath = "/x"\nkind = "see"\n',
        line='antechamber.toml:4: "see" is not a kind of route. Did you mean sse? Known: page, api, upload, '
        "sse, websocket.",
    ),
    Mistake(
        file=TO + '[[route]]\npath = "/x/*/y"\nkind = "sse"\n',
        line=f'antechamber.toml:3: "/x/*/y" is not a route\'s path. {ROUTE}',
    ),
    Mistake(
        file=TO + '[[route]]\npath = "/x"\nkind = "sse"\nbody_limt = 1\n',
        line='antechamber.toml:5: unknown key "body_limt". Did you mean body-limit?',
    ),
    Mistake(
        file=TO + '[[route]]\npath = "/x/:a"\nkind = "sse"\n[[route]]\npath = "/x/:b"\nkind = "sse"\n',
        line='antechamber.toml:5: the route "/x/:b" stands here twice (first on line 2). Make one of the two.',
    ),
    Mistake(
        file=TO + 'trust = [\n  "10.0.0.0/8",\n  "10.0.0/8", # a slip\n]\n',
        line=f'antechamber.toml:4: "10.0.0/8" is not a network. {CIDR}',
    ),
    Mistake(
        file=TO + "[limits]\nbody = 1.5\n", line='antechamber.toml:3: "1.5" is not a whole number of bytes. ' + SIZE
    ),
    Mistake(
        file=TO + "[limits]\nbody = true\n", line=f"antechamber.toml:3: a true/false value (true) is not a size. {SIZE}"
    ),
    Mistake(file="to = { port = 3000 }\n", line=f"antechamber.toml:1: a table is not the app's address. {APP}"),
    Mistake(file=TO + "listen = []\n", line="antechamber.toml:2: the list is empty. Write at least one address."),
    Mistake(
        file='to = ":3000"\n[tls]\ncertificate = "cert.pem"\nkey = "none.pem"\n',
        line="antechamber.toml:4: no such file: {here}/none.pem",
    ),
    Mistake(
        file="to = :3000\n",
        line='antechamber.toml:1: not valid TOML: invalid value. Text needs quotes: to = ":3000".',
    ),
    Mistake(
        file="to: ':3000'\n",
        line="antechamber.toml:1: not valid TOML: expected '=' after a key in a key/value pair. TOML writes key "
        "= value, "
        "not key: value.",
    ),
    Mistake(
        file=TO + TO,
        line="antechamber.toml:2: not valid TOML: cannot overwrite a value. The key or table is written twice: "
        "keep one.",
    ),
    Mistake(
        file=TO + "x = " + "[" * 2000 + "]" * 2000, line="antechamber.toml: its tables or lists are nested too deeply"
    ),
    Mistake(file=TO + "a." * 70 + "a = 1", line="antechamber.toml: its tables or lists are nested too deeply"),
    Mistake(
        file=TO + "a." * 5000 + "a = 1",
        line="antechamber.toml:2: the line is longer than 4096 characters. Break it up.",
    ),
    Mistake(
        file=b"to = \x00", line="antechamber.toml:1: the file is binary, not TOML text. Save the file as UTF-8 text."
    ),
    Mistake(
        file=TO.encode() + b"# \xff\n", line="antechamber.toml:2: the file is not UTF-8. Save the file as UTF-8 text."
    ),
    Mistake(
        file=TO.encode("utf-16"),
        line="antechamber.toml: the file is UTF-16, not UTF-8. Save the file as UTF-8 text.",
    ),
    Mistake(
        file=b"#" * 300_000,
        line="{here}/antechamber.toml is larger than 128 KiB, so it is not what it should be",
    ),
)

MISTAKES = COMMAND_LINE + CONFIG + SITE_FILE
