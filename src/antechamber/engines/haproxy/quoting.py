"""Values as HAProxy takes them (configuration manual, section 2.2, "Quoting and escaping").

Between single quotes everything stands for itself, a single quote excepted, which is put between double ones.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from antechamber.engines.plan import Block
from antechamber.engines.values import printable
from antechamber.errors import ConfigError
from antechamber.policy.model import Address, Tls

_BARE = re.compile(r"[A-Za-z0-9_./:\[\]-]+")


def word(text: str) -> str:
    """``text`` as one word. The shell's way of quoting is HAProxy's too."""
    return text if _BARE.fullmatch(text) else shlex.quote(text)


def upstream(address: Address) -> str:
    """Where the app is. In an address ``@`` ends a family, a comma starts another, and ``$`` names a variable."""
    if address.unix:
        return word("unix@" + printable(address.unix, what="the app's socket path", never="@,$"))
    return word(str(address))


def certificate(tls: Tls) -> str:
    """The file of certificate and key: HAProxy 2.x takes one name, and looks for the key in NAME.key as well."""
    if tls.key not in (tls.certificate, Path(f"{tls.certificate}.key")):
        raise ConfigError(
            f"HAProxy looks for the key in the certificate's file or in {ascii(str(tls.certificate))[1:-1]}.key",
            way_out="Link the key there, or put both into one file, and name that.",
        )
    return word(printable(str(tls.certificate), what=f"the path {str(tls.certificate)!a}"))


def paths(block: Block[object]) -> Sequence[str]:
    """What stands after an acl's name, for the routes of a block; several lines of one name are alternatives."""
    if block.exact:
        return [f"path {word(route.path)}" for route in block.routes]
    return [f"path_reg {word(block.regex)}"]
