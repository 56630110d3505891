"""The modelled errors of SES v2: what provokes each, and SES's words (handbook SEMANTICS §4 to §8, §13 to §17, §24, §25)."""

from sdk.errors_audit import Table, built, labels
from sdk.errors_world import ARN, CERTIFICATE, CUSTOM, SIMPLE, TOPIC, policy

table = Table("sesv2")
row = table.row
BAD, MISSING, TAKEN = "BadRequestException", "NotFoundException", "AlreadyExistsException"
FULL = "LimitExceededException"


def broken(path, constraint):
    return f"1 validation error detected: Value at '{path}' failed to satisfy constraint: {constraint}"


def enum(*values):
    return f"Member must satisfy enum value set: [{', '.join(values)}]"


# Configuration sets.

NO_SET = "Configuration set <gone> does not exist."
BAD_SET = "Invalid configuration set name <a b>: only alphanumeric ASCII characters, '_', and '-' are allowed."
NOBODY, ONE, BAD_NAME = ({"ConfigurationSetName": name} for name in ("gone", "one", "a b"))
TARGET = {"EventDestination": {"MatchingEventTypes": ["SEND"], "SnsDestination": {"TopicArn": TOPIC}}}

row("CreateConfigurationSet", TAKEN, "Configuration set <one> already exists.", **ONE)
row("CreateConfigurationSet", BAD, BAD_SET, **BAD_NAME)
row("CreateConfigurationSet", FULL, "The number of configuration sets exceeds the maximum of 10000.", at="full",
    ConfigurationSetName="more")
for operation, more in {
        "DeleteConfigurationSet": {}, "GetConfigurationSet": {}, "GetConfigurationSetEventDestinations": {},
        "PutConfigurationSetArchivingOptions": {}, "PutConfigurationSetReputationOptions": {},
        "PutConfigurationSetSendingOptions": {}, "PutConfigurationSetVdmOptions": {}, "UpdateConfigurationSet": {},
        "DeleteConfigurationSetEventDestination": {"EventDestinationName": "topic"},
}.items():
    row(operation, MISSING, NO_SET, **NOBODY, **more)
    row(operation, BAD, BAD_SET, **BAD_NAME, **more)
for operation, text, more in (
        ("PutConfigurationSetDeliveryOptions", "SendingPool <mine> doesn't exist", {"SendingPoolName": "mine"}),
        ("PutConfigurationSetSuppressionOptions", "Reason SPAM is invalid, must be one of [BOUNCE, COMPLAINT].",
         {"SuppressedReasons": ["SPAM"]}),
        ("PutConfigurationSetTrackingOptions", "CustomRedirectDomain must be specified.", {"HttpsPolicy": "REQUIRE"}),
        ("CreateConfigurationSetEventDestination", "Event destination is not provided.",
         {"EventDestinationName": "new", "EventDestination": {"MatchingEventTypes": ["SEND"]}}),
        ("UpdateConfigurationSetEventDestination", "At least one event type must be specified.",
         {"EventDestinationName": "topic", "EventDestination": {**TARGET["EventDestination"], "MatchingEventTypes": []}}),
):
    named = {"EventDestinationName": "topic", **TARGET} if "EventDestination" in operation else {}
    row(operation, MISSING, NO_SET, **NOBODY, **named)
    row(operation, BAD, text, **ONE, **more)
row("CreateConfigurationSetEventDestination", TAKEN,
    "An event destination with name <topic> already exists for configuration set <one>.", **ONE,
    EventDestinationName="topic", **TARGET)
for operation, more in (("UpdateConfigurationSetEventDestination", TARGET), ("DeleteConfigurationSetEventDestination", {})):
    row(operation, MISSING, "An event destination with name <other> does not exist for configuration set <one>.", **ONE,
        EventDestinationName="other", **more)


def ten_destinations(world):
    for i in range(9):  # the standing world has one
        world.v2.create_configuration_set_event_destination(**ONE, EventDestinationName=f"d{i}", **TARGET)


row("CreateConfigurationSetEventDestination", FULL,
    "The number of event destinations of configuration set <one> exceeds the maximum of 10.", given=ten_destinations, **ONE,
    EventDestinationName="d10", **TARGET)

# Identities.

