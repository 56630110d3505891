"""Every modelled error of every operation that is built, provoked by boto3 and compared in code, status and text; and
the check that none is left out (errors_audit.py)."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import botocore.exceptions  # noqa: E402
from botocore import xform_name  # noqa: E402
from harness.cases import Suite, equal, raises  # noqa: E402
from harness.server import Production  # noqa: E402
from sdk import errors_audit, errors_receipt, errors_v1, errors_v2  # noqa: E402
from sdk.clients import client  # noqa: E402
from sdk.errors_world import Counting, FailingMailFrom, Full, Standing  # noqa: E402

suite = Suite("errors")
ROWS = errors_v1.table.rows + errors_receipt.table.rows + errors_v2.table.rows
REASONS = {**errors_v1.REASONS, **errors_v2.REASONS}
MAKERS = {"standing": Standing, "full": Full, "failing_mail_from": FailingMailFrom, "counting": Counting}
worlds = {}


def world(name):
    """Started when the first row asks for it."""
    if name not in worlds:
        worlds[name] = MAKERS[name]()
    return worlds[name]


def told(error):
    """(code, status, text) of a refusal."""
    return (error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"],
            error.response["Error"].get("Message"))


def refusal(here, row, wanted):
    """The error that the row's call ends with, which is told in the wanted code, status and text."""
    method = getattr(here.v1 if row.api == "ses" else here.v2, xform_name(row.operation))
    error = raises(botocore.exceptions.ClientError, here.last_of, method, row.call, lambda e: told(e) == wanted)
    equal(told(error), wanted, "code, status, text")
    return error


def provoke(row):
    here = world(row.at)
    here.tidy()
    if row.given:
        here.changed = True
        row.given(here)
    error = refusal(here, row, (*errors_audit.spelling(row.api, row.error), row.text))
    equal(type(error).__name__, row.error, "class of the SDK")
    for member in errors_audit.members(row.api, row.error):
        assert member in error.response, f"the error has no member {member}: {error.response}"


for each in ROWS:
    suite.add(each.name, lambda row=each: provoke(row))


@suite.case
def every_modelled_error_has_a_row_or_a_reason():
    lacking = errors_audit.faults(ROWS, REASONS)
    assert not lacking, "\n".join(lacking)


@suite.case
def v1_calls_are_counted_too():
    """Throttling is no modelled error of v1, but each of its operations but the sends can answer it (SES §2.1)."""
    here = world("counting")
    for operation in errors_audit.built("ses"):
        if operation.startswith("Send"):
            continue
        row = errors_audit.Row("ses", operation, "", "", {})
        refusal(here, row, ("Throttling", 400, "Rate exceeded"))


@suite.case
def production_counts_by_default():
    with Production(settings={"account": ["management_rate = 1"]}) as strict:
        strict.stop()
        with open(strict.config, encoding="utf-8") as file:
            text = file.read().replace("management_rate = 1\n", "")
        with open(strict.config, "w", encoding="utf-8") as file:
            file.write(text)
        strict.start()
        v2 = client("sesv2", strict, strict.key, strict.secret)
        v2.get_account()

        def again_and_again():  # two at once pass, and more where the machine is slow
            for _ in range(100):
                v2.get_account()
        error = raises(v2.exceptions.TooManyRequestsException, again_and_again)
        equal(told(error), ("TooManyRequestsException", 429, "Rate exceeded"))
        v2.list_email_identities()  # another action, another count
        stranger = client("sesv2", strict, strict.key, "wrong")
        equal(told(raises(botocore.exceptions.ClientError, stranger.get_account))[0], "InvalidSignatureException")


@suite.case
def the_servers_stop_in_order():
    for one in worlds.values():
        one.stop()


suite.main()
