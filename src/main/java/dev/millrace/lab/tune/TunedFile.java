package dev.millrace.lab.tune;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.lab.demo.OutputFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The configuration that is recommended: that of the user with other values, or a new one that
 * lacks only the queue. Never written over a file unless that was asked for.
 */
final class TunedFile {
    private static final String QUEUE_HINT =
            "Add queue.url, or set MILLRACE_QUEUE_URL: a worker needs its queue.";

    private final Path file;
    private final boolean replace;

    private TunedFile(Path file, boolean replace) {
        this.file = file;
        this.replace = replace;
    }

    /**
     * Beside the configuration that is tuned, or in the current folder. Throws {@link
     * ConfigException} where it could not be written, before the time for the runs is spent.
     */
    static TunedFile of(Optional<Path> output, Optional<Path> config, boolean replace) {
        Path file =
                output.orElseGet(() -> config.map(TunedFile::beside).orElse(Path.of("tuned.yaml")));
        OutputFile.require("--output", Optional.of(file));
        if (Files.exists(file) && !replace) {
            throw new ConfigException(
                    "--output: '" + file + "' exists; give another name, or --force to replace it");
        }
        return new TunedFile(file, replace);
    }

    private static Path beside(Path config) {
        String name = config.getFileName().toString().replaceAll("\\.ya?ml$", "");
        return config.resolveSibling(name + ".tuned.yaml");
    }

    Path path() {
        return file;
    }

    /**
     * @param config that was tuned
     * @param base as it was read
     * @param reasons for the head of the file
     */
    void write(Optional<Path> config, WorkerConfig base, Setting chosen, List<String> reasons)
            throws IOException {
        YAMLMapper yaml =
                YAMLMapper.builder()
                        .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                        .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                        .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                        .build();
        ObjectNode root =
                config.isPresent()
                        ? (ObjectNode) yaml.readTree(Files.readString(config.get()))
                        : yaml.createObjectNode();
        root.withObject("/device").put("lanes", chosen.lanes());
        if (config.isEmpty()) {
            device(base, root.withObject("/device"));
        }
        root.withObject("/preprocess").put("threads", chosen.threads());
        models(config, base, chosen, root);
        StringBuilder text = new StringBuilder("# Written by millrace tune.\n");
        reasons.forEach(reason -> text.append("# ").append(reason).append('\n'));
        if (!root.path("queue").hasNonNull("url")) {
            text.append("# ").append(QUEUE_HINT).append('\n');
        }
        text.append(yaml.writeValueAsString(root));
        create(config);
        Files.writeString(file, text);
    }

    /** Whoever may not read the secrets of the one file may not read them in the other. */
    private void create(Optional<Path> config) throws IOException {
        if (!replace || !Files.exists(file)) {
            Files.createFile(file);
        }
        if (config.isPresent()
                && file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(file, Files.getPosixFilePermissions(config.get()));
        }
    }

    private static void device(WorkerConfig base, ObjectNode device) {
        device.put("type", base.device().type().name().toLowerCase(Locale.ROOT));
    }

    private void models(Optional<Path> config, WorkerConfig base, Setting chosen, ObjectNode root) {
        ArrayNode models = root.withArray("/models");
        for (int i = 0; i < base.models().size(); i++) {
            WorkerConfig.Model model = base.models().get(i);
            ObjectNode node = i < models.size() ? (ObjectNode) models.get(i) : models.addObject();
            node.put("task", model.task());
            if (config.isEmpty() || !sameFolder(config.get())) {
                // Paths are relative to the file that holds them.
                node.put("bundle", model.bundle().toAbsolutePath().normalize().toString());
            }
            node.put("maxBatch", chosen.batch());
            node.put("linger", chosen.linger().toMillis() + "ms");
        }
        if (config.isPresent() && !sameFolder(config.get())) {
            absolute(root, "cache", config.get());
            absolute(root, "trace", config.get());
            if (root.path("state") instanceof ObjectNode state) {
                absolute(state, "directory", config.get());
            }
        }
    }

    private boolean sameFolder(Path config) {
        return config.toAbsolutePath()
                .normalize()
                .getParent()
                .equals(file.toAbsolutePath().normalize().getParent());
    }

    private static void absolute(ObjectNode root, String key, Path config) {
        JsonNode path = root.path(key);
        if (path.isTextual()) {
            root.put(
                    key,
                    config.toAbsolutePath()
                            .getParent()
                            .resolve(path.asText())
                            .normalize()
                            .toString());
        }
    }
}
