package dev.millrace.lab.imports;

import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.graph.ExternalWeights;
import dev.millrace.cli.BundleOptions;
import dev.millrace.config.ConfigException;
import dev.millrace.gpu.Device;
import dev.millrace.job.FailureException;
import dev.millrace.lab.demo.Verdicts;
import dev.millrace.verify.FileVerdicts;
import dev.millrace.verify.SamplePhotos;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a bundle of an ONNX file and of what stands in it and beside it. */
@Command(
        name = "import",
        description = {
            "Make a bundle of an ONNX file: write its model.yaml from the model's metadata, from"
                    + " config.json and preprocessor_config.json beside it, from the graph and from a"
                    + " preset, and show what the model then says of a photo.",
            "Each line of model.yaml says where it comes from. What cannot be known is asked for."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:the bundle was written, and its model ran on a photo",
            "1:the bundle was written, but its model failed on the photo",
            "2:something is not known or is wrong; each line says what to give"
        })
public final class ImportCommand implements Callable<Integer> {
    private static final String PHOTO = "photo-683x1024-dogs.jpg";

    @Parameters(
            paramLabel = "FILE|FOLDER",
            description =
                    "The ONNX file, or a folder with one and what was downloaded with it. Required.")
    private Path model;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description =
                    "Folder of the bundle, whose name is the model's (default: bundles/ and the name"
                            + " of the file or folder).")
    private Optional<Path> output = Optional.empty();

    @Option(
            names = "--check",
            paramLabel = "PHOTO",
            description = "Image that the model is run on at the end (default: a shipped photo).")
    private Optional<Path> check = Optional.empty();

    @Option(names = "--force", description = "Replace the bundle where DIR has one.")
    private boolean force;

    @Mixin private ImportOptions given;

    @Spec private CommandSpec commandSpec;

    @Override
    public Integer call() throws IOException {
        byte[] photo = check.isPresent() ? photo(check.get()) : SamplePhotos.all().get(PHOTO);
        ModelFiles files = ModelFiles.find(model);
        ModelSurface surface = ModelSurface.read(files.onnx(), files.bytes());
        ExternalWeights weights = files.weights(surface);
        Facts facts = new Facts();
        given.read(facts);
        GraphLayout.size(surface, facts);
        files.read(surface, facts);
        given.preset()
                .ifPresent(
                        preset -> {
                            preset.read(facts);
                            preset.labels(surface, facts);
                        });
        GraphLayout.outputs(surface, facts);

        ModelYaml yaml = new ModelYaml(facts);
        Map<String, String> questions = yaml.questions();
        if (!questions.isEmpty()) {
            questions.forEach(
                    (key, how) ->
                            commandSpec
                                    .commandLine()
                                    .getErr()
                                    .println("millrace: " + key + ": cannot be known; " + how));
            return 2;
        }
        Path bundle = output.orElseGet(() -> Path.of("bundles").resolve(files.name()));
        try (NewBundle made = NewBundle.at(bundle, force)) {
            files.write(made.folder(), yaml, facts, weights);
            load(made.folder(), files.onnx(), facts);
            made.takePlace();
        } catch (IOException e) {
            throw NewBundle.unwritable(bundle, e);
        }
        PrintWriter out = commandSpec.commandLine().getOut();
        out.println(bundle.resolve("model.yaml") + ":");
        Files.readAllLines(bundle.resolve("model.yaml")).forEach(line -> out.println("  " + line));
        facts.license().ifPresent(license -> out.println("the model's licence: " + license));
        facts.warnings().forEach(warning -> out.println("note: " + warning));
        out.flush();
        return run(bundle, photo, out);
    }

    /** Throws one line that names what the user gave, and not the files that are made of it. */
    private static void load(Path folder, Path onnx, Facts facts) {
        try {
            BundleOptions.load(folder);
        } catch (ConfigException e) {
            String declared = folder.resolve("model.yaml") + ": ";
            String said = e.getMessage();
            if (!said.startsWith(declared)) {
                throw new ConfigException(
                        said.replace(folder.resolve("model.onnx").toString(), onnx.toString()));
            }
            String mistake =
                    said.substring(declared.length())
                            .replace("model.onnx", onnx.getFileName().toString());
            String key = mistake.split("[^A-Za-z]", 2)[0];
            throw new ConfigException(
                    mistake + facts.source(key).map(it -> " (from " + it + ")").orElse(""));
        }
    }

    private int run(Path folder, byte[] photo, PrintWriter out) {
        String name = check.map(path -> path.getFileName().toString()).orElse(PHOTO);
        try {
            Bundle bundle = BundleOptions.load(folder);
            try (Device host = BundleOptions.host();
                    FileVerdicts verdicts = new FileVerdicts(bundle, host)) {
                FileVerdicts.Said said = verdicts.of(photo);
                String verdict = Verdicts.of(said.json());
                out.printf("%s: %s (%.0f ms)%n", name, verdict, said.millis());
                if (verdict.equals(Verdicts.NOTHING)) {
                    out.println(
                            "if the photo shows what the model knows, look at color, normalize and"
                                    + " resize; --check PHOTO takes one of yours");
                }
                out.printf(
                        "more photos, with pictures: scripts/millrace engine try %s PHOTO --pictures DIR%n",
                        folder);
                out.printf(
                        "a worker runs it with {task: %s, bundle: %s} among its models%n",
                        bundle.spec().name(), folder);
                return 0;
            }
        } catch (FailureException e) {
            out.println(name + ": " + e.failure().message());
            return 1;
        } catch (IllegalStateException e) {
            // The module's word on what its model gave.
            out.println(name + ": " + e.getMessage());
            return 1;
        } finally {
            out.flush();
        }
    }

    private static byte[] photo(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new ConfigException("--check: '" + file + "' does not exist; name an image file");
        }
        return Files.readAllBytes(file);
    }
}
