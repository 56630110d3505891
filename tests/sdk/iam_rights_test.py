"""IAM and STS ask IAM, too: over all operations, a user without rights gets nothing and can give itself nothing, one with
iam:* gets through, and rights on one path stay there."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402
from harness.cases import Suite, equal, raises  # noqa: E402
from harness.server import ROOT, Sesame  # noqa: E402
from harness.users import User, document  # noqa: E402

suite = Suite("iam.rights")
server = Sesame("--strict-auth").start()
ACCOUNT = "000000000000"
HEAD = f"arn:aws:iam::{ACCOUNT}:"
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
FULL_TEXT = json.dumps(document(ALL))
TRUST = json.dumps(document({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}))
OPERATIONS = [(service, name) for service in ("iam", "sts") for name in
              json.loads((ROOT / f"model/{service}-service.json").read_text(encoding="utf-8"))["operations"]]
FREE = {"GetCallerIdentity", "GetSessionToken"}
boss = User(server, "boss", ALL)
poor = User(server, "poor")


def of(who, service="iam"):
    return boto3.client(service, endpoint_url=server.url, region_name="us-east-1",
                        aws_access_key_id=who.key["accessKeyId"], aws_secret_access_key=who.key["secretAccessKey"],
                        config=Config(retries={"total_max_attempts": 1}, proxies={}, parameter_validation=False))


root = of(boss)
root.create_user(UserName="ann", Path="/eu/")
KEY = root.create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"]
root.create_group(GroupName="staff", Path="/eu/")
root.create_role(RoleName="mailer", Path="/eu/", AssumeRolePolicyDocument=TRUST)
POLICY = root.create_policy(PolicyName="send", Path="/eu/", PolicyDocument=FULL_TEXT)["Policy"]["Arn"]
VALUES = {
    "UserName": "ann", "GroupName": "staff", "RoleName": "mailer", "PolicyName": "send", "PolicyArn": POLICY,
    "PolicyDocument": FULL_TEXT, "AssumeRolePolicyDocument": TRUST, "PermissionsBoundary": POLICY, "VersionId": "v1",
    "AccessKeyId": KEY, "Status": "Active", "ServiceName": "ses", "PolicySourceArn": HEAD + "user/eu/ann",
    "ActionNames": ["ses:SendEmail"], "PolicyInputList": [FULL_TEXT], "TagKeys": ["k"], "Tags": [{"Key": "k", "Value": "v"}],
    "RoleArn": HEAD + "role/eu/mailer", "RoleSessionName": "one", "Name": "fed"}
OF_ACCOUNT = {"ListUsers", "ListGroups", "ListRoles", "ListPolicies", "GetAccountSummary", "GetAccountAuthorizationDetails",
              "SimulateCustomPolicy", "GetAccessKeyInfo"}
NAMELESS = {"CreateAccessKey", "DeleteAccessKey", "UpdateAccessKey", "ListAccessKeys", "GetUser"}


def call(service, name, who, **kwargs):
    """The operation with the members it needs, and the name of whom it is about; None, or what it is refused with."""
    api = of(who, service)
    shape = api.meta.service_model.operation_model(name).input_shape
    wanted = set(shape.required_members) if shape else set()
    if name in NAMELESS | {"ListServiceSpecificCredentials"}:
        wanted.add("UserName")
    method = {v: k for k, v in api.meta.method_to_api_mapping.items()}[name]
    try:
        getattr(api, method)(**{**{member: VALUES[member] for member in wanted}, **kwargs})
    except ClientError as error:
        return error.response["Error"] | {"Status": error.response["ResponseMetadata"]["HTTPStatusCode"]}
    return None


def resource(service, name, shape):
    """What the operation is about."""
    members = shape.members if shape else {}
    if name in OF_ACCOUNT:
        return "*"
    if service == "sts":
        return {"GetFederationToken": f"arn:aws:sts::{ACCOUNT}:federated-user/fed", "AssumeRole": VALUES["RoleArn"]}[name]
    if name.startswith("Create") and name.removeprefix("Create") in ("User", "Group", "Role", "Policy"):
        kind = name.removeprefix("Create").lower()
        taken = {"user": "user/eu/ann", "group": "group/eu/staff", "role": "role/eu/mailer"}
        return HEAD + taken.get(kind, "policy/send")
    for member, where in (("PolicySourceArn", "user/eu/ann"), ("GroupName", "group/eu/staff"), ("RoleName", "role/eu/mailer"),
                          ("UserName", "user/eu/ann"), ("PolicyArn", "policy/eu/send")):
        if member in members:
            return HEAD + where
    return HEAD + "user/eu/ann"  # GetAccessKeyLastUsed


def check(service, name):
    refusal = call(service, name, poor)
    if name in FREE:
        equal(refusal, None)
        return
    shape = of(boss, service).meta.service_model.operation_model(name).input_shape
    text = f"User: {poor.arn} is not authorized to perform: {service}:{name} on resource: {resource(service, name, shape)}"
    if name != "AssumeRole":  # whose trust policy has a say
        text += f" because no identity-based policy allows the {service}:{name} action"
    equal((refusal["Code"], refusal["Status"], refusal["Message"]), ("AccessDenied", 403, text), name)


def everything():
    return {**root.get_account_authorization_details(), "ResponseMetadata": None}


@suite.case
def without_rights_nothing():
    before = everything()
    for service, name in OPERATIONS:
        check(service, name)
    equal(everything(), before)


@suite.case
def nothing_for_itself_either():
    """What would give the user rights if it were let."""
    me = {"UserName": "poor"}
    api = of(poor)
    for method, more in ((api.put_user_policy, dict(PolicyName="p", PolicyDocument=FULL_TEXT)),
                         (api.attach_user_policy, dict(PolicyArn=POLICY)), (api.create_access_key, {}),
                         (api.add_user_to_group, dict(GroupName="staff")), (api.update_user, dict(NewPath="/eu/")),
                         (api.delete_user_permissions_boundary, {})):
        equal(raises(ClientError, method, **me, **more).response["Error"]["Code"], "AccessDenied")
    for name in NAMELESS:  # the caller itself is meant where no name is given
        method = {v: k for k, v in api.meta.method_to_api_mapping.items()}[name]
        more = {} if name in ("CreateAccessKey", "ListAccessKeys", "GetUser") else {"AccessKeyId": poor.key["accessKeyId"]}
        error = raises(ClientError, getattr(api, method), **more, **({"Status": "Inactive"} if "Update" in name else {}))
        equal(error.response["Error"]["Message"], f"User: {poor.arn} is not authorized to perform: iam:{name} on resource: "
              f"{poor.arn} because no identity-based policy allows the iam:{name} action")


@suite.case
def with_all_of_iam_everything():
    rich = User(server, "rich", {"Effect": "Allow", "Action": ["iam:*", "sts:GetFederationToken"], "Resource": "*"})
    # Those that take away what the others need come last.
    order = sorted(OPERATIONS, key=lambda one: one[1].startswith(("Delete", "Detach", "Remove")))
    for service, name in order:
        if service == "iam":
            refusal = call(service, name, rich)
            assert not refusal or refusal["Code"] in ("EntityAlreadyExists", "DeleteConflict", "NoSuchEntity",
                                                      "NotSupportedService", "MalformedPolicyDocument"), (name, refusal)
    equal(call("sts", "GetAccessKeyInfo", rich)["Code"], "AccessDenied")
    equal(call("sts", "GetFederationToken", rich), None)


@suite.case
def one_path():
    own = User(server, "own", {"Effect": "Allow", "Action": "iam:*", "Resource": HEAD + "user/team/*"})
    api = of(own)

    def denied(method, **kwargs):
        error = raises(ClientError, lambda: method(**kwargs)).response["Error"]
        equal(error["Code"], "AccessDenied", str(kwargs))
        return error["Message"].split(" on resource: ")[1].split(" ")[0]
    api.create_user(UserName="kit", Path="/team/")
    api.create_access_key(UserName="kit")
    api.put_user_policy(UserName="kit", PolicyName="p", PolicyDocument=FULL_TEXT)
    equal(api.get_user(UserName="kit")["User"]["Path"], "/team/")
    equal(denied(api.create_user, UserName="kim"), HEAD + "user/kim")
    equal(denied(api.create_user, UserName="kim", Path="/team2/"), HEAD + "user/team2/kim")
    for method, more in ((api.get_user, {}), (api.create_access_key, {}), (api.delete_user, {}),
                         (api.put_user_policy, dict(PolicyName="p", PolicyDocument=FULL_TEXT))):
        equal(denied(method, UserName="own", **more), own.arn)
    # Neither out of the path nor into it.
    equal(denied(api.update_user, UserName="kit", NewPath="/"), HEAD + "user/kit")
    equal(denied(api.update_user, UserName="own", NewPath="/team/"), own.arn)
    api.update_user(UserName="kit", NewUserName="kat", NewPath="/team/a/")
    equal(denied(api.list_users), "*")
    root.create_group(GroupName="admins")
    equal(denied(api.add_user_to_group, UserName="kat", GroupName="admins"), HEAD + "group/admins")


@suite.case
def conditions():
    tags = [{"Key": "team", "Value": "blue"}]
    who = User(server, "tagger", {"Effect": "Allow", "Action": ["iam:CreateUser", "iam:GetUser"], "Resource": "*"},
               {"Effect": "Allow", "Action": "iam:TagUser", "Resource": "*",
                "Condition": {"StringEquals": {"aws:RequestTag/team": "blue"}}},
               {"Effect": "Deny", "Action": "iam:GetUser", "Resource": "*",
                "Condition": {"StringEquals": {"iam:ResourceTag/team": "blue"}}},
               {"Effect": "Allow", "Action": "iam:PutUserPermissionsBoundary", "Resource": "*",
                "Condition": {"ArnEquals": {"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AmazonSESFullAccess"}}})
    api = of(who)
    api.create_user(UserName="t1")
    error = raises(ClientError, api.create_user, UserName="t2", Tags=[{"Key": "team", "Value": "red"}]).response["Error"]
    equal(error["Message"], f"User: {who.arn} is not authorized to perform: iam:TagUser on resource: {HEAD}user/t2 because no "
          "identity-based policy allows the iam:TagUser action")
    api.create_user(UserName="t2", Tags=tags)
    api.get_user(UserName="t1")
    error = raises(ClientError, api.get_user, UserName="t2").response["Error"]
    equal(error["Message"], f"User: {who.arn} is not authorized to perform: iam:GetUser on resource: {HEAD}user/t2 with an "
          "explicit deny in an identity-based policy")
    api.put_user_permissions_boundary(UserName="t1", PermissionsBoundary="arn:aws:iam::aws:policy/AmazonSESFullAccess")
    raises(ClientError, api.put_user_permissions_boundary, UserName="t1",
           PermissionsBoundary="arn:aws:iam::aws:policy/AdministratorAccess")


@suite.case
def dev_modes_root_may_do_everything():
    with Sesame() as lenient:
        api = boto3.client("iam", endpoint_url=lenient.url, region_name="us-east-1", aws_access_key_id="any",
                           aws_secret_access_key="any")
        equal(api.get_user()["User"]["Arn"], HEAD + "root")
        api.create_user(UserName="first")
        equal(api.create_access_key(UserName="first")["AccessKey"]["UserName"], "first")


@suite.case
def refusals_are_recorded():
    rows = server.operator("audit", "--principal", "own")["records"]
    kept = [(row["action"], row["api"], row["effect"]) for row in rows]
    assert ("iam:CreateUser", "iam", "ImplicitDeny") in kept, kept


suite.add("the server stops in order", lambda: server.__exit__(None, None, None))
if __name__ == "__main__":
    suite.main()
