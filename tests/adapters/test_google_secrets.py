import pytest

from pipeline_lib.adapters.google.secrets import EnvironSecrets
from pipeline_lib.errors import StoreUnavailable


def test_a_secret_is_a_variable_without_the_newline_that_a_shell_leaves():
    secrets = EnvironSecrets({"BUNDLECHAIN_CUSTOMER_KEY": "abc\n"})

    assert secrets.read("customer_key") == b"abc"


@pytest.mark.parametrize("environ", [{}, {"BUNDLECHAIN_CUSTOMER_KEY": " "}])
def test_a_secret_that_is_not_set_is_named(environ):
    with pytest.raises(StoreUnavailable, match="BUNDLECHAIN_CUSTOMER_KEY"):
        EnvironSecrets(environ).read("customer_key")
