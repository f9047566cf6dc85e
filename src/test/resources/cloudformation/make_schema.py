"""Cuts a JSON schema for deploy/aws/pipeline.yaml out of AWS's resource specification.

The specification is spec/specification.json of the npm package @aws-cdk/cfnspec 2.72.1 (Apache-2.0, Amazon.com),
version 117.0.0. Short forms of functions (!Ref, !GetAtt, !Sub) are strings for a reader of YAML, so they need nothing.

    python3 make_schema.py specification.json > template.schema.json
"""
import json
import sys

RESOURCES = [
    "AWS::IAM::ManagedPolicy",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
]
PRIMITIVES = {
    "String": {"type": "string"},
    "Integer": {"type": ["integer", "string"]},
    "Long": {"type": ["integer", "string"]},
    "Double": {"type": ["number", "string"]},
    "Boolean": {"type": ["boolean", "string"]},
    "Timestamp": {"type": "string"},
    "Json": {"type": "object"},
}
spec = json.load(open(sys.argv[1]))
definitions = {}


def of(resource, kind):
    """A reference to a property type, which is defined once it is used."""
    name = kind if kind == "Tag" else resource + "." + kind
    if name not in definitions:
        definitions[name] = {}
        definitions[name] = an_object(resource, spec["PropertyTypes"][name])
    return {"$ref": "#/$defs/" + name.replace(":", "_")}


def value(resource, one):
    if "PrimitiveType" in one:
        return PRIMITIVES[one["PrimitiveType"]]
    if one["Type"] in ("List", "Map"):
        inner = PRIMITIVES[one["PrimitiveItemType"]] if "PrimitiveItemType" in one else of(resource, one["ItemType"])
        return {"type": "array", "items": inner} if one["Type"] == "List" else {"type": "object", "additionalProperties": inner}
    return of(resource, one["Type"])


def an_object(resource, spec_of):
    properties = spec_of.get("Properties", {})
    return {
        "type": "object",
        "properties": {name: value(resource, one) for name, one in properties.items()},
        "required": sorted(name for name, one in properties.items() if one["Required"]),
        "additionalProperties": False,
    }


def resource(name):
    return {
        "type": "object",
        "properties": {
            "Type": {"const": name},
            "DependsOn": {"type": ["string", "array"]},
            "DeletionPolicy": {"enum": ["Delete", "Retain", "Snapshot"]},
            "Properties": an_object(name, spec["ResourceTypes"][name]),
        },
        "required": ["Type"],
        "additionalProperties": False,
    }


resources = [resource(name) for name in RESOURCES]
schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$comment": "Made by make_schema.py of AWS's resource specification " + spec["ResourceSpecificationVersion"]
    + " in @aws-cdk/cfnspec 2.72.1 (Apache-2.0)",
    "type": "object",
    "properties": {
        "AWSTemplateFormatVersion": {"const": "2010-09-09"},
        "Description": {"type": "string"},
        "Parameters": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "Type": {"type": "string"},
                    "Description": {"type": "string"},
                    "Default": {"type": ["string", "number"]},
                },
                "required": ["Type"],
                "additionalProperties": False,
            },
        },
        "Resources": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^[A-Za-z0-9]+$"},
            "additionalProperties": {"oneOf": resources},
        },
        "Outputs": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {"Description": {"type": "string"}, "Value": {"type": "string"}},
                "required": ["Value"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["Resources"],
    "additionalProperties": False,
    "$defs": {name.replace(":", "_"): one for name, one in sorted(definitions.items())},
}
json.dump(schema, sys.stdout, indent=1)
print()
