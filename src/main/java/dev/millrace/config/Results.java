package dev.millrace.config;

import static dev.millrace.yaml.Scalars.made;

import dev.millrace.job.Destination;
import dev.millrace.yaml.Scalars;
import dev.millrace.yaml.YamlSection;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where results go beside callbacks.
 *
 * @param allowQueues URLs of queues that messages may name
 * @param allowTopics ARNs of topics that messages may name
 * @param allowPrefixes in buckets, which messages may name, or what is below them
 * @param otherwise where the result of a message goes that names nothing
 * @param snsEndpoint where topics are, if not on AWS
 * @param s3Endpoint where objects are, if not on AWS
 */
public record Results(
        List<String> allowQueues,
        List<String> allowTopics,
        List<Destination.Objects> allowPrefixes,
        Optional<Destination> otherwise,
        Optional<URI> snsEndpoint,
        Optional<URI> s3Endpoint) {
    public static final Results NONE =
            new Results(
                    List.of(),
                    List.of(),
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    private static final Function<String, URI> URL =
            made(Results::http, why -> "is not a URL; write it like http://localhost:4566");

    public Results {
        allowQueues = List.copyOf(allowQueues);
        allowTopics = List.copyOf(allowTopics);
        allowPrefixes = List.copyOf(allowPrefixes);
    }

    private static URI http(String text) {
        URI uri = URI.create(text);
        if (uri.getHost() == null) {
            throw new IllegalArgumentException(text);
        }
        return uri;
    }

    static Results read(YamlSection root) {
        YamlSection results =
                root.section(
                        "results",
                        "allowQueues, allowTopics, allowPrefixes, snsEndpoint, s3Endpoint");
        return new Results(
                each(results, "allowQueues", Destination::queue).stream()
                        .map(Destination.Queue::url)
                        .toList(),
                each(results, "allowTopics", Destination::topic).stream()
                        .map(Destination.Topic::arn)
                        .toList(),
                each(results, "allowPrefixes", Results::whole),
                otherwise(root.section("source", "").section("defaults", "")),
                results.get("snsEndpoint", URL),
                results.get("s3Endpoint", URL));
    }

    private static <T> List<T> each(YamlSection section, String key, Function<String, T> parser) {
        List<T> all = new ArrayList<>();
        for (String text : section.texts(key)) {
            try {
                all.add(parser.apply(text));
            } catch (IllegalArgumentException e) {
                throw section.wrong(key, text, remedy(e));
            }
        }
        return all;
    }

    /** Else {@code s3://b/team} would allow {@code s3://b/teamwork/} as well. */
    private static Destination.Objects whole(String text) {
        Destination.Objects prefix = Destination.objects(text);
        if (!prefix.prefix().isEmpty() && !prefix.prefix().endsWith("/")) {
            throw new IllegalArgumentException(
                    "does not end with a slash; write it like s3://my-results/verdicts/");
        }
        return prefix;
    }

    /** Without the value, which goes before it. */
    private static String remedy(IllegalArgumentException mistake) {
        return mistake.getMessage().replaceFirst("^'.*' (?=is not )", "");
    }

    private static Optional<Destination> otherwise(YamlSection defaults) {
        YamlSection results = defaults.section("results", "sqs, sns, s3, stdout");
        List<Destination> given = new ArrayList<>();
        given.addAll(each(results, "sqs", Destination::queue));
        given.addAll(each(results, "sns", Destination::topic));
        given.addAll(each(results, "s3", Destination::objects));
        if (results.get("stdout", Scalars::bool, false)) {
            given.add(new Destination.Output());
        }
        if (given.size() > 1) {
            throw defaults.wrong(
                    "results", results.keys(), "names several destinations; name one of them");
        }
        return given.stream().findFirst();
    }
}
