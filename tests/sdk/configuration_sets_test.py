"""Configuration sets through boto3: every operation of both APIs, what it answers, what it does, how it refuses."""

import pathlib
import smtplib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.cases import Suite, contains, equal, raises  # noqa: E402
from harness.server import Sesame, wait_for  # noqa: E402
from harness.tools import free_port  # noqa: E402
from sdk.clients import client, refused  # noqa: E402

suite = Suite("configuration_sets")
server = Sesame().start()
v1 = client("ses", server)
v2 = client("sesv2", server)

TOPIC = "arn:aws:sns:us-east-1:000000000000:events"
ARCHIVE = "arn:aws:ses:us-east-1:000000000000:mailmanager-archive/a-abcdefghijklmnopqrstuvwx"
SIMPLE = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "It works."}}}
ALL = ["eventDestinations", "trackingOptions", "deliveryOptions", "reputationOptions"]
MISSING = "Configuration set <gone> does not exist."


def case(function):
    """A case that finds a server that knows nothing."""
    def run():
        server.reset()
        function()
    suite.add(function.__name__, run)
    return function


def get(name="one"):
    answer = v2.get_configuration_set(ConfigurationSetName=name)
    del answer["ResponseMetadata"]
    return answer


def describe(name="one"):
    return v1.describe_configuration_set(ConfigurationSetName=name, ConfigurationSetAttributeNames=ALL)


def send(api2=v2, **kwargs):
    return api2.send_email(**{"FromEmailAddress": "me@example.com", "Destination": {"ToAddresses": ["you@example.net"]},
                              "Content": {"Simple": SIMPLE}, **kwargs})["MessageId"]


# The life of a set.


@case
def made_by_v1():
    v1.create_configuration_set(ConfigurationSet={"Name": "one"})
    seen = describe()
    equal(seen["ConfigurationSet"], {"Name": "one"})
    equal(seen["EventDestinations"], [])
    equal(seen["ReputationOptions"], {"SendingEnabled": True, "ReputationMetricsEnabled": False})
    assert "TrackingOptions" not in seen and "DeliveryOptions" not in seen, seen
    equal(get(), {"ConfigurationSetName": "one", "ReputationOptions": {"ReputationMetricsEnabled": False},
                  "SendingOptions": {"SendingEnabled": True}, "Tags": []})
    error = refused(v1.create_configuration_set, "ConfigurationSetAlreadyExists",
                    "Configuration set <one> already exists.", ConfigurationSet={"Name": "one"})
    assert isinstance(error, v1.exceptions.ConfigurationSetAlreadyExistsException), error
    equal(error.response["ConfigurationSetName"], "one")
    v1.delete_configuration_set(ConfigurationSetName="one")
    for call in (v1.describe_configuration_set, v1.delete_configuration_set):
        error = refused(call, "ConfigurationSetDoesNotExist", "Configuration set <one> does not exist.",
                        ConfigurationSetName="one")
        assert isinstance(error, v1.exceptions.ConfigurationSetDoesNotExistException), error
        equal(error.response["ConfigurationSetName"], "one")


@case
def made_by_v2():
    v2.create_configuration_set(ConfigurationSetName="one", Tags=[{"Key": "team", "Value": "red"}])
    equal(get(), {"ConfigurationSetName": "one", "ReputationOptions": {"ReputationMetricsEnabled": True},
                  "SendingOptions": {"SendingEnabled": True}, "Tags": [{"Key": "team", "Value": "red"}]})
    equal(describe()["ReputationOptions"]["ReputationMetricsEnabled"], True)
    error = refused(v2.create_configuration_set, "AlreadyExistsException", "Configuration set <one> already exists.",
                    ConfigurationSetName="one")
    assert isinstance(error, v2.exceptions.AlreadyExistsException), error
    refused(v2.create_configuration_set, "BadRequestException",
            "Invalid configuration set name <a b>: only alphanumeric ASCII characters, '_', and '-' are allowed.",
            ConfigurationSetName="a b")
    v2.delete_configuration_set(ConfigurationSetName="one")
    for call in (v2.get_configuration_set, v2.delete_configuration_set):
        error = refused(call, "NotFoundException", "Configuration set <one> does not exist.", 404,
                        ConfigurationSetName="one")
        assert isinstance(error, v2.exceptions.NotFoundException), error


