"""Every operation of IAM by boto3: what it answers, what it does elsewhere, its limits and errors in IAM's words, and its
pages."""

import json
import pathlib
import random
import re
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from botocore.exceptions import ClientError  # noqa: E402
from harness.cases import Suite, equal, raises  # noqa: E402
from harness.server import Sesame  # noqa: E402
from harness.users import User, document  # noqa: E402
from sdk.clients import client  # noqa: E402

suite = Suite("iam")
server = Sesame("--strict-auth", "--auto-verify").start()
boss = User(server, "boss", {"Effect": "Allow", "Action": "*", "Resource": "*"})
iam = client("iam", server, **boss.credentials)
ACCOUNT = "000000000000"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
READ = "arn:aws:iam::aws:policy/AmazonSESReadOnlyAccess"
SEND = document({"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"})
TRUST = document({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
SEND_TEXT, TRUST_TEXT = json.dumps(SEND, indent=1), json.dumps(TRUST)
done = set()  # operations that answered
iam.meta.events.register("after-call.iam", lambda http_response, model, **_: http_response.status_code == 200
                         and done.add(model.name))


def said(code, status, text, method, **kwargs):
    error = raises(ClientError, lambda: method(**kwargs)).response
    equal((error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Message"]),
          (code, status, text))


def missing(text, method, **kwargs):
    said("NoSuchEntity", 404, text, method, **kwargs)


def arn(kind, name, path="/"):
    return f"arn:aws:iam::{ACCOUNT}:{kind}{path}{name}"


def all_pages(method, what, count, **kwargs):
    """The items of a list, which comes in `count` pages of one."""
    out, marker, pages = [], {}, 0
    while True:
        page = method(MaxItems=1, **marker, **kwargs)
        assert len(page[what]) <= 1, page
        out += page[what]
        pages += 1
        equal("Marker" in page, page["IsTruncated"])
        if not page["IsTruncated"]:
            equal(pages, count, f"pages of {what}")
            whole = method(**kwargs)
            equal((whole[what], whole["IsTruncated"]), (out, False))
            return out
        marker = {"Marker": page["Marker"]}


KINDS = {
    "user": {"name": "UserName", "title": "User", "id": "AIDA", "quota": 2048},
    "group": {"name": "GroupName", "title": "Group", "id": "AGPA", "quota": 5120},
    "role": {"name": "RoleName", "title": "Role", "id": "AROA", "quota": 10240},
}


def call(pattern, kind, **kwargs):
    """call("create_{}", "user", …): with the kind in the operation's name."""
    return getattr(iam, pattern.format(kind))(**kwargs)


def make(kind, name, **kwargs):
    more = {"AssumeRolePolicyDocument": TRUST_TEXT} if kind == "role" else {}
    return call("create_{}", kind, **{KINDS[kind]["name"]: name}, **more, **kwargs)[KINDS[kind]["title"]]


def drop(kind, *names):
    for name in names:
        call("delete_{}", kind, **{KINDS[kind]["name"]: name})


@suite.case
def made_told_and_deleted():
    for kind, facts in KINDS.items():
        made = make(kind, "ann", Path="/eu/west/")
        equal((made["Arn"], made["Path"]), (arn(kind, "ann", "/eu/west/"), "/eu/west/"))
        assert re.fullmatch(facts["id"] + "[A-Z0-9]{17}", made[facts["title"] + "Id"]), made
        name = {facts["name"]: "ann"}
        told = call("get_{}", kind, **name)[facts["title"]]
        told.pop("RoleLastUsed", None)
        made.pop("RoleLastUsed", None)
        equal(told, made)
        said("EntityAlreadyExists", 409, f"{facts['title']} with name ANN already exists.", make, kind=kind, name="ANN")
        drop(kind, "ann")
        for pattern in ("get_{}", "delete_{}"):
            missing(f"The {kind} with name ann cannot be found.", call, pattern=pattern, kind=kind, **name)
        said("ValidationError", 400, "1 validation error detected: Value at '" + facts["name"][0].lower()
             + facts["name"][1:] + r"' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+",
             make, kind=kind, name="a b")
    said("ValidationError", 400, "The specified value for path is invalid. It must begin and end with / and contain only "
         "alphanumeric characters and/or / characters.", make, kind="user", name="ann", Path="/a//b/")


@suite.case
def lists_in_pages():
    for kind, what in (("user", "Users"), ("group", "Groups"), ("role", "Roles")):
        for n in range(3):
            make(kind, f"p{n}", Path="/paged/")
        found = all_pages(getattr(iam, f"list_{kind}s"), what, 3, PathPrefix="/paged/")
        equal([one[KINDS[kind]["name"]] for one in found], ["p0", "p1", "p2"])
        said("ValidationError", 400, "Invalid Marker.", getattr(iam, f"list_{kind}s"), Marker="nonsense")
        marker = getattr(iam, f"list_{kind}s")(MaxItems=1, PathPrefix="/paged/")["Marker"]
        said("ValidationError", 400, "Invalid Marker.", getattr(iam, f"list_{kind}s"), Marker=marker)  # of another list
        drop(kind, "p0", "p1", "p2")
    pages = list(iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 1}))
    equal([u["UserName"] for page in pages for u in page["Users"]], ["boss"])


@suite.case
def changed():
    made = make("user", "old", Path="/a/")
    make("user", "other")
    iam.update_user(UserName="old", NewUserName="new", NewPath="/b/")
    told = iam.get_user(UserName="new")["User"]
    equal((told["UserId"], told["Arn"]), (made["UserId"], arn("user", "new", "/b/")))
    missing("The user with name old cannot be found.", iam.update_user, UserName="old", NewPath="/")
    said("EntityAlreadyExists", 409, "User with name other already exists.", iam.update_user, UserName="new",
         NewUserName="other")
    make("group", "old")
    make("group", "other")
    iam.update_group(GroupName="old", NewGroupName="new", NewPath="/c/")
    equal(iam.get_group(GroupName="new")["Group"]["Arn"], arn("group", "new", "/c/"))
    missing("The group with name old cannot be found.", iam.update_group, GroupName="old", NewPath="/")
    said("EntityAlreadyExists", 409, "Group with name other already exists.", iam.update_group, GroupName="new",
         NewGroupName="other")
    drop("user", "new", "other")
    drop("group", "new", "other")


@suite.case
def roles():
    made = make("role", "mailer", Description="sends", MaxSessionDuration=7200)
    equal((made["AssumeRolePolicyDocument"], made["Description"], made["MaxSessionDuration"]), (TRUST, "sends", 7200))
    iam.update_role(RoleName="mailer", Description="mails", MaxSessionDuration=3600)
    told = iam.get_role(RoleName="mailer")["Role"]
    equal((told["Description"], told["MaxSessionDuration"], told["RoleLastUsed"]), ("mails", 3600, {}))
    other = document({"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"})
    iam.update_assume_role_policy(RoleName="mailer", PolicyDocument=json.dumps(other))
    equal(iam.get_role(RoleName="mailer")["Role"]["AssumeRolePolicyDocument"], other)
    said("MalformedPolicyDocument", 400, "This policy contains invalid Json",
         iam.update_assume_role_policy, RoleName="mailer", PolicyDocument="{")
    said("MalformedPolicyDocument", 400, "This policy contains invalid Json",
         iam.create_role, RoleName="bad", AssumeRolePolicyDocument="{")
    said("LimitExceeded", 409, "Cannot exceed quota for ACLSizePerRole: 2048", iam.update_assume_role_policy,
         RoleName="mailer", PolicyDocument=json.dumps(document(*TRUST["Statement"] * 30)))
    for method, more in ((iam.update_role, {}), (iam.update_assume_role_policy, {"PolicyDocument": TRUST_TEXT})):
        missing("The role with name none cannot be found.", method, RoleName="none", **more)
    drop("role", "mailer")


@suite.case
def members():
    for name in ("m1", "m2"):
        make("user", name)
    for n in range(11):
        make("group", f"g{n}")
    for name in ("m1", "m2"):
        iam.add_user_to_group(GroupName="g0", UserName=name)
    equal([u["UserName"] for u in all_pages(iam.get_group, "Users", 2, GroupName="g0")], ["m1", "m2"])
    for n in range(1, 10):
        iam.add_user_to_group(GroupName=f"g{n}", UserName="m1")
    equal([g["GroupName"] for g in all_pages(iam.list_groups_for_user, "Groups", 10, UserName="m1")],
          [f"g{n}" for n in range(10)])
    said("LimitExceeded", 409, "Cannot exceed quota for GroupsPerUser: 10", iam.add_user_to_group, GroupName="g10",
         UserName="m1")
    said("DeleteConflict", 409, "Cannot delete entity, must remove users from group first.", iam.delete_group, GroupName="g0")
    said("DeleteConflict", 409, "Cannot delete entity, must remove users from group first.", iam.delete_user, UserName="m2")
    for method in (iam.add_user_to_group, iam.remove_user_from_group):
        missing("The group with name none cannot be found.", method, GroupName="none", UserName="m1")
        missing("The user with name none cannot be found.", method, GroupName="g0", UserName="none")
    missing("The user with name none cannot be found.", iam.list_groups_for_user, UserName="none")
    for n in range(10):
        iam.remove_user_from_group(GroupName=f"g{n}", UserName="m1")
    iam.remove_user_from_group(GroupName="g0", UserName="m2")
    drop("user", "m1", "m2")
    drop("group", *[f"g{n}" for n in range(11)])


@suite.case
def inline_policies():
    for kind, facts in KINDS.items():
        make(kind, "ina")
        name = {facts["name"]: "ina"}
        for policy in ("one", "two"):
            call("put_{}_policy", kind, **name, PolicyName=policy, PolicyDocument=SEND_TEXT)
        told = call("get_{}_policy", kind, **name, PolicyName="one")
        equal((told["PolicyDocument"], told["PolicyName"], told[facts["name"]]), (SEND, "one", "ina"))
        equal(all_pages(lambda kind=kind, **kw: call("list_{}_policies", kind, **kw), "PolicyNames", 2, **name), ["one", "two"])
        said("DeleteConflict", 409, "Cannot delete entity, must delete policies first.", call, pattern="delete_{}", kind=kind,
             **name)
        said("LimitExceeded", 409, f"Maximum policy size of {facts['quota']} bytes exceeded for {kind} ina", call,
             pattern="put_{}_policy", kind=kind, **name, PolicyName="two",
             PolicyDocument=json.dumps(document(*SEND["Statement"] * (facts["quota"] // 55))))
        for text, why in BAD.items():
            said("MalformedPolicyDocument", 400, why, call, pattern="put_{}_policy", kind=kind, **name, PolicyName="two",
                 PolicyDocument=text)
        for policy in ("one", "two"):
            call("delete_{}_policy", kind, **name, PolicyName=policy)
        for pattern in ("get_{}_policy", "delete_{}_policy"):
            missing(f"The {kind} policy with name one cannot be found.", call, pattern=pattern, kind=kind, **name,
                    PolicyName="one")
            missing(f"The {kind} with name none cannot be found.", call, pattern=pattern, kind=kind,
                    **{facts["name"]: "none"}, PolicyName="one")
        missing(f"The {kind} with name none cannot be found.", call, pattern="list_{}_policies", kind=kind,
                **{facts["name"]: "none"})
        missing(f"The {kind} with name none cannot be found.", call, pattern="put_{}_policy", kind=kind,
                **{facts["name"]: "none"}, PolicyName="p", PolicyDocument=SEND_TEXT)
        drop(kind, "ina")


BAD = {
    "{": "Syntax errors in policy. The document is not valid JSON.",
    SEND_TEXT.replace("ses:SendEmail", "SendEmail"):
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
}


@suite.case
def documents_are_url_encoded():
    make("user", "url")
    iam.put_user_policy(UserName="url", PolicyName="p", PolicyDocument=SEND_TEXT)
    raw = []
    iam.meta.events.register("before-parse.iam.GetUserPolicy", lambda response_dict, **_: raw.append(response_dict["body"]))
    iam.get_user_policy(UserName="url", PolicyName="p")
    text = re.search(rb"<PolicyDocument>(.*?)</PolicyDocument>", raw[0], re.S).group(1).decode()
    assert "{" not in text and "%20" in text, text
    equal(urllib.parse.unquote(text), SEND_TEXT)
    iam.delete_user_policy(UserName="url", PolicyName="p")
    drop("user", "url")


@suite.case
def a_policy_holds_where_it_is_put():
    bob = User(server, "bob")
    ses = client("sesv2", server, **bob.credentials)

    def may():
        try:
            ses.get_account()
            return True
        except ClientError as error:
            equal(error.response["Error"]["Code"], "AccessDeniedException")
            return False
    full = json.dumps(document({"Effect": "Allow", "Action": "ses:*", "Resource": "*"}))
    equal(may(), False)
    iam.put_user_policy(UserName="bob", PolicyName="p", PolicyDocument=full)
    equal(may(), True)
    iam.delete_user_policy(UserName="bob", PolicyName="p")
    iam.attach_user_policy(UserName="bob", PolicyArn=READ)
    equal(may(), True)
    iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=(made := policy("narrow"))["Arn"])
    equal(may(), False)
    iam.create_policy_version(PolicyArn=made["Arn"], PolicyDocument=full, SetAsDefault=True)
    equal(may(), True)
    iam.set_default_policy_version(PolicyArn=made["Arn"], VersionId="v1")
    equal(may(), False)
    iam.delete_user_permissions_boundary(UserName="bob")
    iam.detach_user_policy(UserName="bob", PolicyArn=READ)
    equal(may(), False)
    make("group", "staff")
    iam.attach_group_policy(GroupName="staff", PolicyArn=READ)
    iam.add_user_to_group(GroupName="staff", UserName="bob")
    equal(may(), True)
    iam.detach_group_policy(GroupName="staff", PolicyArn=READ)
    equal(may(), False)
    iam.put_group_policy(GroupName="staff", PolicyName="p", PolicyDocument=full)
    equal(may(), True)
    iam.remove_user_from_group(GroupName="staff", UserName="bob")
    equal(may(), False)
    iam.delete_group_policy(GroupName="staff", PolicyName="p")
    drop("group", "staff")
    iam.delete_access_key(UserName="bob", AccessKeyId=bob.key["accessKeyId"])
    drop("user", "bob")
    iam.delete_policy_version(PolicyArn=made["Arn"], VersionId="v2")
    iam.delete_policy(PolicyArn=made["Arn"])


def policy(name, **kwargs):
    return iam.create_policy(PolicyName=name, PolicyDocument=SEND_TEXT, **kwargs)["Policy"]


@suite.case
def managed_policies():
    made = policy("pol", Path="/p/", Description="d", Tags=[{"Key": "k", "Value": "v"}])
    where = {"PolicyArn": arn("policy", "pol", "/p/")}
    equal((made["Arn"], made["DefaultVersionId"], made["AttachmentCount"], made["IsAttachable"]),
          (where["PolicyArn"], "v1", 0, True))
    assert re.fullmatch("ANPA[A-Z0-9]{17}", made["PolicyId"]), made
    equal(iam.get_policy(**where)["Policy"], made)
    said("EntityAlreadyExists", 409, "A policy called pol already exists. Duplicate names are not allowed.", policy, name="pol")
    said("MalformedPolicyDocument", 400, "Syntax errors in policy. The document is not valid JSON.", iam.create_policy,
         PolicyName="x", PolicyDocument="{")
    said("LimitExceeded", 409, "Cannot exceed quota for PolicySize: 6144", iam.create_policy, PolicyName="x",
         PolicyDocument=json.dumps(document(*SEND["Statement"] * 110)))
    for n in range(2, 6):
        equal(iam.create_policy_version(**where, PolicyDocument=SEND_TEXT)["PolicyVersion"]["VersionId"], f"v{n}")
    said("LimitExceeded", 409, "A managed policy can have up to 5 versions. Before you create a new version, you must delete "
         "an existing version.", iam.create_policy_version, **where, PolicyDocument=SEND_TEXT)
    equal([(v["VersionId"], v["IsDefaultVersion"]) for v in all_pages(iam.list_policy_versions, "Versions", 5, **where)],
          [("v5", False), ("v4", False), ("v3", False), ("v2", False), ("v1", True)])
    iam.set_default_policy_version(**where, VersionId="v3")
    told = iam.get_policy_version(**where, VersionId="v3")["PolicyVersion"]
    equal((told["Document"], told["IsDefaultVersion"]), (SEND, True))
    said("DeleteConflict", 409, "Cannot delete the default version of a policy.", iam.delete_policy_version, **where,
         VersionId="v3")
    said("DeleteConflict", 409, "This policy has more than one version. Before you delete a policy, you must delete the "
         "policy's versions. The default version is deleted with the policy.", iam.delete_policy, **where)
    for n in (1, 2, 4, 5):
        iam.delete_policy_version(**where, VersionId=f"v{n}")
    for method in (iam.get_policy_version, iam.delete_policy_version, iam.set_default_policy_version):
        missing(f"Policy {where['PolicyArn']} version v1 does not exist or is not attachable.", method, **where, VersionId="v1")
    equal(iam.create_policy_version(**where, PolicyDocument=SEND_TEXT)["PolicyVersion"]["VersionId"], "v6")
    iam.delete_policy_version(**where, VersionId="v6")
    iam.delete_policy(**where)
    none = where["PolicyArn"]
    for method, more in ((iam.get_policy, {}), (iam.delete_policy, {}), (iam.list_policy_versions, {}),
                         (iam.list_entities_for_policy, {}), (iam.create_policy_version, {"PolicyDocument": SEND_TEXT}),
                         (iam.get_policy_version, {"VersionId": "v1"}), (iam.delete_policy_version, {"VersionId": "v1"}),
                         (iam.set_default_policy_version, {"VersionId": "v1"})):
        missing(f"Policy {none} was not found.", method, PolicyArn=none, **more)
    for method, more in ((iam.delete_policy, {}), (iam.create_policy_version, {"PolicyDocument": SEND_TEXT})):
        said("InvalidInput", 400, f"Policy {ADMIN} is managed by AWS and cannot be changed.", method, PolicyArn=ADMIN, **more)


@suite.case
def policies_are_listed():
    for n in range(3):
        policy(f"l{n}", Path="/lists/")
    found = all_pages(iam.list_policies, "Policies", 3, Scope="Local", PathPrefix="/lists/")
    equal([p["PolicyName"] for p in found], ["l0", "l1", "l2"])
    equal([p["PolicyName"] for p in all_pages(iam.list_policies, "Policies", 3, Scope="AWS")],
          ["AdministratorAccess", "AmazonSESFullAccess", "AmazonSESReadOnlyAccess"])
    make("user", "holder")
    iam.attach_user_policy(UserName="holder", PolicyArn=found[0]["Arn"])
    iam.put_user_permissions_boundary(UserName="holder", PermissionsBoundary=found[1]["Arn"])
    equal([p["PolicyName"] for p in iam.list_policies(OnlyAttached=True, Scope="Local")["Policies"]], ["l0"])
    equal([p["PolicyName"] for p in iam.list_policies(PolicyUsageFilter="PermissionsBoundary")["Policies"]], ["l1"])
    iam.detach_user_policy(UserName="holder", PolicyArn=found[0]["Arn"])
    drop("user", "holder")
    for one in found:
        iam.delete_policy(PolicyArn=one["Arn"])


@suite.case
def attached_policies():
    made = [policy(f"at{n:02}", Path="/at/") for n in range(11)]
    arns = [one["Arn"] for one in made]
    none = arn("policy", "none")
    for kind, facts in KINDS.items():
        make(kind, "att")
        name = {facts["name"]: "att"}
        for one in arns[:10]:
            call("attach_{}_policy", kind, **name, PolicyArn=one)
        call("attach_{}_policy", kind, **name, PolicyArn=arns[0])  # once more is no fault
        said("LimitExceeded", 409, f"Cannot exceed quota for PoliciesPer{facts['title']}: 10", call,
             pattern="attach_{}_policy", kind=kind, **name, PolicyArn=arns[10])
        told = all_pages(lambda kind=kind, **kw: call("list_attached_{}_policies", kind, **kw), "AttachedPolicies", 10, **name)
        equal(told, [{"PolicyName": f"at{n:02}", "PolicyArn": arns[n]} for n in range(10)])
        equal(call("list_attached_{}_policies", kind, **name, PathPrefix="/no/")["AttachedPolicies"], [])
        said("DeleteConflict", 409, "Cannot delete entity, must detach all policies first.", call, pattern="delete_{}",
             kind=kind, **name)
        said("DeleteConflict", 409, "Cannot delete a policy attached to entities.", iam.delete_policy, PolicyArn=arns[0])
        missing(f"Policy {none} does not exist or is not attachable.", call, pattern="attach_{}_policy", kind=kind, **name,
                PolicyArn=none)
        missing(f"Policy {none} was not found.", call, pattern="detach_{}_policy", kind=kind, **name, PolicyArn=none)
        gone = {facts["name"]: "none"}
        for pattern, more in (("attach_{}_policy", {"PolicyArn": ADMIN}), ("detach_{}_policy", {"PolicyArn": ADMIN}),
                              ("list_attached_{}_policies", {})):
            missing(f"The {kind} with name none cannot be found.", call, pattern=pattern, kind=kind, **gone, **more)
    equal(iam.get_policy(PolicyArn=arns[0])["Policy"]["AttachmentCount"], 3)
    who = iam.list_entities_for_policy(PolicyArn=arns[0])
    equal([[one[key] for one in who[what]] for what, key in
           (("PolicyUsers", "UserName"), ("PolicyGroups", "GroupName"), ("PolicyRoles", "RoleName"))], [["att"]] * 3)
    equal(iam.list_entities_for_policy(PolicyArn=arns[0], EntityFilter="Role")["PolicyUsers"], [])
    pages = list(iam.get_paginator("list_entities_for_policy").paginate(PolicyArn=arns[0], PaginationConfig={"PageSize": 1}))
    equal([sum(len(page[what]) for page in pages) for what in ("PolicyUsers", "PolicyGroups", "PolicyRoles")], [1, 1, 1])
    equal(len(pages), 3)
    for kind, facts in KINDS.items():
        for one in arns[:10]:
            call("detach_{}_policy", kind, **{facts["name"]: "att"}, PolicyArn=one)
        drop(kind, "att")
    for one in arns:
        iam.delete_policy(PolicyArn=one)


@suite.case
def boundaries():
    made = policy("bound")
    none = arn("policy", "none")
    for kind in ("user", "role"):
        name = {KINDS[kind]["name"]: "bo"}
        equal(make(kind, "bo", PermissionsBoundary=READ)["PermissionsBoundary"],
              {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": READ})
        call("put_{}_permissions_boundary", kind, **name, PermissionsBoundary=made["Arn"])
        title = KINDS[kind]["title"]
        equal(call("get_{}", kind, **name)[title]["PermissionsBoundary"]["PermissionsBoundaryArn"], made["Arn"])
        said("DeleteConflict", 409, "Cannot delete a policy attached to entities.", iam.delete_policy, PolicyArn=made["Arn"])
        equal(iam.get_policy(PolicyArn=made["Arn"])["Policy"]["PermissionsBoundaryUsageCount"], 1)
        held = iam.list_entities_for_policy(PolicyArn=made["Arn"], PolicyUsageFilter="PermissionsBoundary")
        equal([one[KINDS[kind]["name"]] for one in held[f"Policy{title}s"]], ["bo"])
        call("delete_{}_permissions_boundary", kind, **name)
        equal("PermissionsBoundary" in call("get_{}", kind, **name)[title], False)
        missing(f"Scope ARN: {none} does not exist or is not attachable.", call, pattern="put_{}_permissions_boundary",
                kind=kind, **name, PermissionsBoundary=none)
        drop(kind, "bo")
        missing(f"The {kind} with name bo cannot be found.", call, pattern="put_{}_permissions_boundary", kind=kind, **name,
                PermissionsBoundary=READ)
        missing(f"The {kind} with name bo cannot be found.", call, pattern="delete_{}_permissions_boundary", kind=kind, **name)
    iam.delete_policy(PolicyArn=made["Arn"])


@suite.case
def tags():
    for kind in ("user", "role"):
        name = {KINDS[kind]["name"]: "tagged"}
        made = make(kind, "tagged", Tags=[{"Key": "Team", "Value": "blue"}])
        equal(made["Tags"], [{"Key": "Team", "Value": "blue"}])
        call("tag_{}", kind, **name, Tags=[{"Key": "team", "Value": "red"}, {"Key": "Cost", "Value": ""}])
        told = all_pages(lambda kind=kind, **kw: call("list_{}_tags", kind, **kw), "Tags", 2, **name)
        equal({t["Key"].lower(): t["Value"] for t in told}, {"team": "red", "cost": ""})
        call("untag_{}", kind, **name, TagKeys=["Team", "nothing"])
        equal([t["Key"] for t in call("list_{}_tags", kind, **name)["Tags"]], ["Cost"])
        said("InvalidInput", 400, "Duplicate tag keys found. Please note that Tag keys are case insensitive.", call,
             pattern="tag_{}", kind=kind, **name, Tags=[{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}])
        said("LimitExceeded", 409, "The number of tags has reached the maximum limit.", call, pattern="tag_{}", kind=kind,
             **name, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)])
        drop(kind, "tagged")
        for pattern, more in (("tag_{}", {"Tags": [{"Key": "a", "Value": ""}]}), ("untag_{}", {"TagKeys": ["a"]}),
                              ("list_{}_tags", {})):
            missing(f"The {kind} with name tagged cannot be found.", call, pattern=pattern, kind=kind, **name, **more)


@suite.case
def access_keys():
    make("user", "keys")
    who = {"UserName": "keys"}
    first, second = (iam.create_access_key(**who)["AccessKey"] for _ in range(2))
    assert re.fullmatch("AKIA[A-Z2-7]{16}", first["AccessKeyId"]) and len(first["SecretAccessKey"]) == 40, first
    said("LimitExceeded", 409, "Cannot exceed quota for AccessKeysPerUser: 2", iam.create_access_key, **who)
    told = all_pages(iam.list_access_keys, "AccessKeyMetadata", 2, **who)
    equal([(k["AccessKeyId"], k["Status"]) for k in told],
          [(first["AccessKeyId"], "Active"), (second["AccessKeyId"], "Active")])
    used = iam.get_access_key_last_used(AccessKeyId=first["AccessKeyId"])
    equal((used["UserName"], used["AccessKeyLastUsed"]), ("keys", {"ServiceName": "N/A", "Region": "N/A"}))
    sts = client("sts", server, key=first["AccessKeyId"], secret=first["SecretAccessKey"])
    equal(sts.get_caller_identity()["Arn"], arn("user", "keys"))
    used = iam.get_access_key_last_used(AccessKeyId=first["AccessKeyId"])["AccessKeyLastUsed"]
    equal((used["ServiceName"], used["Region"]), ("sts", "us-east-1"))
    iam.update_access_key(**who, AccessKeyId=first["AccessKeyId"], Status="Inactive")
    said("InvalidClientTokenId", 403, "The security token included in the request is invalid.", sts.get_caller_identity)
    iam.update_access_key(**who, AccessKeyId=first["AccessKeyId"], Status="Active")
    sts.get_caller_identity()
    said("DeleteConflict", 409, "Cannot delete entity, must delete access keys first.", iam.delete_user, **who)
    for key in (first, second):
        iam.delete_access_key(**who, AccessKeyId=key["AccessKeyId"])
    gone = {"AccessKeyId": first["AccessKeyId"]}
    text = f"The Access Key with id {first['AccessKeyId']} cannot be found."
    missing(text, iam.delete_access_key, **who, **gone)
    missing(text, iam.update_access_key, **who, **gone, Status="Active")
    drop("user", "keys")
    for method, more in ((iam.create_access_key, {}), (iam.list_access_keys, {}), (iam.delete_access_key, gone),
                         (iam.update_access_key, {**gone, "Status": "Active"})):
        missing("The user with name keys cannot be found.", method, **who, **more)
    # Without a name the caller is meant.
    equal(iam.get_user()["User"]["UserName"], "boss")
    equal([k["UserName"] for k in iam.list_access_keys()["AccessKeyMetadata"]], ["boss"])
    mine = iam.create_access_key()["AccessKey"]
    equal(mine["UserName"], "boss")
    iam.delete_access_key(AccessKeyId=mine["AccessKeyId"])


@suite.case
def service_credentials():
    said("NotSupportedService", 404, "Service ses.amazonaws.com is not supported.", iam.create_service_specific_credential,
         UserName="boss", ServiceName="ses.amazonaws.com")
    missing("The user with name none cannot be found.", iam.create_service_specific_credential, UserName="none",
            ServiceName="ses.amazonaws.com")
    equal(iam.list_service_specific_credentials(UserName="boss")["ServiceSpecificCredentials"], [])
    said("NotSupportedService", 404, "Service ses.amazonaws.com is not supported.", iam.list_service_specific_credentials,
         ServiceName="ses.amazonaws.com")
    missing("The user with name none cannot be found.", iam.list_service_specific_credentials, UserName="none")


PARTS = {"User": "UserDetailList", "Group": "GroupDetailList", "Role": "RoleDetailList", "LocalManagedPolicy": "Policies"}


def details(**kwargs):
    """All that the account holds, in pages of one."""
    out = {what: [] for what in PARTS.values()}
    for page in iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 1}, **kwargs):
        equal(sum(len(page[what]) for what in out) <= 1, True)
        for what, held in out.items():
            held += page[what]
    return out


@suite.case
def the_account_as_a_whole():
    summary = iam.get_account_summary()["SummaryMap"]
    equal((summary["Users"], summary["Groups"], summary["Roles"], summary["Policies"]), (1, 0, 0, 0))
    equal((summary["AccessKeysPerUserQuota"], summary["UsersQuota"]), (2, 5000))
    make("user", "whole")
    make("group", "whole")
    make("role", "whole")
    made = policy("whole")
    iam.put_user_policy(UserName="whole", PolicyName="p", PolicyDocument=SEND_TEXT)
    iam.add_user_to_group(GroupName="whole", UserName="whole")
    iam.attach_role_policy(RoleName="whole", PolicyArn=made["Arn"])
    told = details()
    user = [u for u in told["UserDetailList"] if u["UserName"] == "whole"][0]
    equal((user["UserPolicyList"], user["GroupList"]), ([{"PolicyName": "p", "PolicyDocument": SEND}], ["whole"]))
    role = told["RoleDetailList"][0]
    equal((role["AttachedManagedPolicies"], role["AssumeRolePolicyDocument"]),
          ([{"PolicyName": "whole", "PolicyArn": made["Arn"]}], TRUST))
    names = [p["PolicyName"] for p in told["Policies"]]
    equal(names, ["whole", "AdministratorAccess", "AmazonSESFullAccess", "AmazonSESReadOnlyAccess"])
    equal(told["Policies"][0]["PolicyVersionList"][0]["Document"], SEND)
    for part, what in PARTS.items():
        only = details(Filter=[part])
        equal([other for other, held in only.items() if held], [what])
    iam.detach_role_policy(RoleName="whole", PolicyArn=made["Arn"])
    iam.remove_user_from_group(GroupName="whole", UserName="whole")
    iam.delete_user_policy(UserName="whole", PolicyName="p")
    for kind in KINDS:
        drop(kind, "whole")
    iam.delete_policy(PolicyArn=made["Arn"])


@suite.case
def what_terraform_does_leaves_nothing():
    before = details()
    where = {"UserName": "tf"}
    iam.create_user(**where, Path="/tf/", Tags=[{"Key": "by", "Value": "terraform"}])
    iam.get_user(**where)
    key = iam.create_access_key(**where)["AccessKey"]
    made = policy("tf-send", Path="/tf/")
    iam.attach_user_policy(**where, PolicyArn=made["Arn"])
    iam.put_user_policy(**where, PolicyName="tf-inline", PolicyDocument=SEND_TEXT)
    # Refresh.
    equal(iam.list_attached_user_policies(**where)["AttachedPolicies"], [{"PolicyName": "tf-send", "PolicyArn": made["Arn"]}])
    version = iam.get_policy(PolicyArn=made["Arn"])["Policy"]["DefaultVersionId"]
    equal(iam.get_policy_version(PolicyArn=made["Arn"], VersionId=version)["PolicyVersion"]["Document"], SEND)
    # Changed.
    iam.create_policy_version(PolicyArn=made["Arn"], PolicyDocument=SEND_TEXT.replace("SendEmail", "Send*"), SetAsDefault=True)
    iam.update_user(**where, NewUserName="tf2", NewPath="/tf2/")
    where = {"UserName": "tf2"}
    iam.tag_user(**where, Tags=[{"Key": "by", "Value": "hand"}])
    iam.untag_user(**where, TagKeys=["by"])
    iam.update_access_key(**where, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    # Destroyed, as the provider's delete with force_destroy does.
    iam.detach_user_policy(**where, PolicyArn=made["Arn"])
    for name in iam.list_user_policies(**where)["PolicyNames"]:
        iam.delete_user_policy(**where, PolicyName=name)
    for held in iam.list_access_keys(**where)["AccessKeyMetadata"]:
        iam.delete_access_key(**where, AccessKeyId=held["AccessKeyId"])
    equal(iam.list_groups_for_user(**where)["Groups"], [])
    iam.delete_user(**where)
    for held in iam.list_policy_versions(PolicyArn=made["Arn"])["Versions"]:
        if not held["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=made["Arn"], VersionId=held["VersionId"])
    iam.delete_policy(PolicyArn=made["Arn"])
    equal(details(), before)


def simulate(method, actions, **kwargs):
    return method(ActionNames=actions, **kwargs)["EvaluationResults"]


@suite.case
def simulated_custom_policies():
    one = simulate(iam.simulate_custom_policy, ["ses:SendEmail", "ses:GetAccount"], PolicyInputList=[SEND_TEXT])
    equal([(r["EvalActionName"], r["EvalDecision"], r["EvalResourceName"]) for r in one],
          [("ses:SendEmail", "allowed", "*"), ("ses:GetAccount", "implicitDeny", "*")])
    statement = one[0]["MatchedStatements"][0]
    equal((statement["SourcePolicyId"], statement["StartPosition"]["Line"]), ("PolicyInputList.1", 4))
    paged = all_pages(iam.simulate_custom_policy, "EvaluationResults", 4, PolicyInputList=[SEND_TEXT],
                      ActionNames=["ses:SendEmail", "ses:GetAccount"], ResourceArns=["arn:aws:ses:::a", "arn:aws:ses:::b"])
    equal([r["EvalDecision"] for r in paged], ["allowed", "allowed", "implicitDeny", "implicitDeny"])
    equal(paged[1]["ResourceSpecificResults"][0]["EvalResourceName"], "arn:aws:ses:::b")
    conditional = json.dumps(document({**SEND["Statement"][0], "Condition": {"StringEquals": {"ses:FromAddress": "a@x.y"}}}))
    one = simulate(iam.simulate_custom_policy, ["ses:SendEmail"], PolicyInputList=[conditional])[0]
    equal((one["EvalDecision"], one["MissingContextValues"]), ("implicitDeny", ["ses:FromAddress"]))
    one = simulate(iam.simulate_custom_policy, ["ses:SendEmail"], PolicyInputList=[conditional], ContextEntries=[
        {"ContextKeyName": "ses:FromAddress", "ContextKeyValues": ["a@x.y"], "ContextKeyType": "string"}])[0]
    equal((one["EvalDecision"], one["MissingContextValues"]), ("allowed", []))
    one = simulate(iam.simulate_custom_policy, ["ses:SendEmail"], PolicyInputList=[SEND_TEXT],
                   PermissionsBoundaryPolicyInputList=[SEND_TEXT.replace("SendEmail", "Get*")])[0]
    equal((one["EvalDecision"], one["PermissionsBoundaryDecisionDetail"]),
          ("implicitDeny", {"AllowedByPermissionsBoundary": False}))
    asked = {"PolicyInputList": [SEND_TEXT], "ActionNames": ["ses:SendEmail"]}
    for more, why in (({"ActionNames": ["SendEmail"]}, "Invalid action: SendEmail"),
                      ({"PolicyInputList": ["{"]}, "Invalid policy document PolicyInputList.1: Syntax errors in policy. "
                                                   "The document is not valid JSON."),
                      ({"ResourcePolicy": TRUST_TEXT}, "CallerArn is required if you include a ResourcePolicy.")):
        said("InvalidInput", 400, why, iam.simulate_custom_policy, **{**asked, **more})


@suite.case
def simulated_principals():
    sim = User(server, "sim", {"Effect": "Allow", "Action": "ses:Send*", "Resource": "*"},
               {"Effect": "Deny", "Action": "ses:SendRawEmail", "Resource": "*", "Condition": {"StringNotEquals": {
                   "ses:FromAddress": "news@example.com"}}})
    entry = {"ContextKeyName": "ses:FromAddress", "ContextKeyValues": ["shop@example.com"], "ContextKeyType": "string"}
    asked = {"PolicySourceArn": sim.arn, "ContextEntries": [entry]}
    told = simulate(iam.simulate_principal_policy, ["ses:SendEmail", "ses:SendRawEmail", "ses:GetAccount"], **asked)
    equal([r["EvalDecision"] for r in told], ["allowed", "explicitDeny", "implicitDeny"])
    equal([(s["SourcePolicyId"], s["SourcePolicyType"]) for s in told[1]["MatchedStatements"]], [("user_sim_test", "user")])
    more = json.dumps(document({"Effect": "Allow", "Action": "ses:GetAccount", "Resource": "*"}))
    told = simulate(iam.simulate_principal_policy, ["ses:GetAccount"], **asked, PolicyInputList=[more])
    equal(told[0]["EvalDecision"], "allowed")
    iam.attach_user_policy(UserName="sim", PolicyArn=READ)
    told = simulate(iam.simulate_principal_policy, ["ses:GetAccount"], **asked)[0]
    equal((told["EvalDecision"], told["MatchedStatements"][0]["SourcePolicyId"]), ("allowed", "AmazonSESReadOnlyAccess"))
    # As the real call has it.
    client("sesv2", server, **sim.credentials).get_account()
    missing("The user with name none cannot be found.", iam.simulate_principal_policy, PolicySourceArn=arn("user", "none"),
            ActionNames=["ses:SendEmail"])
    said("InvalidInput", 400, "Invalid Entity Arn: arn:aws:iam::000000000000:root does not clearly define entity type and "
         "name.", iam.simulate_principal_policy, PolicySourceArn="arn:aws:iam::000000000000:root", ActionNames=["ses:SendEmail"])
    make("group", "simulated")
    iam.attach_group_policy(GroupName="simulated", PolicyArn=READ)
    told = simulate(iam.simulate_principal_policy, ["ses:GetAccount"], PolicySourceArn=arn("group", "simulated"))
    equal(told[0]["EvalDecision"], "allowed")


@suite.case
def simulated_is_as_it_will_be():
    """Policies of chance: what simulation says of a call is what becomes of it."""
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    who = User(server, "chance")
    v2, own = client("sesv2", server, **who.credentials), client("iam", server, **who.credentials)
    calls = {"ses:GetAccount": (v2.get_account, "*"), "ses:ListEmailIdentities": (v2.list_email_identities, "*"),
             "ses:ListContactLists": (v2.list_contact_lists, "*"), "iam:ListUsers": (own.list_users, "*"),
             "iam:GetUser": (own.get_user, who.arn), "iam:ListAccessKeys": (own.list_access_keys, who.arn)}
    known = {"ses:ApiVersion": "2", "aws:SourceIp": "127.0.0.1", "aws:SecureTransport": "false"}
    conditions = [{}, {"StringEquals": {"ses:ApiVersion": "2"}}, {"StringEquals": {"ses:ApiVersion": "1"}},
                  {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, {"Bool": {"aws:SecureTransport": "true"}},
                  {"StringLike": {"aws:username": "ch*"}}, {"Null": {"ses:FromAddress": "true"}},
                  {"StringEquals": {"aws:PrincipalTag/team": "blue"}}]
    entries = [{"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
               for key, value in known.items()]

    def statement():
        condition = chance.choice(conditions)
        return {"Effect": chance.choice(("Allow", "Allow", "Allow", "Deny")),
                "Action" if chance.random() < 0.8 else "NotAction": chance.choice(
                    ("*", "ses:*", "ses:List*", "ses:Get*", "iam:*", ["iam:GetUser", "ses:GetAccount"])),
                "Resource" if chance.random() < 0.8 else "NotResource": chance.choice(
                    ("*", who.arn, "arn:aws:iam::*:user/*", "arn:aws:iam::*:user/${aws:username}")),
                **({"Condition": condition} if condition else {})}
    seen = set()
    for _ in range(40):
        who.allow(*[statement() for _ in range(chance.randint(1, 3))])
        for action, (method, where) in calls.items():
            # Of the version of SES's API calls of IAM know nothing.
            told = simulate(iam.simulate_principal_policy, [action], PolicySourceArn=who.arn, ResourceArns=[where],
                            ContextEntries=entries if action.startswith("ses:") else entries[1:])[0]["EvalDecision"]
            try:
                method()
                real = "allowed"
            except ClientError as error:
                text = error.response["Error"]["Message"]
                real = "explicitDeny" if "explicit deny" in text else "implicitDeny"
            equal(told, real, f"{action} (seed {seed})")
            seen.add(real)
    equal(seen, {"allowed", "explicitDeny", "implicitDeny"})


@suite.case
def every_operation_was_there():
    model = json.loads((pathlib.Path(__file__).parents[2] / "model/iam-service.json").read_text(encoding="utf-8"))
    equal(sorted(set(model["operations"]) - done), ["CreateServiceSpecificCredential"])


suite.add("the server stops in order", lambda: server.__exit__(None, None, None))
if __name__ == "__main__":
    suite.main()