NONE, KNOWN = {"EmailIdentity": "none.example"}, {"EmailIdentity": "example.com"}
NO_IDENTITY, NO_BRACKETED = "Email identity none.example does not exist.", "Email identity <none.example> does not exist."

row("CreateEmailIdentity", TAKEN, "Email identity example.com already exist.", **KNOWN)
row("CreateEmailIdentity", MISSING, NO_SET, **NONE, **NOBODY)
row("CreateEmailIdentity", BAD, "The EmailIdentity value must be a valid domain.", EmailIdentity="a@none.example",
    DkimSigningAttributes={"NextSigningKeyLength": "RSA_1024_BIT"})
row("CreateEmailIdentity", FULL, "The number of identities exceeds the maximum of 10000.", at="full",
    EmailIdentity="more@a.example")
row("GetEmailIdentity", MISSING, NO_IDENTITY, **NONE)
row("DeleteEmailIdentity", MISSING, NO_IDENTITY, **NONE)


def certified(world):
    world.v2.associate_email_identity_certificate(**KNOWN, FromAddress="me@example.com", CertificateArn=CERTIFICATE)


row("DeleteEmailIdentity", BAD, f"Cannot delete <{ARN}identity/example.com> because it has certificates associated with it. "
    "Disassociate all certificates and try again.", given=certified, **KNOWN)
SENDER = {"FromAddress": "a@none.example"}
for operation, more in {"AssociateEmailIdentityCertificate": {**SENDER, "CertificateArn": CERTIFICATE},
                        "DisassociateEmailIdentityCertificate": SENDER, "ListEmailIdentityCertificates": {}}.items():
    row(operation, MISSING, NO_IDENTITY, **NONE, **more)
row("AssociateEmailIdentityCertificate", TAKEN,
    "A certificate is already associated with sender <me@example.com> on identity <example.com>.", given=certified, **KNOWN,
    FromAddress="me@example.com", CertificateArn=CERTIFICATE)
for operation, more in (("AssociateEmailIdentityCertificate", {"CertificateArn": CERTIFICATE}),
                        ("DisassociateEmailIdentityCertificate", {})):
    row(operation, BAD, "FromAddress is required when EmailIdentity is a domain.", **KNOWN, **more)
row("ListEmailIdentityCertificates", BAD, "Invalid NextToken.", **KNOWN, NextToken="x")

row("PutEmailIdentityConfigurationSetAttributes", MISSING, "Identity <none.example> does not exist.", **NONE, **ONE)
row("PutEmailIdentityDkimAttributes", BAD, "Domain none.example is not verified for DKIM signing.", **NONE, SigningEnabled=True)
row("PutEmailIdentityDkimSigningAttributes", MISSING, NO_IDENTITY, **NONE, SigningAttributesOrigin="AWS_SES")
row("PutEmailIdentityDkimSigningAttributes", BAD, "The EmailIdentity value must be a valid domain.",
    EmailIdentity="a@example.com", SigningAttributesOrigin="AWS_SES")
row("PutEmailIdentityFeedbackAttributes", BAD, "Identity none.example is invalid. Must be a verified email address or domain.",
    **NONE, EmailForwardingEnabled=True)
row("PutEmailIdentityMailFromAttributes", BAD, "Identity <none.example> does not exist.", **NONE, MailFromDomain="m.none.example")

# Policies.

WRONG_NAME = "PolicyName is invalid. Policy names must only include alpha-numeric characters, dashes, and underscores."
POLICY = {"Policy": policy("example.com")}
row("CreateEmailIdentityPolicy", TAKEN, "Policy <p> already exists", **KNOWN, PolicyName="p", **POLICY)


def twenty_policies(world):
    for i in range(19):
        world.v2.create_email_identity_policy(**KNOWN, PolicyName=f"p{i}", **POLICY)


row("CreateEmailIdentityPolicy", FULL,
    "Number of policies for <example.com> exceeds max allowed number of policies per resource", given=twenty_policies, **KNOWN,
    PolicyName="more", **POLICY)
for operation, more in {"CreateEmailIdentityPolicy": POLICY, "UpdateEmailIdentityPolicy": POLICY,
                        "DeleteEmailIdentityPolicy": {}}.items():
    row(operation, MISSING, NO_BRACKETED, **NONE, PolicyName="p", **more)
    row(operation, BAD, broken("policyName", "Member must have length less than or equal to 64"), **KNOWN,
        PolicyName="x" * 65, **more)
    if more:
        row(operation, BAD, WRONG_NAME, **KNOWN, PolicyName="a b", **more)
