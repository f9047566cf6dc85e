package dev.millrace.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.millrace.config.ConfigReader;
import dev.millrace.config.StatusAccess;
import dev.millrace.config.WorkerConfig;
import dev.millrace.duty.Duties;
import dev.millrace.net.Cidr;
import dev.millrace.observe.StatusServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The manifests of {@code deploy/kubernetes} agree with the images, the configuration and what was
 * measured. Whether Kubernetes takes them is what {@code scripts/manifests-check.sh} finds out.
 */
class KubernetesFilesTest {
    private static final Path FOLDER = Path.of("deploy", "kubernetes");
    private static final Path BASE = FOLDER.resolve("base");
    private static final Path SCALER = FOLDER.resolve("components/keda/scaledobject.yaml");

    /**
     * Bytes that a message in flight may take of the heap, as {@code admission.messages} has it.
     */
    private static final int MESSAGE = 64 << 10;

    @TempDir private Path folder;

    private static JsonNode yaml(Path file) throws IOException {
        return new YAMLMapper().readTree(file.toFile());
    }

    private static JsonNode pod() throws IOException {
        return yaml(BASE.resolve("deployment.yaml")).at("/spec/template/spec");
    }

    private static JsonNode container() throws IOException {
        return pod().at("/containers/0");
    }

    private static List<Path> kustomizations() throws IOException {
        try (Stream<Path> files = Files.walk(FOLDER)) {
            return files.filter(file -> file.endsWith("kustomization.yaml")).sorted().toList();
        }
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(one -> texts.add(one.asText()));
        return texts;
    }

    @Test
    void eachFileIsNamedAndEachThatIsNamedIsThere() throws IOException {
        assertTrue(kustomizations().size() > 8, kustomizations()::toString);
        for (Path kustomization : kustomizations()) {
            JsonNode said = yaml(kustomization);
            Set<String> named = new TreeSet<>(texts(said.path("resources")));
            named.addAll(texts(said.path("components")));
            said.path("configMapGenerator").forEach(one -> named.addAll(texts(one.path("files"))));
            said.findValues("path").forEach(path -> named.add(path.asText()));
            Path home = kustomization.getParent();
            for (String one : named) {
                assertTrue(Files.exists(home.resolve(one)), kustomization + " names " + one);
            }
            try (Stream<Path> files = Files.list(home)) {
                List<String> forgotten =
                        files.filter(file -> !file.equals(kustomization))
                                .map(file -> file.getFileName().toString())
                                .filter(name -> !named.contains(name))
                                .toList();
                assertEquals(List.of(), forgotten, kustomization::toString);
            }
        }
    }

    /** Each variable of a patch is read as well, so that none is a key's misspelt. */
    @Test
    void theWorkerOfAPodIsConfigured() throws IOException {
        WorkerConfig config = config(Map.of());
        assertEquals(container().at("/ports/0/containerPort").asInt(), config.httpPort().get());
        assertEquals(Optional.empty(), config.drain().metadata());
        assertTrue(isMounted(config.state().directory().orElseThrow().toString(), container()));
        Map<String, String> variables = new TreeMap<>();
        for (Path kustomization : kustomizations()) {
            for (JsonNode patch : yaml(kustomization).path("patches")) {
                for (JsonNode step : new YAMLMapper().readTree(patch.path("patch").asText())) {
                    String name = step.at("/value/name").asText();
                    if (name.startsWith("MILLRACE_")) {
                        String value = step.at("/value/value").asText();
                        config(Map.of(name, value));
                        variables.put(name, value);
                    }
                }
            }
        }
        assertEquals(Set.of("MILLRACE_DEVICE_TYPE", "MILLRACE_DRAIN_SPOT"), variables.keySet());
        assertTrue(config(variables).drain().metadata().isPresent());
    }

    /** With the engines of this checkout in the place of the image's. */
    private WorkerConfig config(Map<String, String> environment) throws IOException {
        String said = Files.readString(BASE.resolve("worker.yaml"));
        String here = Path.of("engines").toAbsolutePath() + "/";
        assertNotEquals(said, said.replace("/app/engines/", here));
        Path file = folder.resolve("worker.yaml");
        Files.writeString(file, said.replace("/app/engines/", here));
        return ConfigReader.read(file, environment);
    }

