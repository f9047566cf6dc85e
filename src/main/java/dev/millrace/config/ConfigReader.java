package dev.millrace.config;

import dev.millrace.bundle.BundleCache;
import dev.millrace.bundle.plan.OnMissing;
import dev.millrace.bundle.plan.Precision;
import dev.millrace.fetch.FetchLimits;
import dev.millrace.gpu.host.SimulatedCost;
import dev.millrace.nativelib.NativeFolder;
import dev.millrace.source.QueueSettings;
import dev.millrace.yaml.Variables;
import dev.millrace.yaml.YamlFile;
import dev.millrace.yaml.YamlSection;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Reads the configuration of a worker from YAML and the environment. */
public final class ConfigReader {
    private static final String PREFIX = "MILLRACE_";

    /** Variables that are not keys, those of the build and the scripts included. */
    private static final Set<String> OTHERS =
            Set.of(
                    "MILLRACE_CLASSPATH",
                    "MILLRACE_CUDA_INCLUDE",
                    "MILLRACE_DEBUG",
                    "MILLRACE_GPU_LIBS",
                    "MILLRACE_IMAGE",
                    "MILLRACE_LOG_LEVEL",
                    NativeFolder.VARIABLE,
                    "MILLRACE_TENSORRT_INCLUDE");

    private static final int MAX_MESSAGES = 1 << 16;
    private static final int MAX_BATCH = 1024;
    private static final int MAX_DOWNLOAD = 1 << 30;
    private static final int MAX_GPU = 63;
    private static final long MAX_WORKSPACE = 1L << 40;

    private static final String KEYS =
            "profile, queue, fetch, callback, device, engine, models, preprocess, admission, state"
                    + ", quarantine, drain, http, cache, reload, watchdog, trace";

    private ConfigReader() {}

    /**
     * Reads {@code file}; paths in it are relative to its folder. Throws {@link ConfigException},
     * one line.
     */
    public static WorkerConfig read(Path file, Map<String, String> environment) {
        Map<String, String> ours = ServiceVariables.without(environment);
        YamlFile yaml = yaml(file, ours);
        YamlSection root = root(yaml, KEYS);
        try {
            WorkerConfig config = config(root, folder(file));
            yaml.rejectUnknownVariables();
            return config;
        } catch (IllegalArgumentException e) {
            throw new ConfigException(file + ": " + e.getMessage());
        }
    }

    /**
     * The state directory and nothing else, for whoever starts a worker and leaves the rest to it:
     * what a worker can do depends on its own heap. Throws {@link ConfigException}, one line, where
     * there is no such file.
     */
    public static Optional<Path> stateDirectory(Path file, Map<String, String> environment) {
        return root(yaml(file, environment), "")
                .section("state", "")
                .text("directory")
                .map(folder(file)::resolve);
    }

    private static Path folder(Path file) {
        return file.toAbsolutePath().getParent();
    }

    private static YamlFile yaml(Path file, Map<String, String> environment) {
        Map<String, String> keys = new TreeMap<>(environment);
        keys.keySet().removeAll(OTHERS);
        return new YamlFile(file, new Variables(PREFIX, keys), ConfigException::new);
    }

    private static YamlSection root(YamlFile file, String keys) {
        try {
            return file.read(keys);
        } catch (IOException e) {
            throw new ConfigException(
                    file.path()
                            + ": cannot be read ("
                            + e.getClass().getSimpleName()
                            + "); check the path and its permissions");
        }
    }

    private static WorkerConfig config(YamlSection root, Path folder) {
        WorkerProfile profile =
                root.choice("profile", WorkerProfile.class).orElse(WorkerProfile.THROUGHPUT);
        return new WorkerConfig(
                profile,
                queue(
                        root.section(
                                "queue",
                                "url, endpoint, region, visibility, wait, receivers, deadline")),
                fetch(
                        root.section(
                                "fetch",
                                "timeout, connectTimeout, readTimeout, maxBytes, maxRedirects, perHost, minimumRate, allowAddresses, maxReceives")),
                callback(
                        root.section(
                                "callback",
                                "timeout, attempts, allowAddresses, allowHosts, secrets")),
                device(root.section("device", "type, simulate, lanes, index, profile"), profile),
                engine(root.section("engine", "onMissing, workspace, precision")),
                root.sections("models", "task, bundle, maxBatch, linger").stream()
                        .map(model -> model(model, folder, profile))
                        .toList(),
                preprocess(root.section("preprocess", "threads, decodeBytes")),
                admission(root.section("admission", "messages, bytes")),
                state(root.section("state", "directory, restarts"), folder),
                quarantine(root.section("quarantine", "receives, timeout, memory")),
                drain(root.section("drain", "metadata, spot, preStop")),
                root.section("http", "port").integer("port", 0, 65535),
                root.text("cache").map(folder::resolve).orElseGet(BundleCache::defaultDirectory),
                root.duration("reload").orElse(WorkerConfig.DEFAULT_RELOAD),
                root.duration("watchdog").orElse(WorkerConfig.DEFAULT_WATCHDOG),
                root.text("trace").map(folder::resolve));
    }

    private static QueueSettings queue(YamlSection queue) {
        QueueSettings defaults = QueueSettings.of("http://queue");
        return new QueueSettings(
                queue.requiredText(
                        "url",
                        "give the queue's URL, such as https://sqs.eu-central-1.amazonaws.com/123456789012/images"),
                queue.parsed("endpoint", ConfigReader::uri),
                queue.text("region"),
                queue.duration("visibility").orElse(defaults.visibility()),
                queue.duration("wait").orElse(defaults.waitTime()),
                queue.integer("receivers", 1, 64).orElse(defaults.receivers()),
                queue.duration("deadline").orElse(defaults.deadline()));
    }

