"""Received mail by boto3: mail that is handed in runs through the active rule set, and each action does its work."""

import base64
import contextlib
import email
import email.policy
import http.server
import json
import pathlib
import smtplib
import socket
import sqlite3
import sys
import tempfile
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import botocore.exceptions  # noqa: E402
import dkim  # noqa: E402
from harness.cases import Suite, contains, equal, raises  # noqa: E402
from harness.server import Sesame, wait_for  # noqa: E402
from harness.tools import dkim_passes, rsa_key  # noqa: E402
from sdk.clients import client, refused  # noqa: E402
from sdk.inbound import MAIL, STOP, hand_in, outcomes, received, rules  # noqa: E402

suite = Suite("receive")
TOPIC = "arn:aws:sns:us-east-1:000000000000:topic"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"
S3 = {"S3Action": {"BucketName": "bucket", "ObjectKeyPrefix": "in/"}}


class Outside(http.server.BaseHTTPRequestHandler):
    """Stands in for S3, SNS and Lambda, and keeps what it is told."""
    calls, failing, answer, role_answer = [], set(), b"{}", (200, b"")
    go_on = threading.Event()  # answers are held back until it is set
    go_on.set()
    holding = set()  # of these kinds; none: all

    def log_message(self, *_):
        pass

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind = "Lambda" if "/functions/" in self.path or self.path == "/hook" else "SNS" if self.command == "POST" else "S3"
        if b"Action=AssumeRole" in body:
            kind = "STS"
        Outside.calls.append((kind, self.command, self.path, dict(self.headers), body))
        if not Outside.holding or kind in Outside.holding:
            Outside.go_on.wait(30)
        status, answer = (200, Outside.answer if kind == "Lambda" else b"")
        if kind == "STS":
            status, answer = Outside.role_answer
        if kind in Outside.failing:
            status = 500
        elif self.command in Outside.failing:
            status = 403
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        if "function" in Outside.failing:
            self.send_header("X-Amz-Function-Error", "Unhandled")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_HEAD = handle_any


outside = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Outside)
outside.handle_error = lambda *_: None  # servers are killed while they wait for an answer
threading.Thread(target=outside.serve_forever, daemon=True).start()
OUTSIDE = f"http://127.0.0.1:{outside.server_port}"

plain = Sesame().start()
reaching = Sesame("--aws-endpoint", OUTSIDE, "--function", f"{FUNCTION}-hook={OUTSIDE}/hook").start()


def case(function):
    def run():
        for server in (plain, reaching):
            server.reset()
        Outside.calls.clear()
        Outside.failing.clear()
        Outside.answer = b"{}"
        function()
    suite.add(function.__name__, run)
    return function


def stored(server, message_id, bucket="bucket", prefix="in/"):
    path = pathlib.Path(server.addresses["data"]) / "buckets" / bucket / prefix / message_id
    return path.read_bytes()


def calls(kind, command="POST"):
    return [c for c in Outside.calls if c[0] == kind and c[1] == command]


def published(kind="Received"):
    forms = [dict(urllib.parse.parse_qsl(c[4].decode())) for c in calls("SNS")]
    return [json.loads(f["Message"]) for f in forms if json.loads(f["Message"])["notificationType"] == kind]


def listed(server, *which):
    """By the operator's command."""
    return [m["messageId"] for m in server.operator("received", *which)["received"]]


@case
def a_mail_becomes_an_object_with_its_headers_on_top():
    rules(plain, ("keep", [{"AddHeaderAction": {"HeaderName": "X-Mine", "HeaderValue": "a b"}}, S3], {}))
    message_id = hand_in(plain, ip="192.0.2.7", helo="mx.example.net")
    equal(len(message_id), 40)
    equal(outcomes(plain, message_id), [("keep", "AddHeader", "done"), ("keep", "S3", "done")])
    raw = stored(plain, message_id)
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    equal(mail.keys(), ["Return-Path", "Received", "X-SES-Spam-Verdict", "X-SES-Virus-Verdict", "Received-SPF",
                        "Authentication-Results", "X-SES-RECEIPT", "X-Mine", "From", "To", "Subject", "Message-ID"])
    equal((mail["Return-Path"], mail["X-Mine"], mail["Subject"], mail["X-SES-Spam-Verdict"]),
          ("<ann@example.net>", "a b", "Grüße", "DISABLED"))
    assert f"from mx.example.net (mx.example.net [192.0.2.7]) by inbound-smtp.us-east-1.sesame.localhost with SMTP id " \
           f"{message_id} for box@example.com;" in mail["Received"], mail["Received"]
    assert raw.endswith(MAIL.replace("\n", "\r\n").encode()), raw


