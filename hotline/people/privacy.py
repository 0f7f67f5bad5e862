"""Encryption at rest: sealed values and the blind index of a number.

AES-256-GCM with the row's id and column as associated data, so that a sealed value moved to another row does
not open. Lookups go by HMAC-SHA256, never by a plain hash: all Russian mobiles can be enumerated in minutes.
Both keys of a data key are derived by HKDF-SHA256 (RFC 5869).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
KEY_ID_BYTES = 4
NONCE_BYTES = 12  # of AES-GCM, NIST SP 800-38D


class DataKeyError(ValueError):
    """A data key that is not 32 bytes in URL-safe base64, or none that opens what is stored."""


class Vault:
    """Seals and opens values; the first data key encrypts, every one of them opens and finds."""

    def __init__(self, data_keys: Sequence[str]) -> None:
        """`data_keys`: 32 bytes each in URL-safe base64. Raises DataKeyError for a malformed one."""
        raw = [_decode(key) for key in data_keys]
        if not raw:
            raise DataKeyError("no data key")
        self._ciphers = {_key_id(key): AESGCM(_derive(key, b"kadam seal")) for key in raw}
        self._sealing_id = _key_id(raw[0])
        self._lookup_keys = [_derive(key, b"kadam lookup") for key in raw]

    @property
    def key_ids(self) -> tuple[bytes, ...]:
        """What tells the data keys apart, and nothing of them; the first one seals."""
        return tuple(self._ciphers)

    def seal(self, value: str, column: str, row_id: str) -> bytes:
        """`value` encrypted for this column of this row: key id, nonce, ciphertext."""
        return self.seal_bytes(value.encode(), column, row_id)

    def seal_bytes(self, value: bytes, column: str, row_id: str) -> bytes:
        """As `seal`, of what is no text, such as sound."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._ciphers[self._sealing_id].encrypt(nonce, value, _place(column, row_id))
        return self._sealing_id + nonce + sealed

    def open(self, sealed: bytes, column: str, row_id: str) -> str:
        """The value that was sealed. Raises DataKeyError if no key here opens it or it is another row's."""
        return self.open_bytes(sealed, column, row_id).decode()

    def open_bytes(self, sealed: bytes, column: str, row_id: str) -> bytes:
        """As `open`, of what `seal_bytes` sealed. Raises DataKeyError."""
        key_id, nonce = sealed[:KEY_ID_BYTES], sealed[KEY_ID_BYTES : KEY_ID_BYTES + NONCE_BYTES]
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise DataKeyError("sealed with a data key that is not set")
        try:
            return cipher.decrypt(nonce, sealed[KEY_ID_BYTES + NONCE_BYTES :], _place(column, row_id))
        except InvalidTag as e:
            raise DataKeyError("a sealed value does not open: it was altered or belongs elsewhere") from e

    def index(self, value: str) -> bytes:
        """The blind index under which `value` is stored."""
        return _hmac(self._lookup_keys[0], value)

    def indexes(self, value: str) -> list[bytes]:
        """The blind indexes under which `value` may be found, the current key's first."""
        return [_hmac(key, value) for key in self._lookup_keys]


def new_data_key() -> str:
    """A fresh data key, 32 bytes in URL-safe base64."""
    return urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _decode(key: str) -> bytes:
    try:
        raw = urlsafe_b64decode(key.strip())
    except (BadBase64, ValueError) as e:
        raise DataKeyError("a data key is not URL-safe base64") from e
    if len(raw) != KEY_BYTES:
        raise DataKeyError(f"a data key has {len(raw)} bytes, not {KEY_BYTES}")
    return raw


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(key)


def _key_id(key: bytes) -> bytes:
    return _derive(key, b"kadam key id")[:KEY_ID_BYTES]


def _place(column: str, row_id: str) -> bytes:
    return f"{column}\0{row_id}".encode()


def _hmac(key: bytes, value: str) -> bytes:
    return hmac.new(key, value.encode(), hashlib.sha256).digest()