    private static URI uri(String text) {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "is not a URL; write it like http://localhost:9324", e);
        }
    }

    private static WorkerConfig.Fetch fetch(YamlSection fetch) {
        FetchLimits defaults = FetchLimits.DEFAULTS;
        return new WorkerConfig.Fetch(
                new FetchLimits(
                        fetch.duration("timeout").orElse(defaults.callTimeout()),
                        fetch.duration("connectTimeout").orElse(defaults.connectTimeout()),
                        fetch.duration("readTimeout").orElse(defaults.readTimeout()),
                        fetch.bytes("maxBytes", MAX_DOWNLOAD)
                                .map(Long::intValue)
                                .orElse(defaults.maxBytes()),
                        fetch.integer("maxRedirects", 0, 20).orElse(defaults.maxRedirects()),
                        fetch.integer("perHost", 1, MAX_MESSAGES).orElse(defaults.perHost()),
                        fetch.bytes("minimumRate", MAX_DOWNLOAD)
                                .map(Long::intValue)
                                .orElse(defaults.minimumRate())),
                fetch.texts("allowAddresses"),
                fetch.integer("maxReceives", 1, 1000)
                        .orElse(WorkerConfig.Fetch.DEFAULT.maxReceives()));
    }

    private static WorkerConfig.Callback callback(YamlSection callback) {
        WorkerConfig.Callback defaults = WorkerConfig.Callback.DEFAULT;
        return new WorkerConfig.Callback(
                callback.duration("timeout").orElse(defaults.timeout()),
                callback.integer("attempts", 1, 10).orElse(defaults.attempts()),
                callback.texts("allowAddresses"),
                callback.texts("allowHosts"),
                callback.texts("secrets"));
    }

    private static WorkerConfig.DeviceChoice device(YamlSection device, WorkerProfile profile) {
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
        return new WorkerConfig.DeviceChoice(
                device.choice("type", WorkerConfig.DeviceChoice.Type.class).orElse(defaults.type()),
                device.parsed("simulate", ConfigReader::simulate),
                device.integer("lanes", 1, 8).orElse(profile.lanes()),
                device.integer("index", 0, MAX_GPU).orElse(defaults.index()));
    }

    private static WorkerConfig.EngineChoice engine(YamlSection engine) {
        WorkerConfig.EngineChoice defaults = WorkerConfig.EngineChoice.DEFAULT;
        return new WorkerConfig.EngineChoice(
                engine.choice("onMissing", OnMissing.class).orElse(defaults.onMissing()),
                engine.bytes("workspace", MAX_WORKSPACE).orElse(defaults.workspaceBytes()),
                engine.choice("precision", Precision.class).orElse(defaults.precision()));
    }

    private static SimulatedCost simulate(String text) {
        try {
            return SimulatedCost.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("cannot be simulated: " + e.getMessage(), e);
        }
    }

    private static WorkerConfig.Model model(YamlSection model, Path folder, WorkerProfile profile) {
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
        return new WorkerConfig.Model(
                task,
                bundle,
                model.integer("maxBatch", 1, MAX_BATCH),
                model.duration("linger").orElse(profile.linger()));
    }

    private static WorkerConfig.Preprocess preprocess(YamlSection preprocess) {
        WorkerConfig.Preprocess defaults = WorkerConfig.Preprocess.DEFAULT;
        return new WorkerConfig.Preprocess(
                preprocess.integer("threads", 1, 256).orElse(defaults.threads()),
                preprocess.bytes("decodeBytes", Long.MAX_VALUE).orElse(defaults.decodeBytes()));
    }

    private static WorkerConfig.AdmissionBounds admission(YamlSection admission) {
        WorkerConfig.AdmissionBounds defaults = WorkerConfig.AdmissionBounds.DEFAULT;
        return new WorkerConfig.AdmissionBounds(
                admission.integer("messages", 1, MAX_MESSAGES).orElse(defaults.messages()),
                admission.bytes("bytes", Long.MAX_VALUE).orElse(defaults.bytes()));
    }

    private static WorkerConfig.State state(YamlSection state, Path folder) {
        return new WorkerConfig.State(
                state.text("directory").map(folder::resolve),
                state.integer("restarts", 0, Integer.MAX_VALUE).orElse(0));
    }

    private static WorkerConfig.SuspectTrials quarantine(YamlSection quarantine) {
        WorkerConfig.SuspectTrials defaults = WorkerConfig.SuspectTrials.DEFAULT;
        return new WorkerConfig.SuspectTrials(
                quarantine.integer("receives", 0, 1000).orElse(defaults.receives()),
                quarantine.duration("timeout").orElse(defaults.limit()),
                quarantine.bytes("memory", MAX_WORKSPACE).orElse(defaults.memoryBytes()));
    }

    private static WorkerConfig.DrainTriggers drain(YamlSection drain) {
        URI metadata =
                drain.parsed("metadata", ConfigReader::uri).orElse(WorkerConfig.DrainTriggers.EC2);
        return new WorkerConfig.DrainTriggers(
                drain.bool("spot").orElse(true) ? Optional.of(metadata) : Optional.empty(),
                drain.bool("preStop").orElse(false));
    }
}
