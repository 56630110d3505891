"""The modelled errors of SES v1: what provokes each, and SES's words (handbook SEMANTICS §5, §7, §9, §13, §14, §17)."""

from sdk.errors_audit import Table
from sdk.errors_world import CUSTOM, SIMPLE, TOPIC

table = Table("ses")
row = table.row

NO_SET = "Configuration set <gone> does not exist."
NOBODY = {"ConfigurationSetName": "gone"}
ONE = {"ConfigurationSetName": "one"}
OWN, FOREIGN = {"CustomRedirectDomain": "click.example.com"}, {"CustomRedirectDomain": "other.example"}


def v1_source(name="welcome", **changes):
    return {"Template": {"TemplateName": name, "SubjectPart": "S", "TextPart": "T", **changes}}


def destination(name="topic", **target):
    return {"EventDestination": {"Name": name, "Enabled": True, "MatchingEventTypes": ["send"],
                                 **(target or {"SNSDestination": {"TopicARN": TOPIC}})}}


# Configuration sets.

row("CreateConfigurationSet", "ConfigurationSetAlreadyExistsException", "Configuration set <one> already exists.",
    ConfigurationSet={"Name": "one"})
row("CreateConfigurationSet", "LimitExceededException", "The number of configuration sets exceeds the maximum of 10000.",
    at="full", ConfigurationSet={"Name": "more"})
for operation, more in {
        "DeleteConfigurationSet": {}, "DescribeConfigurationSet": {}, "PutConfigurationSetDeliveryOptions": {},
        "UpdateConfigurationSetReputationMetricsEnabled": {"Enabled": True},
        "UpdateConfigurationSetSendingEnabled": {"Enabled": True},
        "CreateConfigurationSetEventDestination": destination(), "UpdateConfigurationSetEventDestination": destination(),
        "DeleteConfigurationSetEventDestination": {"EventDestinationName": "topic"},
        "CreateConfigurationSetTrackingOptions": {"TrackingOptions": OWN},
        "UpdateConfigurationSetTrackingOptions": {"TrackingOptions": OWN}, "DeleteConfigurationSetTrackingOptions": {},
}.items():
    row(operation, "ConfigurationSetDoesNotExistException", NO_SET, **NOBODY, **more)

row("CreateConfigurationSetEventDestination", "EventDestinationAlreadyExistsException",
    "An event destination with name <topic> already exists for configuration set <one>.", **ONE, **destination())
for operation, more in (("UpdateConfigurationSetEventDestination", destination("other")),
                        ("DeleteConfigurationSetEventDestination", {"EventDestinationName": "other"})):
    row(operation, "EventDestinationDoesNotExistException", "No EventDestination found for other", **ONE, **more)


def ten_destinations(world):
    for i in range(9):  # the standing world has one
        world.v1.create_configuration_set_event_destination(**ONE, **destination(f"d{i}"))


row("CreateConfigurationSetEventDestination", "LimitExceededException",
    "The number of event destinations of configuration set <one> exceeds the maximum of 10.", given=ten_destinations,
    **ONE, **destination("d10"))
for operation, name in (("CreateConfigurationSetEventDestination", "new"), ("UpdateConfigurationSetEventDestination", "topic")):
    row(operation, "InvalidSNSDestinationException", f"SNS topic <{TOPIC}.fifo> not found.", **ONE,
        **destination(name, SNSDestination={"TopicARN": TOPIC + ".fifo"}))
    row(operation, "InvalidFirehoseDestinationException", "Firehose delivery stream <stream> not found.", **ONE,
        **destination(name, KinesisFirehoseDestination={"IAMRoleARN": "role", "DeliveryStreamARN": "stream"}))
    row(operation, "InvalidCloudWatchDestinationException", "Invalid CloudWatch dimension name <a b>: 1 to 256 alphanumeric "
        "ASCII characters, '_', '-' and ':' are allowed.", **ONE,
        **destination(name, CloudWatchDestination={"DimensionConfigurations": [
            {"DimensionName": "a b", "DimensionValueSource": "emailHeader", "DefaultDimensionValue": "none"}]}))

