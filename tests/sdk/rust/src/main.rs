//! The AWS SDK for Rust against a server that checks signatures. It calls, checks what it decodes, and prints a line
//! for each case: `ok NAME`, `FAIL NAME: why`; and `sent NAME ID` for each mail, which compiled_test.py looks at.

use std::env::var;
use std::fmt::Debug;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sdk_ses::error::ProvideErrorMetadata as _;
use aws_sdk_ses::types as t1;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::config::{BehaviorVersion, Region};
use aws_sdk_sesv2::error::DisplayErrorContext;
use aws_sdk_sesv2::primitives::{Blob, DateTime};
use aws_sdk_sesv2::types as t2;

const SENDER: &str = "sdk+test/a=b@example.com";

type Outcome = Result<(), String>;

struct Clients {
    v1: aws_sdk_ses::Client,
    v2: aws_sdk_sesv2::Client,
}

/// Both clients are configured by the same lines, but of two types.
macro_rules! client {
    ($sdk:ident, $secret:expr, $endpoint:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new(var("AWS_REGION").unwrap()))
                .endpoint_url(var($endpoint).unwrap())
                .credentials_provider(Credentials::new(var("AWS_ACCESS_KEY_ID").unwrap(), $secret, None, None, "test"))
                .retry_config(RetryConfig::standard())
                .http_client(aws_smithy_http_client::Builder::new().build_http())
                .build(),
        )
    };
}

fn clients(secret: &str, endpoint: &str) -> Clients {
    Clients { v1: client!(aws_sdk_ses, secret, endpoint), v2: client!(aws_sdk_sesv2, secret, endpoint) }
}

fn want(condition: bool, got: impl Debug) -> Outcome {
    if condition {
        Ok(())
    } else {
        Err(format!("not as wanted: {got:?}"))
    }
}

fn why(error: impl std::error::Error) -> String {
    DisplayErrorContext(error).to_string()
}

fn recent(moment: Option<&DateTime>) -> bool {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() as i64;
    moment.is_some_and(|m| (m.secs() - now).abs() < 300)
}

fn content(text: &str) -> t2::Content {
    t2::Content::builder().data(text).charset("UTF-8").build().unwrap()
}

fn raw_mail(to: &str) -> Vec<u8> {
    format!(
        "From: sdk@example.com\r\nTo: {to}\r\nSubject: raw\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\u{fc}\u{df}e \u{2713}\r\n"
    )
    .into_bytes()
}

fn simple(subject: &str) -> t2::EmailContent {
    let body = t2::Body::builder().text(content("plain")).html(content("<b>bold</b>")).build();
    t2::EmailContent::builder().simple(t2::Message::builder().subject(content(subject)).body(body).build()).build()
}

async fn send_v2(c: &Clients, name: &str, content: t2::EmailContent) -> Outcome {
    let to = t2::Destination::builder().to_addresses(format!("{name}@example.net")).build();
    let sent =
        c.v2.send_email().from_email_address(SENDER).destination(to).content(content).send().await.map_err(why)?;
    println!("sent {name} {}", sent.message_id().unwrap_or("without an id"));
    Ok(())
}

async fn identities(c: &Clients) -> Outcome {
    let tag = t2::Tag::builder().key("team").value("b\u{e4}r").build().unwrap();
    c.v2.create_email_identity().email_identity("example.com").send().await.map_err(why)?;
    c.v2.create_email_identity().email_identity(SENDER).tags(tag).send().await.map_err(why)?;
    let seen = c.v2.get_email_identity().email_identity(SENDER).send().await.map_err(why)?;
    want(seen.identity_type() == Some(&t2::IdentityType::EmailAddress) && seen.verified_for_sending_status(), &seen)?;
    want(seen.tags().len() == 1 && seen.tags()[0].value() == "b\u{e4}r", seen.tags())?;
    let domain = c.v2.get_email_identity().email_identity("example.com").send().await.map_err(why)?;
    want(domain.verification_status() == Some(&t2::VerificationStatus::Success), &domain)?;
    let dkim = domain.dkim_attributes().ok_or("no DKIM attributes")?;
    want(dkim.tokens().len() == 3 && recent(dkim.last_key_generation_timestamp()), dkim)
}

async fn pages(c: &Clients) -> Outcome {
    let wanted = ["a+1@example.net", "b@example.net", "c@example.net"];
    c.v2.create_contact_list().contact_list_name("readers").send().await.map_err(why)?;
    for name in wanted {
        c.v2.create_contact().contact_list_name("readers").email_address(name).send().await.map_err(why)?;
    }
    let mut all = c.v2.list_contacts().contact_list_name("readers").page_size(2).into_paginator().send();
    let (mut count, mut names) = (0, Vec::new());
    while let Some(page) = all.next().await {
        count += 1;
        for contact in page.map_err(why)?.contacts() {
            want(recent(contact.last_updated_timestamp()), contact)?;
            names.push(contact.email_address().unwrap_or_default().to_string());
        }
    }
    names.sort();
    want(count == 2 && names == wanted, (count, names))?;
    let get = c.v2.get_contact().contact_list_name("readers").email_address(wanted[0]);
    let one = get.send().await.map_err(why)?;
    want(recent(one.created_timestamp()) && !one.unsubscribe_all(), one)
}

