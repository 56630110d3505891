"""STS by boto3: who a caller is, and temporary credentials: roles with trust policies and their conditions, session
policies, chains, accounts, and time."""

import json
import pathlib
import re
import smtplib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402
from harness.cases import Suite, equal, raises  # noqa: E402
from harness.server import Production, Sesame  # noqa: E402
from harness.tools import smtp_password  # noqa: E402
from harness.users import FULL, User, document  # noqa: E402
from sdk.clients import client  # noqa: E402

suite = Suite("sts")
server = Sesame("--strict-auth", "--auto-verify").start()
ACCOUNT, OTHER = "000000000000", "111122223333"
boss = User(server, "boss", {"Effect": "Allow", "Action": "*", "Resource": "*"})
iam, sts = (client(service, server, **boss.credentials) for service in ("iam", "sts"))
client("sesv2", server, **boss.credentials).create_email_identity(EmailIdentity="example.com")
SIMPLE = {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}
NONE = "The security token included in the request is invalid."


def trust(who=ACCOUNT, action="sts:AssumeRole", **more):
    return {"Effect": "Allow", "Principal": {"AWS": who}, "Action": action, **more}


def role(name, *trusts, policy=FULL, **kwargs):
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document(*(trusts or (trust(),)))), **kwargs)
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(document(policy)))
    return made["Role"]["Arn"]


def of(service, credentials):
    return boto3.client(service, endpoint_url=server.url, region_name="us-east-1",
                        aws_access_key_id=credentials["AccessKeyId"], aws_secret_access_key=credentials["SecretAccessKey"],
                        aws_session_token=credentials["SessionToken"],
                        config=Config(retries={"total_max_attempts": 1}, proxies={}))


def assume(arn, name="one", by=sts, **kwargs):
    return by.assume_role(RoleArn=arn, RoleSessionName=name, **kwargs)


