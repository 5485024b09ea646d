"""More mistakes around ``antechamber serve``, as :mod:`tests.cli.mistakes` has them."""

from __future__ import annotations

from tests.cli.mistakes import APP, CIDR, DURATION, LISTEN, ROUTE, SIZE, TO, Mistake

SERVE = (
    Mistake(arguments="serve --to http://", line=f"--to: the host is missing. {APP}"),
    Mistake(
        arguments="serve --to ws://app:3000",
        line='--to: "ws://app:3000" is not an http URL. Write http:// in front; WebSockets and event streams need no '
        "more.",
    ),
    Mistake(
        arguments="serve --to http://admin:secret@app:3000",
        line="--to: a user name or password in the URL is not supported. Drop everything up to the @.",
    ),
    Mistake(
        arguments="serve --to app:0",
        line=f'--to: "app:0" names port 0, which no app listens on. {APP}',
    ),
    Mistake(
        arguments="serve --to 'http://my app:3000'",
        line=f'--to: "my app" is not a host name or address. {APP}',
    ),
    Mistake(arguments="serve --to [::1", line=f'--to: "[::1" has an unclosed or misplaced bracket. {APP}'),
    Mistake(arguments="serve --to unix:", line="--to: the unix socket has no path. Write unix:/path/to/socket."),
    Mistake(
        arguments="serve --to unix:cert.pem",
        line="--to: {here}/cert.pem is there and is no socket. Name the socket that the app listens on.",
    ),
    Mistake(
        arguments="serve --to unix:empty",
        line="--to: {here}/empty is there and is no socket. Name the socket that the app listens on.",
    ),
    Mistake(
        arguments=f"serve --to unix:/{'a' * 200}",
        line="--to: the socket's path is longer than the 107 bytes that unix sockets allow. Use a shorter path, such "
        "as one under /run.",
    ),
    Mistake(
        arguments="serve --to localhost:8080",
        line="--to: the app's address localhost:8080 is one to listen on as well. Give one of the two another port.",
    ),
    Mistake(
        arguments="serve --to [::1]:8080 --listen localhost:8080",
        line="--to: the app's address [::1]:8080 is one to listen on as well. Give one of the two another port.",
    ),
    Mistake(
        arguments="serve --to :3000 --listen 256.1.1.1:80",
        line=f'--listen: "256.1.1.1" is not an IPv4 address. {LISTEN}',
    ),
    Mistake(
        arguments="serve --to :3000 --listen unix:/run/edge.sock",
        line=f"--listen: listening on a unix socket is not supported. {LISTEN}",
    ),
    Mistake(
        arguments="serve --to :3000 --trust 10.0.0.1-10.0.0.5",
        line=f'--trust: "10.0.0.1-10.0.0.5" is not a network. {CIDR}',
    ),
    Mistake(
        arguments="serve --to :3000 --trust fe80::1%eth0",
        line='--trust: "fe80::1%eth0" names an interface, which is not looked at. Write fe80::1.',
    ),
    Mistake(
        arguments="serve --to :3000 --public-origin https://*.example.com",
        line='--public-origin: "*.example.com" is not a host name or address. Write it as the browser shows it, such '
        "as https://chamber.example.com.",
    ),
    Mistake(
        arguments="serve --to :3000 --public-origin wss://chamber.example.com",
        line='--public-origin: "wss://chamber.example.com" is not an http or https origin. Write it as the browser '
        "shows it, such as https://chamber.example.com.",
    ),
    Mistake(arguments="serve --to :3000 --body-limit 1e9", line=f'--body-limit: "1e9" is not a size. {SIZE}'),
    Mistake(
        arguments="serve --to :3000 --body-limit 2000TiB",
        line='--body-limit: "2000TiB" is too large. The most is 1024TiB.',
    ),
    Mistake(
        arguments="serve --to :3000 --response-timeout '5 minutes'",
        line=f'--response-timeout: "5 minutes" is not a duration. {DURATION}',
    ),
    Mistake(
        arguments="serve --to :3000 --send-timeout 0.0001",
        line='--send-timeout: "0.0001" is too short. The least is 10ms.',
    ),
    Mistake(
        arguments="serve --to :3000 --max-connections 1_000",
        line='--max-connections: "1_000" is not a count. Write a whole number from 1 to 1000000.',
    ),
    Mistake(
        arguments="serve --to :3000 --untrusted-fields Host",
        line='--untrusted-fields: "Host" is refused: this proxy reads it and writes its own. Remove it.',
    ),
    Mistake(
        arguments="serve --to :3000 --untrusted-fields X-Team,Cookie",
        line='--untrusted-fields: "Cookie" is refused: browsers send it, and nobody could log in without it. Remove '
        "it.",
    ),
    Mistake(
        arguments="serve --to :3000 --upgrade 'web socket'",
        line='--upgrade: "web socket" is not a token. Write upgrade tokens with commas between them.',
    ),
    Mistake(
        arguments="serve --to :3000 --profile=",
        line="--profile: the value is empty, not a name. Write openchamber, opencode, generic, or the path of a "
        "profile.",
    ),
    Mistake(
        arguments="serve --to :3000 --access-log empty",
        line="--access-log: {here}/empty is a directory. Name a file in it.",
    ),
    Mistake(arguments="serve --config /dev/null", line="--config: /dev/null is not a regular file"),
    Mistake(
        file=TO + "[tls]\n",
        line="antechamber.toml:2: [tls] is empty, and without a certificate there is no TLS. Write certificate and key "
        "below it, or remove it.",
    ),
    Mistake(file=TO + "trust = [1]\n", line=f"antechamber.toml:2: the bare number 1 is not a list of networks. {CIDR}"),
    Mistake(
        file=TO + '[[route]]\npath = "x"\nkind = "sse"\n',
        line=f'antechamber.toml:3: the path "x" does not start with a slash. {ROUTE}',
    ),
    Mistake(
        file=TO + '[[route]]\npath = "/x?y"\nkind = "sse"\n',
        line=f'antechamber.toml:3: "/x?y" is not a route\'s path. {ROUTE}',
    ),
    Mistake(file=TO + "timeouts.response.x = 1\n", line=f"antechamber.toml:2: a table is not a duration. {DURATION}"),
    Mistake(file='to = ":3000', line="antechamber.toml:1: not valid TOML: unterminated string"),
)