async fn v2_simple(c: &Clients) -> Outcome {
    send_v2(c, "simple", simple("Gr\u{fc}\u{df}e")).await
}

async fn v2_raw(c: &Clients) -> Outcome {
    let raw = t2::RawMessage::builder().data(Blob::new(raw_mail("raw@example.net"))).build().unwrap();
    send_v2(c, "raw", t2::EmailContent::builder().raw(raw).build()).await
}

async fn v2_template(c: &Clients) -> Outcome {
    let attached =
        t2::Attachment::builder().file_name("a.bin").raw_content(Blob::new([0, 255, 13, 10])).build().unwrap();
    let inline = t2::EmailTemplateContent::builder().subject("Hello {{name}}").text("Dear {{name}}").build();
    let template = t2::Template::builder().template_content(inline).template_data(r#"{"name":"Ada"}"#);
    let template = template.attachments(attached).build();
    send_v2(c, "template", t2::EmailContent::builder().template(template).build()).await
}

fn v1_send(c: &Clients, from: &str, to: &str) -> aws_sdk_ses::operation::send_email::builders::SendEmailFluentBuilder {
    let content = |text: &str| t1::Content::builder().data(text).build().unwrap();
    let body = t1::Body::builder().text(content("a & b = ~*+ \u{2713}")).build();
    let message = t1::Message::builder().subject(content("Gr\u{fc}\u{df}e")).body(body).build();
    c.v1.send_email().source(from).destination(t1::Destination::builder().to_addresses(to).build()).message(message)
}

async fn v1_simple(c: &Clients) -> Outcome {
    let sent = v1_send(c, SENDER, "v1simple@example.net").send().await.map_err(why)?;
    println!("sent v1simple {}", sent.message_id());
    Ok(())
}

async fn v1_raw(c: &Clients) -> Outcome {
    let data = aws_sdk_ses::primitives::Blob::new(raw_mail("v1raw@example.net"));
    let raw = t1::RawMessage::builder().data(data).build().unwrap();
    println!("sent v1raw {}", c.v1.send_raw_email().raw_message(raw).send().await.map_err(why)?.message_id());
    Ok(())
}

async fn v1_templates(c: &Clients) -> Outcome {
    let template = t1::Template::builder().template_name("hello").subject_part("Hello").text_part("t").build().unwrap();
    c.v1.create_template().template(template).send().await.map_err(why)?;
    let all = c.v1.list_templates().send().await.map_err(why)?;
    let all = all.templates_metadata();
    want(all.len() == 1 && all[0].name() == Some("hello") && recent(all[0].created_timestamp()), all)
}

async fn v2_not_found(c: &Clients) -> Outcome {
    let answer = c.v2.get_email_identity().email_identity("no+one@example.org").send().await;
    let error = answer.err().ok_or("no error")?.into_service_error();
    want(error.is_not_found_exception(), &error)?;
    want(error.message() == Some("Email identity no+one@example.org does not exist."), error)
}

async fn v1_rejected(c: &Clients) -> Outcome {
    let answer = v1_send(c, "stranger@example.info", "x@example.net").send().await;
    let error = answer.err().ok_or("no error")?.into_service_error();
    let text = "Email address is not verified. The following identities failed the check in region US-EAST-1: \
                stranger@example.info";
    want(error.is_message_rejected() && error.message() == Some(text), error)
}

/// The server's policy for this key denies GetAccount and, in v1, GetSendQuota.
async fn denied(c: &Clients) -> Outcome {
    let error = c.v2.get_account().send().await.err().ok_or("no error")?;
    want(error.code() == Some("AccessDeniedException"), error)?;
    let error = c.v1.get_send_quota().send().await.err().ok_or("no error")?;
    want(error.code() == Some("AccessDenied"), error)
}

async fn wrong_secret() -> Outcome {
    let c = clients("wrong", "AWS_ENDPOINT_URL");
    let error = c.v2.list_email_identities().send().await.err().ok_or("no error")?;
    want(error.code() == Some("InvalidSignatureException"), error)?;
    let error = c.v1.list_identities().send().await.err().ok_or("no error")?;
    want(error.code() == Some("SignatureDoesNotMatch"), error)
}

/// The way to this endpoint loses the first answer.
async fn retry(secret: &str) -> Outcome {
    send_v2(&clients(secret, "SDK_LOSSY_URL"), "retry", simple("once")).await
}

fn tell(name: &str, outcome: Outcome) {
    match outcome {
        Ok(()) => println!("ok rust: {name}"),
        Err(why) => println!("FAIL rust: {name}: {}", why.replace('\n', " ")),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let secret = var("AWS_SECRET_ACCESS_KEY").unwrap();
    let c = clients(&secret, "AWS_ENDPOINT_URL");
    tell("identities", identities(&c).await);
    tell("pages", pages(&c).await);
    tell("v2_simple", v2_simple(&c).await);
    tell("v2_raw", v2_raw(&c).await);
    tell("v2_template", v2_template(&c).await);
    tell("v1_simple", v1_simple(&c).await);
    tell("v1_raw", v1_raw(&c).await);
    tell("v1_templates", v1_templates(&c).await);
    tell("v2_not_found", v2_not_found(&c).await);
    tell("v1_rejected", v1_rejected(&c).await);
    tell("denied", denied(&c).await);
    tell("wrong_secret", wrong_secret().await);
    tell("retry", retry(&secret).await);
}
