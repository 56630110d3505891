"""boto3 clients for the server under test, and what a refused call has to say."""

import boto3
import botocore.exceptions
from botocore.config import Config
from harness.cases import equal, raises


def client(service, server, key="AKIAEXAMPLE", secret="any", region="us-east-1", retries=1):
    return boto3.client(service, endpoint_url=server.url, region_name=region, aws_access_key_id=key,
                        aws_secret_access_key=secret,
                        config=Config(retries={"total_max_attempts": retries}, proxies={}, read_timeout=60))


def refused(function, code, message=None, status=400, **kwargs):
    """The call fails with that code, status and, if given, text; answers the error."""
    error = raises(botocore.exceptions.ClientError, function, **kwargs)
    equal(error.response["Error"]["Code"], code, "code")
    equal(error.response["ResponseMetadata"]["HTTPStatusCode"], status, "status")
    if message is not None:
        equal(error.response["Error"]["Message"], message, "message")
    return error