for operation, more in {"UpdateEmailIdentityPolicy": POLICY, "DeleteEmailIdentityPolicy": {}}.items():
    row(operation, MISSING, "Policy <gone> does not exist", **KNOWN, PolicyName="gone", **more)
row("GetEmailIdentityPolicies", MISSING, NO_BRACKETED, **NONE)

# Templates.

CONTENT = {"TemplateContent": {"Subject": "S", "Text": "T"}}
LARGE = {"TemplateContent": {"Subject": "S", "Text": "x" * 512001}}
row("CreateEmailTemplate", TAKEN, "Template welcome already exists.", TemplateName="welcome", **CONTENT)
row("CreateEmailTemplate", FULL, "The number of templates has reached its limit of 20000.", at="full", TemplateName="more",
    **CONTENT)
for operation, name in (("CreateEmailTemplate", "new"), ("UpdateEmailTemplate", "welcome")):
    row(operation, BAD, "The template is larger than 500 KB.", TemplateName=name, **LARGE)
for operation, more in {"GetEmailTemplate": {}, "UpdateEmailTemplate": CONTENT, "DeleteEmailTemplate": {},
                        "TestRenderEmailTemplate": {"TemplateData": "{}"}}.items():
    row(operation, MISSING, "Template gone does not exist", TemplateName="gone", **more)
row("TestRenderEmailTemplate", BAD, "Attribute 'name' is not present in the rendering data.", TemplateName="welcome",
    TemplateData="{}")

# Custom verification templates.

row("CreateCustomVerificationEmailTemplate", TAKEN, "Custom verification email template <confirm> already exists", **CUSTOM)
for operation, name in (("CreateCustomVerificationEmailTemplate", "new"), ("UpdateCustomVerificationEmailTemplate", "confirm")):
    made = {**CUSTOM, "TemplateName": name}
    row(operation, MISSING, "The from email address <x@other.example> is not verified",
        **{**made, "FromEmailAddress": "x@other.example"})
    row(operation, BAD, "The success redirection URL is invalid", **{**made, "SuccessRedirectionURL": "/good"})


def fifty_custom_templates(world):
    for i in range(49):
        world.v2.create_custom_verification_email_template(**{**CUSTOM, "TemplateName": f"t{i}"})


row("CreateCustomVerificationEmailTemplate", FULL,
    "The number of custom verification email templates exceeds the maximum of 50.", given=fifty_custom_templates,
    **{**CUSTOM, "TemplateName": "more"})
for operation, more in {"GetCustomVerificationEmailTemplate": {}, "DeleteCustomVerificationEmailTemplate": {},
                        "UpdateCustomVerificationEmailTemplate": CUSTOM}.items():
    row(operation, MISSING, "Custom verification email template <gone> does not exist", **{**more, "TemplateName": "gone"})

# Contact lists.

NO_LIST, LIST = "List with name: gone doesn't exist.", {"ContactListName": "list"}
BAD_LIST = ("ContactListName can contain up to 64 characters. Only alphanumeric characters, underscores(_) and hyphens(-) are "
            "allowed.")
CONTACT = {"EmailAddress": "a@example.net"}
row("CreateContactList", BAD, "A maximum of 1 Lists allowed per account.", ContactListName="second")
for operation in ("GetContactList", "DeleteContactList", "UpdateContactList", "ListContacts"):
    row(operation, MISSING, NO_LIST, ContactListName="gone")
    row(operation, BAD, BAD_LIST, ContactListName="a b")
for operation in ("CreateContact", "GetContact", "UpdateContact", "DeleteContact"):
    row(operation, MISSING, NO_LIST, ContactListName="gone", **CONTACT)
    row(operation, BAD, "EmailAddress <foo> is invalid", **LIST, EmailAddress="foo")
    if operation != "CreateContact":
        row(operation, MISSING, "b@example.net doesn't exist in List.", **LIST, EmailAddress="b@example.net")
row("CreateContact", TAKEN, "a@example.net already exists in List.", **LIST, **CONTACT)