for operation in ("CreateConfigurationSetTrackingOptions", "UpdateConfigurationSetTrackingOptions"):
    row(operation, "InvalidTrackingOptionsException", "Domain <other.example> is not verified under this account.", **ONE,
        TrackingOptions=FOREIGN)
row("CreateConfigurationSetTrackingOptions", "TrackingOptionsAlreadyExistsException",
    "Configuration set <one> already has tracking options.",
    given=lambda w: w.v1.create_configuration_set_tracking_options(**ONE, TrackingOptions=OWN), **ONE, TrackingOptions=OWN)
for operation, more in (("UpdateConfigurationSetTrackingOptions", {"TrackingOptions": OWN}),
                        ("DeleteConfigurationSetTrackingOptions", {})):
    row(operation, "TrackingOptionsDoesNotExistException", "There are no tracking options for configuration set <one>", **ONE,
        **more)

# Templates.

row("CreateTemplate", "AlreadyExistsException", "Template welcome already exists.", **v1_source())
row("CreateTemplate", "LimitExceededException", "The number of templates has reached its limit of 20000.", at="full",
    **v1_source("more"))
for operation, name in (("CreateTemplate", "new"), ("UpdateTemplate", "welcome")):
    row(operation, "InvalidTemplateException", "The template is larger than 500 KB.", **v1_source(name, TextPart="x" * 512001))
for operation, more in {"GetTemplate": {"TemplateName": "gone"}, "UpdateTemplate": v1_source("gone"),
                        "TestRenderTemplate": {"TemplateName": "gone", "TemplateData": "{}"}}.items():
    row(operation, "TemplateDoesNotExistException", "Template gone does not exist", **more)
row("TestRenderTemplate", "MissingRenderingAttributeException", "Attribute 'name' is not present in the rendering data.",
    TemplateName="welcome", TemplateData="{}")
row("TestRenderTemplate", "InvalidRenderingParameterException", "Template rendering data is invalid", TemplateName="welcome",
    TemplateData="[]")

# Custom verification templates.

NO_CUSTOM = "Custom verification email template <gone> does not exist"
NOT_VERIFIED = "The from email address <x@other.example> is not verified"
row("CreateCustomVerificationEmailTemplate", "CustomVerificationEmailTemplateAlreadyExistsException",
    "Custom verification email template <confirm> already exists", **CUSTOM)
for operation, name in (("CreateCustomVerificationEmailTemplate", "new"), ("UpdateCustomVerificationEmailTemplate", "confirm")):
    made = {**CUSTOM, "TemplateName": name}
    row(operation, "FromEmailAddressNotVerifiedException", NOT_VERIFIED, **{**made, "FromEmailAddress": "x@other.example"})
    row(operation, "CustomVerificationEmailInvalidContentException", "The template content is invalid: it has <script>.",
        **{**made, "TemplateContent": "<script>"})


def fifty_custom_templates(world):
    for i in range(49):
        world.v1.create_custom_verification_email_template(**{**CUSTOM, "TemplateName": f"t{i}"})


row("CreateCustomVerificationEmailTemplate", "LimitExceededException",
    "The number of custom verification email templates exceeds the maximum of 50.", given=fifty_custom_templates,
    **{**CUSTOM, "TemplateName": "more"})
for operation, more in {"GetCustomVerificationEmailTemplate": {}, "UpdateCustomVerificationEmailTemplate": {}}.items():
    row(operation, "CustomVerificationEmailTemplateDoesNotExistException", NO_CUSTOM, TemplateName="gone", **more)

# Policies.

row("PutIdentityPolicy", "InvalidPolicyException", "Invalid policy: The text is not a JSON object.",
    Identity="example.com", PolicyName="new", Policy="nonsense")

# Sends.

