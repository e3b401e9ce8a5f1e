"""The three vendors' signatures, computed again from what arrived and the secret that is known."""

import hashlib
import hmac
import re
from urllib.parse import parse_qsl, quote, unquote, urlsplit

Headers = dict[str, str]


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _query(target: str) -> str:
    pairs = sorted(parse_qsl(urlsplit(target).query, keep_blank_values=True))
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs)


def _lines(headers: Headers, names: str) -> str:
    return "".join(f"{name}:{headers[name].strip()}\n" for name in names.split(";"))


def number(headers: Headers) -> str:
    """Whose access key it says that it is."""
    found = re.search(r"(?:Credential|Access)=([^,/ ]+)", headers.get("authorization", ""))
    return found[1] if found else ""


def _parts(headers: Headers) -> tuple[str, str]:
    said = headers.get("authorization", "")
    signed, signature = re.search(r"SignedHeaders=([^, ]+)", said), re.search(r"Signature=(\w+)", said)
    return (signed[1], signature[1]) if signed and signature else ("", "")


def acs3(method: str, target: str, headers: Headers, body: bytes, secret: str) -> bool:
    """ACS3-HMAC-SHA256."""
    signed, signature = _parts(headers)
    if not signed or headers.get("x-acs-content-sha256") != _sha(body):
        return False
    canonical = "\n".join([method, urlsplit(target).path or "/", _query(target), _lines(headers, signed), signed,
                           _sha(body)])  # fmt: skip
    said = f"ACS3-HMAC-SHA256\n{_sha(canonical.encode())}"
    return hmac.compare_digest(hmac.new(secret.encode(), said.encode(), "sha256").hexdigest(), signature)


def tc3(method: str, target: str, headers: Headers, body: bytes, secret: str) -> bool:
    """TC3-HMAC-SHA256."""
    signed, signature = _parts(headers)
    scope = re.search(r"Credential=[^/]+/((\d{4}-\d\d-\d\d)/(\w+)/tc3_request)", headers.get("authorization", ""))
    if not signed or not scope:
        return False
    canonical = "\n".join([method, "/", _query(target), _lines(headers, signed), signed, _sha(body)])
    said = "\n".join(["TC3-HMAC-SHA256", headers["x-tc-timestamp"], scope[1], _sha(canonical.encode())])
    key = f"TC3{secret}".encode()
    for part in (scope[2], scope[3], "tc3_request", said):
        key = hmac.new(key, part.encode(), "sha256").digest()
    return hmac.compare_digest(key.hex(), signature)


def sdk(method: str, target: str, headers: Headers, body: bytes, secret: str) -> bool:
    """SDK-HMAC-SHA256."""
    signed, signature = _parts(headers)
    if not signed:
        return False
    path = "/".join(quote(part, safe="~") for part in unquote(urlsplit(target).path).split("/")).rstrip("/") + "/"
    canonical = "\n".join([method, path, _query(target), _lines(headers, signed), signed, _sha(body)])
    said = "\n".join(["SDK-HMAC-SHA256", headers["x-sdk-date"], _sha(canonical.encode())])
    return hmac.compare_digest(hmac.new(secret.encode(), said.encode(), "sha256").hexdigest(), signature)
