// The JavaScript SDK v3 against a dev server: users, keys, policies, what they may do, roles and their sessions.
import assert from "node:assert/strict";
import * as iam from "@aws-sdk/client-iam";
import * as sesv2 from "@aws-sdk/client-sesv2";
import * as sts from "@aws-sdk/client-sts";

const endpoint = process.argv[2];
const options = (credentials) => ({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
const root = { accessKeyId: "any", secretAccessKey: "any" };
const api = new iam.IAMClient(options(root));
const account = "000000000000";
const sends = JSON.stringify({ Version: "2012-10-17", Statement: [
  { Effect: "Allow", Action: ["ses:SendEmail", "ses:GetAccount"], Resource: "*" }] });
const trust = JSON.stringify({ Version: "2012-10-17", Statement: [
  { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${account}:user/js` }, Action: "sts:AssumeRole" }] });
const UserName = "js";
let key;
let policy;

const cases = {
  async user_key_and_policies() {
    const { User } = await api.send(new iam.CreateUserCommand({ UserName, Tags: [{ Key: "team", Value: "blue" }] }));
    assert.equal(User.Arn, `arn:aws:iam::${account}:user/js`);
    assert.ok(User.CreateDate instanceof Date);
    const { AccessKey } = await api.send(new iam.CreateAccessKeyCommand({ UserName }));
    key = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
    await api.send(new iam.PutUserPolicyCommand({ UserName, PolicyName: "sends", PolicyDocument: sends }));
    const held = await api.send(new iam.GetUserPolicyCommand({ UserName, PolicyName: "sends" }));
    assert.equal(decodeURIComponent(held.PolicyDocument), sends);
    await new sesv2.SESv2Client(options(key)).send(new sesv2.GetAccountCommand({}));
    await api.send(new iam.DeleteUserPolicyCommand({ UserName, PolicyName: "sends" }));
    await assert.rejects(new sesv2.SESv2Client(options(key)).send(new sesv2.GetAccountCommand({})),
      (e) => e.name === "AccessDeniedException" && e.$metadata.httpStatusCode === 403);
  },
  async managed_policy() {
    ({ Policy: policy } = await api.send(new iam.CreatePolicyCommand({ PolicyName: "js", PolicyDocument: sends })));
    await api.send(new iam.AttachUserPolicyCommand({ UserName, PolicyArn: policy.Arn }));
    const { PolicyVersion } = await api.send(new iam.GetPolicyVersionCommand({ PolicyArn: policy.Arn, VersionId: "v1" }));
    assert.equal(decodeURIComponent(PolicyVersion.Document), sends);
    const { AttachedPolicies } = await api.send(new iam.ListAttachedUserPoliciesCommand({ UserName }));
    assert.deepEqual(AttachedPolicies, [{ PolicyName: "js", PolicyArn: policy.Arn }]);
    await new sesv2.SESv2Client(options(key)).send(new sesv2.GetAccountCommand({}));
  },
  async pages() {
    const names = [];
    for await (const page of iam.paginateListPolicies({ client: api, pageSize: 1 }, { Scope: "AWS" })) {
      assert.equal(page.Policies.length, 1);
      names.push(page.Policies[0].PolicyName);
    }
    assert.deepEqual(names, ["AdministratorAccess", "AmazonSESFullAccess", "AmazonSESReadOnlyAccess"]);
  },
  async simulation() {
    const { EvaluationResults } = await api.send(new iam.SimulatePrincipalPolicyCommand({
      PolicySourceArn: `arn:aws:iam::${account}:user/js`, ActionNames: ["ses:SendEmail", "ses:SendRawEmail"] }));
    assert.deepEqual(EvaluationResults.map((r) => r.EvalDecision), ["allowed", "implicitDeny"]);
    assert.equal(EvaluationResults[0].MatchedStatements[0].SourcePolicyId, "js");
  },
  async caller_and_sessions() {
    const client = new sts.STSClient(options(key));
    assert.equal((await client.send(new sts.GetCallerIdentityCommand({}))).Arn, `arn:aws:iam::${account}:user/js`);
    const { Role } = await api.send(new iam.CreateRoleCommand({ RoleName: "js", AssumeRolePolicyDocument: trust }));
    const { Credentials } = await client.send(new sts.AssumeRoleCommand({ RoleArn: Role.Arn, RoleSessionName: "one" }));
    const session = { accessKeyId: Credentials.AccessKeyId, secretAccessKey: Credentials.SecretAccessKey,
      sessionToken: Credentials.SessionToken };
    const told = await new sts.STSClient(options(session)).send(new sts.GetCallerIdentityCommand({}));
    assert.equal(told.Arn, `arn:aws:sts::${account}:assumed-role/js/one`);
  },
  async errors() {
    await assert.rejects(api.send(new iam.CreateUserCommand({ UserName })), (e) =>
      e instanceof iam.EntityAlreadyExistsException && e.message === "User with name js already exists.");
    await assert.rejects(api.send(new iam.DeleteUserCommand({ UserName })), (e) =>
      e instanceof iam.DeleteConflictException && e.message === "Cannot delete entity, must detach all policies first.");
    await assert.rejects(api.send(new iam.PutUserPolicyCommand({ UserName, PolicyName: "p", PolicyDocument: "{" })), (e) =>
      e instanceof iam.MalformedPolicyDocumentException);
    await assert.rejects(new iam.IAMClient(options(key)).send(new iam.ListUsersCommand({})), (e) =>
      e.name === "AccessDenied" && e.message === `User: arn:aws:iam::${account}:user/js is not authorized to perform: ` +
      "iam:ListUsers on resource: * because no identity-based policy allows the iam:ListUsers action");
  },
  async all_goes_again() {
    await api.send(new iam.DeleteRoleCommand({ RoleName: "js" }));
    await api.send(new iam.DetachUserPolicyCommand({ UserName, PolicyArn: policy.Arn }));
    await api.send(new iam.DeletePolicyCommand({ PolicyArn: policy.Arn }));
    await api.send(new iam.DeleteAccessKeyCommand({ UserName, AccessKeyId: key.accessKeyId }));
    await api.send(new iam.DeleteUserCommand({ UserName }));
    assert.deepEqual((await api.send(new iam.ListUsersCommand({}))).Users, []);
  },
};

let failed = 0;
for (const [name, run] of Object.entries(cases)) {
  try {
    await run();
    console.log(`ok js: iam ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL js: iam ${name}\n    ${String(error.stack).replaceAll("\n", "\n    ")}`);
  }
}
process.exit(failed ? 1 : 0);
