import base64
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from google.auth.exceptions import TransportError

from pipeline_lib.adapters.google.signing import (
    FIREBASE_AUDIENCE,
    FirebaseListeners,
    KeylessSigning,
)
from pipeline_lib.errors import StoreUnavailable
from tests.adapters.test_google_signing import EMAIL, HOUR, NOW, Iam, WithoutKey


def admit(iam, upload_id="u", shop_id="tea"):
    listeners = FirebaseListeners(KeylessSigning(WithoutKey(), iam))
    return listeners.admit(shop_id=shop_id, upload_id=upload_id, now=NOW, valid=HOUR)


def parts(token):
    padded = [part + "=" * (-len(part) % 4) for part in token.split(".")]
    return [base64.urlsafe_b64decode(part) for part in padded]


def test_without_a_key_iam_signs_a_custom_token_for_one_upload_of_one_shop():
    iam = Iam()

    found = admit(iam)

    head, body, signature = parts(found.token)
    said = json.loads(body)
    text = found.token.rpartition(".")[0].encode()
    iam.key.public_key().verify(signature, text, padding.PKCS1v15(), hashes.SHA256())
    assert json.loads(head) == {"alg": "RS256", "typ": "JWT"}
    assert (said["iss"], said["sub"], said["aud"]) == (EMAIL, EMAIL, FIREBASE_AUDIENCE)
    assert said["claims"] == {"shop_id": "tea", "upload_id": "u"}
    assert timedelta(seconds=said["exp"] - said["iat"]) == HOUR
    assert (found.channel, found.path, found.expires_at) == (
        "firestore",
        "progress/u",
        NOW + HOUR,
    )


def test_each_upload_of_each_shop_is_another_user():
    iam = Iam()
    tokens = [admit(iam, *who).token for who in [("u", "tea"), ("v", "tea"), ("u", "soap")]]

    assert len({json.loads(parts(token)[1])["uid"] for token in tokens}) == 3


def test_when_iam_does_not_answer_the_store_is_unavailable():
    def gone(*_, **__):
        raise TransportError("no way")

    with pytest.raises(StoreUnavailable, match="no way"):
        admit(gone)