# The suppression list.

NO_TENANT = "The requested tenant <acme> does not exist."
row("PutSuppressedDestination", BAD, broken("reason", enum("BOUNCE", "COMPLAINT")), **CONTACT, Reason="SPAM")
row("PutSuppressedDestination", MISSING, NO_TENANT, **CONTACT, Reason="BOUNCE", TenantName="acme")
for operation in ("GetSuppressedDestination", "DeleteSuppressedDestination"):
    row(operation, MISSING, "Email address a@example.net does not exist on your suppression list.", **CONTACT)
    row(operation, BAD, "Invalid email address <foo>.", EmailAddress="foo")
row("ListSuppressedDestinations", BAD, "Page size 0 is invalid, expected a number between 1 and 1000", PageSize=0)
row("ListSuppressedDestinations", MISSING, NO_TENANT, TenantName="acme")
row("ListSuppressedDestinations", "InvalidNextTokenException", "Token is invalid.", NextToken="x")

# Tags.

for operation, more in {"TagResource": {"Tags": [{"Key": "a", "Value": "b"}]}, "UntagResource": {"TagKeys": ["a"]},
                        "ListTagsForResource": {}}.items():
    row(operation, MISSING, "No EmailIdentity present with name: none.example", ResourceArn=ARN + "identity/none.example", **more)
    row(operation, BAD, "Invalid ARN: x", ResourceArn="x", **more)

# The account.

DETAILS = {"MailType": "TRANSACTIONAL", "WebsiteURL": "https://example.com"}


def review_opens(world):
    world.server.account(sandbox=True)
    world.v2.put_account_details(**DETAILS, ProductionAccessEnabled=True)


row("PutAccountDetails", BAD, "Url contains invalid format", MailType="MARKETING", WebsiteURL="nowhere")
row("PutAccountDetails", "ConflictException", "There is an ongoing review for your account.", given=review_opens, **DETAILS)
row("PutAccountSuppressionAttributes", BAD,
    broken("suppressedReasons", f"Member must satisfy constraint: [{enum('BOUNCE', 'COMPLAINT')}]"), SuppressedReasons=["SPAM"])
row("PutAccountVdmAttributes", BAD, broken("vdmAttributes.vdmEnabled", enum("ENABLED", "DISABLED")),
    VdmAttributes={"VdmEnabled": "ON"})

# Pages.

row("ListConfigurationSets", BAD, "The page size must be between 1 and 1000", PageSize=0)
row("ListContactLists", BAD, "The page size must be between 1 and 1000", PageSize=0)
row("ListCustomVerificationEmailTemplates", BAD, "The page size must be between 1 and 50", PageSize=0)
row("ListEmailIdentities", BAD, "Value 0 for parameter PageSize is invalid. PageSize must be between 1 and 1000.", PageSize=0)
row("ListEmailTemplates", BAD, "The page size must be between 1 and 100", PageSize=0)

# Sends.

TO = {"Destination": {"ToAddresses": ["you@example.net"]}}
UNVERIFIED = ("Email address is not verified. The following identities failed the check in region US-EAST-1: "
              "x@other.example")
PAUSED = ("Sending paused for this account. For more information, please check the inbox of the email address associated "
          "with your AWS account.")
SENDS = {
    "SendEmail": {**TO, "Content": {"Simple": SIMPLE}},
    "SendBulkEmail": {"DefaultContent": {"Template": {"TemplateName": "welcome", "TemplateData": "{}"}},
                      "BulkEmailEntries": [TO]},
}
CONFIRM = {"EmailAddress": "new@example.net", "TemplateName": "confirm"}


def shut_down(world):
    world.server.account(enforcementStatus="SHUTDOWN")


def paused_by_owner(world):
    world.v2.put_account_sending_attributes(SendingEnabled=False)


for operation, call in SENDS.items():
    row(operation, "MessageRejected", UNVERIFIED, FromEmailAddress="x@other.example", **call)
    call = {"FromEmailAddress": "me@example.com", **call}
    row(operation, "AccountSuspendedException", PAUSED, given=shut_down, **call)
