"""The modelled errors of v1's receipt rule sets, rules and IP filters (handbook SEMANTICS §22)."""

from sdk.errors_audit import Table

table = Table("ses")
row = table.row

STOP = {"StopAction": {"Scope": "RuleSet"}}
HEADER = {"AddHeaderAction": {"HeaderName": "X-Kept", "HeaderValue": "yes"}}
NO_SET, NO_RULE = "Rule set does not exist: gone", "Rule does not exist: gone"


def rule(name, *actions):
    return {"Rule": {"Name": name, "Actions": list(actions or [STOP])}}


def cidr(name, block="10.0.0.1"):
    return {"Filter": {"Name": name, "IpFilter": {"Policy": "Block", "Cidr": block}}}


def one_set(world, *rules):
    world.v1.create_receipt_rule_set(RuleSetName="set")
    for name in rules or ("first",):
        world.v1.create_receipt_rule(RuleSetName="set", **rule(name))


def active_set(world):
    one_set(world)
    world.v1.set_active_receipt_rule_set(RuleSetName="set")


def forty_sets(world):
    one_set(world)
    for n in range(39):
        world.v1.create_receipt_rule_set(RuleSetName=f"s{n}")


def two_hundred_rules(world):
    one_set(world, *(f"r{n}" for n in range(200)))


def hundred_filters(world):
    for n in range(100):
        world.v1.create_receipt_filter(**cidr(f"f{n}"))


SET = {"RuleSetName": "set"}
for operation, more in {
        "CreateReceiptRule": rule("new"), "UpdateReceiptRule": rule("first"), "DescribeReceiptRuleSet": {},
        "DeleteReceiptRule": {"RuleName": "first"}, "DescribeReceiptRule": {"RuleName": "first"},
        "SetReceiptRulePosition": {"RuleName": "first"}, "ReorderReceiptRuleSet": {"RuleNames": ["first"]},
        "SetActiveReceiptRuleSet": {},
}.items():
    row(operation, "RuleSetDoesNotExistException", NO_SET, RuleSetName="gone", **more)
row("CloneReceiptRuleSet", "RuleSetDoesNotExistException", NO_SET, RuleSetName="new", OriginalRuleSetName="gone")
for operation, more in {
        "CreateReceiptRule": {**rule("new"), "After": "gone"}, "UpdateReceiptRule": rule("gone"),
        "DescribeReceiptRule": {"RuleName": "gone"}, "SetReceiptRulePosition": {"RuleName": "gone"},
        "ReorderReceiptRuleSet": {"RuleNames": ["first", "gone"]},
}.items():
    row(operation, "RuleDoesNotExistException", NO_RULE, given=one_set, **SET, **more)

row("CreateReceiptRuleSet", "AlreadyExistsException", "Rule set already exists: set", given=one_set, **SET)
row("CloneReceiptRuleSet", "AlreadyExistsException", "Rule set already exists: set", given=one_set, **SET,
    OriginalRuleSetName="set")
row("CreateReceiptRule", "AlreadyExistsException", "Rule already exists: first", given=one_set, **SET, **rule("first"))
row("CreateReceiptFilter", "AlreadyExistsException", "Filter already exists: f",
    given=lambda w: w.v1.create_receipt_filter(**cidr("f")), **cidr("f"))
row("DeleteReceiptRuleSet", "CannotDeleteException", "Cannot delete active rule set: set", given=active_set, **SET)

row("CreateReceiptRuleSet", "LimitExceededException", "Too many rule sets", given=forty_sets, RuleSetName="more")
row("CloneReceiptRuleSet", "LimitExceededException", "Too many rule sets", given=forty_sets, RuleSetName="more",
    OriginalRuleSetName="set")
row("CreateReceiptRule", "LimitExceededException", "Too many rules", given=two_hundred_rules, **SET, **rule("more"))
row("UpdateReceiptRule", "LimitExceededException", "Too many actions", given=one_set, **SET, **rule("first", *[HEADER] * 11))
row("CreateReceiptFilter", "LimitExceededException", "Too many filters", given=hundred_filters, **cidr("more"))

for operation, name in (("CreateReceiptRule", "new"), ("UpdateReceiptRule", "first")):
    for error, text, action in (
            ("InvalidSnsTopicException", "Invalid SNS topic: topic", {"SNSAction": {"TopicArn": "topic"}}),
            ("InvalidS3ConfigurationException", "Unable to use AWS KMS key: arn:aws:kms:key",
             {"S3Action": {"BucketName": "b", "KmsKeyArn": "arn:aws:kms:key"}}),
            ("InvalidLambdaFunctionException", "Invalid Lambda function: f", {"LambdaAction": {"FunctionArn": "f"}})):
        row(operation, error, text, given=one_set, **SET, **rule(name, action))
