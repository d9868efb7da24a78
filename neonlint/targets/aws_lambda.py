"""AWS Lambda: a handler with node-postgres, and a template of the Serverless Application Model that deploys it."""

from __future__ import annotations

import yaml

from neonlint.ir.endpoint import parse
from neonlint.records import replace
from neonlint.targets.model import POOLED, File, Output, Plan, Target
from neonlint.targets.text import url_variables
from neonlint.targets.typescript import LISTENER, PG_TLS, pg_pool, verified

#: The secret's name in Secrets Manager, and the variable that tells it to the function.
_SECRET, _NAME = "neon/database-url", "DATABASE_URL_SECRET_ID"
_PROVIDER = "https://docs.aws.amazon.com/lambda/latest/dg/with-secrets-manager.html"


def _lambda(plan: Plan) -> Output:
    one = "One instance answers one request at a time, so it needs one connection."
    plan = replace(verified(plan), pool=plan.pool._replace(size=1, why=(*plan.pool.why[:1], one)))
    region = parse(plan.link.host)
    near = (f"deploy to {region.region}, where the database is",) if region.cloud == "aws" and region.region else ()
    return Output(
        (File("src/handler.ts", _handler(plan)), File("template.yaml", _template())),
        url_variables(plan),
        (
            f'`printf %s "${POOLED}" | aws secretsmanager create-secret --name {_SECRET}'
            " --secret-string file:///dev/stdin` stores it without a trace in the shell's history",
            *near,
        ),
    )


def _handler(plan: Plan) -> str:
    return f"""\
import {{
  GetSecretValueCommand,
  SecretsManagerClient,
}} from "@aws-sdk/client-secrets-manager";
import {{ Pool }} from "pg";

// The environment only names the secret, so its value is in no configuration of the function.
const secret = await new SecretsManagerClient().send(
  new GetSecretValueCommand({{ SecretId: process.env.{_NAME} }}),
);
const connectionString = secret.SecretString;
if (!connectionString) throw new Error("the secret holds no text");

// {PG_TLS}
const pool = new Pool({{
{pg_pool(plan)}
}});

{LISTENER}
export async function handler() {{
  const {{ rows }} = await pool.query("SELECT now()");
  return {{ statusCode: 200, body: JSON.stringify(rows) }};
}}
"""


def _template() -> str:
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Function": {
                "Type": "AWS::Serverless::Function",
                "Metadata": {
                    "BuildMethod": "esbuild",
                    "BuildProperties": {
                        "EntryPoints": ["src/handler.ts"],
                        "Format": "esm",
                        "Target": "es2022",
                        "OutExtension": [".js=.mjs"],
                        "Banner": [
                            "js=import { createRequire } from 'node:module';"
                            " const require = createRequire(import.meta.url);"
                        ],
                    },
                },
                "Properties": {
                    "Handler": "handler.handler",
                    "Runtime": "nodejs22.x",
                    "Timeout": 30,
                    "Environment": {"Variables": {_NAME: _SECRET}},
                    "Policies": [
                        {
                            "AWSSecretsManagerGetSecretValuePolicy": {
                                "SecretArn": {
                                    "Fn::Sub": "arn:${AWS::Partition}:secretsmanager:${AWS::Region}"
                                    f":${{AWS::AccountId}}:secret:{_SECRET}-*"
                                }
                            }
                        }
                    ],
                },
            }
        },
    }
    return yaml.safe_dump(template, sort_keys=False, width=120)


_NOT_HERE = "a function is no place for it; take `node-postgres`, `prisma` or `drizzle`"

TARGETS = {
    target.name: target
    for target in (
        Target(
            "aws-lambda",
            "AWS Lambda",
            "A handler with one connection, whose URL comes from Secrets Manager, and a SAM template.",
            _lambda,
            ("https://neon.com/docs/guides/aws-lambda", _PROVIDER),
            runtimes=("serverless",),
            roles=("app",),
            refusals={
                "server": "Lambda runs functions; take `node-postgres` for a server",
                "edge": "Lambda runs Node.js in a region; take `neon-serverless` or `cloudflare` for an edge runtime",
                "migrate": _NOT_HERE,
                "admin": _NOT_HERE,
            },
            needs=("pg>=8.16", "@aws-sdk/client-secrets-manager>=3"),
        ),
    )
}
