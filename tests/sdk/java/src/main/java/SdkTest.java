import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ses.SesClient;
import software.amazon.awssdk.services.ses.model.MessageRejectedException;
import software.amazon.awssdk.services.sesv2.SesV2Client;
import software.amazon.awssdk.services.sesv2.model.Content;
import software.amazon.awssdk.services.sesv2.model.EmailContent;
import software.amazon.awssdk.services.sesv2.model.IdentityType;
import software.amazon.awssdk.services.sesv2.model.NotFoundException;
import software.amazon.awssdk.services.sesv2.model.VerificationStatus;

/**
 * The AWS SDK for Java v2 against a server that checks signatures. It calls, checks what it decodes, and prints a line
 * for each case: `ok NAME`, `FAIL NAME: why`; and `sent NAME ID` for each mail, which compiled_test.py looks at.
 */
public class SdkTest {
  static final String SENDER = "sdk+test/a=b@example.com";
  static final String SECRET = System.getenv("AWS_SECRET_ACCESS_KEY");
  static final String ENDPOINT = System.getenv("AWS_ENDPOINT_URL");
  static final SesClient v1 = v1(SECRET);
  static final SesV2Client v2 = v2(SECRET, ENDPOINT);

  static <B extends AwsClientBuilder<B, ?>> B configured(B builder, String secret, String endpoint) {
    return builder.region(Region.of(System.getenv("AWS_REGION"))).endpointOverride(URI.create(endpoint)).credentialsProvider(
        StaticCredentialsProvider.create(AwsBasicCredentials.create(System.getenv("AWS_ACCESS_KEY_ID"), secret)));
  }

  static SesClient v1(String secret) {
    return configured(SesClient.builder().httpClientBuilder(UrlConnectionHttpClient.builder()), secret, ENDPOINT).build();
  }

  static SesV2Client v2(String secret, String endpoint) {
    return configured(SesV2Client.builder().httpClientBuilder(UrlConnectionHttpClient.builder()), secret, endpoint).build();
  }

  static void want(boolean condition, Object got) {
    if (!condition) throw new AssertionError("not as wanted: " + got);
  }

  /** The exception of this very type that the call throws. */
  static <E extends Exception> E thrown(Class<E> type, Runnable call) {
    try {
      call.run();
    } catch (RuntimeException error) {
      if (type.isInstance(error)) return type.cast(error);
      throw error;
    }
    throw new AssertionError("no " + type.getSimpleName());
  }

  static void refused(String code, Runnable call) {
    AwsServiceException error = thrown(AwsServiceException.class, call);
    want(error.awsErrorDetails().errorCode().equals(code) && error.statusCode() == 403, error);
  }

  static boolean recent(Instant moment) {
    return moment != null && Duration.between(moment, Instant.now()).abs().toMinutes() < 5;
  }

  static Content content(String text) {
    return Content.builder().data(text).charset("UTF-8").build();
  }

  static SdkBytes rawMail(String to) {
    return SdkBytes.fromString("From: sdk@example.com\r\nTo: " + to + "\r\nSubject: raw\r\nMIME-Version: 1.0\r\n"
        + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\u00fc\u00dfe \u2713\r\n",
        StandardCharsets.UTF_8);
  }

  static void sendV2(SesV2Client client, String name, EmailContent content) {
    String id = client.sendEmail(r -> r.fromEmailAddress(SENDER).content(content)
        .destination(d -> d.toAddresses(name + "@example.net"))).messageId();
    System.out.println("sent " + name + " " + id);
  }

  static EmailContent simple(String subject) {
    return EmailContent.builder().simple(m -> m.subject(content(subject))
        .body(b -> b.text(content("plain")).html(content("<b>bold</b>")))).build();
  }

  static void identities() {
    v2.createEmailIdentity(r -> r.emailIdentity("example.com"));
    v2.createEmailIdentity(r -> r.emailIdentity(SENDER).tags(t -> t.key("team").value("b\u00e4r")));
    var seen = v2.getEmailIdentity(r -> r.emailIdentity(SENDER));
    want(seen.identityType() == IdentityType.EMAIL_ADDRESS && seen.verifiedForSendingStatus(), seen);
    want(seen.tags().size() == 1 && seen.tags().get(0).value().equals("b\u00e4r"), seen.tags());
    var domain = v2.getEmailIdentity(r -> r.emailIdentity("example.com"));
    want(domain.verificationStatus() == VerificationStatus.SUCCESS, domain);
    want(domain.dkimAttributes().tokens().size() == 3, domain.dkimAttributes());
    want(recent(domain.dkimAttributes().lastKeyGenerationTimestamp()), domain.dkimAttributes());
  }