@case
def lists_come_in_pages():
    names = sorted(f"set-{i}" for i in range(7))
    for name in reversed(names):
        v2.create_configuration_set(ConfigurationSetName=name)
    seen, token, pages = [], {}, 0
    while True:
        page = v1.list_configuration_sets(MaxItems=3, **token)
        seen += [s["Name"] for s in page["ConfigurationSets"]]
        pages += 1
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    equal((seen, pages), (names, 3))
    page = v2.list_configuration_sets(PageSize=5)
    equal(page["ConfigurationSets"], names[:5])
    rest = v2.list_configuration_sets(NextToken=page["NextToken"])
    equal(rest["ConfigurationSets"], names[5:])
    assert "NextToken" not in rest, rest
    equal(len(v1.list_configuration_sets(MaxItems=5000)["ConfigurationSets"]), 7)
    refused(v1.list_configuration_sets, "InvalidParameterValue", NextToken="nonsense")
    refused(v2.list_configuration_sets, "BadRequestException", "The page size must be between 1 and 1000", PageSize=0)
    refused(v2.list_configuration_sets, "BadRequestException", "invalid nextToken nonsense", NextToken="nonsense")
    elsewhere = client("sesv2", server, region="eu-west-1")
    refused(elsewhere.list_configuration_sets, "BadRequestException", NextToken=page["NextToken"])
    equal(elsewhere.list_configuration_sets()["ConfigurationSets"], [])


# Options.


@case
def delivery_options():
    v2.create_configuration_set(ConfigurationSetName="one", DeliveryOptions={"TlsPolicy": "OPTIONAL"})
    v2.put_configuration_set_delivery_options(ConfigurationSetName="one", TlsPolicy="REQUIRE",
                                              SendingPoolName="ses-default-dedicated-pool", MaxDeliverySeconds=300)
    equal(get()["DeliveryOptions"], {"TlsPolicy": "REQUIRE", "SendingPoolName": "ses-default-dedicated-pool",
                                     "MaxDeliverySeconds": 300})
    equal(describe()["DeliveryOptions"], {"TlsPolicy": "Require"})
    v1.put_configuration_set_delivery_options(ConfigurationSetName="one", DeliveryOptions={"TlsPolicy": "Optional"})
    equal(get()["DeliveryOptions"], {"TlsPolicy": "OPTIONAL", "SendingPoolName": "ses-default-dedicated-pool",
                                     "MaxDeliverySeconds": 300})
    for pool, text in (("mine", "SendingPool <mine> doesn't exist"), ("", "sendingPoolName can't be blank.")):
        refused(v2.put_configuration_set_delivery_options, "BadRequestException", text, ConfigurationSetName="one",
                SendingPoolName=pool)
    refused(v2.put_configuration_set_delivery_options, "NotFoundException", MISSING, 404, ConfigurationSetName="gone")
    refused(v1.put_configuration_set_delivery_options, "ConfigurationSetDoesNotExist", MISSING,
            ConfigurationSetName="gone")
    v2.put_configuration_set_delivery_options(ConfigurationSetName="one")
    assert "DeliveryOptions" not in get()


@case
def sending_and_reputation():
    v1.create_configuration_set(ConfigurationSet={"Name": "one"})
    v1.update_configuration_set_reputation_metrics_enabled(ConfigurationSetName="one", Enabled=True)
    equal(get()["ReputationOptions"], {"ReputationMetricsEnabled": True})
    v2.put_configuration_set_reputation_options(ConfigurationSetName="one")
    v2.put_configuration_set_sending_options(ConfigurationSetName="one")
    equal(describe()["ReputationOptions"], {"SendingEnabled": False, "ReputationMetricsEnabled": False})
    v1.update_configuration_set_sending_enabled(ConfigurationSetName="one", Enabled=True)
    fresh = describe()["ReputationOptions"]["LastFreshStart"]
    equal(get()["ReputationOptions"]["LastFreshStart"].timestamp(), fresh.timestamp())
    equal(get()["SendingOptions"], {"SendingEnabled": True})
    for call in (v1.update_configuration_set_sending_enabled, v1.update_configuration_set_reputation_metrics_enabled):
        refused(call, "ConfigurationSetDoesNotExist", MISSING, ConfigurationSetName="gone", Enabled=True)
    for call in (v2.put_configuration_set_sending_options, v2.put_configuration_set_reputation_options):
        refused(call, "NotFoundException", MISSING, 404, ConfigurationSetName="gone")