FORGED = """X-SES-Spam-Verdict: PASS
x-ses-virus-verdict: PASS
Received: by mx.example.net
Received-SPF: pass
Return-Path: <eve@example.net>
Authentication-Results: sesame.localhost; spf=pass
Authentication-Results: mx.example.net; spf=pass
X-SES-RECEIPT: AEFB
X-SES-DKIM-SIGNATURE: a=rsa-sha256;
 b=none;
X-SES-Outgoing: 1
"""


@case
def what_a_sender_forged_is_not_handed_out():
    key, record = rsa_key()
    whole = (FORGED + MAIL).replace("\n", "\r\n").encode()
    signed = dkim.sign(whole, b"s", b"example.net", key) + whole
    assert dkim_passes(signed, {"s._domainkey.example.net": record})
    rules(reaching, ("tell", [{"SNSAction": {"TopicArn": TOPIC}}, S3], {}))
    outcomes(reaching, hand_in(reaching, signed.decode()))
    content = published()[0]["content"].encode()
    put = [c for c in calls("S3", "PUT") if "SETUP" not in c[2]][0][4]
    equal(put, content, "the object")
    assert dkim_passes(put, {"s._domainkey.example.net": record}), put
    ours = ["Return-Path", "Received", "X-SES-Spam-Verdict", "X-SES-Virus-Verdict", "Received-SPF", "Authentication-Results",
            "X-SES-RECEIPT"]
    theirs = ["DKIM-Signature", "Received", "Authentication-Results", "X-SES-Outgoing", "From", "To", "Subject", "Message-ID"]
    equal(email.message_from_bytes(put).keys(), ours + theirs)
    equal([h["name"] for h in published()[0]["mail"]["headers"]], ours + theirs)
    # Lines that would go on with our last header.
    rules(plain, ("keep", [S3], {}))
    message_id = hand_in(plain, " dmarc=pass;\n" + MAIL)
    received(plain, message_id)
    assert b"dmarc=pass" not in stored(plain, message_id)


@case
def the_receipt_tells_which_mail_it_is():
    rules(plain, ("keep", [S3], {}))
    message_id = hand_in(plain)
    outcomes(plain, message_id)
    token = email.message_from_bytes(stored(plain, message_id))["X-SES-RECEIPT"]
    for known in (message_id, token):
        equal(plain.operator("trace", known)["results"][0]["detail"], f"bucket/in/{message_id}")
    error = raises(AssertionError, plain.operator, "trace", token[:-8] + "AAAAAAAA")
    assert "There is no message" in str(error), error


@case
def a_mail_is_signed_where_that_is_asked_for():
    with Sesame("--sign-received") as server:
        rules(server, ("keep", [S3], {}))
        message_id = hand_in(server)
        outcomes(server, message_id)
        mail = stored(server, message_id)
        assert b"X-SES-DKIM-SIGNATURE: a=rsa-sha256; q=dns/txt; c=relaxed/simple; s=sesame; d=sesame.localhost; " in mail, mail
        # Under its other name it is a DKIM signature like any other.
        published_key = server.operator("dns", "service")
        renamed = mail.replace(b"X-SES-DKIM-SIGNATURE", b"DKIM-Signature")
        keys = {published_key["name"]: published_key["wanted"]}
        assert dkim_passes(renamed, keys), renamed
        assert not dkim_passes(renamed.replace(b"Hello", b"Hallo"), keys)


@case
def large_mail_is_kept_whole():
    rules(plain, ("keep", [S3], {"ScanEnabled": True}))
    mail = MAIL + "0123456789abcde\n" * 100000
    message_id = hand_in(plain, mail)
    equal(outcomes(plain, message_id), [("keep", "S3", "done")])
    raw = stored(plain, message_id)
    assert raw.endswith(mail.replace("\n", "\r\n").encode())
    assert b"X-SES-Virus-Verdict: GRAY\r\n" in raw


