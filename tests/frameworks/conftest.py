"""Failures in the shared tests are explained as those of test modules are."""

import pytest

pytest.register_assert_rewrite("frameworks.barge_in")