@case
def suppression_vdm_archiving():
    v2.create_configuration_set(ConfigurationSetName="one")
    v2.put_configuration_set_suppression_options(ConfigurationSetName="one", SuppressedReasons=["BOUNCE"])
    v2.put_configuration_set_vdm_options(ConfigurationSetName="one", VdmOptions={
        "DashboardOptions": {"EngagementMetrics": "ENABLED"}, "GuardianOptions": {"OptimizedSharedDelivery": "DISABLED"}})
    v2.put_configuration_set_archiving_options(ConfigurationSetName="one", ArchiveArn=ARCHIVE)
    seen = get()
    equal(seen["SuppressionOptions"], {"SuppressedReasons": ["BOUNCE"]})
    equal(seen["VdmOptions"], {"DashboardOptions": {"EngagementMetrics": "ENABLED"},
                               "GuardianOptions": {"OptimizedSharedDelivery": "DISABLED"}})
    equal(seen["ArchivingOptions"], {"ArchiveArn": ARCHIVE})
    refused(v2.put_configuration_set_suppression_options, "BadRequestException",
            "Reason SPAM is invalid, must be one of [BOUNCE, COMPLAINT].", ConfigurationSetName="one",
            SuppressedReasons=["SPAM"])
    v2.put_configuration_set_suppression_options(ConfigurationSetName="one", SuppressedReasons=[])
    v2.put_configuration_set_vdm_options(ConfigurationSetName="one")
    v2.put_configuration_set_archiving_options(ConfigurationSetName="one")
    seen = get()
    equal(seen["SuppressionOptions"], {"SuppressedReasons": []})
    assert "VdmOptions" not in seen and "ArchivingOptions" not in seen, seen
    for call in (v2.put_configuration_set_suppression_options, v2.put_configuration_set_vdm_options,
                 v2.put_configuration_set_archiving_options):
        refused(call, "NotFoundException", MISSING, 404, ConfigurationSetName="gone")


@case
def tracking_options():
    v1.create_configuration_set(ConfigurationSet={"Name": "one"})
    v2.create_email_identity(EmailIdentity="example.com")
    own, other = {"CustomRedirectDomain": "click.example.com"}, {"CustomRedirectDomain": "other.example"}
    unverified = "Domain <other.example> is not verified under this account."
    none = "There are no tracking options for configuration set <one>"
    for call in (v1.create_configuration_set_tracking_options, v1.update_configuration_set_tracking_options):
        error = refused(call, "InvalidTrackingOptions", unverified, ConfigurationSetName="one", TrackingOptions=other)
        assert isinstance(error, v1.exceptions.InvalidTrackingOptionsException), error
        refused(call, "ConfigurationSetDoesNotExist", MISSING, ConfigurationSetName="gone", TrackingOptions=own)
    refused(v1.delete_configuration_set_tracking_options, "ConfigurationSetDoesNotExist", MISSING,
            ConfigurationSetName="gone")
    error = refused(v1.update_configuration_set_tracking_options, "TrackingOptionsDoesNotExistException", none,
                    ConfigurationSetName="one", TrackingOptions=own)
    assert isinstance(error, v1.exceptions.TrackingOptionsDoesNotExistException), error
    refused(v1.delete_configuration_set_tracking_options, "TrackingOptionsDoesNotExistException", none,
            ConfigurationSetName="one")
    v1.create_configuration_set_tracking_options(ConfigurationSetName="one", TrackingOptions=own)
    equal(get()["TrackingOptions"], own)
    error = refused(v1.create_configuration_set_tracking_options, "TrackingOptionsAlreadyExistsException",
                    "Configuration set <one> already has tracking options.", ConfigurationSetName="one",
                    TrackingOptions=own)
    assert isinstance(error, v1.exceptions.TrackingOptionsAlreadyExistsException), error
    v2.put_configuration_set_tracking_options(ConfigurationSetName="one", HttpsPolicy="REQUIRE",
                                              CustomRedirectDomain="example.com")
    equal(describe()["TrackingOptions"], {"CustomRedirectDomain": "example.com"})
    v1.update_configuration_set_tracking_options(ConfigurationSetName="one", TrackingOptions=own)
    equal(get()["TrackingOptions"], {**own, "HttpsPolicy": "REQUIRE"})
    refused(v2.put_configuration_set_tracking_options, "BadRequestException", "CustomRedirectDomain must be specified.",
            ConfigurationSetName="one", HttpsPolicy="REQUIRE")
    refused(v2.put_configuration_set_tracking_options, "BadRequestException", unverified, ConfigurationSetName="one",
            **other)
    refused(v2.put_configuration_set_tracking_options, "NotFoundException", MISSING, 404, ConfigurationSetName="gone")
    v1.delete_configuration_set_tracking_options(ConfigurationSetName="one")
    assert "TrackingOptions" not in get()