@case
def rules_run_in_order_for_their_recipients_until_a_stop():
    header = {"AddHeaderAction": {"HeaderName": "X-A", "HeaderValue": "1"}}
    rules(plain, ("other", [header], {"Recipients": ["else@example.com"]}),
          ("off", [header], {"Enabled": False}),
          ("one", [header], {"Recipients": ["box@example.com"]}),
          ("stop", [S3, STOP], {}), ("never", [S3], {}))
    equal(outcomes(plain, hand_in(plain)), [("one", "AddHeader", "done"), ("stop", "S3", "done"),
                                            ("stop", "Stop", "done")])
    equal(outcomes(plain, hand_in(plain, to="else+tag@example.com,box@example.com", **{"from": ""}))[:2],
          [("other", "AddHeader", "done"), ("one", "AddHeader", "done")])


@case
def nobody_takes_mail_that_no_rule_is_for():
    hand_in(plain, want=422)  # no active set
    ses = rules(plain, ("one", [S3], {"Recipients": ["box@example.com", ".example.com"], "TlsPolicy": "Optional"}))
    hand_in(plain, to="no@example.com", want=422)
    hand_in(plain, to="a@sub.example.com")  # below a verified domain
    hand_in(plain, to="box@example.org", want=422)
    ses.create_receipt_filter(Filter={"Name": "f", "IpFilter": {"Policy": "Block", "Cidr": "192.0.2.0/24"}})
    hand_in(plain, ip="192.0.2.9", want=422)
    ses.update_receipt_rule(RuleSetName="set", Rule={"Name": "one", "Enabled": True, "Actions": [S3],
                                                     "TlsPolicy": "Require"})
    hand_in(plain, want=422)
    hand_in(plain, tls="TLSv1.3")
    ses.set_active_receipt_rule_set()
    hand_in(plain, tls="TLSv1.3", want=422)


@case
def each_scope_that_takes_it_gets_its_own():
    rules(plain, ("a", [S3], {}))
    rules(plain, ("b", [STOP], {}), region="eu-west-1")
    hand_in(plain)
    mails = json.loads(plain.control("GET", "/_sesame/received")[1])["received"]
    equal(sorted(m["region"] for m in mails), ["eu-west-1", "us-east-1"])


@case
def a_notification_has_the_mail_and_the_receipt():
    rules(reaching, ("tell", [{"SNSAction": {"TopicArn": TOPIC, "Encoding": "Base64"}},
                              {"S3Action": {"BucketName": "bucket", "TopicArn": TOPIC}}], {"ScanEnabled": True}))
    message_id = hand_in(reaching, to="box@example.com,BOX@example.com")  # one copy, as written first
    equal(outcomes(reaching, message_id), [("tell", "SNS", "done"), ("tell", "S3", "done"), ("tell", "S3", "done")])
    first, second = published()
    content = base64.b64decode(first["content"])
    assert content.endswith(b"\r\n\r\nHello.\r\n"), content
    assert "content" not in second
    equal(first["receipt"]["action"], {"type": "SNS", "topicArn": TOPIC, "encoding": "BASE64"})
    equal(second["receipt"]["action"], {"type": "S3", "topicArn": TOPIC, "bucketName": "bucket", "objectKeyPrefix": "",
                                        "objectKey": message_id})
    equal(first["receipt"]["recipients"], ["box@example.com"])
    equal(first["receipt"]["spamVerdict"], {"status": "GRAY"})
    equal(first["receipt"]["spfVerdict"], {"status": "GRAY"})
    mail = first["mail"]
    equal((mail["messageId"], mail["source"], mail["destination"]), (message_id, "ann@example.net", ["box@example.com"]))
    equal(mail["commonHeaders"], {"returnPath": "ann@example.net", "from": ["Ann <ann@example.net>"],
                                  "to": ["box@example.com"], "messageId": "<1@x>", "subject": "Grüße"})
    put = [c for c in calls("S3", "PUT") if c[2] == f"/bucket/{message_id}"]
    equal(len(put), 1, "objects")