    private static boolean isMounted(String path, JsonNode container) {
        return texts(container.findValues("mountPath")).stream()
                .anyMatch(mount -> Path.of(path).startsWith(mount));
    }

    private static List<String> texts(List<JsonNode> nodes) {
        return nodes.stream().map(JsonNode::asText).toList();
    }

    @Test
    void thePodFitsTheImages() throws IOException {
        for (String name : List.of("Dockerfile", "Dockerfile.gpu")) {
            String image = Files.readString(Path.of("docker", name));
            String user = pod().at("/securityContext/runAsUser").asText();
            assertTrue(image.contains("\nUSER " + user + "\n"), name);
            assertTrue(image.contains("\"/etc/millrace/worker.yaml\"]"), name);
            assertTrue(isMounted("/etc/millrace/worker.yaml", container()), name);
            String port = container().at("/ports/0/containerPort").asText();
            assertTrue(image.contains("[\"healthcheck\", \"" + port + "\"]"), name);
        }
        assertTrue(isMounted(cache("Dockerfile"), container()));
        JsonNode gpu = yaml(FOLDER.resolve("overlays/gpu/deployment.yaml"));
        assertTrue(isMounted(cache("Dockerfile.gpu"), gpu.at("/spec/template/spec/containers/0")));
        String name = container().path("image").asText();
        assertEquals(name, image("docker/compose.yaml"));
        assertEquals(List.of(name), renamed("cpu", name));
        assertEquals(List.of(image("docker/compose.gpu.yaml")), renamed("gpu", name));
    }

    private static String cache(String file) throws IOException {
        String said = Files.readString(Path.of("docker", file));
        return first(said, "MILLRACE_CACHE=(\\S+)");
    }

    private static String image(String file) throws IOException {
        return yaml(Path.of(file)).at("/services/worker/image").asText();
    }

    /** What the image is called in the overlay's registry. */
    private static List<String> renamed(String overlay, String image) throws IOException {
        List<String> names = new ArrayList<>();
        for (JsonNode one :
                yaml(FOLDER.resolve("overlays").resolve(overlay).resolve("kustomization.yaml"))
                        .path("images")) {
            assertEquals(image, one.path("name").asText());
            names.add(one.path("newName").asText().replaceFirst(".*/", ""));
        }
        return names;
    }

    /** As Kubernetes' standard for pods, restricted, wants it, and what it does not ask for. */
    @Test
    void thePodIsConfinedAndMayDrain() throws IOException {
        JsonNode pod = pod();
        assertTrue(pod.at("/securityContext/runAsNonRoot").asBoolean());
        assertEquals("RuntimeDefault", pod.at("/securityContext/seccompProfile/type").asText());
        JsonNode context = container().path("securityContext");
        assertFalse(context.path("allowPrivilegeEscalation").asBoolean(true));
        assertTrue(context.path("readOnlyRootFilesystem").asBoolean());
        assertEquals(List.of("ALL"), texts(context.at("/capabilities/drop")));
        assertFalse(pod.path("enableServiceLinks").asBoolean(true));
        assertFalse(pod.path("automountServiceAccountToken").asBoolean(true));
        assertTrue(container().path("lifecycle").isMissingNode(), "SIGTERM is enough");
        String grace =
                yaml(Path.of("docker/compose.yaml"))
                        .at("/services/worker/stop_grace_period")
                        .asText();
        int seconds = pod.path("terminationGracePeriodSeconds").asInt();
        assertTrue(seconds > Integer.parseInt(grace.replace("s", "")), grace);
        for (JsonNode volume : pod.path("volumes")) {
            JsonNode folder = volume.path("emptyDir");
            assertTrue(folder.isMissingNode() || folder.has("sizeLimit"), volume::toString);
            assertTrue(folder.path("medium").isMissingNode(), "it would count as memory");
        }
    }

