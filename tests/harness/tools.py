"""Small things the suites share: free ports, whether a program is there, a certificate, the derivation of an SMTP
password, verifying DKIM."""

import base64
import hashlib
import hmac
import json
import os
import re
import shutil
import socket
import subprocess

import dkim
from harness.server import clean_environment


def free_port(kind=socket.SOCK_STREAM):
    """A port that was free a moment ago. For programs that cannot take port 0 and tell."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def lacks(question, least):
    """Why this machine's program will not do, or nothing."""
    words = question.split()
    if shutil.which(words[0]) is None:
        return f"{words[0]} is not installed"
    told = subprocess.run(words, capture_output=True, timeout=60, check=False, text=True, env=clean_environment())
    text = re.sub(r"\x1b\[[0-9;]*m", "", told.stdout + told.stderr)  # Maven writes in colours
    version = re.search(r"\d+(\.\d+)*", text)
    if told.returncode != 0 or version is None:
        return f"{words[0]} does not tell its version: {text.strip()[:200]}"
    if tuple(map(int, version[0].split("."))) < least:
        return f"{words[0]} {version[0]} is older than {'.'.join(map(str, least))}"
    return None


def certificate(folder, name="localhost"):
    """A self-signed certificate for `name` and 127.0.0.1: (certificate file, key file)."""
    cert, key = os.path.join(folder, name + ".crt"), os.path.join(folder, name + ".key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", cert, "-days", "2", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=DNS:{name},IP:127.0.0.1"], check=True, capture_output=True)
    return cert, key


def smtp_password(secret, region):
    """The SMTP password Amazon's published rule makes of a secret key (SES §11.2)."""
    key = ("AWS4" + secret).encode()
    for part in ("11111111", region, "ses", "aws4_request", "SendRawEmail"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return base64.b64encode(b"\x04" + key).decode()


def dkim_passes(mail, records):
    """dkimpy's verdict on the first signature of `mail`. `records` maps `selector._domainkey.domain` to TXT texts."""
    def lookup(name, timeout=5):
        text = records.get(name.decode().rstrip("."))
        return text.encode() if text else None
    return dkim.verify(mail, dnsfunc=lookup)


def dkim_names(mail):
    """(domain, selector) of each DKIM-Signature, top first."""
    head = mail.split(b"\r\n\r\n")[0].split(b"\n\n")[0].replace(b"\r\n", b"\n")
    names = []
    for field in head.replace(b"\n ", b" ").replace(b"\n\t", b" ").split(b"\n"):
        if field.lower().startswith(b"dkim-signature:"):
            tags = dict(t.strip().split(b"=", 1) for t in field.split(b":", 1)[1].split(b";") if b"=" in t)
            names.append((tags[b"d"].strip().decode(), tags[b"s"].strip().decode()))
    return names


def opendkim_passes(folder, mail, records):
    """OpenDKIM's verdict. It reads the keys from a file instead of DNS."""
    keys, config, message = (os.path.join(folder, name) for name in ("opendkim.keys", "opendkim.conf", "opendkim.eml"))
    with open(keys, "w", encoding="utf-8") as out:
        out.writelines(f"{name} {text}\n" for name, text in records.items())
    with open(config, "w", encoding="utf-8") as out:
        out.write(f"Mode v\nTestPublicKeys {keys}\nSyslog no\n")
    with open(message, "wb") as out:
        out.write(mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    done = subprocess.run(["opendkim", "-x", config, "-t", message, "-vvv"], capture_output=True, text=True,
                          timeout=30, check=False)
    output = done.stdout + done.stderr
    if done.returncode != 0 or "verification (s=" not in output:
        raise AssertionError(f"opendkim says: {output}")
    return "succeeded" in output


def mailauth_passes(mail, records):
    """The verdict of mailauth, the DKIM library of the Node world."""
    here = os.path.dirname(os.path.abspath(__file__))
    node = os.path.join(here, "../../.cache/venv/bin/node")
    done = subprocess.run([node, os.path.join(here, "mailauth.mjs"), json.dumps(records)], input=mail,
                          capture_output=True, timeout=30, check=False)
    if done.returncode != 0:
        raise AssertionError(f"mailauth: {done.stderr.decode()}")
    results = json.loads(done.stdout)
    return bool(results) and results[0] == "pass"


def rsa_key(bits=2048):
    """A key pair as dkimpy signs with it: (PEM, text of the TXT record)."""
    pem = subprocess.run(["openssl", "genrsa", "-traditional", str(bits)], capture_output=True, check=True).stdout
    public = subprocess.run(["openssl", "rsa", "-pubout"], input=pem, capture_output=True, check=True).stdout
    return pem, "v=DKIM1; k=rsa; p=" + bare_pem(public)


def bare_pem(pem):
    return "".join(line for line in pem.decode().splitlines() if "-----" not in line)


def own_dkim_key():
    """A key pair as BYODKIM wants it: (private key for the call, text of the TXT record)."""
    pem, record = rsa_key()
    return bare_pem(pem), record