@case
def a_function_decides_how_it_goes_on():
    for answer, want in (("CONTINUE", 3), ("STOP_RULE", 2), ("STOP_RULE_SET", 1), ("other", 3)):
        reaching.reset()
        Outside.answer = json.dumps({"disposition": answer}).encode()
        call = {"LambdaAction": {"FunctionArn": FUNCTION, "InvocationType": "RequestResponse"}}
        rules(reaching, ("a", [call, S3], {}), ("b", [S3], {}))
        equal(len(outcomes(reaching, hand_in(reaching))), want, answer)
    record = json.loads(calls("Lambda")[0][4])["Records"][0]
    equal((record["eventSource"], record["eventVersion"]), ("aws:ses", "1.0"))
    equal(record["ses"]["receipt"]["action"], {"type": "Lambda", "functionArn": FUNCTION,
                                               "invocationType": "RequestResponse"})


@case
def what_stops_is_told_to_its_topic_and_stops():
    bounce = {"BounceAction": {"SmtpReplyCode": "550", "StatusCode": "5.1.1", "Message": "No such mailbox",
                               "Sender": "mailer@example.com", "TopicArn": TOPIC}}
    call = {"LambdaAction": {"FunctionArn": FUNCTION, "InvocationType": "RequestResponse", "TopicArn": TOPIC}}
    for action, answer, want in (({"StopAction": {"Scope": "RuleSet", "TopicArn": TOPIC}}, "", ["Stop", "Stop"]),
                                 (bounce, "", ["Bounce", "Bounce"]),
                                 (call, "CONTINUE", ["Lambda", "Lambda", "S3", "S3"]),
                                 (call, "STOP_RULE", ["Lambda", "Lambda", "S3"]),
                                 (call, "STOP_RULE_SET", ["Lambda", "Lambda"])):
        reaching.reset()
        Outside.calls.clear()
        Outside.answer = json.dumps({"disposition": answer}).encode()
        stops = "StopAction" in action
        rules(reaching, ("a", [action] if stops else [action, S3], {}), ("b", [S3], {}))
        equal([o[1] for o in outcomes(reaching, hand_in(reaching))], want, f"{want[0]} {answer}")
        equal(len(published()), 1, "notifications")


@case
def where_a_mail_stops_is_known_after_a_restart():
    with tempfile.TemporaryDirectory(prefix="sesame-test-") as folder:
        server = Sesame("--aws-endpoint", OUTSIDE, "--data", folder).start()
        rules(server, ("a", [{"StopAction": {"Scope": "RuleSet", "TopicArn": TOPIC}}], {}), ("b", [S3], {}))
        Outside.failing.add("SNS")
        message_id = hand_in(server)
        wait_for("the first try", lambda: ("a", "Stop", "retry") in outcomes(server, message_id, "waiting"))
        server.kill()
        Outside.failing.clear()
        server.start()
        server.advance("1h")
        equal([o[1:] for o in outcomes(server, message_id)], [("Stop", "done"), ("Stop", "retry"), ("Stop", "done")])
        server.stop()


@case
def a_function_that_throws_is_asked_again():
    Outside.answer = b'{"errorMessage":"boom"}'
    rules(reaching, ("a", [{"LambdaAction": {"FunctionArn": FUNCTION, "InvocationType": "RequestResponse"}}, S3], {}))
    Outside.failing.add("function")
    message_id = hand_in(reaching)
    failed = received(reaching, message_id, "waiting")["results"]
    equal([(r["action"], r["result"], r["detail"]) for r in failed],
          [("Lambda", "retry", 'the function failed: Unhandled {"errorMessage":"boom"}')])
    Outside.failing.clear()
    Outside.answer = b'{"disposition":"STOP_RULE"}'
    reaching.advance("1m")
    equal(outcomes(reaching, message_id), [("a", "Lambda", "retry"), ("a", "Lambda", "done")])


@case
def a_hook_stands_in_for_a_function():
    Outside.answer = b'{"disposition":"STOP_RULE_SET"}'
    rules(reaching, ("a", [{"LambdaAction": {"FunctionArn": FUNCTION + "-hook"}}, S3], {}))
    equal([o[1] for o in outcomes(reaching, hand_in(reaching))], ["Lambda", "S3"])  # Event: no answer is waited for
    equal([c[2] for c in calls("Lambda")], ["/hook"])


