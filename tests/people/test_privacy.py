"""What is sealed opens only in its place and with its key; a number is found without standing in clear."""

import pytest

from hotline.people.privacy import DataKeyError, Vault, new_data_key

OLD, NEW = new_data_key(), new_data_key()
PHONE = "+996555123456"


def test_vault_opens_what_it_sealed() -> None:
    """The value comes back, Kyrgyz letters too."""
    vault = Vault([NEW])
    assert vault.open(vault.seal("КИРДИМ 5-март, өң", "c", "1"), "c", "1") == "КИРДИМ 5-март, өң"


def test_vault_seals_the_same_value_differently_each_time() -> None:
    """Equal dates cannot be told from equal ciphertexts, and the value is not in them."""
    vault = Vault([NEW])
    first, second = vault.seal("2026-11-22", "c", "1"), vault.seal("2026-11-22", "c", "1")
    assert first != second
    assert b"2026" not in first


@pytest.mark.parametrize(("column", "row"), [("other", "1"), ("c", "2")])
def test_vault_refuses_a_value_moved_elsewhere(column: str, row: str) -> None:
    """A sealed value copied to another row or column does not open there."""
    vault = Vault([NEW])
    with pytest.raises(DataKeyError):
        vault.open(vault.seal("2026-11-22", "c", "1"), column, row)


def test_vault_refuses_an_altered_value() -> None:
    """One flipped bit is noticed."""
    vault = Vault([NEW])
    sealed = bytearray(vault.seal("2026-11-22", "c", "1"))
    sealed[-1] ^= 1
    with pytest.raises(DataKeyError):
        vault.open(bytes(sealed), "c", "1")


def test_vault_opens_and_finds_with_the_old_key_while_it_is_rotated() -> None:
    """The first key encrypts, every key opens and finds."""
    before, during, after = Vault([OLD]), Vault([NEW, OLD]), Vault([NEW])
    sealed = before.seal("x", "c", "1")
    assert during.open(sealed, "c", "1") == "x"
    assert before.index(PHONE) in during.indexes(PHONE)
    assert during.index(PHONE) == after.index(PHONE)
    with pytest.raises(DataKeyError):
        after.open(sealed, "c", "1")


def test_index_is_not_a_plain_hash_of_the_number() -> None:
    """Two hotlines with two keys index one number differently; one hotline always alike."""
    assert Vault([OLD]).index(PHONE) == Vault([OLD]).index(PHONE)
    assert Vault([OLD]).index(PHONE) != Vault([NEW]).index(PHONE)


@pytest.mark.parametrize("bad", ["", "short", "ключ", "A" * 43, "!" * 44])
def test_vault_refuses_a_malformed_key(bad: str) -> None:
    """A key that is not 32 bytes in URL-safe base64 stops the start."""
    with pytest.raises(DataKeyError):
        Vault([bad])


def test_vault_needs_a_key() -> None:
    """No key, no vault."""
    with pytest.raises(DataKeyError):
        Vault([])
