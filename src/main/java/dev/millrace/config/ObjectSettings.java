package dev.millrace.config;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.objects.AllowedBucket;
import dev.millrace.objects.StoreSettings;
import dev.millrace.yaml.Scalars;
import dev.millrace.yaml.YamlSection;
import java.net.URI;
import java.util.List;

/** Reads {@code fetch.s3}: which objects messages may name, and where they are. */
final class ObjectSettings {
    private static final String KEY = "allowBuckets";

    private ObjectSettings() {}

    static StoreSettings read(YamlSection fetch) {
        YamlSection s3 = fetch.section("s3", "endpoint, region, requesterPays, allowBuckets");
        return new StoreSettings(
                s3.get(
                        "endpoint",
                        Scalars.made(
                                URI::create,
                                why -> "is not a URL; write it like http://minio.internal:9000")),
                s3.text("region"),
                s3.get("requesterPays", Scalars::bool, false),
                buckets(s3));
    }

    private static List<AllowedBucket> buckets(YamlSection s3) {
        for (JsonNode entry : s3.value(KEY)) {
            if (entry.isContainerNode()) {
                return s3.sections(KEY, "bucket, owner, prefix").stream()
                        .map(ObjectSettings::bucket)
                        .toList();
            }
        }
        return s3.texts(KEY).stream().map(name -> bucket(s3, name)).toList();
    }

    private static AllowedBucket bucket(YamlSection s3, String name) {
        try {
            return AllowedBucket.of(name);
        } catch (IllegalArgumentException e) {
            throw s3.wrong(KEY, name, e.getMessage());
        }
    }

    private static AllowedBucket bucket(YamlSection entry) {
        return new AllowedBucket(
                entry.required("bucket", AllowedBucket::name, "name the bucket, like photos"),
                entry.get("owner", AllowedBucket::account),
                entry.text("prefix").orElse(""));
    }
}