@case
def a_bounce_ends_the_rules_and_goes_to_the_sender():
    bounce = {"BounceAction": {"SmtpReplyCode": "550", "StatusCode": "5.1.1", "Message": "No such mailbox",
                               "Sender": "mailer@example.com"}}
    rules(plain, ("no", [bounce, S3], {}), ("never", [S3], {})).verify_domain_dkim(Domain="example.com")
    equal(outcomes(plain, hand_in(plain)), [("no", "Bounce", "done")])
    _, raw = plain.only_mail(to="ann@example.net")
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    equal((mail.get_content_type(), mail["From"], mail["To"], mail["In-Reply-To"]),
          ("multipart/report", "mailer@example.com", "ann@example.net", "<1@x>"))
    assert "d=example.com;" in str(mail["DKIM-Signature"]).replace(" ", ""), mail["DKIM-Signature"]
    for line in (b"Final-Recipient: rfc822; box@example.com", b"Status: 5.1.1", b"Action: failed",
                 b"Diagnostic-Code: smtp; 550 5.1.1 No such mailbox",
                 b"Reporting-MTA: dns; inbound-smtp.us-east-1.sesame.localhost"):
        assert line in raw, (line, raw)
    hand_in(plain, **{"from": ""})
    equal(len(plain.messages(to="ann@example.net")), 1, "the null sender is not answered")


@case
def too_large_for_a_notification_is_bounced():
    rules(reaching, ("tell", [{"SNSAction": {"TopicArn": TOPIC}}, S3], {}))
    equal(outcomes(reaching, hand_in(reaching, MAIL + "x" * 70 + "\n" + ("y" * 70 + "\n") * 2200)),
          [("tell", "SNS", "done")])
    equal(published(), [])
    assert b"Status: 5.3.4" in reaching.only_mail(to="ann@example.net")[1]


@case
def what_cannot_be_reached_in_dev_mode_is_shown():
    rules(plain, ("a", [{"SNSAction": {"TopicArn": TOPIC}}, {"LambdaAction": {"FunctionArn": FUNCTION}}], {}))
    results = received(plain, hand_in(plain))["results"]
    equal([r["result"] for r in results], ["captured", "captured"])
    assert '"notificationType":"Received"' in results[0]["detail"] and FUNCTION in results[1]["detail"], results


@case
def what_fails_is_tried_again_and_dropped_after_four_hours():
    rules(reaching, ("a", [S3, {"SNSAction": {"TopicArn": TOPIC}}], {}))
    Outside.failing.add("S3")
    message_id = hand_in(reaching)
    equal(outcomes(reaching, message_id, "waiting"), [("a", "S3", "retry")])
    Outside.failing.clear()
    reaching.advance("1m")
    equal(outcomes(reaching, message_id), [("a", "S3", "retry"), ("a", "S3", "done"), ("a", "SNS", "done")])

    Outside.failing.add("S3")
    message_id = hand_in(reaching)
    received(reaching, message_id, "waiting")
    equal(listed(reaching, "waiting"), [message_id])
    reaching.advance("4h")
    equal(outcomes(reaching, message_id), [("a", "S3", "retry"), ("a", "S3", "expired"), ("a", "SNS", "done")])
    equal((len(listed(reaching)), listed(reaching, "waiting"), listed(reaching, "failed")), (2, [], [message_id]))
    equal(reaching.trace(message_id)["results"][1]["result"], "expired")


@case
def a_restart_goes_on_where_it_was():
    with tempfile.TemporaryDirectory(prefix="sesame-test-") as folder:
        server = Sesame("--aws-endpoint", OUTSIDE, "--data", folder).start()
        rules(server, ("a", [{"SNSAction": {"TopicArn": TOPIC}}, S3], {}))
        Outside.failing.add("S3")
        message_id = hand_in(server, MAIL + "z" * 500 + "\n")
        wait_for("the first try", lambda: ("a", "S3", "retry") in outcomes(server, message_id, "waiting"))
        server.kill()
        Outside.failing.clear()
        server.start()
        server.advance("1h")
        equal(outcomes(server, message_id), [("a", "SNS", "done"), ("a", "S3", "retry"), ("a", "S3", "done")])
        equal(len(published()), 1, "notifications")
        server.stop()