def said(code, status, text, method, **kwargs):
    error = raises(ClientError, lambda: method(**kwargs)).response
    equal((error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Message"]),
          (code, status, text))


def not_assumed(arn, who=boss.arn, by=sts, action="sts:AssumeRole", **kwargs):
    said("AccessDenied", 403, f"User: {who} is not authorized to perform: {action} on resource: {arn}",
         assume, arn=arn, by=by, **kwargs)


def send(credentials, sender="news@example.com"):
    of("sesv2", credentials).send_email(FromEmailAddress=sender, Destination={"ToAddresses": ["ann@example.org"]},
                                        Content={"Simple": SIMPLE})


@suite.case
def who_a_caller_is():
    told = sts.get_caller_identity()
    equal((told["Account"], told["Arn"], told["UserId"][:4]), (ACCOUNT, boss.arn, "AIDA"))
    server.operator("iam", "create-user", "mailer")
    smtp_only = server.operator("iam", "smtp-credentials", "mailer")
    key = iam.list_access_keys(UserName="mailer")["AccessKeyMetadata"][0]["AccessKeyId"]
    equal(key, smtp_only["smtpUserName"])
    # A user without any right, whose policy even denies it, is told who it is.
    nobody = User(server, "nobody", {"Effect": "Deny", "Action": "*", "Resource": "*"})
    equal(client("sts", server, **nobody.credentials).get_caller_identity()["Arn"], nobody.arn)
    said("InvalidClientTokenId", 403, NONE, client("sts", server, key="AKIA" + "A" * 16).get_caller_identity)


@suite.case
def accounts_of_keys():
    other = User(server, "other", account=OTHER)
    equal(sts.get_access_key_info(AccessKeyId=other.key["accessKeyId"])["Account"], OTHER)
    said("ValidationError", 400, "Access key ID " + "0" * 20 + " is invalid.", sts.get_access_key_info, AccessKeyId="0" * 20)


@suite.case
def a_role_is_assumed():
    arn = role("plain")
    said_by = assume(arn)
    role_id = iam.get_role(RoleName="plain")["Role"]["RoleId"]
    equal(said_by["AssumedRoleUser"], {"AssumedRoleId": role_id + ":one",
                                       "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/plain/one"})
    credentials = said_by["Credentials"]
    assert re.fullmatch("ASIA[A-Z2-7]{16}", credentials["AccessKeyId"]), credentials
    told = of("sts", credentials).get_caller_identity()
    equal((told["Arn"], told["UserId"]), (said_by["AssumedRoleUser"]["Arn"], role_id + ":one"))
    send(credentials)
    server.only_mail(to="ann@example.org")
    of("ses", credentials).get_send_quota()
    with smtplib.SMTP(*server.smtp) as smtp:
        error = raises(smtplib.SMTPAuthenticationError, smtp.login, credentials["AccessKeyId"],
                       smtp_password(credentials["SecretAccessKey"], "us-east-1"))
        equal((error.smtp_code, error.smtp_error), (535, b"Authentication Credentials Invalid"))
    # A token that was tampered with, another's, none.
    token = credentials["SessionToken"]
    for wrong in ({**credentials, "SessionToken": token[:-9] + ("A" if token[-9] != "A" else "B") + token[-8:]},
                  {**credentials, "SessionToken": assume(arn, "two")["Credentials"]["SessionToken"]},
                  {**credentials, "SessionToken": None}):
        said("InvalidClientTokenId", 403, NONE, of("sts", wrong).get_caller_identity)
    # A role that changes changes its sessions, and one that goes ends them.
    iam.delete_role_policy(RoleName="plain", PolicyName="p")
    equal(raises(ClientError, send, credentials).response["Error"]["Code"], "AccessDeniedException")
    iam.delete_role(RoleName="plain")
    said("InvalidClientTokenId", 403, NONE, of("sts", credentials).get_caller_identity)


@suite.case
def time_runs_out():
    arn = role("short", MaxSessionDuration=7200)
    held = {seconds: assume(arn, DurationSeconds=seconds)["Credentials"] for seconds in (900, 7200)}
    equal((held[7200]["Expiration"] - held[900]["Expiration"]).total_seconds() // 60, 105)
    said("ValidationError", 400, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
         assume, arn=arn, DurationSeconds=7201)
    server.advance("16m")
    said("ExpiredToken", 403, "The security token included in the request is expired", of("sts", held[900]).get_caller_identity)
    error = raises(ClientError, of("sesv2", held[900]).get_account).response
    equal((error["Error"]["Code"], error["Error"]["Message"], error["ResponseMetadata"]["HTTPStatusCode"]),
          ("ExpiredTokenException", "The security token included in the request is expired", 403))
    of("sesv2", held[7200]).get_account()


@suite.case
def session_policies_narrow():
    arn = role("narrow")
    only = {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*",
            "Condition": {"StringEquals": {"ses:FromAddress": "news@example.com"}}}
    made = assume(arn, Policy=json.dumps(document(only)))
    assert 0 < made["PackedPolicySize"] < 100, made
    send(made["Credentials"])
    equal(raises(ClientError, send, made["Credentials"], "shop@example.com").response["Error"]["Code"],
          "AccessDeniedException")
    error = raises(ClientError, of("sesv2", made["Credentials"]).get_account).response["Error"]
    equal(error["Message"], f"User: arn:aws:sts::{ACCOUNT}:assumed-role/narrow/one is not authorized to perform: "
          "ses:GetAccount on resource: * because no session policy allows the ses:GetAccount action")
    # It gives nothing that the role has not.
    wide = assume(arn, Policy=json.dumps(document({"Effect": "Allow", "Action": "*", "Resource": "*"})))["Credentials"]
    equal(raises(ClientError, of("iam", wide).list_users).response["Error"]["Code"], "AccessDenied")
    by_arn = assume(arn, PolicyArns=[{"arn": "arn:aws:iam::aws:policy/AmazonSESReadOnlyAccess"}])["Credentials"]
    of("sesv2", by_arn).get_account()
    equal(raises(ClientError, send, by_arn).response["Error"]["Code"], "AccessDeniedException")
    said("MalformedPolicyDocument", 400, "Syntax errors in policy. The document is not valid JSON.", assume, arn=arn, Policy="{")
    error = raises(ClientError, assume, arn, Policy=json.dumps(document(*[FULL] * 60))).response["Error"]
    equal(error["Code"], "PackedPolicyTooLarge")


@suite.case
def trust_policies():
    held = role("external", trust(Condition={"StringEquals": {"sts:ExternalId": "secret-17"}}))
    not_assumed(held)
    not_assumed(held, ExternalId="wrong")
    assume(held, ExternalId="secret-17")
    held = role("named", trust(Condition={"StringLike": {"sts:RoleSessionName": "${aws:username}"}}))
    not_assumed(held)
    assume(held, "boss")
    held = role("of-ann", trust(f"arn:aws:iam::{ACCOUNT}:user/ann"))
    not_assumed(held)
    ann = User(server, "ann")
    assume(held, by=client("sts", server, **ann.credentials))  # named: needs no policy of its own
    held = role("of-account")
    by = client("sts", server, **ann.credentials)
    not_assumed(held, who=ann.arn, by=by)
    ann.allow({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": held})
    assume(held, by=by)
    not_assumed(f"arn:aws:iam::{ACCOUNT}:role/none")
    held = role("tagging", trust(), trust(action="sts:TagSession", Condition={"StringEquals": {"aws:RequestTag/team": "x"}}),
                policy={**FULL, "Condition": {"StringEquals": {"aws:PrincipalTag/team": "x"}}})
    not_assumed(held, action="sts:TagSession", Tags=[{"Key": "team", "Value": "y"}])
    send(assume(held, Tags=[{"Key": "team", "Value": "x"}])["Credentials"])
    equal(raises(ClientError, send, assume(held)["Credentials"]).response["Error"]["Code"], "AccessDeniedException")
    not_assumed(held, action="sts:SetSourceIdentity", SourceIdentity="ann")


@suite.case
def roles_of_other_accounts():
    them = User(server, "them", {"Effect": "Allow", "Action": "*", "Resource": "*"}, account=OTHER)
    theirs = client("sts", server, **them.credentials)
    mine = role("lent", trust(OTHER))
    told = assume(mine, by=theirs)
    equal(of("sts", told["Credentials"]).get_caller_identity()["Account"], ACCOUNT)
    send(told["Credentials"])
    kept = role("kept")
    not_assumed(kept, who=them.arn, by=theirs)
    poor = User(server, "poor", account=OTHER)
    not_assumed(mine, who=poor.arn, by=client("sts", server, **poor.credentials))


@suite.case
def chains():
    second = role("second", trust(f"arn:aws:iam::{ACCOUNT}:role/first"), MaxSessionDuration=43200)
    first = role("first", policy={"Effect": "Allow", "Action": "sts:*", "Resource": "*"})
    link = assume(first)["Credentials"]
    by = of("sts", link)
    told = assume(second, "two", by=by)
    equal(of("sts", told["Credentials"]).get_caller_identity()["Arn"], f"arn:aws:sts::{ACCOUNT}:assumed-role/second/two")
    send(told["Credentials"])
    equal(raises(ClientError, send, link).response["Error"]["Code"], "AccessDeniedException")
    said("ValidationError", 400, "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
         "chaining", assume, arn=second, by=by, DurationSeconds=7200)
    said("AccessDenied", 403, "Cannot call GetSessionToken with session credentials", by.get_session_token)


@suite.case
def session_tokens_of_users():
    made = sts.get_session_token(DurationSeconds=900)["Credentials"]
    equal(of("sts", made).get_caller_identity()["Arn"], boss.arn)
    send(made)
    # Without MFA they are nothing to IAM, nor to STS but for a role.
    said("InvalidClientTokenId", 403, NONE, of("iam", made).list_users)
    said("AccessDenied", 403, "Cannot call GetFederationToken with session credentials", of("sts", made).get_federation_token,
         Name="fed")
    assume(role("from-session"), by=of("sts", made))
    said("AccessDenied", 403, "MultiFactorAuthentication failed with invalid MFA one time pass code.", sts.get_session_token,
         SerialNumber="arn:aws:iam::000000000000:mfa/boss", TokenCode="123456")
    # What becomes of the user becomes of them.
    bob = User(server, "bob", FULL)
    held = client("sts", server, **bob.credentials).get_session_token()["Credentials"]
    send(held)
    bob.allow()
    equal(raises(ClientError, send, held).response["Error"]["Code"], "AccessDeniedException")
    server.advance("13h")
    said("ExpiredToken", 403, "The security token included in the request is expired", of("sts", held).get_caller_identity)


@suite.case
def federated_users():
    policy = json.dumps(document(FULL))
    told = sts.get_federation_token(Name="fed", Policy=policy)
    arn = f"arn:aws:sts::{ACCOUNT}:federated-user/fed"
    equal(told["FederatedUser"], {"FederatedUserId": f"{ACCOUNT}:fed", "Arn": arn})
    equal(of("sts", told["Credentials"]).get_caller_identity()["Arn"], arn)
    send(told["Credentials"])
    said("InvalidClientTokenId", 403, NONE, of("iam", told["Credentials"]).list_users)
    equal(raises(ClientError, send, sts.get_federation_token(Name="bare")["Credentials"]).response["Error"]["Code"],
          "AccessDeniedException")
    low = User(server, "low", FULL)
    said("AccessDenied", 403, f"User: {low.arn} is not authorized to perform: sts:GetFederationToken on resource: {arn} "
         "because no identity-based policy allows the sts:GetFederationToken action",
         client("sts", server, **low.credentials).get_federation_token, Name="fed", Policy=policy)
    said("MalformedPolicyDocument", 400, "Syntax errors in policy. The document is not valid JSON.",
         sts.get_federation_token, Name="fed", Policy="{")


@suite.case
def global_services_of_a_server_elsewhere():
    """IAM and STS are signed for us-east-1 by who has no other region in mind, and that is right in any."""
    with Production(region="eu-west-1") as production:
        for region in ("us-east-1", "eu-west-1"):
            keys = {"key": production.key, "secret": production.secret, "region": region}
            equal(client("sts", production, **keys).get_caller_identity()["Arn"].endswith(":user/admin"), True)
            client("iam", production, **keys).list_users()
        error = raises(ClientError, client("iam", production, production.key, production.secret, "mars-1").list_users)
        equal(error.response["Error"]["Code"], "SignatureDoesNotMatch")
        raises(ClientError, client("ses", production, production.key, production.secret, "us-east-1").get_send_quota)


suite.add("the server stops in order", lambda: server.__exit__(None, None, None))
if __name__ == "__main__":
    suite.main()
