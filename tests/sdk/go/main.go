// The AWS SDK for Go v2 against a server that checks signatures. It calls, checks what it decodes, and prints a line
// for each case: `ok NAME`, `FAIL NAME: why`; and `sent NAME ID` for each mail, which ../compiled_test.py looks at.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	v1types "github.com/aws/aws-sdk-go-v2/service/ses/types"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"
)

const sender = "sdk+test/a=b@example.com"
const rawMail = "From: sdk@example.com\r\nTo: %s\r\nSubject: raw\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\u00fc\u00dfe \u2713\r\n"

var ctx = context.Background()

func config(secret string) aws.Config {
	return aws.Config{
		Region:       os.Getenv("AWS_REGION"),
		BaseEndpoint: aws.String(os.Getenv("AWS_ENDPOINT_URL")),
		Credentials:  credentials.NewStaticCredentialsProvider(os.Getenv("AWS_ACCESS_KEY_ID"), secret, ""),
	}
}

var v1 = ses.NewFromConfig(config(os.Getenv("AWS_SECRET_ACCESS_KEY")))
var v2 = sesv2.NewFromConfig(config(os.Getenv("AWS_SECRET_ACCESS_KEY")))

// want fails the case unless the condition holds.
func want(condition bool, got any) {
	if !condition {
		panic(fmt.Sprintf("not as wanted: %+v", got))
	}
}

// must is the value of a call that succeeds.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func recent(moment *time.Time) bool {
	return moment != nil && time.Since(*moment).Abs() < 5*time.Minute
}

func content(text string) *v2types.Content {
	return &v2types.Content{Data: aws.String(text), Charset: aws.String("UTF-8")}
}

func sendV2(name string, content *v2types.EmailContent) {
	sent := must(v2.SendEmail(ctx, &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(sender),
		Destination:      &v2types.Destination{ToAddresses: []string{name + "@example.net"}},
		Content:          content,
	}))
	fmt.Println("sent", name, *sent.MessageId)
}

func identities() {
	must(v2.CreateEmailIdentity(ctx, &sesv2.CreateEmailIdentityInput{EmailIdentity: aws.String("example.com")}))
	must(v2.CreateEmailIdentity(ctx, &sesv2.CreateEmailIdentityInput{EmailIdentity: aws.String(sender),
		Tags: []v2types.Tag{{Key: aws.String("team"), Value: aws.String("b\u00e4r")}}}))
	seen := must(v2.GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: aws.String(sender)}))
	want(seen.IdentityType == v2types.IdentityTypeEmailAddress && seen.VerifiedForSendingStatus, seen)
	want(len(seen.Tags) == 1 && *seen.Tags[0].Value == "b\u00e4r", seen.Tags)
	domain := must(v2.GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: aws.String("example.com")}))
	want(domain.VerificationStatus == v2types.VerificationStatusSuccess, domain)
	want(len(domain.DkimAttributes.Tokens) == 3, domain.DkimAttributes)
	want(recent(domain.DkimAttributes.LastKeyGenerationTimestamp), domain.DkimAttributes)
}

func pages() {
	list := aws.String("readers")
	must(v2.CreateContactList(ctx, &sesv2.CreateContactListInput{ContactListName: list}))
	for _, name := range []string{"a+1@example.net", "b@example.net", "c@example.net"} {
		must(v2.CreateContact(ctx, &sesv2.CreateContactInput{ContactListName: list, EmailAddress: aws.String(name)}))
	}
	var names []string
	count := 0
	all := sesv2.NewListContactsPaginator(v2, &sesv2.ListContactsInput{ContactListName: list, PageSize: aws.Int32(2)})
	for ; all.HasMorePages(); count++ {
		for _, contact := range must(all.NextPage(ctx)).Contacts {
			names = append(names, *contact.EmailAddress)
			want(recent(contact.LastUpdatedTimestamp), contact)
		}
	}
	slices.Sort(names)
	want(count == 2 && slices.Equal(names, []string{"a+1@example.net", "b@example.net", "c@example.net"}), names)
	one := must(v2.GetContact(ctx, &sesv2.GetContactInput{ContactListName: list, EmailAddress: aws.String("a+1@example.net")}))
	want(recent(one.CreatedTimestamp) && !one.UnsubscribeAll, one)
}

func v2Simple() {
	sendV2("simple", &v2types.EmailContent{Simple: &v2types.Message{Subject: content("Gr\u00fc\u00dfe"),
		Body: &v2types.Body{Text: content("plain"), Html: content("<b>bold</b>")}}})
}

func v2Raw() {
	sendV2("raw", &v2types.EmailContent{Raw: &v2types.RawMessage{Data: fmt.Appendf(nil, rawMail, "raw@example.net")}})
}

func v2Template() {
	sendV2("template", &v2types.EmailContent{Template: &v2types.Template{
		TemplateContent: &v2types.EmailTemplateContent{Subject: aws.String("Hello {{name}}"), Text: aws.String("Dear {{name}}")},
		TemplateData:    aws.String(`{"name":"Ada"}`),
		Attachments:     []v2types.Attachment{{FileName: aws.String("a.bin"), RawContent: []byte{0, 255, 13, 10}}},
	}})
}

