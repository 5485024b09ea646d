"""Who answered, and what an answer has passed: by what each leaves on it, and never the app's own name."""

from __future__ import annotations

import pytest

from antechamber.probe.recognise import recognise
from antechamber.probe.telling import author_of, coding_of, told, with_author
from tests.probe.made import answer, silence


@pytest.mark.parametrize(
    ("status", "body", "author"),
    [
        (413, b"<html>\r\n<hr><center>nginx/1.31.3</center>\r\n</html>", "nginx"),
        (502, b"<center>openresty</center>", "nginx"),
        (503, b"<html><body><h1>503 Service Unavailable</h1>\nNo server is available.\n</body></html>\n", "HAProxy"),
        (404, b"404 page not found\n", "Traefik"),
        (503, b"upstream connect error or disconnect/reset before headers", "Envoy"),
        (524, b"<span>Cloudflare Ray ID: 1</span>", "Cloudflare"),
        (413, b'{"error": "File is too large"}', ""),
        (200, b"<center>nginx</center>", ""),
    ],
)
def test_an_error_page_has_the_face_of_who_made_it(status: int, body: bytes, author: str) -> None:
    assert author_of(answer(status, "text/html", body)) == author


def test_proxy_status_names_its_author_without_a_face() -> None:
    """RFC 9209 section 2."""
    said = answer(502, fields={"Proxy-Status": "antechamber; error=connection_refused"})
    assert with_author(said) == "502 application/json, in antechamber's words"


def test_what_an_answer_has_passed_is_told_by_via_server_and_ray_and_the_apps_own_server_is_left_out() -> None:
    through = answer(fields={"Server": "cloudflare", "Via": "1.1 Caddy, 1.1 haproxy", "CF-Ray": "8-AMS"})
    found = recognise([through], [answer()])
    assert [(one.engine, one.by) for one in found] == [("cloudflare", "CF-Ray"), ("haproxy", "Via"), ("caddy", "Via")]
    own = answer(fields={"Server": "nginx/1.18"})
    assert recognise([own], [own]) == ()


def test_an_answer_is_told_in_two_words() -> None:
    assert told(answer(200, "text/html; charset=utf-8")) == "200 text/html"
    assert told(silence()) == "no answer for 3.0 s"
    assert coding_of(answer(fields={"Content-Encoding": "gzip, BR"})) == "gzip, br"
