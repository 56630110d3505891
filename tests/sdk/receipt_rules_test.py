"""Receipt rule sets, rules and IP filters by boto3: each of the 16 operations, and each of their errors."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.cases import Suite, equal  # noqa: E402
from harness.server import Sesame  # noqa: E402
from sdk.clients import client, refused  # noqa: E402

suite = Suite("receipt_rules")
server = Sesame().start()
ses = client("ses", server)

TOPIC = "arn:aws:sns:us-east-1:123456789012:topic"
STOP = {"StopAction": {"Scope": "RuleSet"}}


def case(function):
    """A case that finds a server that knows nothing."""
    def run():
        server.reset()
        function()
    suite.add(function.__name__, run)
    return function


def rule(name, *actions, **more):
    return {"Name": name, "Actions": list(actions or [STOP]), **more}


def make(set_name="set", *names):
    ses.create_receipt_rule_set(RuleSetName=set_name)
    for name in reversed(names):
        ses.create_receipt_rule(RuleSetName=set_name, Rule=rule(name))


def order(set_name="set"):
    return [r["Name"] for r in ses.describe_receipt_rule_set(RuleSetName=set_name)["Rules"]]


@case
def a_rule_is_described_as_it_was_given():
    ses.verify_domain_identity(Domain="example.com")
    make()
    given = rule("all",
                 {"AddHeaderAction": {"HeaderName": "X-Kept", "HeaderValue": "a & b = c"}},
                 {"SNSAction": {"TopicArn": TOPIC}},
                 {"BounceAction": {"SmtpReplyCode": "550", "StatusCode": "5.1.1", "Message": "No such mailbox",
                                   "Sender": "bounce@example.com", "TopicArn": TOPIC}},
                 STOP, Enabled=True, ScanEnabled=True, TlsPolicy="Require",
                 Recipients=["a@example.com", ".example.com"])
    ses.create_receipt_rule(RuleSetName="set", Rule=given)
    given["Actions"][1]["SNSAction"]["Encoding"] = "UTF-8"
    equal(ses.describe_receipt_rule(RuleSetName="set", RuleName="all")["Rule"], given, "rule")
    described = ses.describe_receipt_rule_set(RuleSetName="set")
    equal(described["Rules"], [given], "rules")
    equal(described["Metadata"]["Name"], "set", "set")

    ses.update_receipt_rule(RuleSetName="set", Rule=rule("all"))
    equal(ses.describe_receipt_rule(RuleSetName="set", RuleName="all")["Rule"],
          {"Name": "all", "Enabled": False, "TlsPolicy": "Optional", "Actions": [STOP], "ScanEnabled": False},
          "replaced")
    ses.delete_receipt_rule(RuleSetName="set", RuleName="all")
    ses.delete_receipt_rule(RuleSetName="set", RuleName="all")
    equal(order(), [], "no rules")


@case
def rules_move():
    make("set", "a", "b", "c")
    equal(order(), ["a", "b", "c"], "made")
    ses.create_receipt_rule(RuleSetName="set", Rule=rule("d"), After="b")
    equal(order(), ["a", "b", "d", "c"], "after")
    ses.set_receipt_rule_position(RuleSetName="set", RuleName="c")
    equal(order(), ["c", "a", "b", "d"], "first")
    ses.set_receipt_rule_position(RuleSetName="set", RuleName="c", After="b")
    equal(order(), ["a", "b", "c", "d"], "after b")
    ses.reorder_receipt_rule_set(RuleSetName="set", RuleNames=["d", "c", "b", "a"])
    equal(order(), ["d", "c", "b", "a"], "reordered")
    refused(ses.reorder_receipt_rule_set, "InvalidParameterValue", "Positions for rules not found: b, a",
            RuleSetName="set", RuleNames=["d", "c"])
    refused(ses.reorder_receipt_rule_set, "InvalidParameterValue", "Multiple positions found for rule: d",
            RuleSetName="set", RuleNames=["d", "d", "c", "b", "a"])
    refused(ses.reorder_receipt_rule_set, "RuleDoesNotExist", "Rule does not exist: e",
            RuleSetName="set", RuleNames=["d", "c", "b", "a", "e"])
    refused(ses.reorder_receipt_rule_set, "RuleSetDoesNotExist", "Rule set does not exist: gone",
            RuleSetName="gone", RuleNames=["d"])


@case
def one_rule_set_is_active():
    equal("Rules" in ses.describe_active_receipt_rule_set(), False, "none is")
    make("set", "a")
    ses.set_active_receipt_rule_set(RuleSetName="set")
    active = ses.describe_active_receipt_rule_set()
    equal(active["Metadata"]["Name"], "set", "active")
    equal([r["Name"] for r in active["Rules"]], ["a"], "its rules")
    answer = refused(ses.delete_receipt_rule_set, "CannotDelete", "Cannot delete active rule set: set",
                     RuleSetName="set")
    equal(answer.response["Error"].get("Name", answer.response.get("Name")), "set", "the name beside it")
    refused(ses.set_active_receipt_rule_set, "RuleSetDoesNotExist", "Rule set does not exist: gone",
            RuleSetName="gone")
    ses.set_active_receipt_rule_set()
    equal("Metadata" in ses.describe_active_receipt_rule_set(), False, "none is again")
    ses.delete_receipt_rule_set(RuleSetName="set")
    ses.delete_receipt_rule_set(RuleSetName="set")
    refused(ses.describe_receipt_rule_set, "RuleSetDoesNotExist", "Rule set does not exist: set", RuleSetName="set")


@case
def sets_are_cloned_and_listed_in_pages():
    make("original", "a", "b")
    ses.clone_receipt_rule_set(RuleSetName="copy", OriginalRuleSetName="original")
    equal(order("copy"), ["a", "b"], "copied")
    refused(ses.clone_receipt_rule_set, "AlreadyExists", "Rule set already exists: copy",
            RuleSetName="copy", OriginalRuleSetName="gone")
    refused(ses.clone_receipt_rule_set, "RuleSetDoesNotExist", "Rule set does not exist: gone",
            RuleSetName="new", OriginalRuleSetName="gone")
    refused(ses.create_receipt_rule_set, "AlreadyExists", "Rule set already exists: copy", RuleSetName="copy")
    equal([s["Name"] for s in ses.list_receipt_rule_sets()["RuleSets"]], ["copy", "original"], "listed")
    refused(ses.list_receipt_rule_sets, "InvalidParameterValue", "Invalid page token: x", NextToken="x")


@case
def limits_hold():
    for n in range(40):
        ses.create_receipt_rule_set(RuleSetName=f"s{n}")
    refused(ses.create_receipt_rule_set, "LimitExceeded", "Too many rule sets", RuleSetName="one-more")
    refused(ses.clone_receipt_rule_set, "LimitExceeded", "Too many rule sets",
            RuleSetName="one-more", OriginalRuleSetName="s1")
    for n in range(200):
        ses.create_receipt_rule(RuleSetName="s0", Rule=rule(f"r{n}"))
    refused(ses.create_receipt_rule, "LimitExceeded", "Too many rules", RuleSetName="s0", Rule=rule("more"))
    header = {"AddHeaderAction": {"HeaderName": "X", "HeaderValue": "y"}}
    ses.create_receipt_rule(RuleSetName="s1", Rule=rule("ten", *[header] * 10))
    for operation in (ses.create_receipt_rule, ses.update_receipt_rule):
        name = "eleven" if operation == ses.create_receipt_rule else "ten"
        refused(operation, "LimitExceeded", "Too many actions", RuleSetName="s1", Rule=rule(name, *[header] * 11))
    for n in range(100):
        ses.create_receipt_filter(Filter={"Name": f"f{n}", "IpFilter": {"Policy": "Block", "Cidr": f"10.0.0.{n}"}})
    refused(ses.create_receipt_filter, "LimitExceeded", "Too many filters",
            Filter={"Name": "more", "IpFilter": {"Policy": "Block", "Cidr": "10.0.0.0/8"}})


@case
def filters_are_kept_by_name():
    for name, policy, cidr in (("b", "Allow", "192.0.2.0/24"), ("a", "Block", "0.0.0.0/0")):
        ses.create_receipt_filter(Filter={"Name": name, "IpFilter": {"Policy": policy, "Cidr": cidr}})
    equal(ses.list_receipt_filters()["Filters"],
          [{"Name": "a", "IpFilter": {"Policy": "Block", "Cidr": "0.0.0.0/0"}},
           {"Name": "b", "IpFilter": {"Policy": "Allow", "Cidr": "192.0.2.0/24"}}], "filters")
    refused(ses.create_receipt_filter, "AlreadyExists", "Filter already exists: a",
            Filter={"Name": "a", "IpFilter": {"Policy": "Block", "Cidr": "::/0"}})
    refused(ses.create_receipt_filter, "InvalidParameterValue", "Invalid CIDR block: 10.0.0.0/40",
            Filter={"Name": "c", "IpFilter": {"Policy": "Block", "Cidr": "10.0.0.0/40"}})
    refused(ses.create_receipt_filter, "ValidationError",
            "1 validation error detected: Value at 'filter.ipFilter.policy' failed to satisfy constraint: "
            "Member must satisfy enum value set: [Allow, Block]",
            Filter={"Name": "c", "IpFilter": {"Policy": "Perhaps", "Cidr": "10.0.0.1"}})
    ses.delete_receipt_filter(FilterName="a")
    ses.delete_receipt_filter(FilterName="a")
    equal([f["Name"] for f in ses.list_receipt_filters()["Filters"]], ["b"], "one left")


@case
def names_are_checked():
    refused(ses.create_receipt_rule_set, "ValidationError",
            "1 validation error detected: Value at 'ruleSetName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: ^[a-zA-Z0-9_.-]+$", RuleSetName="a b")
    for name in ("-a", "a" * 65):
        refused(ses.create_receipt_rule_set, "InvalidParameterValue", f"Not a valid ruleSetName: {name}",
                RuleSetName=name)
    make()
    for name in ("a.", "a" * 65):
        refused(ses.create_receipt_rule, "InvalidParameterValue", f"Not a valid ruleName: {name}",
                RuleSetName="set", Rule=rule(name))


@case
def each_fault_of_a_rule_is_told():
    make("set", "a")
    for operation, name in ((ses.create_receipt_rule, "new"), (ses.update_receipt_rule, "a")):
        def fails(code, text, *actions):
            refused(operation, code, text, RuleSetName="set", Rule=rule(name, *actions))
        fails("InvalidParameterValue", "Stop action, if any, must be placed at the end of the actions list", STOP, STOP)
        fails("InvalidParameterValue", "Invalid header name: a:b",
              {"AddHeaderAction": {"HeaderName": "a:b", "HeaderValue": "v"}})
        fails("InvalidSnsTopic", "Invalid SNS topic: topic", {"SNSAction": {"TopicArn": "topic"}})
        fails("InvalidParameterValue", "Bucket name must not be empty", {"S3Action": {"BucketName": ""}})
        fails("InvalidS3Configuration", "Unable to use AWS KMS key: arn:aws:kms:key",
              {"S3Action": {"BucketName": "b", "KmsKeyArn": "arn:aws:kms:key"}})
        fails("InvalidLambdaFunction", "Invalid Lambda function: f", {"LambdaAction": {"FunctionArn": "f"}})
        fails("InvalidParameterValue", "Invalid SMTP reply code: 999", {
            "BounceAction": {"SmtpReplyCode": "999", "Message": "m", "Sender": "a@example.com"}})
        fails("InvalidParameterValue", "Identity is not verified: a@unverified.example", {
            "BounceAction": {"SmtpReplyCode": "550", "Message": "m", "Sender": "a@unverified.example"}})
        refused(operation, "RuleSetDoesNotExist", "Rule set does not exist: gone", RuleSetName="gone", Rule=rule(name))
    refused(ses.create_receipt_rule, "AlreadyExists", "Rule already exists: a", RuleSetName="set", Rule=rule("a"))
    refused(ses.create_receipt_rule, "RuleDoesNotExist", "Rule does not exist: gone",
            RuleSetName="set", Rule=rule("new"), After="gone")
    refused(ses.update_receipt_rule, "RuleDoesNotExist", "Rule does not exist: new", RuleSetName="set",
            Rule=rule("new"))
    for operation in (ses.describe_receipt_rule, ses.set_receipt_rule_position):
        refused(operation, "RuleDoesNotExist", "Rule does not exist: gone", RuleSetName="set", RuleName="gone")
        refused(operation, "RuleSetDoesNotExist", "Rule set does not exist: gone", RuleSetName="gone", RuleName="a")
    refused(ses.delete_receipt_rule, "RuleSetDoesNotExist", "Rule set does not exist: gone",
            RuleSetName="gone", RuleName="a")


suite.main()