  static void pages() {
    var wanted = List.of("a+1@example.net", "b@example.net", "c@example.net");
    v2.createContactList(r -> r.contactListName("readers"));
    for (String name : wanted) v2.createContact(r -> r.contactListName("readers").emailAddress(name));
    var names = new ArrayList<String>();
    int count = 0;
    for (var page : v2.listContactsPaginator(r -> r.contactListName("readers").pageSize(2))) {
      count++;
      for (var contact : page.contacts()) {
        names.add(contact.emailAddress());
        want(recent(contact.lastUpdatedTimestamp()), contact);
      }
    }
    names.sort(null);
    want(count == 2 && names.equals(wanted), count + " pages: " + names);
    var one = v2.getContact(r -> r.contactListName("readers").emailAddress("a+1@example.net"));
    want(recent(one.createdTimestamp()) && !one.unsubscribeAll(), one);
  }

  static void v2Simple() { sendV2(v2, "simple", simple("Gr\u00fc\u00dfe")); }

  static void v2Raw() {
    sendV2(v2, "raw", EmailContent.builder().raw(m -> m.data(rawMail("raw@example.net"))).build());
  }

  static void v2Template() {
    sendV2(v2, "template", EmailContent.builder().template(t -> t
        .templateContent(c -> c.subject("Hello {{name}}").text("Dear {{name}}")).templateData("{\"name\":\"Ada\"}")
        .attachments(a -> a.fileName("a.bin").rawContent(SdkBytes.fromByteArray(new byte[] {0, -1, 13, 10})))).build());
  }

  static void v1Simple() {
    String id = v1.sendEmail(r -> r.source(SENDER).destination(d -> d.toAddresses("v1simple@example.net"))
        .message(m -> m.subject(s -> s.data("Gr\u00fc\u00dfe"))
            .body(b -> b.text(t -> t.data("a & b = ~*+ \u2713"))))).messageId();
    System.out.println("sent v1simple " + id);
  }

  static void v1Raw() {
    String id = v1.sendRawEmail(r -> r.rawMessage(m -> m.data(rawMail("v1raw@example.net")))).messageId();
    System.out.println("sent v1raw " + id);
  }

  static void v1Templates() {
    v1.createTemplate(r -> r.template(t -> t.templateName("hello").subjectPart("Hello").textPart("t")));
    var all = v1.listTemplates(r -> {}).templatesMetadata();
    want(all.size() == 1 && all.get(0).name().equals("hello") && recent(all.get(0).createdTimestamp()), all);
  }

  static void v2NotFound() {
    var error = thrown(NotFoundException.class, () -> v2.getEmailIdentity(r -> r.emailIdentity("no+one@example.org")));
    want(error.awsErrorDetails().errorMessage().equals("Email identity no+one@example.org does not exist.")
        && error.statusCode() == 404, error);
  }

  static void v1Rejected() {
    var error = thrown(MessageRejectedException.class, () -> v1.sendEmail(r -> r.source("stranger@example.info")
        .destination(d -> d.toAddresses("x@example.net"))
        .message(m -> m.subject(s -> s.data("s")).body(b -> b.text(t -> t.data("t"))))));
    want(error.awsErrorDetails().errorMessage().equals("Email address is not verified. The following identities failed "
        + "the check in region US-EAST-1: stranger@example.info"), error);
  }

  /** The server's policy for this key denies GetAccount and, in v1, GetSendQuota. */
  static void denied() {
    refused("AccessDeniedException", () -> v2.getAccount(r -> {}));
    refused("AccessDenied", () -> v1.getSendQuota(r -> {}));
  }

  static void wrongSecret() {
    refused("InvalidSignatureException", () -> v2("wrong", ENDPOINT).listEmailIdentities(r -> {}));
    refused("SignatureDoesNotMatch", () -> v1("wrong").listIdentities(r -> {}));
  }

  /** The way to this endpoint loses the first answer. */
  static void retry() { sendV2(v2(SECRET, System.getenv("SDK_LOSSY_URL")), "retry", simple("once")); }

  public static void main(String[] arguments) {
    var cases = new LinkedHashMap<String, Runnable>();
    cases.put("identities", SdkTest::identities);
    cases.put("pages", SdkTest::pages);
    cases.put("v2_simple", SdkTest::v2Simple);
    cases.put("v2_raw", SdkTest::v2Raw);
    cases.put("v2_template", SdkTest::v2Template);
    cases.put("v1_simple", SdkTest::v1Simple);
    cases.put("v1_raw", SdkTest::v1Raw);
    cases.put("v1_templates", SdkTest::v1Templates);
    cases.put("v2_not_found", SdkTest::v2NotFound);
    cases.put("v1_rejected", SdkTest::v1Rejected);
    cases.put("denied", SdkTest::denied);
    cases.put("wrong_secret", SdkTest::wrongSecret);
    cases.put("retry", SdkTest::retry);
    cases.forEach((name, run) -> {
      try {
        run.run();
        System.out.println("ok java: " + name);
      } catch (RuntimeException | AssertionError error) {
        System.out.println("FAIL java: " + name + ": " + error);
      }
    });
  }
}