def execute(folder, statement):
    with contextlib.closing(sqlite3.connect(pathlib.Path(folder) / "sesame.db", timeout=30)) as database:
        database.execute(statement)
        database.commit()


@case
def nothing_is_done_again_because_it_cannot_be_put_down():
    """As on a full disk: the store refuses what became of a mail, for a while."""
    with tempfile.TemporaryDirectory(prefix="sesame-test-") as folder:
        server = Sesame("--aws-endpoint", OUTSIDE, "--data", folder).start()
        rules(server, ("a", [{"SNSAction": {"TopicArn": TOPIC}}, S3], {}))
        execute(folder, "CREATE TRIGGER full BEFORE UPDATE ON received BEGIN SELECT RAISE(ABORT, 'no room'); END")
        message_id = hand_in(server)
        wait_for("it to be tried again", lambda: server.log().count("no room") >= 2)
        equal(len(published()), 1, "notifications")
        execute(folder, "DROP TRIGGER full")
        equal(outcomes(server, message_id), [("a", "SNS", "done"), ("a", "S3", "done")])
        equal(len(published()), 1, "notifications")
        server.stop()


@case
def a_stop_waits_for_what_is_under_way():
    with tempfile.TemporaryDirectory(prefix="sesame-test-") as folder:
        server = Sesame("--aws-endpoint", OUTSIDE, "--data", folder).start()
        rules(server, ("a", [{"SNSAction": {"TopicArn": TOPIC}}, S3], {}))
        Outside.go_on.clear()
        try:
            message_id = hand_in(server)
            wait_for("the notification", lambda: calls("SNS"))
            stopping = threading.Thread(target=server.stop)
            stopping.start()
            wait_for("the doors to close", lambda: not reachable(server.inbound))
        finally:
            Outside.go_on.set()
        stopping.join()
        server.start()
        equal(outcomes(server, message_id), [("a", "SNS", "done"), ("a", "S3", "done")])
        equal(len(published()), 1, "notifications")
        server.stop()


def reachable(address):
    try:
        socket.create_connection(address, 5).close()
        return True
    except OSError:
        return False


