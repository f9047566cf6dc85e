package dev.millrace.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.millrace.bundle.BundleCache;
import dev.millrace.bundle.plan.OnMissing;
import dev.millrace.bundle.plan.Precision;
import dev.millrace.fetch.FetchLimits;
import dev.millrace.gpu.host.SimulatedCost;
import dev.millrace.source.QueueSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Reads the configuration of a worker from YAML and the environment. */
public final class ConfigReader {
    private static final int MAX_MESSAGES = 1 << 16;
    private static final int MAX_BATCH = 1024;
    private static final int MAX_DOWNLOAD = 1 << 30;
    private static final int MAX_GPU = 63;
    private static final long MAX_WORKSPACE = 1L << 40;

    private ConfigReader() {}

    /**
     * Reads {@code file}; paths in it are relative to its folder. Throws {@link ConfigException},
     * one line.
     */
    public static WorkerConfig read(Path file, Map<String, String> environment) {
        return read(
                file.toString(), folder(file), tree(file), ServiceVariables.without(environment));
    }

    /**
     * The state directory and nothing else, for whoever starts a worker and leaves the rest to it:
     * what a worker can do depends on its own heap. Throws {@link ConfigException}, one line, where
     * there is no such file.
     */
    public static Optional<Path> stateDirectory(Path file, Map<String, String> environment) {
        return new ConfigSection(file.toString(), "", tree(file), environment)
                .section("state")
                .text("directory")
                .map(folder(file)::resolve);
    }

    private static Path folder(Path file) {
        return file.toAbsolutePath().getParent();
    }

    private static JsonNode tree(Path file) {
        JsonNode root;
        try {
            root = new YAMLMapper().readTree(Files.readString(file));
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw new ConfigException(
                    file
                            + ": line "
                            + line
                            + ": not YAML: "
                            + e.getOriginalMessage().lines().findFirst().orElse("")
                            + "; fix the syntax there");
        } catch (IOException e) {
            throw new ConfigException(
                    file
                            + ": cannot be read ("
                            + e.getClass().getSimpleName()
                            + "); check the path and its permissions");
        }
        return root == null ? MissingNode.getInstance() : root;
    }

    private static WorkerConfig read(
            String where, Path folder, JsonNode node, Map<String, String> environment) {
        ConfigSection root = new ConfigSection(where, "", node, environment);
        try {
            WorkerProfile profile =
                    root.choice("profile", WorkerProfile.class, WorkerProfile.THROUGHPUT);
            WorkerConfig config =
                    new WorkerConfig(
                            profile,
                            queue(root.section("queue")),
                            fetch(root.section("fetch")),
                            callback(root.section("callback")),
                            device(root.section("device"), profile),
                            engine(root.section("engine")),
                            root.sections("models").stream()
                                    .map(model -> model(model, folder, profile))
                                    .toList(),
                            preprocess(root.section("preprocess")),
                            admission(root.section("admission")),
                            state(root.section("state"), folder),
                            quarantine(root.section("quarantine")),
                            drain(root.section("drain")),
                            httpPort(root.section("http")),
                            root.text("cache")
                                    .map(folder::resolve)
                                    .orElseGet(BundleCache::defaultDirectory),
                            root.duration("reload", WorkerConfig.DEFAULT_RELOAD),
                            root.duration("watchdog", WorkerConfig.DEFAULT_WATCHDOG),
                            root.text("trace").map(folder::resolve));
            root.rejectUnknown();
            root.rejectUnknownVariables();
            return config;
        } catch (IllegalArgumentException e) {
            throw new ConfigException(where + ": " + e.getMessage());
        }
    }

    private static QueueSettings queue(ConfigSection queue) {
        QueueSettings defaults = QueueSettings.of("http://queue");
        QueueSettings settings =
                new QueueSettings(
                        queue.requiredText(
                                "url",
                                "give the queue's URL, such as https://sqs.eu-central-1.amazonaws.com/123456789012/images"),
                        queue.text("endpoint").map(text -> uri(queue, "endpoint", text)),
                        queue.text("region"),
                        queue.duration("visibility", defaults.visibility()),
                        queue.duration("wait", defaults.waitTime()),
                        queue.integer("receivers", defaults.receivers(), 1, 64),
                        queue.duration("deadline", defaults.deadline()));
        queue.rejectUnknown();
        return settings;
    }

