"""boto3 clients for the server under test."""

import boto3
from botocore.config import Config


def client(service, server, key="AKIAEXAMPLE", secret="any", region="us-east-1", retries=1):
    return boto3.client(service, endpoint_url=server.url, region_name=region, aws_access_key_id=key,
                        aws_secret_access_key=secret,
                        config=Config(retries={"total_max_attempts": retries}, proxies={}, read_timeout=60))
