package dev.millrace.lab.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.bundle.Bundle;
import dev.millrace.cli.BundleOptions;
import dev.millrace.config.ConfigException;
import dev.millrace.gpu.Device;
import dev.millrace.job.FailureException;
import dev.millrace.lab.demo.Verdicts;
import dev.millrace.verify.FileVerdicts;
import dev.millrace.verify.ImageFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what a bundle says of image files, without a queue. */
@Command(
        name = "try",
        description =
                "Show what a model says of image files, computed on the CPU, without a queue or a"
                        + " worker.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:the model said something of each image",
            "1:an image could not be read or decoded, or the model failed on one",
            "2:a mistake in the options or the bundle"
        })
public final class TryCommand implements Callable<Integer> {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Parameters(
            index = "0",
            paramLabel = "BUNDLE",
            description = "Folder with model.onnx and model.yaml. Required.")
    private Path bundle;

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "PHOTO",
            description = "Image files, or folders of some. Required.")
    private List<Path> photos;

    @Option(
            names = "--pictures",
            paramLabel = "DIR",
            description =
                    "Folder for a picture of each image with its boxes, regions and labels drawn"
                            + " (default: none are drawn).")
    private Optional<Path> pictures = Optional.empty();

    @Option(names = "--json", description = "Print the whole result of each image, one per line.")
    private boolean json;

    @Spec private CommandSpec commandSpec;

    @Override
    public Integer call() throws IOException {
        List<Path> files = files();
        Bundle loaded = BundleOptions.load(bundle);
        if (pictures.isPresent()) {
            Files.createDirectories(pictures.get());
        }
        boolean good = true;
        try (Device host = BundleOptions.host();
                FileVerdicts verdicts = new FileVerdicts(loaded, host);
                VerdictPicture picture = new VerdictPicture(loaded.spec())) {
            for (Path file : files) {
                good &= show(file, verdicts, picture);
            }
        }
        return good ? 0 : 1;
    }

    private List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path photo : photos) {
            if (Files.isDirectory(photo)) {
                ImageFiles.namesIn(photo).forEach(name -> files.add(photo.resolve(name)));
            } else if (Files.isRegularFile(photo)) {
                files.add(photo);
            } else {
                throw new ConfigException("'" + photo + "' does not exist; name an image file");
            }
        }
        if (files.isEmpty()) {
            throw new ConfigException("there are no images in " + photos + "; name some files");
        }
        return files;
    }

    private boolean show(Path file, FileVerdicts verdicts, VerdictPicture picture)
            throws IOException {
        PrintWriter out = commandSpec.commandLine().getOut();
        try {
            byte[] body = Files.readAllBytes(file);
            FileVerdicts.Said said = verdicts.of(body);
            JsonNode result = said.json();
            if (json) {
                out.println(
                        JSON.createObjectNode().put("file", file.toString()).set("result", result));
            } else {
                out.printf(
                        Locale.ROOT,
                        "%-36s %-40s %7.0f ms%n",
                        file.getFileName(),
                        Verdicts.of(result),
                        said.millis());
            }
            if (pictures.isPresent()) {
                Path drawn = pictures.get().resolve(file.getFileName() + ".verdict.png");
                picture.draw(body, result, drawn);
            }
            return true;
        } catch (FailureException e) {
            return refused(file, e.failure().message());
        } catch (IllegalStateException e) {
            // The module's word on what its model gave.
            return refused(file, e.getMessage());
        } finally {
            out.flush();
        }
    }

    private boolean refused(Path file, String why) {
        PrintWriter out = commandSpec.commandLine().getOut();
        if (json) {
            out.println(JSON.createObjectNode().put("file", file.toString()).put("error", why));
        } else {
            out.printf("%-36s %s%n", file.getFileName(), why);
        }
        return false;
    }
}
