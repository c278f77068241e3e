"""Asking an OpenID provider who somebody is: authorization code with PKCE, state and nonce.

Nothing here runs where no provider is configured, and the libraries are only imported when it does. The
provider is asked at most twice at a time and for a few seconds: one that hangs must not hold the threads
that answer an exam.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from flask import current_app

from quiz.config import safe_address
from quiz.memory import memory
from quiz.people import rules

T = TypeVar("T")

_SECONDS, _LEEWAY, _KEPT = 4, 60, 600
#: What an id_token may be signed with; never none, never a secret that both sides know.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_LONGEST = 200
_asking = threading.BoundedSemaphore(2)


class Known(NamedTuple):
    """Whom the provider has named: who that is for ever, and the name an administrator may have entered."""

    issuer: str
    subject: str
    name: str


class Journey(NamedTuple):
    """What a browser that is sent there must come back with; it lies in the browser's signed session."""

    state: str
    nonce: str
    verifier: str


def begin(oidc: dict[str, str], *, back: str) -> tuple[str, Journey]:
    """Where to send the browser, and what to remember of it. SsoUnreachable."""
    from authlib.common.security import generate_token  # noqa: PLC0415  only where it is configured

    found = metadata(oidc)
    journey = Journey(*(generate_token(48) for _ in Journey._fields))
    with _client(oidc, found, back) as client:
        facts = {"state": journey.state, "nonce": journey.nonce, "code_verifier": journey.verifier}
        address, _ = client.create_authorization_url(found["authorization_endpoint"], **facts)
    return address, journey


def finish(oidc: dict[str, str], journey: Journey, *, code: str, back: str, at: datetime) -> Known:
    """Whom the provider's own signed word names. SsoRefused, SsoUnreachable."""
    found = metadata(oidc)

    def ask() -> tuple[Any, Any]:
        with _client(oidc, found, back) as client:
            return (
                client.fetch_token(found["token_endpoint"], code=code, code_verifier=journey.verifier),
                _document(client, found["jwks_uri"]),
            )

    token, keys = _asked(ask)
    claims = _claims(oidc, token.get("id_token"), keys, nonce=journey.nonce, at=at)
    return Known(oidc["issuer"], _text(claims, "sub"), _name(claims, oidc["claim"]))


def metadata(oidc: dict[str, str]) -> dict[str, str]:
    """What the provider says of itself, remembered for ten minutes. SsoUnreachable."""
    return _asked(lambda: memory().keep(("oidc", oidc["issuer"]), lambda: _metadata(oidc), seconds=_KEPT))


def _metadata(oidc: dict[str, str]) -> dict[str, str]:
    with _client(oidc, {}, "") as client:
        address = f"{oidc['issuer'].rstrip('/')}/.well-known/openid-configuration"
        found: dict[str, str] = _document(client, address)
    if found.get("issuer") != oidc["issuer"]:
        raise ValueError("the provider names another issuer")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not safe_address(found[name]):
            raise ValueError(f"{name} is not https")
    return found


def _asked(question: Callable[[], T]) -> T:
    """What the provider answers; SsoRefused when it says no, SsoUnreachable when it says nothing usable."""
    if not _asking.acquire(timeout=0.5):
        raise rules.SsoUnreachable
    try:
        return question()
    except Exception as error:
        # Authlib's own class for what the provider refused; all else is a network, a library, nonsense.
        current_app.logger.warning("the OpenID provider: %s: %s", type(error).__name__, error)
        refused = type(error).__name__ == "OAuthError"
        raise (rules.SsoRefused if refused else rules.SsoUnreachable) from error
    finally:
        _asking.release()


def _client(oidc: dict[str, str], found: dict[str, Any], back: str) -> Any:
    from authlib.integrations.requests_client import OAuth2Session  # noqa: PLC0415

    methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    way = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
    session = OAuth2Session(
        oidc["client"],
        oidc["secret"] or None,
        token_endpoint_auth_method=way if oidc["secret"] else "none",
        scope="openid profile email",
        redirect_uri=back,
        code_challenge_method="S256",
        default_timeout=_SECONDS,
    )
    # Whoever answers in the provider's place by sending us elsewhere is not followed.
    session.max_redirects = 0
    return session


def _document(client: Any, address: str) -> Any:
    answer = client.get(address, withhold_token=True)
    answer.raise_for_status()
    return answer.json()


def _claims(oidc: dict[str, str], word: Any, keys: Any, *, nonce: str, at: datetime) -> dict[str, Any]:
    """What the id_token says, if it is signed by the provider, for us, now, and for this very journey."""
    from authlib.oidc.core import CodeIDToken  # noqa: PLC0415
    from joserfc import jws, jwt  # noqa: PLC0415
    from joserfc.jwk import KeySet  # noqa: PLC0415

    must = {"iss": oidc["issuer"], "aud": oidc["client"], "nonce": nonce}
    options = {name: {"essential": True, "value": value} for name, value in must.items()}
    try:
        registry = jws.JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False)
        token = jwt.decode(word, KeySet.import_key_set(keys), registry=registry)
        params = {"nonce": nonce, "client_id": oidc["client"]}
        claims = CodeIDToken(token.claims, token.header, options, params)
        claims.validate(now=int(at.timestamp()), leeway=_LEEWAY)
    except Exception as error:  # whatever is wrong with it: it proves nothing
        current_app.logger.warning("an id_token was refused: %s: %s", type(error).__name__, error)
        raise rules.SsoRefused from error
    return dict(claims)


def _name(claims: dict[str, Any], claim: str) -> str:
    """An address that the provider has not verified names nobody."""
    if claim == "email" and claims.get("email_verified") is not True:
        raise rules.SsoRefused("统一身份认证里的邮箱还没有核实，不能用来登录。")
    return _text(claims, claim)


def _text(claims: dict[str, Any], name: str) -> str:
    found = claims.get(name)
    if not isinstance(found, str) or not 0 < len(found.strip()) <= _LONGEST or "\0" in found:
        raise rules.SsoRefused(f"统一身份认证没有给出“{name}”，请系统管理员核对设置。")
    return found.strip()