@case
def message_security():
    """boto3 may be older than UpdateConfigurationSet."""
    v2.create_configuration_set(ConfigurationSetName="one")
    if not hasattr(v2, "update_configuration_set"):
        return  # tests/conformance has it
    v2.update_configuration_set(ConfigurationSetName="one",
                                MessageSecurityOptions={"SigningScheme": {"SmimeScheme": {}}})
    equal(get()["MessageSecurityOptions"], {"SigningScheme": {"SmimeScheme": {"SignatureFormat": "DETACHED"}}})
    refused(v2.update_configuration_set, "NotFoundException", MISSING, 404, ConfigurationSetName="gone")


# Event destinations.


def v1_topic(name="topic", **kwargs):
    return {"Name": name, "Enabled": True, "MatchingEventTypes": ["send", "bounce"], "SNSDestination": {"TopicARN": TOPIC},
            **kwargs}


@case
def event_destinations_of_v1():
    v1.create_configuration_set(ConfigurationSet={"Name": "one"})
    create = v1.create_configuration_set_event_destination
    update = v1.update_configuration_set_event_destination
    delete = v1.delete_configuration_set_event_destination
    create(ConfigurationSetName="one", EventDestination=v1_topic())
    equal(describe()["EventDestinations"], [v1_topic(MatchingEventTypes=["bounce", "send"])])
    equal(v2.get_configuration_set_event_destinations(ConfigurationSetName="one")["EventDestinations"],
          [{"Name": "topic", "Enabled": True, "MatchingEventTypes": ["BOUNCE", "SEND"],
            "SnsDestination": {"TopicArn": TOPIC}}])
    error = refused(create, "EventDestinationAlreadyExists",
                    "An event destination with name <topic> already exists for configuration set <one>.",
                    ConfigurationSetName="one", EventDestination=v1_topic())
    assert isinstance(error, v1.exceptions.EventDestinationAlreadyExistsException), error
    equal((error.response["ConfigurationSetName"], error.response["EventDestinationName"]), ("one", "topic"))
    metrics = {"DimensionConfigurations": [{"DimensionName": "campaign", "DimensionValueSource": "emailHeader",
                                            "DefaultDimensionValue": "none"}]}
    changed = {"Name": "topic", "Enabled": False, "MatchingEventTypes": ["renderingFailure"],
               "CloudWatchDestination": metrics}
    update(ConfigurationSetName="one", EventDestination=changed)
    equal(describe()["EventDestinations"], [changed])
    error = refused(update, "EventDestinationDoesNotExist", "No EventDestination found for other",
                    ConfigurationSetName="one", EventDestination=v1_topic("other"))
    assert isinstance(error, v1.exceptions.EventDestinationDoesNotExistException), error
    for call in (create, update):
        refused(call, "ConfigurationSetDoesNotExist", MISSING, ConfigurationSetName="gone", EventDestination=v1_topic())
    refused(delete, "ConfigurationSetDoesNotExist", MISSING, ConfigurationSetName="gone", EventDestinationName="topic")
    delete(ConfigurationSetName="one", EventDestinationName="topic")
    equal(describe()["EventDestinations"], [])
    refused(delete, "EventDestinationDoesNotExist", "No EventDestination found for topic", ConfigurationSetName="one",
            EventDestinationName="topic")