TO = {"Destination": {"ToAddresses": ["you@example.net"]}}
UNVERIFIED = ("Email address is not verified. The following identities failed the check in region US-EAST-1: "
              "x@other.example")
RAW = b"From: me@example.com\r\nTo: you@example.net\r\nSubject: raw\r\n\r\nbody\r\n"
SENDS = {
    "SendEmail": {**TO, "Message": SIMPLE},
    "SendRawEmail": {"RawMessage": {"Data": RAW}},
    "SendTemplatedEmail": {**TO, "Template": "welcome", "TemplateData": "{}"},
    "SendBulkTemplatedEmail": {"Template": "welcome", "DefaultTemplateData": "{}",
                               "Destinations": [{**TO, "ReplacementTemplateData": "{}"}]},
}


def set_pauses(world):
    world.v1.update_configuration_set_sending_enabled(**ONE, Enabled=False)


def account_pauses(world):
    world.v1.update_account_sending_enabled(Enabled=False)


for operation, call in SENDS.items():
    row(operation, "MessageRejected", UNVERIFIED, Source="x@other.example", **call)
    call = {"Source": "me@example.com", **call}
    row(operation, "MailFromDomainNotVerifiedException", "DNS setup for MAIL FROM domain is invalid.", at="failing_mail_from",
        **call)
    row(operation, "ConfigurationSetDoesNotExistException", NO_SET, **NOBODY, **call)
    row(operation, "ConfigurationSetSendingPausedException", "Sending is paused for configuration set one", given=set_pauses,
        **ONE, **call)
    row(operation, "AccountSendingPausedException", "Account sending is disabled.", given=account_pauses, **call)
row("SendTemplatedEmail", "TemplateDoesNotExistException", "Template gone does not exist", Source="me@example.com",
    **{**SENDS["SendTemplatedEmail"], "Template": "gone"})
row("SendBulkTemplatedEmail", "TemplateDoesNotExistException", "Template gone does not exist", Source="me@example.com",
    **{**SENDS["SendBulkTemplatedEmail"], "Template": "gone"})

CONFIRM = {"EmailAddress": "new@example.net", "TemplateName": "confirm"}
PAUSED = ("Sending paused for this account. For more information, please check the inbox of the email address associated "
          "with your AWS account.")
row("SendCustomVerificationEmail", "MessageRejected", PAUSED, given=lambda w: w.server.account(pausedReason="a review"),
    **CONFIRM)
row("SendCustomVerificationEmail", "ConfigurationSetDoesNotExistException", NO_SET, **CONFIRM, **NOBODY)
row("SendCustomVerificationEmail", "CustomVerificationEmailTemplateDoesNotExistException", "Template <gone> does not exist",
    EmailAddress="new@example.net", TemplateName="gone")
row("SendCustomVerificationEmail", "FromEmailAddressNotVerifiedException",
    "The from email address <me@example.com> is not verified",
    given=lambda w: w.v1.delete_identity(Identity="example.com"), **CONFIRM)
row("SendCustomVerificationEmail", "ProductionAccessNotGrantedException",
    "Production access has not been granted to this account.", given=lambda w: w.server.account(sandbox=True), **CONFIRM)

row("SendBounce", "MessageRejected", "Original message does not exist or is older than 24 hours: gone",
    OriginalMessageId="gone", BounceSender="me@example.com",
    BouncedRecipientInfoList=[{"Recipient": "you@example.com", "BounceType": "DoesNotExist"}])

# What cannot happen here, and why.
REASONS = {
    ("ses", "CreateConfigurationSet", "InvalidConfigurationSetException"):
        "a set that v1 makes has nothing but a name, and a bad name is InvalidParameterValue (SES §17)",
    ("ses", "PutConfigurationSetDeliveryOptions", "InvalidDeliveryOptionsException"):
        "the one option of v1 is TlsPolicy, and what is not in its enum is a ValidationError (SES §3)",
}
