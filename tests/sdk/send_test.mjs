// The JavaScript SDK v3 against a dev server: sending by both APIs, identities, account, and the errors it throws.
import assert from "node:assert/strict";
import * as ses from "@aws-sdk/client-ses";
import * as sesv2 from "@aws-sdk/client-sesv2";

const endpoint = process.argv[2];
const options = { endpoint, region: "us-east-1", credentials: { accessKeyId: "any", secretAccessKey: "any" }, maxAttempts: 1 };
const v1 = new ses.SESClient(options);
const v2 = new sesv2.SESv2Client(options);

const inbox = async (query) => (await (await fetch(`${endpoint}/_sesame/messages?wait=5s&${query}`)).json()).messages;
const raw = async (id) => (await fetch(`${endpoint}/_sesame/messages/${id}/raw`)).text();
const simple = { Subject: { Data: "Hello" }, Body: { Text: { Data: "It works." }, Html: { Data: "<b>Grüße</b>", Charset: "UTF-8" } } };
const rawMail = Buffer.from("From: me@example.com\r\nTo: raw@example.net\r\nSubject: raw\r\n\r\nbody\r\n");

const cases = {
  async v1_send() {
    await v1.send(new ses.VerifyEmailIdentityCommand({ EmailAddress: "me@example.com" }));
    const sent = await v1.send(new ses.SendEmailCommand({
      Source: "me@example.com", Destination: { ToAddresses: ["one@example.net"] }, Message: simple,
      ReplyToAddresses: ["r@example.org"] }));
    assert.match(sent.$metadata.requestId, /^[0-9a-f-]{36}$/);
    const [line] = await inbox("to=one@example.net");
    assert.equal(line.messageId, sent.MessageId);
    assert.match(await raw(line.messageId), /^Reply-To: r@example.org\r$/m);
  },
  async v1_send_raw() {
    const sent = await v1.send(new ses.SendRawEmailCommand({ RawMessage: { Data: rawMail } }));
    assert.equal((await inbox("to=raw@example.net"))[0].messageId, sent.MessageId);
  },
  async v2_send() {
    await v2.send(new sesv2.CreateEmailIdentityCommand({ EmailIdentity: "example.com" }));
    const sent = await v2.send(new sesv2.SendEmailCommand({
      FromEmailAddress: "me@example.com", Destination: { ToAddresses: ["two@example.net"], BccAddresses: ["bcc@example.net"] },
      Content: { Simple: { ...simple, Attachments: [{ FileName: "a.txt", RawContent: Buffer.from("attached") }] } } }));
    const [line] = await inbox("to=bcc@example.net");
    assert.equal(line.messageId, sent.MessageId);
    assert.match(await raw(line.messageId), /YXR0YWNoZWQ=|attached/);
  },
  async v2_send_raw() {
    const sent = await v2.send(new sesv2.SendEmailCommand({
      Destination: { ToAddresses: ["three@example.net"] }, Content: { Raw: { Data: rawMail } } }));
    assert.equal((await inbox("to=three@example.net"))[0].messageId, sent.MessageId);
  },
  async v1_errors() {
    await assert.rejects(v1.send(new ses.SendEmailCommand({
      Source: "stranger@example.info", Destination: { ToAddresses: ["x@example.net"] }, Message: simple })), (e) =>
      e instanceof ses.MessageRejected && e.$metadata.httpStatusCode === 400 && e.message ===
      "Email address is not verified. The following identities failed the check in region US-EAST-1: stranger@example.info");
    await assert.rejects(v1.send(new ses.SendEmailCommand({
      Source: "me@example.com", Destination: { ToAddresses: ["x@example.net"] }, Message: simple, ConfigurationSetName: "gone" })),
      (e) => e instanceof ses.ConfigurationSetDoesNotExistException && e.message === "Configuration set <gone> does not exist.");
    await assert.rejects(v1.send(new ses.SendEmailCommand({
      Source: "me@example.com", Destination: { ToAddresses: ["foo"] }, Message: simple })),
      (e) => e.name === "InvalidParameterValue" && e.message === "Missing final '@domain'");
  },
  async v2_errors() {
    await assert.rejects(v2.send(new sesv2.GetEmailIdentityCommand({ EmailIdentity: "none.example" })),
      (e) => e instanceof sesv2.NotFoundException && e.$metadata.httpStatusCode === 404);
    await assert.rejects(v2.send(new sesv2.CreateEmailIdentityCommand({ EmailIdentity: "example.com" })),
      (e) => e instanceof sesv2.AlreadyExistsException && e.message === "Email identity example.com already exist.");
    await assert.rejects(v2.send(new sesv2.SendEmailCommand({
      FromEmailAddress: "a@b@c", Destination: { ToAddresses: ["x@example.net"] }, Content: { Simple: simple } })),
      (e) => e instanceof sesv2.BadRequestException);
  },
  async identities() {
    const tokens = (await v1.send(new ses.VerifyDomainDkimCommand({ Domain: "js.example" }))).DkimTokens;
    assert.equal(tokens.length, 3);
    const seen = await v2.send(new sesv2.GetEmailIdentityCommand({ EmailIdentity: "js.example" }));
    assert.deepEqual(seen.DkimAttributes.Tokens, tokens);
    assert.equal(seen.IdentityType, "DOMAIN");
    const token = (await v1.send(new ses.VerifyDomainIdentityCommand({ Domain: "js.example" }))).VerificationToken;
    const states = await v1.send(new ses.GetIdentityVerificationAttributesCommand({ Identities: ["js.example"] }));
    assert.deepEqual(states.VerificationAttributes["js.example"], { VerificationStatus: "Success", VerificationToken: token });
    const names = [];
    for await (const page of sesv2.paginateListEmailIdentities({ client: v2, pageSize: 1 }, {}))
      names.push(...page.EmailIdentities.map((i) => i.IdentityName));
    assert.deepEqual(names.sort(), ["example.com", "js.example", "me@example.com"]);
    await v2.send(new sesv2.PutEmailIdentityDkimAttributesCommand({ EmailIdentity: "js.example", SigningEnabled: false }));
    const dkim = await v1.send(new ses.GetIdentityDkimAttributesCommand({ Identities: ["js.example"] }));
    assert.equal(dkim.DkimAttributes["js.example"].DkimEnabled, false);
    await v2.send(new sesv2.DeleteEmailIdentityCommand({ EmailIdentity: "js.example" }));
    await v1.send(new ses.DeleteIdentityCommand({ Identity: "js.example" }));
  },
  async account() {
    const account = await v2.send(new sesv2.GetAccountCommand({}));
    assert.equal(account.SendQuota.Max24HourSend, 50000);
    assert.equal(account.ProductionAccessEnabled, true);
    assert.equal((await v1.send(new ses.GetSendQuotaCommand({}))).MaxSendRate, 14);
    const points = (await v1.send(new ses.GetSendStatisticsCommand({}))).SendDataPoints;
    assert.ok(points[0].Timestamp instanceof Date && points[0].DeliveryAttempts > 0);
    assert.equal((await v1.send(new ses.GetAccountSendingEnabledCommand({}))).Enabled, true);
  },
  async parallel() {
    const ids = await Promise.all(Array.from({ length: 60 }, (_, i) => v2.send(new sesv2.SendEmailCommand({
      FromEmailAddress: "me@example.com", Destination: { ToAddresses: [`p${i % 2}@example.net`] }, Content: { Simple: simple } }))
      .then((sent) => sent.MessageId, (e) => { if (e.name === "TooManyRequestsException") return null; throw e; })));
    const accepted = ids.filter((id) => id !== null);
    assert.equal(new Set(accepted).size, accepted.length);
    assert.ok(accepted.length >= 10);
  },
};

const wanted = process.argv.slice(3);
let failed = 0;
for (const [name, run] of Object.entries(cases)) {
  if (wanted.length && !wanted.some((part) => name.includes(part))) continue;
  try {
    await run();
    console.log(`ok js: ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL js: ${name}\n    ${String(error.stack ?? error).replaceAll("\n", "\n    ")}`);
  }
}
process.exit(failed ? 1 : 0);
