"""Sends one mail through the v2 API of a dev server and prints what the inbox shows. Standard library only."""

import json
import sys
import urllib.request

base = sys.argv[1]
mail = {
    "FromEmailAddress": "Sesame <me@example.com>",
    "Destination": {"ToAddresses": ["you@example.net"]},
    "Content": {"Simple": {"Subject": {"Data": "First light"}, "Body": {"Text": {"Data": "It works.\n"}}}},
}
# Dev mode asks for the form of a signature, not for a right one.
authorization = "AWS4-HMAC-SHA256 Credential=any/20240101/us-east-1/ses/aws4_request, SignedHeaders=host, Signature=0"
request = urllib.request.Request(
    base + "/v2/email/outbound-emails",
    data=json.dumps(mail).encode(),
    headers={"Content-Type": "application/json", "X-Amz-Date": "20240101T000000Z",
             "Authorization": authorization},
)
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback is not for a proxy
message_id = json.load(opener.open(request))["MessageId"]
print(f"Sent through SES API v2; MessageId {message_id}. In the inbox:\n")
inbox = json.load(opener.open(base + "/_sesame/messages?to=you@example.net&wait=5s"))
for message in inbox["messages"]:
    print("  " + json.dumps(message))
    raw = opener.open(f"{base}/_sesame/messages/{message['messageId']}/raw").read().decode()
    print("\n" + "".join("  | " + line + "\n" for line in raw.splitlines()), end="")
if not inbox["messages"]:
    sys.exit("The mail did not reach the inbox.")
