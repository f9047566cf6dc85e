package dev.millrace.config;

import static dev.millrace.yaml.Scalars.bytes;
import static dev.millrace.yaml.Scalars.choice;
import static dev.millrace.yaml.Scalars.integer;

import dev.millrace.bundle.plan.OnMissing;
import dev.millrace.bundle.plan.Precision;
import dev.millrace.config.WorkerConfig.AdmissionBounds;
import dev.millrace.config.WorkerConfig.DeviceChoice;
import dev.millrace.config.WorkerConfig.DrainTriggers;
import dev.millrace.config.WorkerConfig.EngineChoice;
import dev.millrace.config.WorkerConfig.Fetch;
import dev.millrace.config.WorkerConfig.Model;
import dev.millrace.config.WorkerConfig.Preprocess;
import dev.millrace.config.WorkerConfig.State;
import dev.millrace.fetch.FetchLimits;
import dev.millrace.gpu.host.SimulatedCost;
import dev.millrace.nativelib.NativeFolder;
import dev.millrace.source.QueueSettings;
import dev.millrace.yaml.Scalars;
import dev.millrace.yaml.Variables;
import dev.millrace.yaml.YamlFile;
import dev.millrace.yaml.YamlSection;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** Reads the configuration of a worker from YAML and the environment. */
public final class ConfigReader {
    private static final String PREFIX = "MILLRACE_";

    /** Variables that are not keys, those of the build and the scripts included. */
    private static final Set<String> OTHERS =
            Set.of(
                    "MILLRACE_CLASSPATH",
                    "MILLRACE_DEBUG",
                    "MILLRACE_GPU_LIBS",
                    "MILLRACE_TENSORRT_LOG",
                    "MILLRACE_TRAIN",
                    "MILLRACE_IMAGE",
                    "MILLRACE_REVISION",
                    "MILLRACE_LOG_LEVEL",
                    NativeFolder.VARIABLE);

    private static final Function<String, URI> URL =
            Scalars.made(URI::create, why -> "is not a URL; write it like http://localhost:9324");
    private static final Function<String, SimulatedCost> COST =
            Scalars.made(SimulatedCost::parse, why -> "is not a simulated cost: " + why);

    private static final int MAX_MESSAGES = 1 << 16;
    private static final int MAX_BATCH = 1024;
    private static final int MAX_DOWNLOAD = 1 << 30;
    private static final int MAX_GPU = 63;
    private static final long MAX_WORKSPACE = 1L << 40;

    private static final String KEYS =
            "profile, queue, fetch, callback, device, engine, models, preprocess, admission, state"
                    + ", quarantine, drain, http, cache, reload, watchdog, trace, source, results, serve, log";

    private ConfigReader() {}