func v1Simple() {
	sent := must(v1.SendEmail(ctx, &ses.SendEmailInput{
		Source:      aws.String(sender),
		Destination: &v1types.Destination{ToAddresses: []string{"v1simple@example.net"}},
		Message: &v1types.Message{Subject: &v1types.Content{Data: aws.String("Gr\u00fc\u00dfe")},
			Body: &v1types.Body{Text: &v1types.Content{Data: aws.String("a & b = ~*+ \u2713")}}},
	}))
	fmt.Println("sent v1simple", *sent.MessageId)
}

func v1Raw() {
	sent := must(v1.SendRawEmail(ctx, &ses.SendRawEmailInput{
		RawMessage: &v1types.RawMessage{Data: fmt.Appendf(nil, rawMail, "v1raw@example.net")}}))
	fmt.Println("sent v1raw", *sent.MessageId)
}

func v1Templates() {
	must(v1.CreateTemplate(ctx, &ses.CreateTemplateInput{
		Template: &v1types.Template{TemplateName: aws.String("hello"), SubjectPart: aws.String("Hello"), TextPart: aws.String("t")}}))
	all := must(v1.ListTemplates(ctx, &ses.ListTemplatesInput{})).TemplatesMetadata
	want(len(all) == 1 && *all[0].Name == "hello" && recent(all[0].CreatedTimestamp), all)
}

func v2NotFound() {
	_, err := v2.GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: aws.String("no+one@example.org")})
	var missing *v2types.NotFoundException
	want(errors.As(err, &missing), err)
	want(missing.ErrorMessage() == "Email identity no+one@example.org does not exist.", missing.ErrorMessage())
}

func v1Rejected() {
	_, err := v1.SendEmail(ctx, &ses.SendEmailInput{
		Source:      aws.String("stranger@example.info"),
		Destination: &v1types.Destination{ToAddresses: []string{"x@example.net"}},
		Message: &v1types.Message{Subject: &v1types.Content{Data: aws.String("s")},
			Body: &v1types.Body{Text: &v1types.Content{Data: aws.String("t")}}},
	})
	var rejected *v1types.MessageRejected
	want(errors.As(err, &rejected), err)
	want(rejected.ErrorMessage() == "Email address is not verified. The following identities failed the check in region "+
		"US-EAST-1: stranger@example.info", rejected.ErrorMessage())
}

func refused(err error, code string) {
	var api smithy.APIError
	want(errors.As(err, &api) && api.ErrorCode() == code, err)
}

// The server's policy for this key denies GetAccount and, in v1, GetSendQuota.
func denied() {
	_, err := v2.GetAccount(ctx, &sesv2.GetAccountInput{})
	refused(err, "AccessDeniedException")
	_, err = v1.GetSendQuota(ctx, &ses.GetSendQuotaInput{})
	refused(err, "AccessDenied")
}

func wrongSecret() {
	_, err := sesv2.NewFromConfig(config("wrong")).ListEmailIdentities(ctx, &sesv2.ListEmailIdentitiesInput{})
	refused(err, "InvalidSignatureException")
	_, err = ses.NewFromConfig(config("wrong")).ListIdentities(ctx, &ses.ListIdentitiesInput{})
	refused(err, "SignatureDoesNotMatch")
}

// The way to this endpoint loses the first answer.
func retry() {
	lossy := os.Getenv("SDK_LOSSY_URL")
	client := sesv2.NewFromConfig(config(os.Getenv("AWS_SECRET_ACCESS_KEY")), func(o *sesv2.Options) { o.BaseEndpoint = &lossy })
	sent := must(client.SendEmail(ctx, &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(sender),
		Destination:      &v2types.Destination{ToAddresses: []string{"retry@example.net"}},
		Content: &v2types.EmailContent{Simple: &v2types.Message{Subject: content("once"),
			Body: &v2types.Body{Text: content("once")}}},
	}))
	fmt.Println("sent retry", *sent.MessageId)
}

func main() {
	cases := []struct {
		name string
		run  func()
	}{{"identities", identities}, {"pages", pages}, {"v2_simple", v2Simple}, {"v2_raw", v2Raw}, {"v2_template", v2Template},
		{"v1_simple", v1Simple}, {"v1_raw", v1Raw}, {"v1_templates", v1Templates}, {"v2_not_found", v2NotFound},
		{"v1_rejected", v1Rejected}, {"denied", denied}, {"wrong_secret", wrongSecret}, {"retry", retry}}
	for _, c := range cases {
		func() {
			defer func() {
				if why := recover(); why != nil {
					fmt.Printf("FAIL go: %s: %v\n", c.name, why)
				} else {
					fmt.Println("ok go:", c.name)
				}
			}()
			c.run()
		}()
	}
}