@case
def event_destinations_that_v1_refuses():
    v1.create_configuration_set(ConfigurationSet={"Name": "one"})
    create = v1.create_configuration_set_event_destination
    fifo = {"TopicARN": TOPIC + ".fifo"}
    error = refused(create, "InvalidSNSDestination", f"SNS topic <{TOPIC}.fifo> not found.",
                    ConfigurationSetName="one", EventDestination=v1_topic(SNSDestination=fifo))
    assert isinstance(error, v1.exceptions.InvalidSNSDestinationException), error
    stream = {"Name": "d", "MatchingEventTypes": ["send"],
              "KinesisFirehoseDestination": {"IAMRoleARN": "role", "DeliveryStreamARN": "stream"}}
    error = refused(create, "InvalidFirehoseDestination", ConfigurationSetName="one", EventDestination=stream)
    assert isinstance(error, v1.exceptions.InvalidFirehoseDestinationException), error
    refused(create, "InvalidParameterValue", "CloudWatch metrics dimension configuration list cannot be empty.",
            ConfigurationSetName="one", EventDestination={"Name": "d", "MatchingEventTypes": ["send"],
                                                          "CloudWatchDestination": {"DimensionConfigurations": []}})
    refused(create, "InvalidParameterValue", "At least one event type must be specified.", ConfigurationSetName="one",
            EventDestination=v1_topic(MatchingEventTypes=[]))
    for i in range(10):
        create(ConfigurationSetName="one", EventDestination=v1_topic(f"d{i}"))
    error = refused(create, "LimitExceeded", ConfigurationSetName="one", EventDestination=v1_topic("d10"))
    assert isinstance(error, v1.exceptions.LimitExceededException), error


@case
def event_destinations_of_v2():
    v2.create_configuration_set(ConfigurationSetName="one")
    create = v2.create_configuration_set_event_destination
    update = v2.update_configuration_set_event_destination
    delete = v2.delete_configuration_set_event_destination

    def seen():
        return v2.get_configuration_set_event_destinations(ConfigurationSetName="one")["EventDestinations"]

    targets = {
        "topic": {"SnsDestination": {"TopicArn": TOPIC}},
        "bus": {"EventBridgeDestination": {"EventBusArn": "arn:aws:events:us-east-1:000000000000:event-bus/default"}},
        "stream": {"KinesisFirehoseDestination": {
            "IamRoleArn": "arn:aws:iam::000000000000:role/r",
            "DeliveryStreamArn": "arn:aws:firehose:us-east-1:000000000000:deliverystream/s"}},
        "metrics": {"CloudWatchDestination": {"DimensionConfigurations": [
            {"DimensionName": "l", "DimensionValueSource": "LINK_TAG", "DefaultDimensionValue": "none"}]}},
        "app": {"PinpointDestination": {"ApplicationArn": "arn:aws:mobiletargeting:us-east-1:000000000000:apps/a"}},
    }
    made = []
    for name, target in targets.items():
        definition = {"Enabled": True, "MatchingEventTypes": ["DELIVERY_DELAY", "SUBSCRIPTION"], **target}
        create(ConfigurationSetName="one", EventDestinationName=name, EventDestination=definition)
        made.append({"Name": name, **definition})
    equal(seen(), made)
    topic = {"MatchingEventTypes": ["OPEN"], **targets["topic"]}
    error = refused(create, "AlreadyExistsException",
                    "An event destination with name <bus> already exists for configuration set <one>.",
                    ConfigurationSetName="one", EventDestinationName="bus", EventDestination=topic)
    update(ConfigurationSetName="one", EventDestinationName="bus", EventDestination=topic)
    equal(seen()[1], {"Name": "bus", "Enabled": False, **topic})
    missing = "An event destination with name <x> does not exist for configuration set <one>."
    refused(update, "NotFoundException", missing, 404, ConfigurationSetName="one", EventDestinationName="x",
            EventDestination=topic)
    refused(delete, "NotFoundException", missing, 404, ConfigurationSetName="one", EventDestinationName="x")
    for call in (create, update):
        refused(call, "NotFoundException", MISSING, 404, ConfigurationSetName="gone", EventDestinationName="x",
                EventDestination=topic)
    refused(delete, "NotFoundException", MISSING, 404, ConfigurationSetName="gone", EventDestinationName="x")
    refused(v2.get_configuration_set_event_destinations, "NotFoundException", MISSING, 404, ConfigurationSetName="gone")
    refused(create, "BadRequestException", "Event destination is not provided.", ConfigurationSetName="one",
            EventDestinationName="x", EventDestination={"MatchingEventTypes": ["SEND"]})
    for name in targets:
        delete(ConfigurationSetName="one", EventDestinationName=name)
    equal(seen(), [])
    for i in range(10):
        create(ConfigurationSetName="one", EventDestinationName=f"d{i}", EventDestination=topic)
    error = refused(create, "LimitExceededException", ConfigurationSetName="one", EventDestinationName="d10",
                    EventDestination=topic)
    assert isinstance(error, v2.exceptions.LimitExceededException), error