    /**
     * Reads {@code file}; paths in it are relative to its folder. Throws {@link ConfigException},
     * one line.
     */
    public static WorkerConfig read(Path file, Map<String, String> environment) {
        YamlFile yaml = yaml(file, ServiceVariables.without(environment));
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
        } catch (NoSuchFileException e) {
            throw new ConfigException(file.path() + ": there is no such file; correct the path");
        } catch (IOException e) {
            String why = e.getClass().getSimpleName();
            throw new ConfigException(
                    "%s: cannot be read (%s); check the path and its permissions"
                            .formatted(file.path(), why));
        }
    }

    private static WorkerConfig config(YamlSection root, Path folder) {
        WorkerProfile profile =
                root.get("profile", choice(WorkerProfile.class), WorkerProfile.THROUGHPUT);
        List<Model> models =
                root.sections("models", "task, bundle, maxBatch, linger").stream()
                        .map(model -> model(model, folder, profile))
                        .toList();
        ConfigDraft draft = new ConfigDraft(queue(root), models);
        draft.profile = profile;
        draft.source = SourceDefaults.read(root);
        draft.fetch = fetch(root, draft.fetch);
        draft.callback = Callback.read(root, draft.callback);
        draft.device = device(root, profile);
        draft.engine = engine(root, draft.engine);
        draft.preprocess = preprocess(root, draft.preprocess);
        draft.admission = admission(root, draft.admission);
        draft.state = state(root, folder);
        draft.quarantine = quarantine(root, draft.quarantine);
        draft.drain = drain(root);
        draft.headers = CallHeaders.read(root);
        draft.results = Results.read(root);
        draft.serve = Serving.read(root, folder, draft.fetch.limits());
        draft.log = MessageLines.read(root);
        YamlSection http = root.section("http", "port, bind, allowedHosts");
        draft.httpPort = http.get("port", integer(0, 65535));
        draft.statusAccess = StatusAccess.read(http);
        draft.cache = root.text("cache").map(folder::resolve).orElse(draft.cache);
        draft.reload = root.get("reload", Scalars::duration, draft.reload);
        draft.watchdog = root.get("watchdog", Scalars::duration, draft.watchdog);
        draft.trace = root.text("trace").map(folder::resolve);
        return draft.config();
    }

    private static QueueSettings queue(YamlSection root) {
        YamlSection queue =
                root.section(
                        "queue", "url, endpoint, region, visibility, wait, receivers, deadline");
        String url =
                queue.required(
                        "url",
                        "give the queue's URL, such as"
                                + " https://sqs.eu-central-1.amazonaws.com/123456789012/images");
        return QueueSettings.of(
                url,
                draft -> {
                    draft.endpoint = queue.get("endpoint", URL);
                    draft.region = queue.text("region");
                    draft.visibility = queue.get("visibility", Scalars::duration, draft.visibility);
                    draft.waitTime = queue.get("wait", Scalars::duration, draft.waitTime);
                    queue.get("receivers", integer(1, 64))
                            .ifPresent(most -> draft.receivers = OptionalInt.of(most));
                    draft.deadline = queue.get("deadline", Scalars::duration, draft.deadline);
                });
    }

    private static Fetch fetch(YamlSection root, Fetch defaults) {
        YamlSection fetch =
                root.section(
                        "fetch",
                        "timeout, connectTimeout, readTimeout, maxBytes, maxRedirects, perHost, ownHosts"
                                + ", minimumRate, allowAddresses, maxReceives, userAgent, s3");
        FetchLimits limits = defaults.limits();
        return new Fetch(
                new FetchLimits(
                        fetch.get("timeout", Scalars::duration, limits.callTimeout()),
                        fetch.get("connectTimeout", Scalars::duration, limits.connectTimeout()),
                        fetch.get("readTimeout", Scalars::duration, limits.readTimeout()),
                        fetch.get("maxBytes", bytes(MAX_DOWNLOAD))
                                .map(Long::intValue)
                                .orElse(limits.maxBytes()),
                        fetch.get("maxRedirects", integer(0, 20), limits.maxRedirects()),
                        fetch.get("perHost", integer(1, MAX_MESSAGES), limits.perHost()),
                        fetch.get("minimumRate", bytes(MAX_DOWNLOAD))
                                .map(Long::intValue)
                                .orElse(limits.minimumRate())),
                fetch.texts("ownHosts"),
                fetch.texts("allowAddresses"),
                fetch.get("maxReceives", integer(1, 1000), defaults.maxReceives()),
                ObjectSettings.read(fetch));
    }

    private static DeviceChoice device(YamlSection root, WorkerProfile profile) {
        YamlSection device =
                root.section("device", "type, simulate, lanes, index, batchTimeout, profile");
        DeviceChoice defaults = DeviceChoice.DEFAULT;
        device.text("profile")
                .ifPresent(
                        value -> {
                            throw device.wrong(
                                    "profile",
                                    value,
                                    "has moved; write 'profile' at the top level of the"
                                            + " file, where it holds for the whole worker");
                        });
        return new DeviceChoice(
                device.get("type", choice(DeviceChoice.Type.class), defaults.type()),
                device.get("simulate", COST),
                device.get("lanes", integer(1, 8), profile.lanes()),
                device.get("index", integer(0, MAX_GPU), defaults.index()),
                new BatchLimit(device.get("batchTimeout", Scalars::duration)));
    }

    private static EngineChoice engine(YamlSection root, EngineChoice defaults) {
        YamlSection engine =
                root.section("engine", "onMissing, workspace, precision, buildTimeout");
        return new EngineChoice(
                engine.get("onMissing", choice(OnMissing.class), defaults.onMissing()),
                engine.get("workspace", bytes(MAX_WORKSPACE), defaults.workspaceBytes()),
                engine.get("precision", choice(Precision.class), defaults.precision()),
                engine.get("buildTimeout", Scalars::duration, defaults.buildLimit()));
    }

    private static Model model(YamlSection model, Path folder, WorkerProfile profile) {
        String task = model.required("task", "give the name that messages use for the task");
        Path bundle =
                folder.resolve(
                        model.required(
                                "bundle", "give the folder that holds model.onnx and model.yaml"));
        if (!Files.isDirectory(bundle)) {
            throw model.wrong(
                    "bundle",
                    bundle.toString(),
                    "is not a folder; give one that holds model.onnx and model.yaml");
        }
        return new Model(
                task,
                bundle,
                model.get("maxBatch", integer(1, MAX_BATCH)),
                model.get("linger", Scalars::duration, profile.linger()));
    }

    private static Preprocess preprocess(YamlSection root, Preprocess defaults) {
        YamlSection preprocess = root.section("preprocess", "threads, decodeBytes");
        return new Preprocess(
                preprocess.get("threads", integer(1, 256), defaults.threads()),
                preprocess.get("decodeBytes", bytes(Long.MAX_VALUE), defaults.decodeBytes()));
    }

    private static AdmissionBounds admission(YamlSection root, AdmissionBounds defaults) {
        YamlSection admission = root.section("admission", "messages, bytes");
        return new AdmissionBounds(
                admission.get("messages", integer(1, MAX_MESSAGES), defaults.messages()),
                admission.get("bytes", bytes(Long.MAX_VALUE), defaults.bytes()));
    }

    private static State state(YamlSection root, Path folder) {
        YamlSection state = root.section("state", "directory, restarts");
        return new State(
                state.text("directory").map(folder::resolve),
                state.get("restarts", integer(0, Integer.MAX_VALUE), 0));
    }

    private static SuspectTrials quarantine(YamlSection root, SuspectTrials defaults) {
        YamlSection quarantine = root.section("quarantine", "receives, timeout, memory");
        return new SuspectTrials(
                quarantine.get("receives", integer(0, 1000), defaults.receives()),
                quarantine.get("timeout", Scalars::duration, defaults.limit()),
                quarantine.get("memory", bytes(MAX_WORKSPACE), defaults.memoryBytes()));
    }

    private static DrainTriggers drain(YamlSection root) {
        YamlSection drain = root.section("drain", "metadata, spot, preStop");
        URI metadata = drain.get("metadata", URL).orElse(DrainTriggers.EC2);
        return new DrainTriggers(
                drain.get("spot", Scalars::bool, true) ? Optional.of(metadata) : Optional.empty(),
                drain.get("preStop", Scalars::bool, false));
    }
}