for operation, call in {**{name: {"FromEmailAddress": "me@example.com", **call} for name, call in SENDS.items()},
                        "SendCustomVerificationEmail": CONFIRM}.items():
    row(operation, "SendingPausedException", "Account sending is disabled.", given=paused_by_owner, **call)
    row(operation, "MailFromDomainNotVerifiedException", "DNS setup for MAIL FROM domain is invalid.", at="failing_mail_from",
        **call)
    row(operation, MISSING, NO_SET, **NOBODY, **call)
    if operation != "SendBulkEmail":
        row(operation, "TooManyRequestsException", "Daily message quota exceeded.",
            given=lambda w: w.server.account(max24HourSend=0), **call)
row("SendEmail", BAD, "Missing final '@domain'", FromEmailAddress="me@example.com",
    **{**SENDS["SendEmail"], "Destination": {"ToAddresses": ["foo"]}})
row("SendBulkEmail", BAD, "Invalid email address<bad>.", FromEmailAddress="bad", **SENDS["SendBulkEmail"])
row("SendCustomVerificationEmail", BAD, "Invalid email address<foo>.", EmailAddress="foo", TemplateName="confirm")
row("SendCustomVerificationEmail", MISSING, "Custom verification email template <gone> does not exist",
    EmailAddress="new@example.net", TemplateName="gone")
row("SendCustomVerificationEmail", "MessageRejected", PAUSED, given=lambda w: w.server.account(pausedReason="a review"),
    **CONFIRM)

# Too many calls: each operation but the sends, on a server that counts.

for operation in built("sesv2"):
    if not operation.startswith("Send"):
        row(operation, "TooManyRequestsException", "Rate exceeded", at="counting",
            **{name: "x" for name in labels("sesv2", operation)})

# What cannot happen here, and why.
LOOKED_UP = "any name is looked up and not found; only the making of one has rules for names"
NOTHING_TO_REFUSE = "the call has no member that could be wrong: booleans of the wrong type are a SerializationException (SES §4)"
REASONS = {
    ("sesv2", "*", "ConcurrentModificationException"):
        "one writer commits one change after the other, each decided inside its transaction, so none is overtaken",
    ("sesv2", "CreateConfigurationSet", MISSING):
        "an unknown sending pool or archive is a BadRequestException or not looked at (SES §17, §24.14); nothing else is named",
    ("sesv2", "CreateContactList", TAKEN): "a second list is refused for its number, whatever its name (SES §15)",
    ("sesv2", "CreateContactList", FULL): "the second list is a BadRequestException (SES §15)",
    ("sesv2", "SendEmail", FULL): "sends count in quota and rate, which are TooManyRequestsException (SES §7)",
    ("sesv2", "SendBulkEmail", FULL): "as for SendEmail",
    ("sesv2", "SendCustomVerificationEmail", FULL): "as for SendEmail",
    ("sesv2", "SendBulkEmail", "TooManyRequestsException"): "quota and rate are a status of each entry (SES §6.3)",
    ("sesv2", "GetAccount", BAD): "the call has no members",
    ("sesv2", "PutAccountSendingAttributes", BAD): NOTHING_TO_REFUSE,
    ("sesv2", "PutAccountDedicatedIpWarmupAttributes", BAD): NOTHING_TO_REFUSE,
    ("sesv2", "PutEmailIdentityConfigurationSetAttributes", BAD): LOOKED_UP,
    ("sesv2", "GetEmailIdentity", BAD): LOOKED_UP,
    ("sesv2", "GetEmailIdentityPolicies", BAD): LOOKED_UP,
    ("sesv2", "GetEmailTemplate", BAD): LOOKED_UP,
    ("sesv2", "DeleteEmailTemplate", BAD): LOOKED_UP + "; tenants, which could hold it, are not built",
    ("sesv2", "GetCustomVerificationEmailTemplate", BAD): LOOKED_UP,
    ("sesv2", "DeleteCustomVerificationEmailTemplate", BAD): LOOKED_UP,
    ("sesv2", "PutEmailIdentityDkimAttributes", MISSING): "an unknown identity is a BadRequestException (SES §8.4)",
    ("sesv2", "PutEmailIdentityFeedbackAttributes", MISSING): "an unknown identity is a BadRequestException (SES §8.6)",
    ("sesv2", "PutEmailIdentityMailFromAttributes", MISSING): "an unknown identity is a BadRequestException (SES §8.5)",
}
