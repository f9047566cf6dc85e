package dev.millrace.gpu.build;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.GpuInfo;
import dev.millrace.gpu.PlanCompiler;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * A compiler whose builds are processes of their own, each with a time limit: what TensorRT does to
 * one is a line here, and an interrupt ends it. What is asked beside builds another compiler
 * answers in this process.
 */
public final class ChildBuilds implements PlanCompiler {
    private final PlanCompiler here;
    private final Optional<Path> libraryFolder;

    /**
     * @param here is closed with this
     * @param libraryFolder an installed TensorRT's, searched before all others
     */
    public ChildBuilds(PlanCompiler here, Optional<Path> libraryFolder) {
        this.here = here;
        this.libraryFolder = libraryFolder;
    }

    @Override
    public GpuInfo gpu() {
        return here.gpu();
    }

    @Override
    public String builderResource() {
        return here.builderResource();
    }

    @Override
    public void build(Path onnx, Options options, Path plan, BiConsumer<String, Double> progress) {
        BuildOrder order =
                new BuildOrder(gpu().index(), libraryFolder, onnx, options, plan.toAbsolutePath());
        try (BuilderProcess builder =
                BuilderProcess.start(BuilderProcess.command(order), progress)) {
            builder.await(options.limit());
        } catch (IOException e) {
            throw new DeviceException("the process that builds plans does not start: " + e, e);
        } finally {
            deleteParts(plan.toAbsolutePath());
        }
    }

    /** What a builder that was ended had begun to write. */
    private static void deleteParts(Path plan) {
        try (DirectoryStream<Path> parts =
                Files.newDirectoryStream(plan.getParent(), "." + plan.getFileName() + "*.part")) {
            for (Path part : parts) {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            // Nothing reads it.
        }
    }

    @Override
    public Report inspect(Path plan) {
        return here.inspect(plan);
    }

    @Override
    public void close() {
        here.close();
    }
}
