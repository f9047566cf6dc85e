package dev.millrace.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.millrace.config.ConfigReader;
import dev.millrace.config.WorkerConfig;
import dev.millrace.job.Destination;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The files of {@code deploy/aws}: policies, the template of a pipeline and its worker. */
class AwsFilesTest {
    private static final Path FOLDER = Path.of("deploy", "aws");
    private static final Path TEMPLATE = FOLDER.resolve("pipeline.yaml");
    private static final Pattern ACTION = Pattern.compile("`((?:sqs|sns|s3|kms):[A-Z]\\w+)`");
    private static final Pattern NAMED =
            Pattern.compile("!Ref (\\w+(?:::\\w+)?)|!GetAtt (\\w+)\\.|\\$\\{(\\w+(?:::\\w+)?)\\}");

    private static List<Path> policies() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
        }
    }

    private static JsonNode template() throws IOException {
        return new YAMLMapper().readTree(TEMPLATE.toFile());
    }

    private static Set<String> actions(JsonNode policy) {
        Set<String> actions = new TreeSet<>();
        policy.get("Statement")
                .forEach(one -> one.get("Action").forEach(a -> actions.add(a.asText())));
        return actions;
    }

    private static Set<String> actions(String file) throws IOException {
        return actions(new ObjectMapper().readTree(FOLDER.resolve(file).toFile()));
    }

    @Test
    void aPolicyNamesActionsAndResourcesAndNoWildcardForEither() throws IOException {
        Set<String> ids = new TreeSet<>();
        for (Path file : policies()) {
            JsonNode policy = new ObjectMapper().readTree(file.toFile());
            assertEquals("2012-10-17", policy.get("Version").asText(), file::toString);
            assertEquals(2, policy.size(), file::toString);
            assertTrue(policy.get("Statement").size() > 0, file::toString);
            for (JsonNode statement : policy.get("Statement")) {
                assertEquals("Allow", statement.get("Effect").asText(), file::toString);
                assertTrue(statement.get("Sid").asText().matches("[A-Za-z0-9]+"), file::toString);
                assertEquals(4, statement.size(), file::toString);
                statement
                        .get("Action")
                        .forEach(
                                one ->
                                        assertTrue(
                                                one.asText().matches("[a-z0-9]+:[A-Za-z]+"),
                                                one::asText));
                String resources = statement.get("Resource").toString();
                assertFalse(resources.contains("\"*\""), file + ": " + resources);
                assertTrue(resources.contains("arn:aws:"), file + ": " + resources);
                ids.add(statement.get("Sid").asText());
            }
        }
        assertTrue(ids.size() > 10, ids.toString());
    }

    /** What the page says, the files allow, and the other way round. */
    @Test
    void thePageAndThePoliciesNameTheSameActions() throws IOException {
        String page = Files.readString(Path.of("docs", "aws.md"));
        Set<String> all = new TreeSet<>();
        for (String line :
                page.lines().filter(one -> one.matches("\\| \\[`[a-z0-9-]+\\.json`.*")).toList()) {
            String file = line.substring(4, line.indexOf('`', 4));
            Set<String> said =
                    ACTION.matcher(line)
                            .results()
                            .map(match -> match.group(1))
                            .collect(Collectors.toCollection(TreeSet::new));
            assertEquals(actions(file), said, line);
            all.add(file);
        }
        assertEquals(
                policies().stream().map(file -> file.getFileName().toString()).toList(),
                List.copyOf(all));
    }

    /** Of the service account that the manifests make, and of no other. */
    @Test
    void aRoleTrustsTheServiceAccountOfTheManifests() throws IOException {
        Path manifests = Path.of("deploy", "kubernetes");
        JsonNode account =
                new YAMLMapper().readTree(manifests.resolve("base/serviceaccount.yaml").toFile());
        JsonNode fleet =
                new YAMLMapper()
                        .readTree(manifests.resolve("overlays/fleet/kustomization.yaml").toFile());
        String name = account.at("/metadata/name").asText();
        String namespace = fleet.path("namespace").asText();
        JsonNode irsa = condition("irsa.json");
        String issuer = irsa.fieldNames().next().replaceFirst(":aud$", "");
        assertEquals("sts.amazonaws.com", irsa.path(issuer + ":aud").asText());
        assertEquals(
                "system:serviceaccount:" + namespace + ":" + name,
                irsa.path(issuer + ":sub").asText());
        JsonNode pods = condition("pod-identity.json");
        assertEquals(namespace, pods.path("aws:RequestTag/kubernetes-namespace").asText());
        assertEquals(name, pods.path("aws:RequestTag/kubernetes-service-account").asText());
        assertTrue(condition("ecs.json").has("aws:SourceAccount"));
    }

    private static JsonNode condition(String file) throws IOException {
        JsonNode trust =
                new ObjectMapper().readTree(FOLDER.resolve("trust").resolve(file).toFile());
        assertEquals(1, trust.get("Statement").size(), file);
        return trust.at("/Statement/0/Condition/StringEquals");
    }

    @Test
    void theTemplateIsOneByAwsSpecification() throws IOException {
        Schema schema;
        try (var in = getClass().getResourceAsStream("/cloudformation/template.schema.json")) {
            schema =
                    SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                            .getSchema(new String(in.readAllBytes()));
        }
        assertEquals(List.of(), schema.validate(template()));
        // Each mistake must be seen.
        assertFalse(
                schema.validate(changed("VisibilityTimeout", "VisibilityTimeoutSeconds"))
                        .isEmpty());
        assertFalse(
                schema.validate(changed("AWS::SQS::QueuePolicy", "AWS::SQS::Policy")).isEmpty());
        assertFalse(schema.validate(changed("Event: s3:", "Events: s3:")).isEmpty());
        assertFalse(
                schema.validate(changed("      Queues:\n        - !Ref Images\n", "")).isEmpty());
    }

    private static JsonNode changed(String now, String then) throws IOException {
        String text = Files.readString(TEMPLATE);
        assertTrue(text.contains(now), now);
        return new YAMLMapper().readTree(text.replace(now, then));
    }

    @Test
    void whatTheTemplateNamesIsInIt() throws IOException {
        JsonNode template = template();
        Set<String> known = new TreeSet<>(Set.of("AWS::AccountId", "AWS::Partition"));
        template.get("Resources").fieldNames().forEachRemaining(known::add);
        template.get("Parameters").fieldNames().forEachRemaining(known::add);
        List<String> named =
                NAMED.matcher(Files.readString(TEMPLATE))
                        .results()
                        .map(AwsFilesTest::name)
                        .toList();
        assertTrue(named.size() > 10, named.toString());
        assertEquals(List.of(), named.stream().filter(name -> !known.contains(name)).toList());
    }

    private static String name(MatchResult match) {
        return Stream.of(1, 2, 3).map(match::group).filter(one -> one != null).findFirst().get();
    }

    /** No more and no less than the policies of what its worker does. */
    @Test
    void theWorkerOfTheTemplateMayDoWhatItsPoliciesSay() throws IOException {
        Set<String> expected = new TreeSet<>();
        for (String file : List.of("worker.json", "objects.json", "results-sqs.json")) {
            expected.addAll(actions(file));
        }
        assertEquals(
                expected,
                actions(template().at("/Resources/WorkerPolicy/Properties/PolicyDocument")));
    }

    @Test
    void theWorkerOfTheTemplateHasAConfiguration() {
        WorkerConfig config = ConfigReader.read(FOLDER.resolve("worker.yaml"), Map.of());
        assertEquals(List.of("safety"), config.source().tasks());
        assertTrue(config.results().otherwise().get() instanceof Destination.Queue);
        assertTrue(config.fetch().s3().isOpen());
    }
}