# What a set does to sends.


@case
def sends_name_a_set():
    v2.create_email_identity(EmailIdentity="example.com")
    v2.create_configuration_set(ConfigurationSetName="one")
    sent = send(ConfigurationSetName="one")
    equal(server.only_mail(to="you@example.net")[0]["messageId"], sent)
    contains(str(server.control("GET", f"/_sesame/messages/{sent}")[1]), '"configurationSet":"one"')
    v1.send_email(Source="me@example.com", Destination={"ToAddresses": ["two@example.net"]}, Message=SIMPLE,
                  ConfigurationSetName="one")
    refused(v2.send_email, "NotFoundException", MISSING, 404, FromEmailAddress="me@example.com",
            Destination={"ToAddresses": ["you@example.net"]}, Content={"Simple": SIMPLE}, ConfigurationSetName="gone")
    v2.put_configuration_set_sending_options(ConfigurationSetName="one", SendingEnabled=False)
    paused = "Sending is paused for configuration set one"
    error = refused(send, "SendingPausedException", paused, ConfigurationSetName="one")
    assert isinstance(error, v2.exceptions.SendingPausedException), error
    error = refused(v1.send_email, "ConfigurationSetSendingPausedException", paused, Source="me@example.com",
                    Destination={"ToAddresses": ["you@example.net"]}, Message=SIMPLE, ConfigurationSetName="one")
    assert isinstance(error, v1.exceptions.ConfigurationSetSendingPausedException), error
    equal(error.response["ConfigurationSetName"], "one")
    send()  # without the set all is well


@case
def smtp_names_a_set():
    v2.create_email_identity(EmailIdentity="example.com")
    v2.create_configuration_set(ConfigurationSetName="one")

    def submit(name):
        with smtplib.SMTP(*server.smtp) as smtp:
            smtp.sendmail("me@example.com", ["by-smtp@example.net"],
                          f"From: me@example.com\r\nX-SES-Configuration-Set: {name}\r\nSubject: x\r\n\r\ny\r\n")
    submit("one")
    line, raw = server.only_mail(to="by-smtp@example.net")
    assert b"configuration-set" not in raw.lower(), raw
    contains(str(server.control("GET", f"/_sesame/messages/{line['messageId']}")[1]), '"configurationSet":"one"')
    error = raises(smtplib.SMTPDataError, submit, "gone")
    equal((error.smtp_code, error.smtp_error), (554, b"Configuration set does not exist: gone"))
    v1.update_configuration_set_sending_enabled(ConfigurationSetName="one", Enabled=False)
    error = raises(smtplib.SMTPDataError, submit, "one")
    equal(error.smtp_code, 554)


@case
def identities_have_a_default():
    v2.create_configuration_set(ConfigurationSetName="on")
    v2.create_configuration_set(ConfigurationSetName="off", SendingOptions={"SendingEnabled": False})
    refused(v2.create_email_identity, "NotFoundException", MISSING, 404, EmailIdentity="example.com",
            ConfigurationSetName="gone")
    refused(v2.get_email_identity, "NotFoundException", status=404, EmailIdentity="example.com")
    v2.create_email_identity(EmailIdentity="example.com", ConfigurationSetName="off")
    equal(v2.get_email_identity(EmailIdentity="example.com")["ConfigurationSetName"], "off")
    refused(send, "SendingPausedException")
    send(ConfigurationSetName="on")  # the call's wins
    v1.verify_email_identity(EmailAddress="me@example.com")
    put = v2.put_email_identity_configuration_set_attributes
    put(EmailIdentity="me@example.com", ConfigurationSetName="on")
    send()  # the address's wins over its domain's
    refused(send, "SendingPausedException", FromEmailAddress="you@example.com")
    refused(put, "NotFoundException", "Identity <x.example> does not exist.", 404, EmailIdentity="x.example",
            ConfigurationSetName="on")
    refused(put, "NotFoundException", MISSING, 404, EmailIdentity="example.com", ConfigurationSetName="gone")
    v2.delete_configuration_set(ConfigurationSetName="on")
    refused(send, "BadRequestException", "Configuration set <on> does not exist.")
    put(EmailIdentity="me@example.com")
    put(EmailIdentity="example.com", ConfigurationSetName="")
    assert "ConfigurationSetName" not in v2.get_email_identity(EmailIdentity="example.com")
    send()