    @Test
    void theProbesAskWhatAWorkerAnswers() throws Exception {
        try (StatusServer server =
                        new StatusServer(
                                0,
                                StatusAccess.DEFAULT,
                                () -> "",
                                () -> true,
                                () -> true,
                                new Duties(_ -> {}));
                HttpClient client = HttpClient.newHttpClient()) {
            for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
                JsonNode asked = container().path(probe).path("httpGet");
                assertEquals(container().at("/ports/0/name"), asked.path("port"));
                URI uri =
                        URI.create(
                                "http://127.0.0.1:" + server.port() + asked.path("path").asText());
                HttpRequest request = HttpRequest.newBuilder(uri).build();
                assertEquals(200, client.send(request, BodyHandlers.discarding()).statusCode());
            }
        }
    }

    /** What a worker was measured to take, and what its configuration lets it take. */
    @Test
    void theMemoryIsWhatWasMeasured() throws IOException {
        long most =
                Pattern.compile("peak RSS (\\d+) MiB")
                        .matcher(Files.readString(Path.of("docs", "reliability.md")))
                        .results()
                        .mapToLong(found -> Long.parseLong(found.group(1)))
                        .max()
                        .orElseThrow();
        JsonNode resources = container().path("resources");
        assertTrue(bytes(resources, "requests") > 5 * (most << 20) / 4, most + " MiB");
        long decoding = config(Map.of()).preprocess().decodeBytes();
        assertTrue(bytes(resources, "limits") > decoding + (most << 20), most + " MiB");
    }

    private static long bytes(JsonNode resources, String which) {
        String said = resources.path(which).path("memory").asText();
        assertTrue(said.matches("\\d+Gi"), said);
        return Long.parseLong(said.replace("Gi", "")) << 30;
    }

    @Test
    void theScalerIsOfTheWorkersQueueAndForgetsNothingInFlight() throws IOException {
        JsonNode trigger = yaml(SCALER).at("/spec/triggers/0/metadata");
        String url = config(Map.of()).queue().url();
        assertEquals(url, trigger.path("queueURL").asText());
        assertTrue(url.contains("//sqs." + trigger.path("awsRegion").asText() + "."), url);
        assertTrue(trigger.path("scaleOnInFlight").asBoolean());
        String launcher = Files.readString(Path.of("scripts", "jdk.sh"));
        long heap = Long.parseLong(first(launcher, "worker_heap=-Xmx(\\d+)m\n")) << 20;
        long held = heap / 4 / MESSAGE;
        assertTrue(trigger.path("queueLength").asLong() > 3 * held / 2, held + " are held");
    }

    /** The rule lets out what goes anywhere, and nothing that is not public. */
    @Test
    void thePolicyLeadsToPublicAddressesAlone() throws Exception {
        List<Cidr> allowed = new ArrayList<>();
        List<Cidr> except = new ArrayList<>();
        for (JsonNode rule : yaml(BASE.resolve("networkpolicy.yaml")).at("/spec/egress")) {
            for (JsonNode to : rule.path("to")) {
                if (to.at("/ipBlock/cidr").asText().endsWith("/0")) {
                    allowed.add(Cidr.parse(to.at("/ipBlock/cidr").asText()));
                    texts(to.at("/ipBlock/except")).forEach(one -> except.add(Cidr.parse(one)));
                }
            }
        }
        for (String address : List.of("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c")) {
            assertTrue(is(address, allowed) && !is(address, except), address);
        }
        for (String address :
                List.of(
                        "10.1.2.3",
                        "172.31.255.1",
                        "192.168.1.1",
                        "169.254.169.254",
                        "100.64.0.1",
                        "127.0.0.1",
                        "fd00:ec2::254",
                        "fe80::1")) {
            assertTrue(is(address, except), address);
        }
    }

    private static boolean is(String address, List<Cidr> ranges) throws IOException {
        InetAddress literal = InetAddress.getByName(address);
        return ranges.stream().anyMatch(range -> range.contains(literal));
    }

    private static String first(String text, String pattern) {
        MatchResult found =
                Pattern.compile(pattern).matcher(text).results().findFirst().orElseThrow();
        return found.group(1);
    }
}