@case
def whose_functions_hang_keeps_nobody_elses_mail():
    server = Sesame("--aws-endpoint", OUTSIDE).start()
    rules(server, ("a", [{"LambdaAction": {"FunctionArn": FUNCTION}}], {}))
    rules(server, ("a", [S3], {}), domain="example.org", region="eu-west-1")
    Outside.holding.add("Lambda")
    Outside.go_on.clear()
    try:
        def send():
            with smtplib.SMTP(*server.inbound) as smtp:
                for _ in range(150):
                    smtp.sendmail("ann@far.example", ["box@example.com"], MAIL)
        threads = [threading.Thread(target=send) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        equal(outcomes(server, hand_in(server, to="box@example.org")), [("a", "S3", "done")])
    finally:
        Outside.go_on.set()
        Outside.holding.clear()
    server.kill()


@case
def a_bounce_is_sent_once_whenever_the_server_dies():
    bounce = {"BounceAction": {"SmtpReplyCode": "550", "Message": "No", "Sender": "mailer@example.com"}}
    with tempfile.TemporaryDirectory(prefix="sesame-test-") as folder:
        server = Sesame("--data", folder).start()
        rules(server, ("no", [bounce], {}))
        taken = {}
        for kill in range(4):
            def flood(first):
                for number in range(first, first + 40):
                    sender = f"s{number}@example.net"
                    try:
                        taken[sender] = hand_in(server, **{"from": sender})
                    except (OSError, AssertionError, ValueError):
                        return  # the server is gone
            threads = [threading.Thread(target=flood, args=(1000 * kill + 100 * n,)) for n in range(3)]
            for thread in threads:
                thread.start()
            wait_for("mails to be taken", lambda known=len(taken): len(taken) > known + 10 * (kill + 1))
            server.kill()
            for thread in threads:
                thread.join()
            server.start()
        for message_id in taken.values():
            received(server, message_id)
        server.advance("1m")
        for sender in taken:
            equal(len(server.messages(to=sender)), 1, f"bounces to {sender}")
        server.stop()


@case
def rules_are_refused_whose_resources_are_not_there():
    ses = client("ses", reaching)
    ses.create_receipt_rule_set(RuleSetName="set")

    def refused(action, code, message):
        error = raises(botocore.exceptions.ClientError, ses.create_receipt_rule, RuleSetName="set",
                       Rule={"Name": "r", "Actions": [action]}).response
        equal((error["Error"]["Code"], error["Error"]["Message"], error["ResponseMetadata"]["HTTPStatusCode"]),
              (code, message, 400))

    Outside.failing.update({"S3", "SNS"})
    refused({"SNSAction": {"TopicArn": TOPIC}}, "InvalidSnsTopic", f"Could not publish to SNS topic: {TOPIC}")
    refused(S3, "InvalidS3Configuration", "Could not write to bucket: bucket")
    error = raises(botocore.exceptions.ClientError, client("ses", plain).create_receipt_rule, RuleSetName="none",
                   Rule={"Name": "r", "Actions": [S3]}).response["Error"]
    equal(error["Code"], "RuleSetDoesNotExist")
    Outside.failing.clear()
    ses.create_receipt_rule(RuleSetName="set", Rule={"Name": "r", "Actions": [S3]})
    equal(calls("S3", "PUT")[-1][2], "/bucket/in/AMAZON_SES_SETUP_NOTIFICATION")
    Outside.failing.add("HEAD")  # a policy that allows s3:PutObject alone, as SES asks for
    ses.create_receipt_rule(RuleSetName="set", Rule={"Name": "q", "Actions": [S3]})


@case
def a_role_is_taken_on_for_the_bucket_and_the_topic():
    role = "arn:aws:iam::000000000000:role/keeper"
    action = {"S3Action": {**S3["S3Action"], "IamRoleArn": role, "TopicArn": TOPIC}}
    Outside.role_answer = (403, b"<Error><Code>AccessDenied</Code></Error>")
    ses = rules(reaching)
    refused(ses.create_receipt_rule, "InvalidSnsTopic", f"Could not publish to SNS topic: {TOPIC}", RuleSetName="set",
            Rule={"Name": "r", "Actions": [action]})
    refused(ses.create_receipt_rule, "InvalidS3Configuration", "Could not write to bucket: bucket", RuleSetName="set",
            Rule={"Name": "r", "Actions": [{"S3Action": {**S3["S3Action"], "IamRoleArn": role}}]})
    equal([c for c in Outside.calls if c[0] != "STS"], [])

    Outside.role_answer = (200, b"<R><Credentials><AccessKeyId>ASIAKEEPER</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
                                b"<SessionToken>token=</SessionToken></Credentials></R>")
    Outside.calls.clear()
    ses.create_receipt_rule(RuleSetName="set", Rule={"Name": "r", "Enabled": True, "Actions": [action, S3]})
    message_id = hand_in(reaching)
    equal(outcomes(reaching, message_id), [("r", "S3", "done")] * 3)
    asked = [c for c in Outside.calls if c[0] == "STS"]
    equal(len(asked), 1, "calls of AssumeRole")
    form = dict(urllib.parse.parse_qsl(asked[0][4].decode()))
    equal((form["RoleArn"], form["ExternalId"]), (role, "000000000000"))
    contains(asked[0][3]["Authorization"], "Credential=test/")
    contains(asked[0][3]["Authorization"], "/us-east-1/sts/aws4_request")

    def by(*kinds):
        return [(c[1], "ASIAKEEPER/" in c[3]["Authorization"], c[3].get("X-Amz-Security-Token")) for c in Outside.calls
                if c[0] in kinds]

    equal(set(by("SNS")), {("POST", True, "token=")})
    theirs, ours = (True, "token="), (False, None)
    equal(by("S3"), [("HEAD", *theirs), ("PUT", *theirs), ("HEAD", *ours), ("PUT", *ours),  # the rule is made
                     ("PUT", *theirs), ("PUT", *ours)])


@suite.case
def servers_stop():
    plain.stop()
    reaching.stop()
    outside.shutdown()


if __name__ == "__main__":
    suite.main()