@case
def max_delivery_seconds_bounds_the_retries():
    """Nobody listens at the relay: with the set the mail is given up after five minutes, without it is not."""
    with Sesame("--auto-verify", "--deliver", "relay", "--relay", f"127.0.0.1:{free_port()}") as dev:
        there = client("sesv2", dev)
        there.create_configuration_set(ConfigurationSetName="quick", DeliveryOptions={"MaxDeliverySeconds": 300})
        quick, slow = send(there, ConfigurationSetName="quick"), send(there)

        def tried(message):
            return [e for e in dev.trace(message)["trace"] if e["kind"] == "attempt"]
        wait_for("the first attempts", lambda: tried(quick) and tried(slow))
        dev.advance("301s")
        wait_for("the end of the quick one", lambda: dev.operator("trace", quick)["state"] == "bounced")
        contains(str(dev.trace(quick)), "given up after")
        assert dev.operator("trace", slow)["state"] != "bounced"


@case
def a_restart_forgets_nothing():
    with tempfile.TemporaryDirectory(prefix="sesame-test-") as folder:
        with Sesame("--data", folder) as dev:
            api = client("sesv2", dev)
            api.create_email_identity(EmailIdentity="example.com")
            api.create_configuration_set(
                ConfigurationSetName="one", DeliveryOptions={"TlsPolicy": "REQUIRE", "MaxDeliverySeconds": 600},
                TrackingOptions={"CustomRedirectDomain": "example.com"}, SuppressionOptions={"SuppressedReasons": []},
                VdmOptions={"DashboardOptions": {"EngagementMetrics": "DISABLED"}}, Tags=[{"Key": "a", "Value": "b"}])
            api.create_configuration_set_event_destination(
                ConfigurationSetName="one", EventDestinationName="topic",
                EventDestination={"MatchingEventTypes": ["SEND"], "SnsDestination": {"TopicArn": TOPIC}})
            api.put_email_identity_configuration_set_attributes(EmailIdentity="example.com", ConfigurationSetName="one")

            def all_of_it(api):
                answers = [api.get_configuration_set(ConfigurationSetName="one"),
                           api.get_configuration_set_event_destinations(ConfigurationSetName="one")]
                for answer in answers:
                    del answer["ResponseMetadata"]
                return answers + [api.get_email_identity(EmailIdentity="example.com")["ConfigurationSetName"]]
            before = all_of_it(api)
        with Sesame("--data", folder) as dev:
            equal(all_of_it(client("sesv2", dev)), before)
        equal(len(before[0]), 8)


@case
def account_switches():
    """VDM and the warm-up of dedicated addresses, which GetAccount shows."""
    seen = v2.get_account()
    assert "VdmAttributes" not in seen and seen["DedicatedIpAutoWarmupEnabled"], seen
    v2.put_account_vdm_attributes(VdmAttributes={
        "VdmEnabled": "ENABLED", "GuardianAttributes": {"OptimizedSharedDelivery": "ENABLED"}})
    v2.put_account_dedicated_ip_warmup_attributes(AutoWarmupEnabled=False)
    seen = v2.get_account()
    equal(seen["VdmAttributes"], {"VdmEnabled": "ENABLED", "DashboardAttributes": {"EngagementMetrics": "DISABLED"},
                                  "GuardianAttributes": {"OptimizedSharedDelivery": "ENABLED"}})
    equal(seen["DedicatedIpAutoWarmupEnabled"], False)
    v2.put_account_vdm_attributes(VdmAttributes={"VdmEnabled": "DISABLED"})
    equal(v2.get_account()["VdmAttributes"], {"VdmEnabled": "DISABLED"})
    equal(client("sesv2", server, region="eu-west-1").get_account()["DedicatedIpAutoWarmupEnabled"], True)
    refused(v2.put_account_vdm_attributes, "BadRequestException", VdmAttributes={"VdmEnabled": "ON"})


suite.add("the server stops in order", server.stop)
suite.main()