    private static URI uri(ConfigSection section, String key, String text) {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            throw section.wrong(key, text, "is not a URL; write it like http://localhost:9324");
        }
    }

    private static WorkerConfig.Fetch fetch(ConfigSection fetch) {
        FetchLimits defaults = FetchLimits.DEFAULTS;
        WorkerConfig.Fetch settings =
                new WorkerConfig.Fetch(
                        new FetchLimits(
                                fetch.duration("timeout", defaults.callTimeout()),
                                fetch.duration("connectTimeout", defaults.connectTimeout()),
                                fetch.duration("readTimeout", defaults.readTimeout()),
                                (int) fetch.bytes("maxBytes", defaults.maxBytes(), MAX_DOWNLOAD),
                                fetch.integer("maxRedirects", defaults.maxRedirects(), 0, 20),
                                fetch.integer("perHost", defaults.perHost(), 1, MAX_MESSAGES),
                                (int)
                                        fetch.bytes(
                                                "minimumRate",
                                                defaults.minimumRate(),
                                                MAX_DOWNLOAD)),
                        fetch.texts("allowAddresses"),
                        fetch.integer(
                                "maxReceives", WorkerConfig.Fetch.DEFAULT.maxReceives(), 1, 1000));
        fetch.rejectUnknown();
        return settings;
    }

    private static WorkerConfig.Callback callback(ConfigSection callback) {
        WorkerConfig.Callback defaults = WorkerConfig.Callback.DEFAULT;
        WorkerConfig.Callback settings =
                new WorkerConfig.Callback(
                        callback.duration("timeout", defaults.timeout()),
                        callback.integer("attempts", defaults.attempts(), 1, 10),
                        callback.texts("allowAddresses"),
                        callback.texts("allowHosts"),
                        callback.texts("secrets"));
        callback.rejectUnknown();
        return settings;
    }

    private static WorkerConfig.DeviceChoice device(ConfigSection device, WorkerProfile profile) {
        WorkerConfig.DeviceChoice defaults = WorkerConfig.DeviceChoice.DEFAULT;
        device.text("profile")
                .ifPresent(
                        value -> {
                            throw device.wrong(
                                    "profile",
                                    value,
                                    "is no longer a key of the device alone; give 'profile' at the"
                                            + " top, which holds for the whole worker");
                        });
        WorkerConfig.DeviceChoice choice =
                new WorkerConfig.DeviceChoice(
                        device.choice(
                                "type", WorkerConfig.DeviceChoice.Type.class, defaults.type()),
                        device.text("simulate").map(text -> simulate(device, text)),
                        device.integer("lanes", profile.lanes(), 1, 8),
                        device.integer("index", defaults.index(), 0, MAX_GPU));
        device.rejectUnknown();
        return choice;
    }

    private static WorkerConfig.EngineChoice engine(ConfigSection engine) {
        WorkerConfig.EngineChoice defaults = WorkerConfig.EngineChoice.DEFAULT;
        WorkerConfig.EngineChoice choice =
                new WorkerConfig.EngineChoice(
                        engine.choice("onMissing", OnMissing.class, defaults.onMissing()),
                        engine.bytes("workspace", defaults.workspaceBytes(), MAX_WORKSPACE),
                        engine.choice("precision", Precision.class, defaults.precision()));
        engine.rejectUnknown();
        return choice;
    }

    private static SimulatedCost simulate(ConfigSection device, String text) {
        try {
            return SimulatedCost.parse(text);
        } catch (IllegalArgumentException e) {
            throw device.wrong("simulate", text, "cannot be simulated: " + e.getMessage());
        }
    }

    private static WorkerConfig.Model model(
            ConfigSection model, Path folder, WorkerProfile profile) {
        String task = model.requiredText("task", "name the task as messages name it");
        Path bundle =
                folder.resolve(
                        model.requiredText(
                                "bundle", "give the folder that holds model.onnx and model.yaml"));
        if (!Files.isDirectory(bundle)) {
            throw model.wrong(
                    "bundle",
                    bundle.toString(),
                    "is no folder; give one that holds model.onnx and model.yaml");
        }
        WorkerConfig.Model settings =
                new WorkerConfig.Model(
                        task,
                        bundle,
                        model.text("maxBatch")
                                .map(ignored -> model.integer("maxBatch", 0, 1, MAX_BATCH)),
                        model.duration("linger", profile.linger()));
        model.rejectUnknown();
        return settings;
    }

    private static WorkerConfig.Preprocess preprocess(ConfigSection preprocess) {
        WorkerConfig.Preprocess defaults = WorkerConfig.Preprocess.DEFAULT;
        WorkerConfig.Preprocess settings =
                new WorkerConfig.Preprocess(
                        preprocess.integer("threads", defaults.threads(), 1, 256),
                        preprocess.bytes("decodeBytes", defaults.decodeBytes(), Long.MAX_VALUE));
        preprocess.rejectUnknown();
        return settings;
    }

    private static WorkerConfig.AdmissionBounds admission(ConfigSection admission) {
        WorkerConfig.AdmissionBounds defaults = WorkerConfig.AdmissionBounds.DEFAULT;
        WorkerConfig.AdmissionBounds bounds =
                new WorkerConfig.AdmissionBounds(
                        admission.integer("messages", defaults.messages(), 1, MAX_MESSAGES),
                        admission.bytes("bytes", defaults.bytes(), Long.MAX_VALUE));
        admission.rejectUnknown();
        return bounds;
    }

    private static WorkerConfig.State state(ConfigSection state, Path folder) {
        WorkerConfig.State settings =
                new WorkerConfig.State(
                        state.text("directory").map(folder::resolve),
                        state.integer("restarts", 0, 0, Integer.MAX_VALUE));
        state.rejectUnknown();
        return settings;
    }

    private static WorkerConfig.SuspectTrials quarantine(ConfigSection quarantine) {
        WorkerConfig.SuspectTrials defaults = WorkerConfig.SuspectTrials.DEFAULT;
        WorkerConfig.SuspectTrials settings =
                new WorkerConfig.SuspectTrials(
                        quarantine.integer("receives", defaults.receives(), 0, 1000),
                        quarantine.duration("timeout", defaults.limit()),
                        quarantine.bytes("memory", defaults.memoryBytes(), MAX_WORKSPACE));
        quarantine.rejectUnknown();
        return settings;
    }

    private static WorkerConfig.DrainTriggers drain(ConfigSection drain) {
        URI metadata =
                drain.text("metadata")
                        .map(text -> uri(drain, "metadata", text))
                        .orElse(WorkerConfig.DrainTriggers.EC2);
        WorkerConfig.DrainTriggers settings =
                new WorkerConfig.DrainTriggers(
                        drain.bool("spot", true) ? Optional.of(metadata) : Optional.empty(),
                        drain.bool("preStop", false));
        drain.rejectUnknown();
        return settings;
    }

    private static Optional<Integer> httpPort(ConfigSection http) {
        Optional<Integer> port =
                http.text("port").map(ignored -> http.integer("port", 0, 0, 65535));
        http.rejectUnknown();
        return port;
    }
}
